"""One person from many identities: which value stands in the record, and where sources disagree.

Survivorship, field by field:

* number: a valid personal number before a coordination number before reserve numbers; of a certain
  century before a guessed one; the latest recorded of them;
* protection: the strongest that any source holds (sticky: one source is enough);
* address and telephone: the latest recorded, all of one row; none for protected persons;
* names: the latest recorded of a row that has real names; birth date and sex: of a row with a valid
  number before others, of a certain century before a guess, then the latest recorded;
* date of death: the earliest that any source holds.

Birth date, sex and date of death that differ between sources are conflicts, for a clinician; so is
a century that nobody knows and something speaks against.
"""

from minns.codes import macros
from minns.engine import Engine, literal
from transform.century import numbered_sql, uncertain_sql, written_sql

#: Names that old systems write for what they may not show or do not know (domain facts 6.3, 7.3).
PLACEHOLDER_NAMES = (
    "skyddad",
    "okänd",
    "okand",
    "uppgift saknas",
    "flicka",
    "pojke",
    "gosse",
    "barn",
)

_KIND_RANK = """case number_kind when 'personal' then 1 when 'coordination' then 2
    when 'national_reserve' then 3 when 'vgr_reserve' then 4 else 9 end"""
_PROTECTION_RANK = """case protection when 'skyddad_folkbokforing' then 2
    when 'sekretessmarkering' then 1 else 0 end"""
_POINTERS = """md5(string_agg(source || '|' || source_table || '|' || row_key, '|'
                order by place, source_table, row_key))"""
#: Ties end at the row's own pointer, so that no order of input changes a result.
_LATEST = "recorded_at desc nulls last, place, source_table, row_key"


def stage_persons(engine: Engine) -> None:
    """Make `known` in the session: each patient row taken, with person, normalised number and its
    place among the person's rows (`latest`: the latest recorded first; `surest`: the best number).
    """
    engine.run(macros())
    placeholder = " or ".join(
        f"lower(coalesce(given_names, '') || ' ' || coalesce(surname, '')) like '%{name}%'"
        for name in PLACEHOLDER_NAMES
    )
    engine.run(f"create or replace table written_number as {written_sql()}")
    engine.run(f"""
        create or replace table known as
        with numbered as ({numbered_sql("written_number")}),
        kinds as (
            select *, ({placeholder}) as placeholder,
                row_number() over (partition by person_id order by {_LATEST}) as latest
            from numbered
        )
        select *, {_PROTECTION_RANK} as protection_rank,
            row_number() over (
                partition by person_id
                order by not coalesce(number_valid, false), guessed, {_KIND_RANK}, latest
            ) as surest
        from kinds""")  # noqa: S608


def _best(column: str, order: str = "latest", where: str = "true") -> str:
    """The column's first filled value in an order."""
    return f"arg_min({column}, {order}) filter ({where})"


def persons_sql() -> str:
    """The consolidated patients (model.PERSON)."""
    # A row with a valid number knows its patient better than one that guesses, or has none.
    trusted = (
        "latest + case when not number_valid then 1000000000 when guessed then 500000000 else 0 end"
    )
    protected = "max(protection_rank) > 0"
    shown = ", ".join(
        f"case when not {protected} then arg_min_null({column}, latest) filter "
        f"(coalesce(street, postal_code, city) is not null) end as {column}"
        for column in ("street", "postal_code", "city")
    )
    names = ", ".join(
        f"coalesce({_best(column, where='not placeholder')}, {_best(column)}) as {column}"
        for column in ("given_names", "surname")
    )
    return f"""
        select person_id,
            {_best("number12", "surest")} as number,
            {_best("number_kind", "surest", "number12 is not null")} as number_type,
            {names},
            {_best("birth_date", trusted)} as birth_date,
            coalesce({_best("sex", trusted, "sex <> 'unknown'")}, {_best("sex")}) as sex,
            {shown},
            case when not {protected} then {_best("phone")} end as phone,
            min(deceased_date) as deceased_date,
            arg_min(protection, latest - 1000000000 * protection_rank) as protection,
            {_best("mother_number")} as mother_number,
            {_best("birth_order")} as birth_order,
            max(recorded_at) as recorded_at
        from known group by person_id"""  # noqa: S608


def person_lineage_sql() -> str:
    """The patient rows behind each person; the founder's row is the one that was loaded."""
    return """
        select person_id as fact_id, 'patient' as kind, source, source_table, row_key,
            case when row_number() over (
                partition by person_id
                order by (method <> 'founder'), place, source_table, row_key
            ) = 1 then 'loaded' else 'consolidated' end as role,
            null as care_unit, null as care_giver, recorded_at, null as category,
            null as local_system, null as local_code, null as local_text, null as record_unit,
            null as blocked
        from known"""


#: What does not change, and which rows say something of it.
_LASTING = {
    "birth_date": "birth_date is not null",
    "sex": "sex <> 'unknown'",
    "deceased_date": "deceased_date is not null",
}


def _disputed_sql() -> str:
    """Whose rows disagree on what: persons with a flag for each field, found in one pass."""
    differs = {
        field: f"min({field}) filter ({rows}) <> max({field}) filter ({rows})"
        for field, rows in _LASTING.items()
    }
    flags = ", ".join(f"{test} as {field}_differs" for field, test in differs.items())
    return (
        f"select person_id, {flags} from known group by person_id "  # noqa: S608
        f"having {' or '.join(differs.values())}"
    )


def person_conflicts_sql() -> str:
    """Persons whose sources disagree on what does not change: one line for each field."""
    doubts = [
        (
            f"patient_{field}_differs",
            field,
            f"select person_id from disputed where {field}_differs",  # noqa: S608
            rows,
        )
        for field, rows in _LASTING.items()
    ]
    doubts.append(("patient_century_uncertain", "birth_date", uncertain_sql(), "true"))
    union = " union all ".join(
        f"""
        select person_id, {literal(rule)} as rule, {literal(field)} as field,
            person_id as fact_id, {_POINTERS} as other_fact_id
        from known semi join ({persons}) using (person_id) where {rows}
        group by person_id"""  # noqa: S608
        for rule, field, persons, rows in doubts
    )
    return f"""
        with disputed as materialized ({_disputed_sql()})
        select left(md5(concat_ws('|', rule, fact_id, other_fact_id)), 20) as conflict_id,
            person_id, 'patient' as kind, rule, field, fact_id, other_fact_id
        from ({union})"""  # noqa: S608
