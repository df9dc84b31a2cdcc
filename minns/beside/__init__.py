"""Persons as the record has them beside what the next run makes of them: what a judgement moves.

Nothing is touched: the record is read, the next one computed as a plan computes it.
"""
