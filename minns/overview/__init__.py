"""One patient at a glance: the page that a clinician opens first.

Alerts, problems, medicines, results, contacts and what else there is, each line with the sources
behind it. Read from the shared record as it is now; nothing is left out because another source
denies it, and nothing is concluded from silence.
"""
