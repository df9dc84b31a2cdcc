"""The linkage model: read from TOML, learned from a bounded sample, and open about what it could
not learn.
"""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from standards import Bench, Row, identity, numbered, population

from link.sections import LinkModel
from link.settings import load_model
from minns.errors import ConfigError

#: A model of its own, for sources with quite other fields; no SQL in it.
OTHER = """
[training]
by = "em"
em_blocking = [{on = ["trait_given"]}, {on = ["trait_town"]}]

[traits.given]
kind = "name"
[traits.town]
kind = "text"
key = "Town of birth"
[traits.day]
kind = "date"

[[comparison]]
name = "given"
kind = "name"
column = "trait_given"
[[comparison]]
name = "town"
kind = "text"
column = "trait_town"
grades = [0.9]
[[comparison]]
name = "day"
kind = "date"
column = "trait_day"

[[blocking]]
on = ["trait_given"]
[[blocking]]
on = ["trait_town", "trait_day"]
"""


def model(folder: Path, text: str) -> LinkModel:
    file = folder / "own.toml"
    file.write_text(text, encoding="utf-8")
    return load_model(file)


def refused(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        model(folder, text)
    return str(caught.value)


def test_the_packaged_model_speaks_for_agreement_and_against_difference() -> None:
    for comparison in load_model().comparisons:
        assert sum(level.m for level in comparison.levels) == pytest.approx(1, abs=0.01)
        assert sum(level.u for level in comparison.levels) == pytest.approx(1, abs=0.01)
        assert comparison.levels[0].m > comparison.levels[0].u
        assert comparison.levels[-1].m < comparison.levels[-1].u


def test_a_project_tells_only_what_differs(tmp_path: Path) -> None:
    own = model(
        tmp_path,
        """
        extends = "sweden"
        upper = 12
        without = ["mother"]
        vetoes = ["twins"]
        [training]
        max_pairs = 1000
        [[comparison]]
        name = "sex"
        [[comparison.level]]
        name = "same"
        m = 0.98
        [[more_blocking]]
        on = ["born", "phone"]
        """,
    )
    base = load_model()
    assert (own.upper, own.lower, own.vetoes) == (12, base.lower, ("twins",))
    assert own.training == base.training.model_copy(update={"max_pairs": 1000})
    assert own.defaults()["sex", "same"] == (0.98, base.defaults()["sex", "same"][1])
    assert [c.name for c in own.comparisons] == [
        c.name for c in base.comparisons if c.name != "mother"
    ]
    assert [b.rule for b in own.blocking] == [
        *(b.rule for b in base.blocking),
        "l.born = r.born and l.phone = r.phone",
    ]


def test_the_fingerprint_is_of_the_content(tmp_path: Path) -> None:
    same = model(tmp_path, 'extends = "sweden"\nname = "ours"')
    other = model(tmp_path, 'extends = "sweden"\nupper = 9.5')
    assert same.fingerprint == load_model().fingerprint != other.fingerprint


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("extends = 'norway'", "no packaged model 'norway'"),
        ("extends = 'sweden'\nuper = 1", "the unknown key 'uper'"),
        ("extends = 'sweden'\nupper = 'high'", "'upper'"),
        ("extends = 'sweden'\n[training]\nby = 'magic'", "'training.by'"),
        ("extends = 'sweden'\n[[comparison]]\nname = 'sex'\nsure = true", "'comparisons.sex.sure'"),
        (
            "extends = 'sweden'\n[[comparison]]\nname = 'sex'\n[[comparison.level]]\nname = 'near'",
            "the unknown level 'near'",
        ),
        (
            "extends = 'sweden'\n[[comparison]]\nname = 'x'\nkind = 'colour'\ncolumn = 'sex'",
            "'kind'",
        ),
        (
            "extends = 'sweden'\n[[comparison]]\nname = 'x'\nkind = 'text'\ncolumn = 'nothing'",
            "nothing_l",
        ),
        ("extends = 'sweden'\n[[more_blocking]]\non = ['colour']", "colour"),
        ("extends = 'sweden'\n[[more_blocking]]\nfirm = true", "either 'on' or 'sql'"),
        ("extends = 'sweden'\n[columns]\nx = 'substr('", "columns or traits"),
        ("= 1", "TOML"),
    ],
)
def test_what_is_wrong_in_a_model_is_told_in_one_sentence(
    tmp_path: Path, text: str, told: str
) -> None:
    sentence = refused(tmp_path, text)
    assert told in sentence
    assert "own.toml" in sentence
    assert "\n" not in sentence.partition("TOML in UTF-8")[0]


def test_a_model_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        load_model(tmp_path / "none.toml")


def shares(learned: dict[str, list[Row]]) -> dict[tuple[str, str], tuple[float, float]]:
    return {(r["comparison"], r["level"]): (r["m"], r["u"]) for r in learned["parameter"]}


def findings(learned: dict[str, list[Row]]) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for row in learned["training"]:
        found.setdefault((row["subject"], row["level"]), set()).add(row["finding"])
    return found


def learning(**training: Any) -> LinkModel:
    base = load_model()
    eager = {"least_labelled": 10, "least_identities": 10, **training}
    return base.model_copy(update={"training": base.training.model_copy(update=eager)})


def test_among_few_the_defaults_stand_and_nothing_counts_as_rare(tmp_path: Path) -> None:
    learned = Bench(tmp_path, load_model()).train(population(1))
    parameters = shares(learned)
    parameters.pop(("prior", ""))
    assert parameters == load_model().defaults()
    assert learned["frequency"] == []


