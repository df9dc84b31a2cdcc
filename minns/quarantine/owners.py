"""Whose a rule's rows are: who sees to it that their cause is mended."""

from dataclasses import dataclass

from minns.errors import ConfigError
from minns.site import Site

KIND = "quarantine_owner"


@dataclass(frozen=True)
class Owner:
    """Who owns rows of a source; of one table or rule where these are given."""

    source: str
    table: str | None
    rule: str | None
    owner: str


def owners(site: Site) -> list[Owner]:
    """All that were named, the latest first."""
    said = (entry.body for entry in reversed(site.ledger.entries(KIND)))
    return [Owner(b["source"], b["table"], b["rule"], b["owner"]) for b in said]


def owner_of(known: list[Owner], source: str, table: str, rule: str) -> str:
    """Who owns a group: who was named last of those named most narrowly; '' when nobody was."""
    fitting = [
        each
        for each in known
        if each.source == source and each.table in (None, table) and each.rule in (None, rule)
    ]
    narrow = sorted(fitting, key=lambda each: (each.table is None) + (each.rule is None))
    return narrow[0].owner if narrow else ""


def assign(
    site: Site, source: str, owner: str, *, table: str | None, rule: str | None, by: str
) -> dict[str, str | None]:
    """Write to the ledger whose the rows are; '' takes the name away. Gives what was written.

    Raises `ConfigError` for a source or table that the project does not have.
    """
    tables = site.source(source).tables
    if table is not None and table not in tables:
        raise ConfigError(
            f"a table of {source}", found=f"'{table}'", do=f"Choose from {', '.join(tables)}."
        )
    body = {"source": source, "table": table, "rule": rule, "owner": owner, "by": by}
    site.ledger.append("", KIND, body)
    return body
