"""The tables of the OMOP Common Data Model 5.4 as its definition has them; facts only.

Of each table its columns in order: i integer, d date, t timestamp, n numeric, x text, a number the
limit of a text; `*`: it must be filled.
"""

_DEFINED = """
person: person_id i*, gender_concept_id i*, year_of_birth i*, month_of_birth i, day_of_birth i,
    birth_datetime t, race_concept_id i*, ethnicity_concept_id i*, location_id i, provider_id i,
    care_site_id i, person_source_value 50, gender_source_value 50, gender_source_concept_id i,
    race_source_value 50, race_source_concept_id i, ethnicity_source_value 50,
    ethnicity_source_concept_id i
observation_period: observation_period_id i*, person_id i*, observation_period_start_date d*,
    observation_period_end_date d*, period_type_concept_id i*
visit_occurrence: visit_occurrence_id i*, person_id i*, visit_concept_id i*, visit_start_date d*,
    visit_start_datetime t, visit_end_date d*, visit_end_datetime t, visit_type_concept_id i*,
    provider_id i, care_site_id i, visit_source_value 50, visit_source_concept_id i,
    admitted_from_concept_id i, admitted_from_source_value 50, discharged_to_concept_id i,
    discharged_to_source_value 50, preceding_visit_occurrence_id i
condition_occurrence: condition_occurrence_id i*, person_id i*, condition_concept_id i*,
    condition_start_date d*, condition_start_datetime t, condition_end_date d,
    condition_end_datetime t, condition_type_concept_id i*, condition_status_concept_id i,
    stop_reason 20, provider_id i, visit_occurrence_id i, visit_detail_id i,
    condition_source_value 50, condition_source_concept_id i, condition_status_source_value 50
drug_exposure: drug_exposure_id i*, person_id i*, drug_concept_id i*, drug_exposure_start_date d*,
    drug_exposure_start_datetime t, drug_exposure_end_date d*, drug_exposure_end_datetime t,
    verbatim_end_date d, drug_type_concept_id i*, stop_reason 20, refills i, quantity n,
    days_supply i, sig x, route_concept_id i, lot_number 50, provider_id i, visit_occurrence_id i,
    visit_detail_id i, drug_source_value 50, drug_source_concept_id i, route_source_value 50,
    dose_unit_source_value 50
procedure_occurrence: procedure_occurrence_id i*, person_id i*, procedure_concept_id i*,
    procedure_date d*, procedure_datetime t, procedure_end_date d, procedure_end_datetime t,
    procedure_type_concept_id i*, modifier_concept_id i, quantity i, provider_id i,
    visit_occurrence_id i, visit_detail_id i, procedure_source_value 50,
    procedure_source_concept_id i, modifier_source_value 50
measurement: measurement_id i*, person_id i*, measurement_concept_id i*, measurement_date d*,
    measurement_datetime t, measurement_time 10, measurement_type_concept_id i*,
    operator_concept_id i, value_as_number n, value_as_concept_id i, unit_concept_id i, range_low
    n, range_high n, provider_id i, visit_occurrence_id i, visit_detail_id i,
    measurement_source_value 50, measurement_source_concept_id i, unit_source_value 50,
    unit_source_concept_id i, value_source_value 50, measurement_event_id i,
    meas_event_field_concept_id i
observation: observation_id i*, person_id i*, observation_concept_id i*, observation_date d*,
    observation_datetime t, observation_type_concept_id i*, value_as_number n, value_as_string 60,
    value_as_concept_id i, qualifier_concept_id i, unit_concept_id i, provider_id i,
    visit_occurrence_id i, visit_detail_id i, observation_source_value 50,
    observation_source_concept_id i, unit_source_value 50, qualifier_source_value 50,
    value_source_value 50, observation_event_id i, obs_event_field_concept_id i
death: person_id i*, death_date d*, death_datetime t, death_type_concept_id i, cause_concept_id i,
    cause_source_value 50, cause_source_concept_id i
note: note_id i*, person_id i*, note_date d*, note_datetime t, note_type_concept_id i*,
    note_class_concept_id i*, note_title 250, note_text x*, encoding_concept_id i*,
    language_concept_id i*, provider_id i, visit_occurrence_id i, visit_detail_id i,
    note_source_value 50, note_event_id i, note_event_field_concept_id i
location: location_id i*, address_1 50, address_2 50, city 50, state 2, zip 9, county 20,
    location_source_value 50, country_concept_id i, country_source_value 80, latitude n, longitude
    n
care_site: care_site_id i*, care_site_name 255, place_of_service_concept_id i, location_id i,
    care_site_source_value 50, place_of_service_source_value 50
provider: provider_id i*, provider_name 255, npi 20, dea 20, specialty_concept_id i, care_site_id
    i, year_of_birth i, gender_concept_id i, provider_source_value 50, specialty_source_value 50,
    specialty_source_concept_id i, gender_source_value 50, gender_source_concept_id i
cdm_source: cdm_source_name 255*, cdm_source_abbreviation 25*, cdm_holder 255*, source_description
    x, source_documentation_reference 255, cdm_etl_reference 255, source_release_date d*,
    cdm_release_date d*, cdm_version 10, cdm_version_concept_id i*, vocabulary_version 20*
fact_relationship: domain_concept_id_1 i*, fact_id_1 i*, domain_concept_id_2 i*, fact_id_2 i*,
    relationship_concept_id i*
"""
Column = tuple[str, str, bool]


def _columns(text: str) -> list[Column]:
    pairs = (part.split() for part in text.split(","))
    return [(name, kind.rstrip("*"), kind.endswith("*")) for name, kind in pairs]


def defined() -> dict[str, list[Column]]:
    """Name, kind and whether it must be filled, of each column of each table."""
    lines = _DEFINED.replace("\n    ", " ").strip().splitlines()
    parts = (line.split(":") for line in lines)
    return {table: _columns(columns) for table, columns in parts}
