"""Warnings of one substance group are seen together, with the worst that any of them says.

A warning stands as its source wrote it; what differs stays apart, in conflict. Beside it stands
what a reader must not have to work out: its group (`data/substances.csv`: beginnings of ATC codes;
else its standard code, also one that says less; else its own words), and the worst severity that
any standing warning of the person's group has. A warning that is refuted, obsolete, struck out or
says 'no known …' makes nothing worse, and hides nothing: the group's worst stands on it as well.
"""

import csv
from pathlib import Path

from minns.engine import literal

_GROUPS = Path(__file__).parent / "data" / "substances.csv"
#: From the mildest to the worst.
SEVERITIES = ("mild", "harmful", "life_threatening")


def substance_groups() -> tuple[tuple[str, str], ...]:
    """Beginnings of ATC codes, each with its group."""
    with _GROUPS.open(encoding="utf-8", newline="") as lines:
        return tuple((row["atc"], row["group"]) for row in csv.DictReader(lines))


def place_sql(severity: str) -> str:
    """SQL for how bad a severity is, from 1; nothing when it is not told."""
    return f"list_position([{', '.join(literal(word) for word in SEVERITIES)}], {severity})"


def group_sql() -> str:
    """SQL for the group of a warning, from its columns."""
    whens = " ".join(
        f"when system = 'atc' and starts_with(code, {literal(atc)}) then {literal(group)}"
        for atc, group in substance_groups()
    )
    return f"""case {whens}
        when code is not null then system || ' ' || code
        else lower(trim(coalesce(local_text, local_code))) end"""


def grouped_sql(facts: str) -> str:
    """The alerts of the query `facts` with their derived columns (model.ALERT_DERIVED)."""
    listed = ", ".join(literal(word) for word in SEVERITIES)
    return f"""
        with grouped as (select *, {group_sql()} as substance_group from ({facts}))
        select *, list_extract([{listed}], max(case
                when status in ('active', 'unknown') and not coalesce(negated, false)
                then {place_sql("severity")} end)
            over (partition by person_id, category, coalesce(substance_group, fact_id))
        ) as worst_severity
        from grouped"""  # noqa: S608
