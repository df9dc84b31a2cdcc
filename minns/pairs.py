"""Pairs of identities, named without personal data, and what people judged of them.

Judgements are entries of the ledger: they are only ever added, outlive runs and waves, and the last
one on a pair counts.
"""

import hashlib
from dataclasses import dataclass
from typing import Any, NamedTuple

from minns.errors import ConfigError
from minns.ledger import Entry
from minns.site import Site

VERDICTS = ("same", "different", "withdrawn")
#: The id of a pair, over the columns of `pair`.
PAIR_ID = (
    "left(md5(concat_ws('|', source_l, local_patient_id_l, source_r, local_patient_id_r)), 10)"
)


class Identity(NamedTuple):
    """One patient as one source knows them."""

    source: str
    local_patient_id: str

    def __str__(self) -> str:
        return f"{self.source}:{self.local_patient_id}"


@dataclass(frozen=True)
class Pair:
    """Two identities; the lesser one always stands left."""

    left: Identity
    right: Identity

    @property
    def columns(self) -> dict[str, str]:
        """The pair as the columns of `pair` and of judgements."""
        return {
            "source_l": self.left.source,
            "local_patient_id_l": self.left.local_patient_id,
            "source_r": self.right.source,
            "local_patient_id_r": self.right.local_patient_id,
        }

    @property
    def id(self) -> str:
        """A short, stable name without personal data."""
        joined = "|".join(self.columns.values())
        return hashlib.md5(joined.encode(), usedforsecurity=False).hexdigest()[:10]


def identity(written: str) -> Identity:
    """Read SOURCE:LOCAL_ID."""
    source, separator, local = written.partition(":")
    if not separator or not source or not local:
        raise ConfigError(
            "an identity written SOURCE:LOCAL_ID",
            found="one without a colon",
            do="For example: minns identity decide melior:17 asynja:4 same",
        )
    return Identity(source, local)


def pair_of(one: Identity, other: Identity) -> Pair:
    """The pair of two identities, in its order."""
    if one == other:
        raise ConfigError(
            "two different identities", found="the same identity twice", do="Give both identities."
        )
    return Pair(*sorted((one, other)))


def pair_in(columns: dict[str, Any]) -> Pair:
    """The pair that an entry of the ledger or a row of `pair` is about."""
    return Pair(
        Identity(columns["source_l"], columns["local_patient_id_l"]),
        Identity(columns["source_r"], columns["local_patient_id_r"]),
    )


def one_of(verdict: str, verdicts: tuple[str, ...]) -> str:
    """The verdict, when it is one of those that may be given."""
    if verdict not in verdicts:
        raise ConfigError(
            f"one of {', '.join(verdicts)}", found=f"'{verdict}'", do="Give one of these verdicts."
        )
    return verdict


def said(text: str, what: str) -> str:
    """A name or reason without blanks around it; an empty one is refused."""
    if not text.strip():
        raise ConfigError(f"a {what}", found="none", do=f"Give one with --{what}.")
    return text.strip()


def judge(site: Site, pair: Pair, verdict: str, reason: str, reviewer: str, **more: Any) -> Entry:
    """Record a judgement about a pair; the next run obeys it."""
    one_of(verdict, VERDICTS)
    about = {**pair.columns, "verdict": verdict, "reason": reason, "reviewer": reviewer}
    return site.ledger.append("", "judgement", {**about, **more})


def standing(site: Site) -> dict[str, Entry]:
    """The judgement that counts on each pair, by the pair's id; withdrawn ones are none."""
    last = {pair_in(e.body).id: e for e in site.ledger.entries("judgement")}
    return {pair: e for pair, e in last.items() if e.body["verdict"] != "withdrawn"}
