"""Which facts become events of the OMOP model, in which table, on which day; the others and why.

What was denied, struck out, only suspected or never done is no occurrence. A concept's domain
decides the table where the kind allows it: a warning of penicillin is no exposure to penicillin.
"""

from collections.abc import Mapping

from load.research.columns import Choice
from minns.engine import Engine
from minns.model import CODED, FACTS, FIRST

#: Concepts of the model itself: where a row comes from, kinds of visits, sexes, comparators.
RECORD = 32817
_STAGES = {"prescription": 32838, "dispense": 32825, "administration": 32818}
_ORDER = 32833
_VISITS = {"inpatient": 9201, "visit": 9202, "day_care": 9202, "phone": 5083}
_COMPARATORS = {"<": 4171756, "<=": 4171754, ">": 4172704, ">=": 4171755}
_STATUS = {"main": 32902, "secondary": 32908}

#: Where a kind's facts go, and what of it a concept's domain may change.
TABLES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "care_contact": ("visit_occurrence", {}),
    "condition": (
        "condition_occurrence",
        {
            "Observation": "observation",
            "Measurement": "measurement",
            "Procedure": "procedure_occurrence",
        },
    ),
    "alert": ("observation", {"Condition": "condition_occurrence"}),
    "medication": ("drug_exposure", {}),
    "immunization": ("drug_exposure", {}),
    "observation": ("measurement", {"Observation": "observation"}),
    "procedure": (
        "procedure_occurrence",
        {"Observation": "observation", "Measurement": "measurement"},
    ),
    "document": ("note", {}),
}
#: Kinds whose code says what happened; a contact's says why.
_BY_CODE = tuple(kind for kind in CODED if kind != "care_contact")

#: The moment of each kind, and whether the day of recording may stand for it.
_MOMENT = {
    "care_contact": ("starts_at", False),
    "condition": ("diagnosed_on", False),
    "alert": ("valid_from", True),
    "medication": ("starts_on", True),
    "observation": ("observed_at", False),
    "procedure": ("performed_on", False),
    "immunization": ("given_on", False),
    "document": ("written_at", True),
}
_ANY = (
    "when person_id not in (select person_id from omop_person) then 'no_birth_year' "
    "when status = 'nullified' then 'nullified' when status = 'refuted' then 'refuted'"
)
_REFUSED = {
    "condition": "when negated then 'negated' when certainty = 'suspected' then 'suspected'",
    "alert": "when negated then 'negated' when certainty = 'suspected' then 'suspected'",
    "medication": "when order_type = 'stop' then 'stop_order'",
    "observation": "when result_status = 'cancelled' then 'cancelled' "
    "when value_kind = 'not_done' then 'not_done' when replaced_by is not null then 'replaced'",
    "document": "when standing <> 'valid' then standing",
}
#: What an event may say, with its type; each kind fills some of it (`_SAID`).
_COLUMNS = {
    **dict.fromkeys("end_day verbatim_end".split(), "date"),
    "end_moment": "timestamp",
    **dict.fromkeys(
        "status_id value_id operator_id unit_id unit_source_id days".split(), "integer"
    ),
    "number": "decimal(18,6)",
    **dict.fromkeys(
        "status_value value_text unit_value qualifier route lot sig dose_unit title body".split(),
        "varchar",
    ),
}


def _cases(column: str, words: Mapping[str, int], other: str) -> str:
    whens = " ".join(f"when '{word}' then {concept}" for word, concept in words.items())
    return f"case {column} {whens} else {other} end"


def _unit(unit: str) -> str:
    concept = f"(select concept_id from unit_target where unit = {unit})"  # noqa: S608
    return f"case when {unit} is not null then coalesce({concept}, 0) end"


_STANDARD_UNIT = "case when f.standard_number is not null then f.standard_unit else f.unit end"
_SAID: Mapping[str, Mapping[str, str]] = {
    "care_contact": {
        "end_day": "greatest(cast(coalesce(f.ends_at, f.starts_at) as date), "
        "cast(f.starts_at as date))",
        "end_moment": "case when f.ends_at >= f.starts_at then f.ends_at end",
    },
    "condition": {
        "status_id": _cases("f.category", _STATUS, "0"),
        "status_value": "f.category",
    },
    "alert": {
        "end_day": "f.valid_to",
        "qualifier": "f.severity",
        "value_id": "case when c.domain_id = 'Drug' then c.concept_id end",
    },
    "medication": {
        "verbatim_end": "f.ends_on",
        "route": "f.route",
        "days": "f.dose_days",
        "sig": "f.dose_text",
        "dose_unit": "f.dose_unit",
    },
    "immunization": {"lot": "f.batch"},
    "observation": {
        "number": "case when f.standard_number is not null and f.standard_unit is not null "
        "then f.standard_number else f.value_number end",
        "value_text": "f.value_text",
        "value_id": "(select concept_id from said_concept where said = f.finding)",
        "operator_id": _cases("f.comparator", _COMPARATORS, "null"),
        "unit_id": _unit(_STANDARD_UNIT),
        "unit_source_id": _unit("f.unit"),
        "unit_value": "f.unit",
    },
    "procedure": {},
    "document": {"title": "f.title", "body": "f.body"},
}
_TYPE = {"medication": _cases("f.stage", _STAGES, str(_ORDER))}


