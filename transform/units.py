"""Units as written become UCUM, and each analysis has one that its numbers are read in.

In: the distinct units of a record, and the tables of mappings/units/, with a project's own. Out:
for each unit its UCUM, for each analysis and unit what a number in it is in the analysis's own
unit. A unit that the tables do not have is read by ucumvert and pint, which are loaded only then:
that takes a second.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from minns.errors import MappingError

#: Both letters of "micro", as written in UCUM.
_MICRO = str.maketrans({"µ": "u", "μ": "u"})
_LITRE = re.compile(r"(^|/)([mdcfunp]?)l(?=$|/)")
#: What UCUM reads as 1, with a name for people.
_ANNOTATION = re.compile(r"\{[^{}]*\}")
#: No unit is longer; what is longer is a comment, and not worth a parser's time.
_LONGEST = 24
#: Numbers stand in millionths, as the model's decimals do.
MILLION = 1_000_000


@dataclass(frozen=True)
class Scale:
    """A unit as a multiple of the unit that all of its kind are multiples of."""

    base: str
    times: Fraction


_ONE = Scale("1", Fraction(1))


@dataclass(frozen=True)
class Analysis:
    """What is analysed: its own unit, and what a number in it can be in a living person."""

    unit: str
    low: Decimal
    high: Decimal


@dataclass(frozen=True)
class Conversion:
    """A number of one analysis and unit as one of another: times, then plus. No `key`: never."""

    key: str
    unit: str
    times: Fraction
    plus: Fraction


@dataclass(frozen=True)
class Measure:
    """What a number in a unit is in the analysis's own one: number * num / den + plus millionths.

    `shift`: how many more decimals a step of the last decimal written needs there. `fits`: the
    unit can measure this analysis.
    """

    code_key: str
    ucum: str
    to_key: str
    to_unit: str
    num: int
    den: int
    plus: int
    shift: int
    fits: bool
    low: Decimal | None
    high: Decimal | None


#: The tables, and what names a row of each.
TABLES = {
    "units": ("written",),
    "scales": ("ucum",),
    "analyses": ("system", "code"),
    "conversions": ("system", "code", "unit"),
    "words": ("written",),
}


def table(folders: Sequence[Path], name: str) -> list[dict[str, str]]:
    """The rows of a table in all folders that have it: a later folder's row stands instead of an
    earlier one's of the same name. The first folder has every table, and says its columns.
    """
    found: dict[tuple[str, ...], dict[str, str]] = {}
    columns: list[str] = []
    for folder in folders:
        path = folder / f"{name}.csv"
        if not path.is_file():
            continue
        rows, header = _rows(path)
        columns = columns or header
        if header != columns or any(None in row or None in row.values() for row in rows):
            raise _broken(path, f"CSV in UTF-8 with the columns {', '.join(columns)}")
        found |= {tuple(row[column] for column in TABLES[name]): row for row in rows}
    return list(found.values())


def _rows(path: Path) -> tuple[list[dict[str, str]], list[str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            return list(reader), list(reader.fieldnames or ())
    except (UnicodeDecodeError, csv.Error):
        return [], []


def _broken(path: Path, expected: str) -> MappingError:
    return MappingError(f"{expected} in {path}", found="something else", do="Correct that file.")


def cleaned(written: str) -> str:
    """A unit without its blanks, with u for micro and L for litre."""
    return _LITRE.sub(r"\1\2L", re.sub(r"\s", "", written).translate(_MICRO))


def key_of(row: Mapping[str, str], prefix: str = "") -> str:
    """What a row of the tables is about, as `code_key` of transform.codes names it."""
    system, code = row[f"{prefix}system"], row[f"{prefix}code"]
    return f"standard {system} {code}" if code else ""


@cache
def _registry() -> Any:
    from ucumvert import PintUcumRegistry

    return PintUcumRegistry()


@cache
def known(ucum: str) -> bool:
    """Whether UCUM has such a unit."""
    from ucumvert.parser import InvalidUcumError

    try:
        _registry().from_ucum(ucum)
    except InvalidUcumError:
        return False
    return True


@cache
def library_scale(ucum: str) -> Scale | None:
    """A unit's scale by UCUM's definitions; `None` when it has none, as a degree has not."""
    if _ANNOTATION.fullmatch(ucum):
        return _ONE
    if not known(ucum):
        return None
    units = _registry().from_ucum(ucum)
    if _registry().Quantity(0, units.units).to_base_units().magnitude:
        return None
    base = units.to_base_units()
    return Scale(f"{base.units:D}", Fraction(repr(float(base.magnitude))))


class Units:
    """The tables of some folders, a later one's before an earlier one's."""

    def __init__(self, *folders: Path) -> None:
        self.written = {cleaned(r["written"]): r["ucum"] or None for r in table(folders, "units")}
        try:
            self._read(folders)
        except (ValueError, ArithmeticError):
            raise _broken(folders[-1], "numbers with a decimal point in the tables") from None
        strange = {c.key for c in self.conversions.values() if c.key} - set(self.analyses)
        strange |= {key for key, _ in self.conversions} - set(self.analyses)
        if strange:
            raise _broken(folders[-1], f"each analysis of conversions.csv ({min(strange)}) listed")

    def _read(self, folders: Sequence[Path]) -> None:
        self.scales = {
            r["ucum"]: Scale(r["base"], Fraction(r["times"])) for r in table(folders, "scales")
        }
        self.analyses = {
            key_of(r): Analysis(r["unit"], Decimal(r["low"]), Decimal(r["high"]))
            for r in table(folders, "analyses")
        }
        self.conversions = {
            (key_of(r), r["unit"]): Conversion(
                key_of(r, "to_"),
                r["to_unit"],
                Fraction(r["times"] or 0) / Fraction(r["divided_by"] or 1),
                Fraction(r["plus"] or 0),
            )
            for r in table(folders, "conversions")
        }

    def ucum(self, written: str) -> str | None:
        """A unit as written in UCUM; `None` when it is none, or may be several."""
        unit = cleaned(written)
        if unit in self.written:
            return self.written[unit]
        if not unit or len(unit) > _LONGEST or not unit.isascii():
            return None
        return unit if known(unit) else None

    def scale(self, ucum: str) -> Scale:
        """A unit's scale; one that has none is only a multiple of itself."""
        if not ucum or _ANNOTATION.fullmatch(ucum):
            return _ONE
        return self.scales.get(ucum) or Scale(ucum, Fraction(1))

    def measures(self, ucums: Iterable[str]) -> list[Measure]:
        """How each analysis is measured in each of `ucums`, and without a unit."""
        units = sorted({*ucums})
        return [
            measure
            for key, analysis in self.analyses.items()
            for ucum in ("", *units)
            if (measure := self._measure(key, analysis, ucum)) is not None
        ]

    def _measure(self, key: str, analysis: Analysis, ucum: str) -> Measure | None:
        given = self.conversions.get((key, ucum))
        if given is not None:
            if not given.key:
                return _unfit(key, ucum)
            return _measure(key, ucum, given, self.analyses[given.key])
        one, other = self._comparable(ucum, analysis.unit)
        if not ucum and other.base != "1":
            return None  # no unit says nothing against the analysis, and nothing for it
        if one.base != other.base:
            return _unfit(key, ucum)
        same = Conversion(key, analysis.unit, one.times / other.times, Fraction(0))
        return _measure(key, ucum, same, analysis)

    def _comparable(self, ucum: str, unit: str) -> tuple[Scale, Scale]:
        """The scales of two units; both the library's when the table does not have the first."""
        one, other = self.scale(ucum), self.scale(unit)
        if one.base == ucum != unit and ucum not in self.scales:
            found, wanted = library_scale(ucum), library_scale(unit)
            if found is not None and wanted is not None and found.base == wanted.base:
                return found, wanted
        return one, other


def _unfit(key: str, ucum: str) -> Measure:
    return Measure(key, ucum, key, ucum, 1, 1, 0, 0, False, None, None)


def _measure(key: str, ucum: str, given: Conversion, analysis: Analysis) -> Measure | None:
    num, den = given.times.numerator, given.times.denominator
    if max(num, den) > MILLION**2:
        return None  # an inexact multiple is not used
    plus = given.plus * MILLION
    return Measure(
        key,
        ucum,
        given.key,
        given.unit,
        num,
        den,
        int(plus),
        _shift(given.times),
        True,
        analysis.low,
        analysis.high,
    )


def _shift(times: Fraction) -> int:
    """The least s with 10**s >= 1 / times."""
    shift = 0
    while Fraction(10) ** shift < 1 / times:
        shift += 1
    while Fraction(10) ** (shift - 1) >= 1 / times:
        shift -= 1
    return shift
