"""Rows that broke a rule: how many wait, since when and for whom, and whether a mended cause frees
them.

In come the tables `quarantine` of finished runs and the ledger's owners; out go lists, a file for
whoever mends the source, and what a replay would solve. Nothing here changes the record: rows that
are freed reach it by the next run.
"""
