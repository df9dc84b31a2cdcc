"""What an observation says, in the unit that its analysis is read in; what was written stands."""

import csv
import datetime
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from canonical_rows import Case, Row
from hypothesis import given, settings
from hypothesis import strategies as st

import mappings
from minns.engine import Engine
from transform.units import Units, cleaned, known, library_scale
from transform.values import UNITS

AT = datetime.datetime(2020, 3, 1, 8, 30)
GLUCOSE, CREATININE, HB = "NPU02192", "NPU04998", "NPU28309"
IFCC, MONO_S, ALAT, TSH, CRP = "NPU27300", "NPU03835", "NPU19651", "NPU03577", "NPU19748"
TABLES = Units(UNITS)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(tmp_path_factory.mktemp("scratch"), memory_limit="200MB", threads=1) as engine:
        yield engine


def _add(case: Case, engine: Engine, code: str, written: str, unit: str | None, **said: Any) -> Row:
    """A row as a mapping makes it: the number and the comparator are what the macros read."""
    case.maps = [mappings.FOLDER / "codes" / "known.csv"]
    ((number, comparator),) = engine.rows(
        "select number_of(x), comparator_of(x) from (select ? as x)", [written]
    )
    value = {"value_text": written, "value_number": number, "comparator": comparator, "unit": unit}
    system = "loinc" if "-" in code else "npu"
    row = {"local_system": system, "local_code": code, "observed_at": AT, **value, **said}
    return case.add("observation", **row)


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


# -------------------------------------------------------------------------------------- the words
#: As written: kind, comparator, number, least and greatest, finding.
SAID: list[tuple[str, str, str | None, str | None, tuple[str, str] | None, str | None]] = [
    ("7,2", "number", None, "7.2", None, None),
    ("7.20", "number", None, "7.2", None, None),
    ("1 234", "number", None, "1234", None, None),
    ("1\u00a0234\u2009567,5", "number", None, "1234567.5", None, None),
    ("1.234,5", "number", None, "1234.5", None, None),
    ("1,234.5", "number", None, "1234.5", None, None),
    ("1,234", "number", None, "1.234", None, None),
    ("−3", "number", None, "-3", None, None),
    ("<5", "limit", "<", "5", None, None),
    ("< 0,5", "limit", "<", "0.5", None, None),
    (">=90", "limit", ">=", "90", None, None),
    ("≤ 5", "limit", "<=", "5", None, None),
    ("mindre än 5", "limit", "<", "5", None, None),
    ("över 90", "limit", ">", "90", None, None),
    ("3-5", "range", None, None, ("3", "5"), None),
    ("0,40 – 3,5", "range", None, None, ("0.4", "3.5"), None),
    ("3 till 5", "range", None, None, ("3", "5"), None),
    ("5-3", "text", None, None, None, None),
    ("120/80", "text", None, None, None, None),
    ("neg", "finding", None, None, None, "negative"),
    ("Negativ.", "finding", None, None, None, "negative"),
    ("pos", "finding", None, None, None, "positive"),
    ("spår", "finding", None, None, None, "trace"),
    ("++", "finding", None, None, None, "2+"),
    ("ej utfört", "not_done", None, None, None, None),
    ("hemolys", "not_done", None, None, None, None),
    ("koag", "not_done", None, None, None, None),
    ("se kommentar", "comment", None, None, None, None),
    ("växt av E. coli", "text", None, None, None, None),
]


def test_what_a_value_is_and_what_it_says(case: Case, engine: Engine) -> None:
    for number, (written, *_) in enumerate(SAID):
        _add(case, engine, "SWE05074", written, None, patient=f"p{number}")
    facts = {f["value_text"]: f for f in case.run()["observation"]}
    read = [
        (
            written,
            fact["value_kind"],
            fact["comparator"],
            fact["value_number"],
            (fact["value_low"], fact["value_high"]),
            fact["finding"],
        )
        for written, *_ in SAID
        for fact in [facts[written]]
    ]
    assert read == [
        (w, k, c, n and Decimal(n), tuple(map(Decimal, ends)) if ends else (None, None), f)
        for w, k, c, n, ends, f in SAID
    ]


