"""Samples of facts that clinicians read and sign: drawn, read row beside fact, judged, signed.

All of it is entries of the ledger, only ever added: pointers, verdicts and the readers' own words,
never a patient's value. What is the case now is their fold (`state`).
"""