def test_m_is_the_share_among_pairs_of_one_number(tmp_path: Path) -> None:
    """Of four persons known twice, one changed surname."""
    rows = [
        identity(
            2 * n + side,
            "anna",
            "berg" if n + side < 4 else "ek",
            "19800312",
            **numbered(f"19800312{n:04d}"),
        )
        for n in range(4)
        for side in (0, 1)
    ]
    learned = shares(Bench(tmp_path, learning(least_labelled=4)).train(rows))
    assert learned["surname", "same"][0] == 0.75
    assert learned["surname", "else"][0] == 0.25


def test_levels_that_were_never_seen_are_told_and_keep_their_default(tmp_path: Path) -> None:
    learned = Bench(tmp_path, learning()).train(population(2))
    swapped = ("given", "given name for surname")
    assert findings(learned)[swapped] == {"m never seen", "u never seen"}
    assert shares(learned)[swapped] == load_model().defaults()[swapped]


def test_implausible_parameters_are_told(tmp_path: Path) -> None:
    """One surname for all: agreeing in it says nothing."""
    rows = [{**row, "surname_key": "berg", "surname_words": ["berg"]} for row in population(3)]
    learned = Bench(tmp_path, learning()).train(rows)
    assert "most pairs agree by chance" in findings(learned)["surname", "same"]


def test_what_blocking_loses_is_estimated_without_looking_at_numbers(tmp_path: Path) -> None:
    """Of four pairs one differs in all that a rule asks for but its number."""
    rows = [
        identity(n, "anna", f"berg{n}", "19800312", **numbered(f"19800312{n:04d}"))
        for n in range(4)
    ]
    rows += [{**row, "id": row["id"] + 10, "local_patient_id": f"x{row['id']}"} for row in rows]
    rows[0] = identity(0, "eva", "ek", "19991112", **numbered("198003120000"))
    told = Bench(tmp_path, learning()).train(rows)["training"]
    values = {(r["level"], r["finding"]): r["value"] for r in told if r["subject"] == "blocking"}
    assert values["", "lost"] == 0.25
    assert values["l.born = r.born and l.surname_key = r.surname_key", "finds"] == 0.75
    assert not [rule for rule, _ in values if "serial" in rule]


def test_training_looks_at_no_more_than_it_is_told_to(tmp_path: Path) -> None:
    rows = population(4, persons=200)
    learned = Bench(tmp_path, learning(identities=50, max_labelled=40)).train(rows)
    looked = {r["finding"]: r["value"] for r in learned["training"] if r["level"] == ""}
    assert looked["pairs looked at"] < 80
    counted = [r["share"] for r in learned["frequency"] if r["trait"] == "surname_key"]
    assert min(counted) > 1 / 80


def other_rows(seed: int) -> list[Row]:
    """Persons of another country, known once or twice, with slips; traits are all there is."""
    draw = random.Random(seed)
    rows: list[Row] = []
    nothing = dict.fromkeys(("given_key", "surname_key", "born"))
    for person in range(150):
        day = f"19{draw.randrange(30, 99)}-{draw.randrange(1, 13):02d}-{draw.randrange(1, 29):02d}"
        given, town = (
            draw.choice(["Ana", "Bo", "Carl", "Dora", "Eve", "Finn"]),
            f"Town {person % 40}",
        )
        for _ in range(draw.randrange(1, 3)):
            traits = {
                "given": draw.choice((given, given, given, "Zoe")),
                "Town of birth": draw.choice((town, town.upper(), "Abroad")),
                "day": draw.choice((day, day, day[:-1] + "9")),
            }
            known = {**nothing, "traits": json.dumps(traits)}
            rows.append(identity(len(rows) + 1, "x", "y", "19000101") | known)
    return rows


def test_without_numbers_a_model_of_other_fields_is_learned_by_em(tmp_path: Path) -> None:
    rows, files = other_rows(1), []
    own = model(tmp_path, OTHER)
    for threads in (1, 4):
        bench = Bench(tmp_path / str(threads), own, threads)
        random.Random(threads).shuffle(rows)
        learned = bench.train(rows)
        files.append(bench.files)
    parameters = shares(learned)
    assert parameters["day", "same"][0] > 0.1 > 0.01 > parameters["day", "same"][1]
    assert parameters != {**own.defaults(), ("prior", ""): parameters["prior", ""]}
    assert bench.score(rows)
    assert files[0] == files[1]


def test_em_that_did_not_converge_is_told(tmp_path: Path) -> None:
    hurried = OTHER.replace("[training]", "[training]\nem_iterations = 1", 1)
    learned = Bench(tmp_path, model(tmp_path, hurried)).train(other_rows(2))
    assert {"not converged"} in [
        v for (subject, _), v in findings(learned).items() if subject == "em"
    ]


def test_thresholds_follow_from_what_a_wrong_answer_harms(tmp_path: Path) -> None:
    own = model(tmp_path, 'extends = "sweden"\n[costs]\nfalse_merge = 1025\nmiss = 1.25')
    assert (own.lower, own.upper) == (2.0, 10.0)
    stricter = model(tmp_path, 'extends = "sweden"\n[costs]\nfalse_merge = 100001\nmiss = 11')
    assert stricter.upper > 16
    assert stricter.lower < -3


def test_a_wrong_answer_costs_more_than_a_question(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cost more than a question"):
        model(tmp_path, 'extends = "sweden"\n[costs]\nfalse_merge = 0.5\nmiss = 2')
