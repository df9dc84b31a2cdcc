"""The rows of the OMOP tables, as SQL over events and what else was staged; ids come after.

Each entry gives, of a table's columns, those that the record knows; the others are empty. A column
that holds one of our ids gives the text that the id is made of.
"""

from collections.abc import Mapping

from load.research.columns import Choice
from load.research.occurrences import RECORD

#: The model's own concepts: its version, and UTF-8.
_VERSION, _UTF8 = 756265, 32678
_KEY = "e.fact_id || case when e.ordinal > 1 then '#' || e.ordinal else '' end"
#: Columns that name another row: the table whose ids they hold.
REFERENCES = {
    "person_id": "person",
    "provider_id": "provider",
    "care_site_id": "care_site",
    "location_id": "location",
}
_EVENT = {"person_id": "e.person_id", "provider_id": "e.author"}


def _event(table: str, prefix: str, **said: str) -> dict[str, str]:
    """What every event's row says, under the table's own names."""
    return {
        f"{table}_id": _KEY,
        **_EVENT,
        f"{prefix}_concept_id": "e.concept_id",
        f"{prefix}_type_concept_id": "e.type_id",
        f"{prefix}_source_value": "e.source_value",
        f"{prefix}_source_concept_id": "e.source_concept_id",
        **said,
    }


def _span(prefix: str, end: str) -> dict[str, str]:
    return {
        f"{prefix}_start_date": "e.day",
        f"{prefix}_start_datetime": "e.moment",
        f"{prefix}_end_date": end,
    }


def _moment(prefix: str) -> dict[str, str]:
    return {f"{prefix}_date": "e.day", f"{prefix}_datetime": "e.moment"}


_VALUE = {
    "value_as_number": "e.number",
    "value_as_concept_id": "e.value_id",
    "value_source_value": "e.value_text",
    "unit_concept_id": "e.unit_id",
    "unit_source_value": "e.unit_value",
}
#: Event tables: their columns of the events of that table.
EVENTS: Mapping[str, Mapping[str, str]] = {
    "visit_occurrence": _event(
        "visit_occurrence",
        "visit",
        **_span("visit", "e.end_day"),
        visit_end_datetime="e.end_moment",
        care_site_id="e.unit_key",
    ),
    "condition_occurrence": _event(
        "condition_occurrence",
        "condition",
        **_span("condition", "case when e.end_day >= e.day then e.end_day end"),
        condition_status_concept_id="e.status_id",
        condition_status_source_value="e.status_value",
    ),
    "drug_exposure": _event(
        "drug_exposure",
        "drug",
        **_span(
            "drug_exposure",
            "greatest(coalesce(e.verbatim_end, e.day + (e.days - 1), e.day), e.day)",
        ),
        verbatim_end_date="e.verbatim_end",
        days_supply="e.days",
        sig="e.sig",
        route_concept_id="case when e.route is not null then 0 end",
        route_source_value="e.route",
        lot_number="e.lot",
        dose_unit_source_value="e.dose_unit",
    ),
    "procedure_occurrence": _event("procedure_occurrence", "procedure", **_moment("procedure")),
    "measurement": _event(
        "measurement",
        "measurement",
        **_moment("measurement"),
        **_VALUE,
        operator_concept_id="e.operator_id",
        unit_source_concept_id="e.unit_source_id",
    ),
    "observation": _event(
        "observation",
        "observation",
        **_moment("observation"),
        **_VALUE,
        value_as_string="case when e.number is null then e.value_text end",
        qualifier_source_value="e.qualifier",
    ),
    "note": {
        "note_id": _KEY,
        **_EVENT,
        **_moment("note"),
        "note_type_concept_id": "e.type_id",
        "note_class_concept_id": "0",
        "note_title": "e.title",
        "note_text": "e.body",
        "encoding_concept_id": str(_UTF8),
        "language_concept_id": "0",
        "note_source_value": "e.source_value",
    },
}
_PERSON = {
    "person_id": "e.person_id",
    "gender_concept_id": "case e.sex when 'male' then 8507 when 'female' then 8532 else 0 end",
    "year_of_birth": "e.year",
    "month_of_birth": "month(e.birth_date)",
    "day_of_birth": "day(e.birth_date)",
    "race_concept_id": "0",
    "ethnicity_concept_id": "0",
    "location_id": "e.place",
    "person_source_value": "pseudonym(e.person_id)",
    "gender_source_value": "e.sex",
    "gender_source_concept_id": "0",
}
_PERIOD = {
    "observation_period_id": "e.person_id",
    "person_id": "e.person_id",
    "observation_period_start_date": "e.first_day",
    "observation_period_end_date": "e.last_day",
    "period_type_concept_id": str(RECORD),
}
_DEATH = {
    "person_id": "e.person_id",
    "death_date": "e.deceased_date",
    "death_type_concept_id": str(RECORD),
}
_LOCATION = {
    "location_id": "e.place",
    "address_1": "e.street",
    "city": "e.city",
    "zip": "e.postal_code",
}
_PERIODS = """(
    select person_id, min(day) as first_day,
        max(case when target = 'visit_occurrence' then end_day else day end) as last_day
    from event group by person_id)"""
_NOTHING = "(select 1 where false)"


def others(choice: Choice) -> dict[str, tuple[str, Mapping[str, str]]]:
    """Tables that are no events: what they are read from, and their columns of it."""
    unit = "(select distinct unit_key from event where unit_key is not null)"
    author = "(select distinct author from event where author is not null)"
    place = "(select distinct place, street, city, postal_code from omop_person where place <> '')"
    if not choice.with_identifiers:
        author = place = _NOTHING
    return {
        "person": ("omop_person", _PERSON),
        "observation_period": (_PERIODS, _PERIOD),
        "death": ("(from omop_person where deceased_date is not null)", _DEATH),
        "care_site": (unit, {"care_site_id": "e.unit_key", "care_site_source_value": "e.unit_key"}),
        "provider": (author, _named("provider", "e.author", choice)),
        "location": (place, _LOCATION if choice.with_identifiers else {}),
        "fact_relationship": (_NOTHING, {}),
    }


def _named(table: str, value: str, choice: Choice) -> Mapping[str, str]:
    if not choice.with_identifiers:
        return {}
    return {f"{table}_id": value, f"{table}_source_value": value}


def source_row(day: str, vocabulary: str, holder: str, version: str) -> dict[str, str]:
    """The one row of cdm_source: texts and SQL literals are the caller's to quote."""
    return {
        "cdm_source_name": "'Consolidated patient record'",
        "cdm_source_abbreviation": "'minns'",
        "cdm_holder": holder,
        "cdm_etl_reference": version,
        "source_release_date": f"cast({day} as date)",
        "cdm_release_date": f"cast({day} as date)",
        "cdm_version": "'v5.4'",
        "cdm_version_concept_id": str(_VERSION),
        "vocabulary_version": vocabulary,
    }
