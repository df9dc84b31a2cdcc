"""Dose texts: what is understood is told beside the text; what is not stays unread."""

from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minns.engine import literal
from transform.doses import doses_sql

#: A text, and its pattern, unit, least and greatest amount a day, interval, days, terms.
READ = [
    ("1x2", "1x2", None, 2, 2, None, None, None),
    ("1 x 2", "1x2", None, 2, 2, None, None, None),
    ("1×2", "1x2", None, 2, 2, None, None, None),
    ("1+0+1+0", "1+0+1+0", None, 2, 2, None, None, None),
    ("0,5+0+0,5", "0.5+0+0.5", None, 1, 1, None, None, None),
    ("1 tabl 2 ggr/dag", "1x2", "tablett", 2, 2, None, None, None),
    ("En tablett två gånger dagligen", "1x2", "tablett", 2, 2, None, None, None),
    ("1 TABL  2 GGR/DAG.", "1x2", "tablett", 2, 2, None, None, None),
    ("1-2 tabletter vid behov, max 8/dygn", "1-2", "tablett", 0, 8, None, None, "as_needed"),
    ("1 tabl v.b.", "1", "tablett", 0, None, None, None, "as_needed"),
    ("1x3 vb", "1x3", None, 0, 3, None, None, "as_needed"),
    ("1 kapsel vb, max 4/dygn", "1", "kapsel", 0, 4, None, None, "as_needed"),
    ("1x3 i 7 dagar", "1x3", None, 3, 3, None, 7, None),
    ("1 kapsel före frukost, i 4 veckor", "1+0+0+0", "kapsel", 1, 1, None, 28, None),
    ("1x2 tills vidare", "1x2", None, 2, 2, None, None, "until_further_notice"),
    ("1x2 tv", "1x2", None, 2, 2, None, None, "until_further_notice"),
    ("enligt schema", None, None, None, None, None, None, "by_schedule"),
    ("enl ord", None, None, None, None, None, None, "as_ordered"),
    ("nedtrappning enl schema", None, None, None, None, None, None, "by_schedule tapering"),
    ("1x4 nedtrappning", "1x4", None, None, None, None, None, "tapering"),
    ("1 tabl varannan dag", "1", "tablett", 0.5, 0.5, 2, None, None),
    ("1 tablett till natten", "0+0+0+1", "tablett", 1, 1, None, None, None),
    ("1 tn", "0+0+0+1", None, 1, 1, None, None, None),
    ("14 E till natten", "0+0+0+14", "E", 14, 14, None, None, None),
    ("droppar i vardera öga", None, "droppe", None, None, None, None, "each_eye"),
    ("1 droppe i vardera öga 2 ggr dagl", "1x2", "droppe", 4, 4, None, None, "each_eye"),
    ("depotplåster byts var 3:e dag", None, "plåster", None, None, 3, None, None),
    ("1x1 dosdispenserat Apodos", "1x1", None, 1, 1, None, None, "dispensed"),
    ("½ tabl x 2", "0.5x2", "tablett", 1, 1, None, None, None),
    ("1½ tabl x 1", "1.5x1", "tablett", 1.5, 1.5, None, None, None),
    ("1 1/2 tabl 2 ggr dagligen", "1.5x2", "tablett", 3, 3, None, None, None),
    ("1 tabl var 8:e timme", "1x3", "tablett", 3, 3, None, None, None),
]
UNREAD = [
    "1 tabl dagligen under pollensäsong",
    "½ tabl i 7 dagar, därefter 1x1",
    "1x2 till natten",
    "2x3 max 4/dygn",
    "1x1 1x1",
    "3-2 tabl x 1",
    "1 tabl var 7:e timme",
    "1 g x 3",
    "1x0",
    "1+1",
    "ring 1177",
]
_COLUMNS = "pattern unit day_min day_max interval_days days terms".split()


@pytest.fixture(scope="module")
def session() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def _read(session: duckdb.DuckDBPyConnection, *texts: str) -> dict[str, tuple[object, ...]]:
    values = ", ".join(f"({literal(text)})" for text in texts)
    rows = session.execute(doses_sql(f"select * from (values {values}) as t (dose_text)"))
    named = [column[0].removeprefix("dose_") for column in rows.description]
    assert named == ["text", "whole", *_COLUMNS]
    return {row[0]: row[1:] for row in rows.fetchall()}


def test_what_is_understood_is_told(session: duckdb.DuckDBPyConnection) -> None:
    read = _read(session, *(line[0] for line in READ))
    told = {
        text: (*row[1:3], *(n if n is None else float(str(n)) for n in row[3:5]), *row[5:])
        for text, row in read.items()
    }
    assert told == {line[0]: line[1:] for line in READ}
    assert all(row[0] for row in read.values())


@pytest.mark.parametrize("text", UNREAD)
def test_what_is_not_wholly_understood_stays_unread(
    session: duckdb.DuckDBPyConnection, text: str
) -> None:
    assert _read(session, text)[text][1:] == (None,) * len(_COLUMNS)


_piece = st.sampled_from(
    "1x2|1+0+1+0|2 tabl|vb|tv|i 7 dagar|max 4/dygn|varannan dag|till natten|enl schema|½|ej".split(
        "|"
    )
) | st.text(alphabet="0129x+-,./ ½åäötablvd\u00a0|\\'", max_size=8)


@settings(max_examples=60, deadline=None)
@given(st.lists(_piece, max_size=4).map(" ".join))
def test_any_text_is_read_or_left_alone(session: duckdb.DuckDBPyConnection, text: str) -> None:
    (whole, *told) = _read(session, text)[text]
    least, most = told[2:4]
    assert whole or told == [None] * len(_COLUMNS)
    assert least is None or most is None or 0 <= least <= most  # type: ignore[operator]
    assert _read(session, f" {text.upper()}  ")[f" {text.upper()}  "] == (whole, *told)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([line[0] for line in READ]))
def test_a_word_that_nobody_knows_makes_the_whole_unread(
    session: duckdb.DuckDBPyConnection, text: str
) -> None:
    assert not _read(session, f"{text} okänt")[f"{text} okänt"][0]
