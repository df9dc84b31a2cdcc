"""How rows of each kind become facts: one rule a kind, read as a table.

Rows of one person are about the same thing (one topic) when their `key` is equal. Within a topic

* a `disputed` expression that gives two different values keeps the rows apart, as facts in
  conflict;
* a `distinct` expression that gives two different values keeps them apart too, without a conflict;
* `earliest` columns take the least of what the rows say: a diagnosis written down again is as old
  as its first record. What each later row said is in the landing, and its time in `lineage`;
* `strongest` columns take the first of the listed words that any row says; each row's own word is
  in `lineage`;
* who stated it and when (`OWN`) is the founding row's own, never put together from several rows;
* all other columns come from the founding row, filled from the others where it is empty. Code and
  text come from a row of the finest code.

A row whose code is coarser than what it stands for (map `wider`) is about the finer code under it
when the person has exactly one, and the two rows go together as `finer` says: it is the same thing
in another system's shorter list. With none or several it is a fact of its own.

Rows that `spells` names have a `spell`: the first start of the rows of one person, unit and
category whose times overlap, directly or by others between them.

A row that is struck out (nullified) is never folded with one that stands, and keeps no two standing
rows apart.

An empty value disagrees with no other, except where emptiness says something: no negation is an
assertion, and no end is "still so". So no fact is made weaker by a row that is folded into it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from transform.values import SAID

#: What a coded row is about (transform.codes): the standard code when the map says that it means
#: the same, else the local code with its text, else the text.
CODE_KEY = "code_key"

#: The founding row's own, as a whole: nobody else wrote, owned or signed it.
#: What it calls by its source's ids is told in its source's words.
OWN = (
    *("care_unit", "care_giver", "author", "recorded_at", "signed"),
    *("order_id", "renews", "stops", "specimen_id", "result_id", "corrects"),
    *("document_id", "version"),
)


@dataclass(frozen=True)
class Rule:
    """The consolidation rule of one kind; entries are SQL over the coded row."""

    key: tuple[str, ...]
    disputed: Mapping[str, str]
    distinct: Mapping[str, str] = field(default_factory=dict)
    earliest: tuple[str, ...] = ()
    strongest: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: Whether the row `c` of a coarser code may go with the row `f` of a finer one, as SQL.
    finer: str = ""
    #: Whether rows may be versions of one thing, which are never folded (transform.versions).
    versions: bool = False
    #: Which rows are told by overlapping times: `spell` is the first start of those that overlap.
    spells: str = ""

    @property
    def apart(self) -> dict[str, str]:
        """All that keeps rows of one topic apart, by name."""
        version = {"version": "version_name"} if self.versions else {}
        return {**version, **self.distinct, **self.disputed}


#: The same for what needs no code to be something: two visits without one can be one visit.
_CODE_IF_ANY = "case when coalesce(local_code, local_text) is not null then code_key end"
_NEGATED = "coalesce(negated, false)"
#: Whether a source calls a person's diagnosis chronic, at all or of that day.
_CALLED_CHRONIC = f"""coalesce(bool_or(chronic and status <> 'nullified') over (
    partition by person_id, {CODE_KEY}, {_NEGATED}{{}}), false)"""

_STAY = "category = 'inpatient'"
#: The care unit, under the one id that a reviewed map gives it (transform.access).
UNIT = "coalesce(record_unit, care_unit)"


def _dated(column: str) -> str:
    """A date with what is known of it: some day of 2019 is not the first of January 2019."""
    return f"{column} || ' ' || coalesce(date_precision, '')"


def _or_open(column: str) -> str:
    return f"coalesce(cast({column} as varchar), 'open')"


#: A chronic disease has no day. So has what does not say which it is, of a disease that is chronic;
#: who says that it is not has the day's, unless another says of that day that it is.
_EPISODE_DAY = f"""case when chronic or
    case when chronic is null then {_CALLED_CHRONIC.format("")}
    else {_CALLED_CHRONIC.format(", diagnosed_on")} end
    then null else {_dated("diagnosed_on")} end"""

RULES: Mapping[str, Rule] = {
    # A visit told by two systems is one contact when it starts at one time at one unit (under
    # whatever id each names it, where a map says so); a stay is one when its times overlap, for the
    # ward and patient administration keep their own clocks. A stay that one ends on another day is
    # disputed.
    "care_contact": Rule(
        key=("category", "coalesce(spell, starts_at)", UNIT, _CODE_IF_ANY),
        disputed={
            "status": "status",
            "ends_at": f"case when {_STAY} then date_trunc('day', ends_at) else ends_at end",
        },
        spells=f"{_STAY} and starts_at is not null and care_unit is not null",
    ),
    # A chronic diagnosis re-recorded is one; an episode is its day's. A source that does not say
    # which it is joins the one that says so. Never "resolved" by absence. The main diagnosis of one
    # contact is the secondary one of another: it is one diagnosis, and was a main one.
    "condition": Rule(
        key=(CODE_KEY, _NEGATED, _EPISODE_DAY),
        disputed={"status": "status", "certainty": "certainty", "chronic": "chronic"},
        # episodes of two days are two, also where another calls both days' disease chronic
        distinct={"episode": "case when not chronic then diagnosed_on end"},
        earliest=("diagnosed_on",),
        strongest={"category": ("main", "secondary")},
        # chronic with chronic, or of one day
        finer="coalesce(c.negated, false) = coalesce(f.negated, false) and "
        "(c.diagnosed_on = f.diagnosed_on or (c.chronic or f.chronic) "
        "and c.chronic is not false and f.chronic is not false)",
    ),
    # Union: what differs in how bad or how sure it is stays beside it, in conflict, never hidden.
    "alert": Rule(
        key=("category", CODE_KEY),
        disputed={
            "status": "status",
            "severity": "severity",
            "certainty": "certainty",
            "negated": _NEGATED,
        },
        distinct={"comment": "comment", "valid_to": _or_open("valid_to")},
        earliest=("valid_from",),
    ),
    "medication": Rule(
        key=(CODE_KEY, "order_type", "coalesce(stage, 'order')", _dated("starts_on")),
        disputed={
            "status": "status",
            "dose_text": "lower(trim(dose_text))",
            "strength": "lower(replace(strength, ' ', ''))",
            "ends_on": _or_open("ends_on"),
        },
        distinct={"form": "lower(trim(form))", "route": "lower(trim(route))"},
    ),
    # What a value says is read in transform.values: 7,2 and 7.2 mmol/L are one value, and so are
    # two units' numbers of which one, rounded as the other is, is exactly the other. Anything less
    # exact would fold results that differ. A correction stands beside what it corrects.
    "observation": Rule(
        key=(CODE_KEY, _dated("observed_at")),
        disputed={"value_text": SAID, "status": "status"},
        distinct={
            "reference_interval": "reference_interval",
            "abnormal": "abnormal",
            "utc_offset": "utc_offset",
            "specimen": "specimen_id",
            "result_status": "result_status",
        },
        versions=True,
    ),
    "procedure": Rule(key=(CODE_KEY, _dated("performed_on")), disputed={"status": "status"}),
    "immunization": Rule(
        key=(CODE_KEY, _dated("given_on")),
        disputed={"status": "status", "batch": "batch", "dose_number": "dose_number"},
    ),
    # Two notes are one only when they say the same to the byte, of the same moment.
    "document": Rule(
        key=("md5(body)", "written_at", "document_type"),
        disputed={"status": "status", "signed": "signed"},
        # what a note's patient says against it goes with that note
        distinct={"title": "title", "dissent": "coalesce(md5(dissent), '')"},
        versions=True,
    ),
    # A block is never folded away by a weaker one: all that it says is its key.
    "access_block": Rule(
        key=(
            "block_type",
            "blocked_care_unit",
            "blocked_care_giver",
            "information_from",
            "information_to",
            "exempt",
            "status",
        ),
        disputed={},
    ),
}