# -------------------------------------------------------------------------------------- the units
@pytest.mark.parametrize(
    ("written", "ucum"),
    [
        ("mmol/l", "mmol/L"),
        ("µkat/L", "ukat/L"),
        ("μkat/l", "ukat/L"),
        ("mikrog/L", "ug/L"),
        ("mcg", "ug"),
        ("E/L", "[IU]/L"),
        ("mE/L", "m[IU]/L"),
        ("IE/ml", "[IU]/mL"),
        ("10*9 /L", "10*9/L"),
        ("10⁹/l", "10*9/L"),
        ("x10E9/L", "10*9/L"),
        ("g/dl", "g/dL"),
        ("mm Hg", "mm[Hg]"),
        ("° C", "Cel"),
        ("slag/min", "/min"),
        ("st", "1"),
        ("mL/min/1,73m²", "mL/min/{1.73_m2}"),
        ("nmol/mmol", "nmol/mmol"),
        ("G/L", None),
        ("C", None),
        ("hej", None),
        ("se kommentar till provet nedan", None),
    ],
)
def test_swedish_units_in_ucum(written: str, ucum: str | None) -> None:
    assert TABLES.ucum(written) == ucum


def test_every_unit_of_the_tables_is_one_of_ucum() -> None:
    ucums = {u for u in TABLES.written.values() if u} | {a.unit for a in TABLES.analyses.values()}
    ucums |= {unit for _, unit in TABLES.conversions} | set(TABLES.scales)
    assert sorted(u for u in ucums if not known(u)) == []


def test_scales_are_those_of_ucum() -> None:
    for ucum, scale in TABLES.scales.items():
        one, base = library_scale(ucum), library_scale(scale.base)
        assert one is not None and base is not None
        assert one.base == base.base, ucum
        assert float(one.times / base.times) == pytest.approx(float(scale.times), rel=1e-12), ucum


def test_each_unit_is_written_once() -> None:
    with (UNITS / "units.csv").open(encoding="utf-8", newline="") as lines:
        written = [cleaned(row["written"]) for row in csv.DictReader(lines)]
    said = {u: TABLES.written[u] for u in written}
    assert len(said) == len(TABLES.written)
    assert all(cleaned(unit) == unit for unit in written)


def test_what_is_converted_is_analysed() -> None:
    keys = {key for key, _ in TABLES.conversions} | {
        c.key for c in TABLES.conversions.values() if c.key
    }
    assert keys <= set(TABLES.analyses)
    assert all(a.low < a.high for a in TABLES.analyses.values())


# -------------------------------------------------------------------------------- the conversions
#: Analysis, as written, unit; the number and unit that it is read in.
READ = [
    (GLUCOSE, "5,8", "mmol/l", "5.8", "mmol/L"),
    (GLUCOSE, "104", "mg/dL", "5.78", "mmol/L"),
    (GLUCOSE, "98", "mg/dL", "5.4", "mmol/L"),
    (CREATININE, "0,9", "mg/dl", "80", "umol/L"),
    (CREATININE, "0,90", "mg/dl", "80", "umol/L"),
    (CREATININE, "1,02", "mg/dl", "90.2", "umol/L"),
    (CREATININE, "0,08", "mmol/L", "80", "umol/L"),
    (CREATININE, "<0,5", "mg/dL", "50", "umol/L"),
    (CREATININE, ">9,9", "mg/dL", "870", "umol/L"),
    (HB, "13,8", "g/dL", "138", "g/L"),
    (HB, "138", "g/L", "138", "g/L"),
    (IFCC, "52", "mmol/mol", "52", "mmol/mol"),
    (MONO_S, "6,0", "%", "52", "mmol/mol"),
    (MONO_S, "10,5", "%", "99", "mmol/mol"),
    (ALAT, "30", "U/L", "0.5", "ukat/L"),
    (ALAT, "0,50", "ukat/L", "0.5", "ukat/L"),
    (TSH, "2,1", "mE/L", "2.1", "m[IU]/L"),
    (TSH, "2,1", "µE/mL", "2.1", "m[IU]/L"),
    (CRP, "5", "hej", None, None),
    (CRP, "5", None, None, None),
    ("29463-7", "3500", "g", "3.5", "kg"),
    ("8339-4", "3,52", "kg", "3520", "g"),
    ("8302-2", "1,72", "m", "172", "cm"),
    ("8302-2", "172", "cm", "172", "cm"),
    ("6301-6", "2,4", None, "2.4", "{INR}"),
    ("4548-4", "6.9", "%", "52", "mmol/mol"),
]


