"""Which table feeds which canonical table, and which column which canonical column: by what they
are called and what a profile tells of their values; each choice with its reason and how sure it is.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from extract.scaffold.words import CODED, COLUMNS, HEADER, OWN_ID, TABLES, folded
from minns.model import CANONICAL, LOCAL_CODE, Column

#: From here a column is filled in; below it is a comment.
SURE = 3
#: The standard code system that local codes of a kind most likely are, by their form.
SYSTEM_OF = {
    "condition": ("icd-10-se",),
    "alert": ("atc", "snomed-ct"),
    "medication": ("atc", "npl"),
    "observation": ("npu", "loinc"),
    "procedure": ("kva",),
    "immunization": ("atc",),
}


@dataclass(frozen=True)
class Choice:
    """A source column for a canonical one: how sure (see `SURE`), and why."""

    column: str
    score: int
    reason: str


@dataclass
class Match:
    """A table and the canonical table that it feeds; `doubts` are choices that were not made."""

    table: str
    feeds: str
    score: int
    reason: str
    system: str = ""
    chosen: dict[str, Choice] = field(default_factory=dict)
    doubts: dict[str, list[Choice]] = field(default_factory=dict)


def matches(profile: Mapping[str, Any]) -> list[Match]:
    """What feeds what, in the profile's order of tables; at most one table is the patients'."""
    patients = _patients(profile)
    found = []
    for name, table in profile["tables"].items():
        if name == patients:
            match = Match(name, "patient", 9, "its rows are people, and other tables refer to it")
        else:
            best = _feeds(name, table, patients, profile)
            if best is None:
                continue
            match = best
        _choose(match, table, patients, profile)
        found.append(match)
    return found


def _patients(profile: Mapping[str, Any]) -> str | None:
    """The table of patients: people by their numbers or names, most referred to."""

    def weight(name: str) -> tuple[int, int]:
        table = profile["tables"][name]
        numbers = any(c["identity_numbers"] for c in table["columns"])
        called = re.search(TABLES["patient"], folded(name)) is not None
        named = sum(
            re.search(COLUMNS["patient"][c], folded(col["name"])) is not None
            for col in table["columns"]
            for c in ("given_names", "surname", "birth_date", "sex")
        )
        pointed = sum(r["to"] == name for r in profile["references"])
        return 3 * numbers + 2 * called + named, pointed

    ranked = sorted(profile["tables"], key=lambda n: (weight(n), n), reverse=True)
    return ranked[0] if ranked and weight(ranked[0])[0] >= 4 else None


def _feeds(
    name: str, table: Mapping[str, Any], patients: str | None, profile: Mapping[str, Any]
) -> Match | None:
    """The clinical kind that a table most likely holds; only tables that name patients can."""
    if not table["rows"] or patient_column(name, patients, profile) is None:
        return None
    called = folded(name)
    ranked: list[tuple[int, bool, int, Match]] = []
    systems = {system for c in table["columns"] for system in c["systems"]}
    for kind, words in TABLES.items():
        if kind == "patient":
            continue
        hit = re.search(words, called)
        coded = sorted(systems & set(SYSTEM_OF.get(kind, ())))
        special = sum(
            any(re.search(w, folded(c["name"])) for c in table["columns"])
            for w in COLUMNS[kind].values()
        )
        score = 4 * (hit is not None) + 2 * bool(coded) + special
        reason = f"its name has '{hit.group()}'" if hit else f"its codes look like {coded}"
        ranked.append((score, hit is not None, -len(ranked), Match(name, kind, score, reason)))
    score, named, _, best = max(ranked, key=lambda r: r[:3])
    return best if (named and score >= 5) or score >= 7 else None


def patient_column(name: str, patients: str | None, profile: Mapping[str, Any]) -> str | None:
    """The column of a table that names its patient: a reference, else the same name or number."""
    for reference in profile["references"]:
        if reference["table"] == name and reference["to"] == patients:
            return str(reference["column"])
    numbers = [c["name"] for c in profile["tables"][name]["columns"] if c["identity_numbers"]]
    return numbers[0] if numbers else None


def _choose(
    match: Match, table: Mapping[str, Any], patients: str | None, profile: Mapping[str, Any]
) -> None:
    """Columns for the canonical ones, the surest first; a column serves once."""
    kind = match.feeds
    own: list[str] = next(iter(table["candidate_keys"]), [])
    taken: set[str] = set()
    patient = own[0] if kind == "patient" and len(own) == 1 else None
    if kind != "patient":
        patient = patient_column(match.table, patients, profile)
    if patient is not None:
        match.chosen["local_patient_id"] = Choice(patient, 9, "it names the patient")
        taken.add(patient)
    if kind in OWN_ID and len(own) == 1 and own[0] not in taken:
        match.chosen[OWN_ID[kind]] = Choice(own[0], 9, "it is the table's key")
        taken.add(own[0])
    elif kind != "patient":
        taken |= set(own if len(own) == 1 else ())
    ranked = sorted(_candidates(match, table), key=lambda r: (-r[2].score, r[0], r[1]))
    for _, canonical, choice in ranked:
        if canonical in match.chosen or choice.column in taken:
            continue
        if choice.score >= SURE:
            match.chosen[canonical] = choice
            taken.add(choice.column)
        else:
            match.doubts.setdefault(canonical, []).append(choice)
    match.doubts = {
        name: [c for c in listed if c.column not in taken]
        for name, listed in match.doubts.items()
        if name not in match.chosen
    }
    coded = match.chosen.get("local_code")
    if coded is not None:
        told = next(c for c in table["columns"] if c["name"] == coded.column)
        match.system = next((s for s in SYSTEM_OF.get(kind, ()) if s in told["systems"]), "")


def _candidates(match: Match, table: Mapping[str, Any]) -> Iterator[tuple[int, str, Choice]]:
    """Every column beside every canonical column that it could fill."""
    contract = CANONICAL[match.feeds]
    words = dict(COLUMNS[match.feeds])
    if match.feeds != "patient":
        words |= {name: pattern for name, pattern in HEADER.items() if name not in words}
    if LOCAL_CODE[0].name in contract.names:
        words |= CODED
    if match.feeds == "access_block":
        words.pop("care_unit"), words.pop("care_giver")
    for at, told in enumerate(table["columns"]):
        for name, pattern in words.items():
            choice = _weighed(match.feeds, contract.column(name), pattern, told)
            if choice is not None:
                yield at, name, choice


def _weighed(kind: str, column: Column, pattern: str, told: Mapping[str, Any]) -> Choice | None:
    """How well a column fits: what it is called, then whether its values can be that."""
    hit = re.search(pattern, folded(told["name"]))
    fit, why = _fit(kind, column, told)
    if hit is None and fit < 2:
        return None
    score = (2 if hit else 0) + fit
    named = f"its name has '{hit.group()}'" if hit else "its name says nothing"
    if score <= 0:
        return None
    # the longer the part of the name, the more it says
    whole = hit is not None and len(hit.group()) >= len(folded(told["name"])) - 1
    return Choice(told["name"], score + whole, f"{named}; {why}")


def _fit(kind: str, column: Column, told: Mapping[str, Any]) -> tuple[int, str]:
    """What a column's values say about it: positive for, negative against."""
    filled = told["rows"] - told["nulls"]
    dated, timed = bool(told["dates"]), any("hh" in f for f in told["dates"].get("forms", ()))
    numbers = bool(told["identity_numbers"])
    if not filled:
        return 0, "it is always empty"
    if column.name in ("number", "mother_number", "previous_number"):
        return (2, "identity numbers") if numbers else (-1, "no identity numbers")
    if numbers:
        return -9, "identity numbers"
    if column.type in ("date", "timestamp"):
        wanted = timed if column.type == "timestamp" else not timed
        return (1 + wanted, "dates") if dated else (-9, "its values are no dates")
    if dated:
        return -9, "dates"
    if column.type == "boolean":
        return (1, "few values") if told["distinct"] <= 3 else (-9, "too many values for yes or no")
    if column.name == "local_code":
        fits = set(told["systems"]) & set(SYSTEM_OF.get(kind, ()))
        return (3, f"codes like {sorted(fits)[0]}") if fits else (0, "codes of no form we know")
    if told["systems"].keys() - {"hsa"} and column.name != "document_type":
        return -9, "codes"
    if column.name in ("care_unit", "care_giver", "blocked_care_unit", "blocked_care_giver"):
        return (2, "HSA-ids") if "hsa" in told["systems"] else (1, "may name units")
    if "hsa" in told["systems"]:
        return -9, "HSA-ids"
    if column.name == "body":
        return (2, "long texts") if told["length"][1] > 100 else (-1, "short texts")
    if column.name == "value_text":
        return (2, "numbers") if told["numbers"] * 2 > filled else (0, "texts")
    if column.allowed:
        return (1, "few values") if told["distinct"] <= 12 else (-9, "too many values")
    if told["length"][1] > 300:
        return -1, "long texts"
    return 1, "texts that may be that"
