"""Laws of standardising: over any names and rows, however dirty."""

import datetime
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from standardising import Row, number, run, told

from link.standardise import load_macros
from minns.engine import Engine

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(tmp_path_factory.mktemp("laws"), threads=1) as engine:
        load_macros(engine)
        engine.run("create table spelt (word varchar)")
        yield engine


def over(db: Engine, words: list[str], expression: str) -> list[tuple[Any, ...]]:
    """An expression over many words at once."""
    db.run("delete from spelt")
    db.connection.executemany("insert into spelt values (?)", [[word] for word in words])
    return db.rows(f"select word, {expression} from spelt")


#: Letters that rules look at, in any order, more often than others.
WORDS = st.lists(
    st.one_of(
        st.text("abcdefghijklmnopqrstuvwxyz?", min_size=1, max_size=12),
        st.lists(
            st.sampled_from(
                "abd al el ul h hh x m ma mu am ed et hus en has an jus uf fat im ou oe aa ae ija"
                " iya ph th ch qu kv c k w v z s son ustaf olof par pehr y ii d din r".split()
            ),
            min_size=1,
            max_size=6,
        ).map("".join),
    ),
    min_size=20,
    max_size=60,
)


@settings(max_examples=25, deadline=None)
@given(words=WORDS)
@example(words=["abdaha", "abdulhamid", "abdihakim", "abdahamid"])
def test_folding_twice_is_folding_once(db: Engine, words: list[str]) -> None:
    folded = over(db, words, "folded_word(word)")
    again = dict(over(db, [f for _, f in folded], "folded_word(word)"))
    assert [(w, f) for w, f in folded if again[f] != f] == []


NAMES = st.lists(
    st.text("ABDEGHIKLMNRSTabdeghiklmnrståäöÅÄÖéü", min_size=2, max_size=10),
    min_size=10,
    max_size=40,
)


@settings(max_examples=15, deadline=None)
@given(names=NAMES)
@pytest.mark.parametrize(
    "spelt",
    [
        pytest.param({"å": "aa", "ä": "ae", "ö": "oe", "Å": "Aa", "Ä": "Ae", "Ö": "Oe"}, id="aa"),
        pytest.param({"å": "a", "ä": "a", "ö": "o", "Å": "A", "Ä": "A", "Ö": "O"}, id="a"),
        pytest.param({"å": "a\u030a", "ä": "a\u0308", "ö": "o\u0308"}, id="decomposed"),
        pytest.param(
            {"å": "Ã¥", "ä": "Ã¤", "ö": "Ã¶", "é": "Ã©", "ü": "Ã¼"}, id="UTF-8 read as CP1252"
        ),
    ],
)
def test_ways_to_write_a_letter_meet(db: Engine, names: list[str], spelt: dict[str, str]) -> None:
    if "Ã¥" in spelt.values():
        names = [name.lower() for name in names]
    other = ["".join(spelt.get(c, c) for c in name) for name in names]
    folded = "folded_word(plain(case when is_damaged(word) then repaired(word) else word end))"
    left, right = (dict(over(db, words, folded)) for words in (names, other))
    assert [n for n, o in zip(names, other, strict=True) if left[n] != right[o]] == []


PLACEHOLDERS = ("Flicka", "pojke", "BARN 1", "Okänd", "Skyddad Uppgift", "Testsson", "Nyfödd", "NN")


@settings(max_examples=6, deadline=None)
@given(
    around=st.lists(
        st.tuples(
            st.sampled_from(PLACEHOLDERS),
            st.text("abcåö ", max_size=8),
            st.sampled_from((" ", "-", ", ")),
        ),
        min_size=5,
        max_size=30,
    )
)
def test_a_placeholder_never_has_a_key(around: list[tuple[str, str, str]]) -> None:
    rows = [
        told(f"{i:02d}", given_names=f"{name}{gap}{more}", called_name=name)
        for i, (name, more, gap) in enumerate(around)
    ]
    with tempfile.TemporaryDirectory() as folder:
        made, _ = run(Path(folder), rows)
    for row in made:
        assert row["given_words"] is row["given_key"] is row["given_first"] is row["called"] is None


def population(seed: int, size: int = 3000) -> list[Row]:
    draw = random.Random(seed)
    day = datetime.date(1950, 1, 1)
    rows = []
    for i in range(size):
        born = day + datetime.timedelta(days=draw.randrange(25_000))
        own = number(born.strftime("%Y%m%d"), draw.randrange(100, 900))
        rows.append(
            told(
                f"{draw.choice('xyz')}{i}",
                source=draw.choice("ab"),
                given_names=draw.choice(
                    ("Anna-Karin", "Axmed Cali", "Flicka", "G?ran", "Bj÷rn", "")
                ),
                surname=draw.choice(("Ek", "von Essen", "Öberg", "GÃ¶rans", "Okänd", None)),
                number=draw.choice((own, own[2:], None, f"{own[2:8]}-{own[8:]}")),
                previous_number=draw.choice((own[2:], "19810829M071", None)),
                birth_date=draw.choice((born, None)),
                street=f"Storgatan {draw.randrange(40)}",
                phone=draw.choice((f"031-{draw.randrange(10**6):06d}", None)),
            )
        )
    return rows


@pytest.mark.parametrize("seed", [1, 2])
def test_order_of_rows_and_threads_change_no_byte(tmp_path: Path, seed: int) -> None:
    rows = population(seed)
    made, written = run(tmp_path / "one", rows, threads=1)
    shuffled = random.Random(seed).sample(rows, len(rows))
    again, otherwise = run(tmp_path / "two", shuffled, threads=2)
    assert made == again
    assert written == otherwise


def test_several_rows_of_an_identity_in_any_order(tmp_path: Path) -> None:
    rows = [
        told("1", given_names=name, row_key=f"{i}", recorded_at=recorded)
        for i, (name, recorded) in enumerate(
            (name, datetime.datetime(2020, 1, day))
            for name in ("Anna", "Eva", "Pia")
            for day in (1, 2)
        )
    ]
    found = {
        run(tmp_path / f"{i}", random.Random(i).sample(rows, len(rows)))[0][0]["given_key"]
        for i in range(4)
    }
    assert found == {"ana"}


def test_nobody_at_all(tmp_path: Path) -> None:
    assert run(tmp_path, [])[0] == []
