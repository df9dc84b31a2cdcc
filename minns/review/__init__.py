"""The work of those who decide doubtful pairs: a queue ordered by harm, pairs shown side by side
and weighed in words, opinions that become judgements, and figures of the work.
"""
