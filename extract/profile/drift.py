"""Drift: how two profiles of a source differ, and what a rehearsal must not go past."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from extract.profile.form import FORMAT
from minns.errors import ConfigError

#: Percentage points of nulls, and the share of rows, from which a change is worth a look.
NULLS, ROWS = 5.0, 0.2
Weight = Literal["blocks", "look", "note"]


@dataclass(frozen=True)
class Drift:
    """One difference: where, what kind, and how much it weighs. No value of a row is in it."""

    weight: Weight
    table: str
    column: str
    what: str
    old: str
    new: str


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Drift]:
    """Every difference that a mapping or a wave may stumble on, the gravest first."""
    for told in (old, new):
        if told.get("format") != FORMAT or "tables" not in told:
            raise ConfigError(
                "two profiles written by 'minns source profile'",
                found="another kind of file",
                do="Name the profile.json of each.",
            )
    if old["source"] != new["source"]:
        raise ConfigError(
            f"two profiles of one source, {old['source']}",
            found=f"one of {new['source']}",
            do="Compare rehearsals of the same source.",
        )
    found = [*_tables(old["tables"], new["tables"]), *_orphans(old, new)]
    order = ("blocks", "look", "note")
    return sorted(found, key=lambda d: (order.index(d.weight), d.table, d.column, d.what))


def as_json(found: Sequence[Drift]) -> list[dict[str, str]]:
    """Plain values, for --json."""
    return [asdict(drift) for drift in found]


def _tables(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Drift]:
    for name in sorted({*old, *new}):
        if name not in new:
            yield Drift("blocks", name, "", "table gone", str(old[name]["rows"]), "")
        elif name not in old:
            yield Drift("look", name, "", "table new", "", str(new[name]["rows"]))
        else:
            yield from _table(name, old[name], new[name])


def _table(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Drift]:
    before, after = old["rows"], new["rows"]
    if before and not after:
        yield Drift("blocks", name, "", "rows all gone", str(before), "0")
    elif abs(after - before) > ROWS * max(before, 1):
        weight: Weight = "blocks" if after * 2 < before else "look"
        yield Drift(weight, name, "", "rows", str(before), str(after))
    elif after != before:
        yield Drift("note", name, "", "rows", str(before), str(after))
    if old["key_holds"] and new["key_holds"] is False:
        yield Drift(
            "blocks", name, " ".join(new["key"]), "key no longer unique", "unique", "shared"
        )
    columns = [{c["name"]: c for c in told["columns"]} for told in (old, new)]
    for column in sorted({*columns[0], *columns[1]}):
        was, now = (side.get(column) for side in columns)
        if now is None:
            yield Drift("blocks", name, column, "column gone", "there", "")
        elif was is None:
            yield Drift("look", name, column, "column new", "", "there")
        else:
            yield from (Drift(w, name, column, *rest) for w, *rest in _column(was, now))


def _column(
    old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[tuple[Weight, str, str, str]]:
    if old["type"] != new["type"]:
        yield "blocks", "type", old["type"], new["type"]
    was, now = (100 * c["nulls"] / max(c["rows"], 1) for c in (old, new))
    if was < 100 and now == 100:
        yield "blocks", "column emptied", f"{was:.0f} % null", "100 % null"
    elif abs(now - was) >= NULLS:
        yield "look", "nulls", f"{was:.0f} %", f"{now:.0f} %"
    for what, kind in (("date form", "forms"), ("sentinel", "sentinels"), ("damage", "damage")):
        sides = [c["dates"].get("forms", {}) if kind == "forms" else c[kind] for c in (old, new)]
        for value in sorted(set(sides[1]) - set(sides[0])):
            yield "look", f"new {what}", "", f"{value}: {sides[1][value]}"
    if bool(old["identity_numbers"]) != bool(new["identity_numbers"]):
        sides = [", ".join(c["identity_numbers"]) for c in (old, new)]
        yield "blocks", "identity numbers", *sides
    if old["code_like"] and new["code_like"]:
        for code in sorted(set(new["codes"]) - set(old["codes"])):
            yield "look", "new code", "", f"{code}: {new['codes'][code]}"
        for code in sorted(set(old["codes"]) - set(new["codes"])):
            yield "note", "code gone", f"{code}: {old['codes'][code]}", ""


def _orphans(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Drift]:
    sides = [
        {(r["table"], r["column"], r["to"]): r["orphans"] for r in told["references"]}
        for told in (old, new)
    ]
    for at, now in sorted(sides[1].items()):
        was = sides[0].get(at)
        if was is not None and now > was:
            weight: Weight = "blocks" if was == 0 and now > 10 else "look"
            yield Drift(
                weight, at[0], at[1], f"rows that point to no row of {at[2]}", str(was), str(now)
            )
