"""The linkage model as data: what is compared, on which levels, among which pairs, and from which
weight.

The m and u beside each level are sensible defaults: they stand when there is too little to learn
from, and always where a column is nearly unique and nothing can be learned (`trained=False`).
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class LinkSettings:
    """Thresholds and limits of the link stage."""

    upper: float = 10.0
    lower: float = 2.0
    max_pairs: int = 1_000_000
    least_labelled: int = 200
    least_identities: int = 2_000
    number_coverage: float = 0.9
    shared_number_max: int = 50


@dataclass(frozen=True)
class Level:
    """One degree of agreement: SQL over a pair, its share among same and different persons."""

    name: str
    condition: str
    m: float
    u: float
    frequency_of: str | None = None


@dataclass(frozen=True)
class Comparison:
    """A trait compared: when nothing can be said, and the levels from best to worst."""

    name: str
    unknown: str
    levels: tuple[Level, ...]
    trained: bool = True


def _unknown(*columns: str) -> str:
    return " or ".join(f"{c}_l is null or {c}_r is null" for c in columns)


COMPARISONS = (
    Comparison(
        "given",
        _unknown("given_key"),
        (
            Level("same", "given_key_l = given_key_r", 0.7, 0.002, "given_key"),
            Level("shared", "names_agree(given_words_l, given_words_r) = 2", 0.22, 0.02),
            Level("alike", "names_agree(given_words_l, given_words_r) = 1", 0.05, 0.02),
            Level(
                "given name for surname",
                "names_agree(given_words_l, surname_words_r) = 2"
                " and names_agree(surname_words_l, given_words_r) = 2",
                0.005,
                0.00001,
            ),
            Level("else", "ELSE", 0.025, 0.95799),
        ),
    ),
    Comparison(
        "surname",
        _unknown("surname_key"),
        (
            Level("same", "surname_key_l = surname_key_r", 0.85, 0.004, "surname_key"),
            Level("shared", "names_agree(surname_words_l, surname_words_r) = 2", 0.07, 0.005),
            Level("alike", "names_agree(surname_words_l, surname_words_r) = 1", 0.03, 0.005),
            Level("else", "ELSE", 0.05, 0.986),
        ),
    ),
    Comparison(
        "birth_date",
        _unknown("born"),
        (
            Level("same", "born_l = born_r", 0.97, 0.00004, "born"),
            Level("one slip", "one_slip(born_l, born_r)", 0.02, 0.001),
            Level("else", "ELSE", 0.01, 0.99896),
        ),
    ),
    Comparison(
        "sex",
        _unknown("sex"),
        (
            Level("same", "sex_l = sex_r", 0.99, 0.5),
            Level("else", "ELSE", 0.01, 0.5),
        ),
    ),
    # households share door, postal code and telephone, so all of it is one piece of evidence
    Comparison(
        "home",
        "homes_agree(street_l, postal_code_l, phone_l, street_r, postal_code_r, phone_r) is null",
        (
            Level(
                "door or telephone",
                "homes_agree(street_l, postal_code_l, phone_l,"
                " street_r, postal_code_r, phone_r) = 2",
                0.6,
                0.0005,
            ),
            Level(
                "postal code",
                "homes_agree(street_l, postal_code_l, phone_l,"
                " street_r, postal_code_r, phone_r) = 1",
                0.1,
                0.005,
            ),
            Level("else", "ELSE", 0.3, 0.9945),
        ),
        trained=False,
    ),
    # the first eight digits are the date of birth, compared already: only the serial counts
    Comparison(
        "serial",
        "serial_l is null or serial_r is null or valid_l and valid_r"
        " or number_kind_l <> number_kind_r",
        (
            Level("same", "serial_l = serial_r", 0.6, 0.001),
            Level("one slip", "damerau_levenshtein(serial_l, serial_r) = 1", 0.3, 0.02),
            Level("else", "ELSE", 0.1, 0.979),
        ),
        trained=False,
    ),
    Comparison(
        "mother",
        _unknown("mother_key"),
        (
            Level("same", "mother_key_l = mother_key_r", 0.95, 0.0001),
            Level("else", "ELSE", 0.05, 0.9999),
        ),
        trained=False,
    ),
)

#: Which pairs are compared; each rule an equality that a join can use.
BLOCKING = (
    "l.born = r.born and l.surname_key = r.surname_key",
    "l.born = r.born and l.given_first = r.given_first",
    "l.born = r.born and l.serial = r.serial",
    "l.born = r.born and l.given_first = r.surname_key",
    "l.born = r.born and l.surname_key = r.given_first",
    "l.given_key = r.given_key and l.surname_key = r.surname_key and l.postal_code = r.postal_code",
    "l.given_key = r.given_key and l.surname_key = r.surname_key"
    " and substr(l.born, 1, 4) = substr(r.born, 1, 4)",
    "l.given_first = r.given_first and l.phone = r.phone",
    "l.mother_key = r.mother_key and l.born = r.born",
    "l.serial = r.serial and l.given_key = r.given_key and l.surname_key = r.surname_key",
)

#: Pairs that a score could tell something: no number decides them, and they are not one person yet.
UNDECIDED = (
    "(l.person_id is null or r.person_id is null or l.person_id <> r.person_id)"
    " and (l.number_root is null or r.number_root is null or l.number_root <> r.number_root)"
)

Parameters = dict[tuple[str, str], tuple[float, float]]


def defaults() -> Parameters:
    """m and u of every level, as they stand here."""
    return {(c.name, level.name): (level.m, level.u) for c in COMPARISONS for level in c.levels}


def splink_comparisons(parameters: Parameters, *, frequencies: bool) -> list[dict[str, Any]]:
    """The comparisons in Splink's form, with the given m and u.

    With `frequencies`, a rare value's agreement weighs more than a common one's; among few
    identities no value is rare, and this is left out.
    """
    found = [_splink_comparison(comparison, parameters) for comparison in COMPARISONS]
    if not frequencies:
        for level in (level for c in found for level in c["comparison_levels"]):
            level.pop("tf_adjustment_column", None)
            level.pop("tf_minimum_u_value", None)
    return found


def _splink_comparison(comparison: Comparison, parameters: Parameters) -> dict[str, Any]:
    unknown = {"sql_condition": comparison.unknown, "is_null_level": True}
    levels = [_splink_level(comparison.name, level, parameters) for level in comparison.levels]
    return {"output_column_name": comparison.name, "comparison_levels": [unknown, *levels]}


def _splink_level(comparison: str, level: Level, parameters: Parameters) -> dict[str, Any]:
    m, u = parameters[comparison, level.name]
    frequency = (
        {"tf_adjustment_column": level.frequency_of, "tf_minimum_u_value": 0.00002}
        if level.frequency_of
        else {}
    )
    return {
        "sql_condition": level.condition,
        "label_for_charts": level.name,
        "m_probability": m,
        "u_probability": u,
        **frequency,
    }


#: A stand-in until the model is read from TOML.
LinkModel = LinkSettings


def load_model(path: object = None) -> LinkModel:
    """The packaged model."""
    return LinkModel()