#: Codes that the shared list does not have.
CODES = ("29463-7", "8339-4", "8302-2", "6301-6", "4548-4")


def _known(case: Case) -> None:
    listed = "".join(f"loinc,x,{c},x\n" for c in CODES)
    path = case.folder / "known.csv"
    text = (mappings.FOLDER / "codes" / "known.csv").read_text(encoding="utf-8")
    have = {line.split(",")[2] for line in text.splitlines() if line.startswith("loinc")}
    extra = [line for line in listed.splitlines() if line.split(",")[2] not in have]
    path.write_text("\n".join([text.rstrip("\n"), *extra, ""]), encoding="utf-8")
    case.maps = [path]


def test_a_number_is_read_in_its_analysis_own_unit_and_no_finer(case: Case, engine: Engine) -> None:
    for number, (code, written, unit, *_) in enumerate(READ):
        _add(case, engine, code, written, unit, patient=f"{number:02d}")
    _known(case)
    facts = sorted(case.run()["observation"], key=lambda f: str(f["person_id"]))
    assert [(f["local_code"], f["value_text"], f["unit"]) for f in facts] == [r[:3] for r in READ]
    read = [(f["standard_number"], f["standard_unit"]) for f in facts]
    assert read == [(n and Decimal(n), u) for *_, n, u in READ]


@pytest.mark.parametrize(
    ("code", "written", "unit", "field"),
    [
        (HB, "13,8", "g/L", "value_number"),
        (HB, "8,6", "mmol/L", "unit"),
        (IFCC, "5,2", "mmol/mol", "value_number"),
        (IFCC, "6,0", "%", "unit"),
        (MONO_S, "42", "%", "value_number"),
        (CREATININE, "0,9", "µmol/L", "value_number"),
        (CRP, "<5", "mg/L", None),
        (CRP, ">2000", "mg/L", "value_number"),
        (HB, "<300", "g/L", None),
        (HB, "138", "g/L", None),
        (HB, "138", None, None),
    ],
)
def test_what_contradicts_the_analysis_is_told_and_stands(
    case: Case, engine: Engine, code: str, written: str, unit: str, field: str | None
) -> None:
    row = _add(case, engine, code, written, unit)
    record = case.run()
    fact = record.one("observation")
    assert {c: fact[c] for c in ("value_text", "value_number", "unit")} == {
        c: row[c] for c in ("value_text", "value_number", "unit")
    }
    told = [(c["rule"], c["field"], c["other_fact_id"]) for c in record["conflict"]]
    rule = "observation_unit_against_range"
    assert told == ([(rule, field, fact["fact_id"])] if field else [])


