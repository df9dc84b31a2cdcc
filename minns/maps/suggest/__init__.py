"""Suggestions: standard codes for local ones, ranked, each with its reasons; nothing leaves here.

Text (words, their parts, spelling, abbreviations), what the maps at hand teach (words that go
together, where a list and the neighbours of a code lead) and data (units, values) are weighed with
constants that were set beforehand; `tools/bench_suggest.py` measures what that is worth.
"""

from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Any

from minns.engine import Engine, literal
from minns.maps.codemap import CodeMap
from minns.store import digest

_HERE = files("minns.maps.suggest")
#: Tables that `suggest` reads, with their columns.
INPUTS: dict[str, str] = {
    # local codes to find something for, numbered
    "asked": "place bigint, local_system varchar, local_code varchar, local_text varchar, "
    "kind varchar",
    # standard codes to choose from, numbered
    "target": "place bigint, system varchar, version varchar, code varchar, display varchar, "
    "synonyms varchar[]",
    # maps that people made
    "learned": "local_system varchar, local_code varchar, local_text varchar, kind varchar, "
    "system varchar, code varchar",
    # pairs that people rejected
    "rejected": "local_system varchar, local_code varchar, system varchar, code varchar",
    # unit, median and reference interval of observations by code, local or standard
    "measured": "system varchar, code varchar, unit varchar, median double, range varchar",
    # how much likelier than others patients with a code have another (standard) one
    "company": "system varchar, code varchar, other varchar, weight double",
}
#: What a candidate's score is taken as when it is written as a confidence.
_SURE = 2.0


@dataclass(frozen=True)
class Suggestion:
    """A candidate for a local code: the `rank`-th, with its score and why."""

    local_system: str
    local_code: str
    local_text: str
    kind: str
    rank: int
    system: str
    version: str
    code: str
    display: str
    score: float
    reasons: tuple[str, ...]

    def as_map(self, source: str) -> CodeMap:
        """The candidate as a map that nobody has looked at."""
        key = [self.local_system, self.local_code, self.kind, self.system, self.code]
        return CodeMap(
            map_id=f"{self.local_system}-{digest(key)[:8]}",
            local_system=self.local_system,
            local_code=self.local_code,
            local_text=self.local_text,
            kind=self.kind,
            system=self.system,
            system_version=self.version,
            code=self.code,
            display=self.display,
            state="suggested",
            equivalence="inexact",
            justification="semapv:CompositeMatching",
            confidence=round(min(self.score / _SURE, 1.0), 3),
            source=source,
            comment="; ".join(self.reasons),
        )


def prepare(engine: Engine) -> None:
    """Define the macros and make every input that is not there as an empty table."""
    engine.run(_HERE.joinpath("words.sql").read_text(encoding="utf-8"))
    path = literal(str(Path(str(_HERE.joinpath("abbreviations.csv")))))
    engine.run(
        "create or replace table abbreviation as select nullif(kind, '') as kind, short, long "  # noqa: S608
        f"from read_csv({path}, all_varchar = true, header = true)"
    )
    for name, columns in INPUTS.items():
        engine.run(f"create table if not exists {name} ({columns})")


def suggest(engine: Engine) -> None:
    """Make the table `suggestion` from the inputs (asked, target: numbers; score, rank)."""
    engine.run(_HERE.joinpath("suggest.sql").read_text(encoding="utf-8"))


def suggestions(engine: Engine, most: int = 5) -> list[Suggestion]:
    """The best candidates of each local code, in the order of codes and ranks."""
    return [_suggestion(row) for row in engine.rows(_SHOWN, [most])]


def _suggestion(row: tuple[Any, ...]) -> Suggestion:
    *head, reasons = row
    named = dict(zip((f.name for f in fields(Suggestion)), head, strict=False))
    return Suggestion(**named, reasons=tuple(reason for reason in reasons if reason))


_SHOWN = """
    select a.local_system, a.local_code, coalesce(a.local_text, ''), coalesce(a.kind, ''), s.rank,
        t.system, coalesce(t.version, ''), t.code, t.display, round(s.score, 3), [
            case when s.origin not in ('text', 'data') and s.cosine >= 0.3
                then 'mapped so in ' || s.origin end,
            if(s.same_text, 'the same text', if(s.cosine >= 0.2, 'text like ''' || s.text || ''' ('
                || cast(round(100 * s.cosine) as integer) || ' %)', null)),
            if(s.led >= 0.5, 'this list leads to ' || t.system, null),
            if(s.data >= 0.6, 'same unit and like values',
                if(s.data >= 0.2, 'same unit', if(s.data < 0, 'another unit', null))),
            if(s.company >= 0.3, 'patients with it have the same other codes', null),
            if(s.taken > 0.5, 'another code of the list has it', null)]
    from suggestion as s
    join asked as a on a.place = s.asked
    join target as t on t.place = s.target
    where s.rank <= $1 and (s.cosine >= 0.12 or s.data >= 0.6 or s.company >= 0.5)
    order by a.local_system, a.local_code, a.kind, s.rank"""