_NOTHING = "cast(null as varchar)"
#: A warning that is coded by a drug is about it: the drug is the value.
_ALERTED = """case when c.domain_id is distinct from 'Drug' then coalesce(c.concept_id, 0)
    when f.category = 'hypersensitivity' then coalesce(
        (select concept_id from said_concept where said = 'drug allergy'), 0)
    else 0 end"""


def stage_reasons(engine: Engine, choice: Choice) -> None:
    """Make `stated_<kind>` of `kept_<kind>`: each fact with its day, and why it is left out."""
    for kind in (k for k in FACTS if k != FIRST):
        moment, recorded = _MOMENT[kind]
        day = f"cast({moment} as date)"
        fallback = "cast(recorded_at as date)" if recorded else "cast(null as date)"
        engine.run(
            f"create view stated_{kind} as select *, coalesce({day}, {fallback}) as day, "  # noqa: S608
            f"{day} is null as by_recording, {_reason(kind, choice)} as reason "
            f"from kept_{kind}"
        )


def _reason(kind: str, choice: Choice) -> str:
    text = "when true then 'text'" if kind == "document" and not choice.with_texts else ""
    return f"case {_ANY} {_REFUSED.get(kind, '')} {text} when day is null then 'no_date' end"


def event_sql(kind: str, choice: Choice) -> str:
    """SQL for the events of a kind: one a fact, or one a standard concept of its code."""
    said = {**dict.fromkeys(_COLUMNS, "null"), **_SAID[kind]}
    if not choice.with_texts:
        said.update(sig="null")
        if kind == "observation":
            free = "f.value_kind is null or f.value_kind in ('text', 'comment')"
            said["value_text"] = f"case when not ({free}) then f.value_text end"
    values = ", ".join(f"cast({sql} as {_COLUMNS[name]}) as {name}" for name, sql in said.items())
    moment, _ = _MOMENT[kind]
    timed = "f.date_precision is null" if "date_precision" in FACTS[kind].names else "true"
    exact = f"case when {timed} then cast(f.{moment} as timestamp) end"
    is_moment = FACTS[kind].column(moment).type == "timestamp"
    partial = "f.date_precision is not null" if timed != "true" else "false"
    return f"""
        select '{kind}' as kind, f.fact_id, f.person_id, f.day,
            {exact if is_moment else "cast(null as timestamp)"} as moment,
            f.by_recording, {partial} as approximate, {_TYPE.get(kind, RECORD)} as type_id,
            coalesce(f.record_unit, f.care_unit) as unit_key, f.author,
            {_coded(kind, choice)}, {values}
        from stated_{kind} as f {_joins(kind)}
        where f.reason is null"""  # noqa: S608


def _joins(kind: str) -> str:
    if kind not in _BY_CODE:
        return ""
    return (
        "left join source_concept as s using (system, code) "
        "left join code_target as c using (system, code)"
    )


def _coded(kind: str, choice: Choice) -> str:
    """The columns of table, concept and source code."""
    table, others = TABLES[kind]
    if kind not in _BY_CODE:
        visit = kind == "care_contact"
        concept = _cases("f.category", _VISITS, "0") if visit else "0"
        value = "coalesce(f.local_code, f.category)" if visit else "f.document_type"
        return (
            f"'{table}' as target, cast(1 as bigint) as ordinal, {concept} as concept_id, "
            "0 as source_concept_id, "
            f"{value} as source_value, {_NOTHING} as system, {_NOTHING} as code, "
            f"{_NOTHING} as local_system"
        )
    text = "f.local_text" if choice.with_texts else "null"
    moved = " ".join(f"when c.domain_id = '{d}' then '{t}'" for d, t in others.items())
    target = f"case {moved} else '{table}' end" if moved else f"'{table}'"
    concept = _ALERTED if kind == "alert" else "coalesce(c.concept_id, 0)"
    return (
        f"{target} as target, coalesce(c.ordinal, 1) as ordinal, {concept} as concept_id, "
        f"coalesce(s.concept_id, 0) as source_concept_id, "
        f"coalesce(f.local_code, f.code, {text}) as source_value, "
        "f.system, f.code, f.local_system"
    )