# ------------------------------------------------------------------------------- what is one value
@pytest.mark.parametrize(
    ("one", "other", "facts"),
    [
        ((IFCC, "52", "mmol/mol"), (MONO_S, "6,0", "%"), 1),
        ((IFCC, "53", "mmol/mol"), (MONO_S, "6,0", "%"), 2),
        ((HB, "138", "g/L"), (HB, "13,8", "g/dL"), 1),
        ((HB, "138", "g/L"), (HB, "13,9", "g/dL"), 2),
        ((GLUCOSE, "5,8", "mmol/L"), (GLUCOSE, "104", "mg/dL"), 1),
        ((GLUCOSE, "5,8", "mmol/L"), (GLUCOSE, "106", "mg/dL"), 2),
        ((GLUCOSE, "<5,8", "mmol/L"), (GLUCOSE, "104", "mg/dL"), 2),
        ((GLUCOSE, "5,8", "mmol/L"), (GLUCOSE, "5,80", "mmol/l"), 1),
        ((GLUCOSE, "5,8", "mmol/L"), (GLUCOSE, "5,82", "mmol/l"), 2),
        ((ALAT, "0,50", "µkat/L"), (ALAT, "0,5", "ukat/l"), 1),
        (("SWE05074", "neg", None), ("SWE05074", "Negativ", None), 1),
        (("SWE05074", "neg", None), ("SWE05074", "pos", None), 2),
    ],
)
def test_one_result_told_in_two_units_is_one_fact_only_when_exactly_so(
    case: Case, engine: Engine, one: Any, other: Any, facts: int
) -> None:
    _add(case, engine, *one)
    _add(case, engine, *other, source="asynja")
    record = case.run()
    assert len(record["observation"]) == facts
    rules = [c["rule"] for c in record["conflict"]]
    assert rules == ["observation_value_text_differs"] * (facts - 1)


def test_a_coarse_number_never_folds_two_that_differ(case: Case, engine: Engine) -> None:
    for written, unit in (("5,78", "mmol/L"), ("5,82", "mmol/L"), ("1,0", "g/L"), ("104", "mg/dL")):
        _add(case, engine, GLUCOSE, written, unit)
    assert len(case.run()["observation"]) == 4


_units = st.sampled_from(
    [(GLUCOSE, u) for u in ("mmol/L", "mg/dL")]
    + [(HB, u) for u in ("g/L", "g/dL")]
    + [(IFCC, "mmol/mol"), (MONO_S, "%")]
)
_numbers = st.decimals("0.1", "400", places=2).map(
    lambda d: str(d.quantize(Decimal("0.1")) if d < 20 else d.quantize(Decimal(1)))
)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(_units, _numbers), min_size=1, max_size=6), st.integers(0, 9))
def test_values_keep_their_laws(engine: Engine, rows: list[Any], seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        case = Case(Path(folder))
        for (code, unit), number in rows:
            _add(case, engine, code, number.replace(".", ","), unit)
        record, shuffled = case.run(), case.run(seed=seed)
        for fact in record["observation"]:
            _not_finer(fact)
        assert record["observation"] == shuffled["observation"]
        assert record["conflict"] == shuffled["conflict"]
        kept = {(r["local_code"], r["value_text"], r["unit"]) for r in case.rows["observation"]}
        assert {
            (f["local_code"], f["value_text"], f["unit"]) for f in record["observation"]
        } <= kept


def _figures(number: Decimal) -> int:
    return len(str(abs(number)).replace(".", "").strip("0") or "0")


def _not_finer(fact: Row) -> None:
    """No more figures than were written; taken back, what was written within the last one kept."""
    written = fact["value_text"].replace(",", ".")
    number = fact["standard_number"]
    (measure,) = [
        m
        for m in TABLES.measures([TABLES.ucum(fact["unit"]) or ""])
        if (m.code_key, m.ucum) == (f"standard npu {fact['local_code']}", TABLES.ucum(fact["unit"]))
    ]
    times, plus = Fraction(measure.num, measure.den), Fraction(measure.plus, 10**6)
    exact = Fraction(written) * times + plus
    if measure.plus == 0:
        assert _figures(number) <= len(written.replace(".", "").lstrip("0"))
    places = max(-int(Decimal(str(number)).normalize().as_tuple().exponent), -6)
    step = Fraction(10) ** (1 - len(written.replace(".", "").lstrip("0")))
    assert abs(Fraction(number) - exact) <= max(
        abs(exact) * step, Fraction(1, 2) / Fraction(10) ** places, times / 2
    )
    if times == 1 and plus == 0:
        assert number == Decimal(written)
