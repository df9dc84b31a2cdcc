"""The people of the region: numbers by the book, and the traps of every real register."""

from collections.abc import Iterator
from importlib.resources import files

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from personnummer import personnummer
from stdnum import luhn

from minns.demo.population import listed_numbers, population


@pytest.fixture(scope="module")
def people() -> Iterator[duckdb.DuckDBPyConnection]:
    with population(2000, 1) as region:
        yield region


@pytest.fixture(scope="module")
def many() -> Iterator[duckdb.DuckDBPyConnection]:
    """Enough for what is rare."""
    with population(8000, 1) as region:
        yield region


def _column(region: duckdb.DuckDBPyConnection, sql: str) -> list[str]:
    return [row[0] for row in region.execute(sql).fetchall()]


def _count(region: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = region.execute(f"select count(*) from {sql}").fetchone()
    return int(row[0]) if row else 0


def _valid(number: str) -> bool:
    return bool(personnummer.valid(number))


NUMBERS = (
    "select number from person union all select earlier_number from person "
    "where earlier_number is not null "
    "union all select second_number from person where second_number is not null"
)


def test_every_true_number_is_valid_and_one_persons(people: duckdb.DuckDBPyConnection) -> None:
    numbers = _column(people, NUMBERS)
    assert all(map(_valid, numbers))
    assert len(set(numbers)) == len(numbers)


def test_numbers_agree_with_birth_date_and_sex(people: duckdb.DuckDBPyConnection) -> None:
    wrong = _count(
        people,
        "person where left(number, 6) <> strftime(birth_date, '%Y%m') "
        "or cast(substr(number, 7, 2) as int) % 60 <> day(birth_date) "
        "or (digit(number, 11) % 2 = 1) <> (sex = 'male')",
    )
    assert wrong == 0


def test_official_numbers_are_used_while_they_last(people: duckdb.DuckDBPyConnection) -> None:
    assert _count(people, "person semi join listed using (number)") > 1000


def test_computed_numbers_are_never_official(people: duckdb.DuckDBPyConnection) -> None:
    assert not set(_column(people, "select number from computed")) & set(listed_numbers())


def test_written_numbers_are_right_or_a_known_mistake(people: duckdb.DuckDBPyConnection) -> None:
    written = people.execute(
        "select number, list_contains(mistakes, 'number_typo') from identity "
        "where number is not null and not under_reserve and not under_lma"
    ).fetchall()
    assert all(_valid(number) != typo for number, typo in written)


def test_reserve_numbers_follow_the_region() -> None:
    with population(1, 1) as region:
        made = region.execute(
            "select reserve_number(date '1981-08-29', 'M', 7), "
            "reserve_number(date '1945-08-29', 'K', 8), reserve_number(date '1993-08-29', 'X', 80)"
        ).fetchone()
    assert made == ("19810829M071", "19450829K088", "19930829X802")


@given(st.lists(st.text("0123456789", min_size=9, max_size=9), min_size=1, max_size=200))
@settings(max_examples=25, deadline=None)
def test_a_check_digit_makes_any_nine_digits_valid(drawn: list[str]) -> None:
    with duckdb.connect() as connection:
        connection.execute(files("minns.demo").joinpath("sql/macros.sql").read_text("utf-8"))
        made = connection.execute(
            "select x || check_digit(x) from unnest(?::varchar[]) t(x)", [drawn]
        ).fetchall()
    assert all(luhn.is_valid(number) for (number,) in made)


TRAPS = {
    "same-sex twins with consecutive numbers": "person a join person b "
    "on a.household = b.household "
    "and a.pid < b.pid and a.twin and b.twin and a.sex = b.sex and a.birth_date = b.birth_date "
    "and a.given[1] <> b.given[1]",
    "father and son of one name": "person a join person b on a.household = b.household "
    "and a.role = 2 and b.role = 3 and a.given[1] = b.given[1] and a.kind = 'namesakes'",
    "namesakes in other households": "person a join person b on a.household < b.household "
    "and a.given[1] = b.given[1] and a.surname = b.surname",
    "coordination numbers replaced": "person where replaced and earlier_number is not null",
    "coordination numbers kept": "person where coordination and not replaced",
    "documented changes of number": "identity where previous_number <> number "
    "and source = 'asynja'",
    "undocumented changes of number": "identity where list_contains(mistakes, 'stale_number')",
    "newborns under reserve numbers": "identity where newborn and under_reserve "
    "and mother_number is not null and birth_order is not null",
    "the unnamed": "identity where unnamed and given_names in ('Flicka', 'Pojke')",
    "protected": "identity where protection = 'sekretessmarkering'",
    "protected, address withheld": "identity where protection = 'skyddad_folkbokforing'",
    "protection that a source missed": "identity i join person p using (pid) "
    "where i.protection = 'none' and p.protection <> 'none'",
    "the dead": "identity where deceased_date is not null",
    "married names": "person where old_surname <> surname",
    "born on 1 January": "person where of_foreign_origin and strftime(birth_date, '%m%d') = '0101'",
    "overlays": "identity where list_contains(mistakes, 'overlay')",
    "a parent's telephone on children": "person c join person m on m.pid = c.mother_pid "
    "and m.phone = c.phone and c.role > 2",
    "a care home's address on many": "(select street, city from person where in_home "
    "group by all having count(*) > 5)",
    "names in daily use, marked": "melior.patient where tilltalsnamn <> fornamn",
    "levels of coordination numbers": "asynja.listad where snr_niva = 'STYRKT'",
    "damaged code pages": "asynja.listad where regexp_matches(namn, '[Ã†„”Ž™]')",
    "initials": "identity where given_names similar to '[^ ]+ [A-ZÅÄÖ]'",
    "asylum seekers' numbers": "identity where under_lma and number like '50-%'",
    "old reserve numbers": "melior.patient where reservnr_oid like '%.1.4'",
    "two coordination numbers of one": "identity "
    "where list_contains(mistakes, 'second_coordination')",
    "unidentified emergencies": "identity where given_names = 'Okänd'",
    "false identities": "befreg.avregistrering where \"ORSAK\" = 'FI'",
    "missing numbers": "identity where number is null",
    "one person twice in a system": "identity where copy = 1",
}


@pytest.mark.parametrize("trap", TRAPS.values(), ids=TRAPS.keys())
def test_the_region_has(many: duckdb.DuckDBPyConnection, trap: str) -> None:
    assert _count(many, trap) > 0


REGISTER = (
    'select "PNR" as number, "HANVPNR" as earlier from befreg.hanvisning union all '
    """select "PNR", "RESNR" from befreg.koppling where "STATUS" = 'A'"""
)


def test_the_register_documents_what_is_so_but_for_the_rates(
    many: duckdb.DuckDBPyConnection,
) -> None:
    """Its links are of one person (nearly all of them) and most changes of numbers are in it."""
    held = (
        "(select pid, unnest([number, earlier_number, second_number, reserve, old_reserve]) as n "
        "from person)"
    )
    told = _count(many, f"({REGISTER}) where number <> '201212121212'")
    true = _count(
        many,
        f"({REGISTER}) r join {held} a on a.n = number join {held} b on b.n = earlier"
        " and a.pid = b.pid",
    )
    assert 0.998 * told <= true <= told
    changed = _count(many, "person where earlier_number is not null")
    sent = _count(many, "befreg.hanvisning where \"TYP\" in ('GN', 'GS')")
    assert 0.9 * changed < sent < changed


def test_newborns_are_linked_more_often_than_emergencies(many: duckdb.DuckDBPyConnection) -> None:
    shares = []
    for which in ("newborn", "not newborn"):
        held = f"(select distinct number as reserve from identity where under_reserve and {which})"
        linked = f"{held} semi join manual_link using (reserve)"
        shares.append(_count(many, linked) / _count(many, held))
    assert shares[0] > 0.75 and 0.3 < shares[1] < 0.65


def test_what_holds_nothing_to_link_on_is_told_apart(many: duckdb.DuckDBPyConnection) -> None:
    assert 0 < _count(many, "unlinkable") < 0.001 * _count(many, "identity")
    named = "unlinkable u join identity i using (who) where not (unnamed or unidentified) "
    assert _count(many, named + "and given_names <> 'Skyddad'") == 0


def test_a_person_has_about_two_identities(people: duckdb.DuckDBPyConnection) -> None:
    assert 1.8 < _count(people, "identity") / 2000 < 2.4


DIRT = {
    "orphans": "entry e anti join identity i on i.source = e.source and i.local_id = e.local_id",
    "statements written twice": "entry where copy = 1",
    "facts in several systems": "(select fact_id from entry group by 1 "
    "having count(distinct source) > 1)",
    "centenarians": "asynja.listad where pnr like '%+%' and patid > 2",
    "dotless codes": "melior.diagnos where regexp_full_match(kod, '[A-Z]\\d{3}')",
    "old HbA1c": "asynja.labb where analyskod = 'HBA1C' and enhet = '%'",
    "less than": "asynja.labb where resultat like '<%'",
    "thousands": "asynja.labb where regexp_matches(resultat, '^\\d \\d{3}')",
    "words for results": "melior.labsvar where svar in ('neg', 'hemolys', 'se kommentar')",
    "unreadable dates": "asynja.diagnoser where try_cast(datum as date) is null",
    "sentinels": "asynja.diagnoser where datum = '1900-01-01'",
    "refuted warnings": "melior.varning where status = 'A'",
    "no known allergy": "asynja.overkanslighet where kod = 'INGEN'",
    "severity that differs": "melior.varning v join truth_fact t on t.source = 'melior' and "
    "t.source_table = 'varning' and t.row_key = cast(varning_id as varchar) join truth_fact u on "
    "u.fact_id = t.fact_id and u.source = 'asynja' join asynja.overkanslighet o on "
    "u.row_key = cast(okid as varchar) and o.grad <> ['lindrig', 'måttlig', 'svår'][allvar]",
}


@pytest.mark.parametrize("dirt", DIRT.values(), ids=DIRT.keys())
def test_the_systems_hold(people: duckdb.DuckDBPyConnection, dirt: str) -> None:
    assert _count(people, dirt) > 0
