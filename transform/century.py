"""The century of a patient's number and birth date, where a row tells only the last two digits.

A row's guess yields to what the person's other rows state. A guess that stands alone stays as it
is; what speaks against it is a conflict, for a clinician.
"""

from minns.engine import literal, quote
from minns.model import CANONICAL, KINDS
from transform.scope import taken_sql

#: What tells the century of a ten-digit number: the record's own date.
_REFERENCE = "coalesce(cast(recorded_at as date), birth_date)"
#: The days on which a statement shows its patient alive.
_DAYS = ("recorded_at", "diagnosed_on", "starts_on", "performed_on", "given_on")


def written_sql() -> str:
    """Rows of `taken_patient` as `read_numbers` takes them."""
    return f"select * exclude (number), number as raw, {_REFERENCE} as reference from taken_patient"  # noqa: S608


def numbered_sql(written: str) -> str:
    """Rows of the table `written` with the number in twelve characters (`number12`), its kind,
    whether it is valid and whether its century is a guess (`guessed`); what a guess makes of number
    and birth date is mended here.
    """
    return f"""
        with read as (
            select * exclude (raw, reference, number, kind, valid, certain, number_sex),
                number as number12, kind as number_kind, valid as number_valid,
                raw is not null and not certain as guessed
            from read_numbers({literal(written)})
        ),
        born as (
            select * exclude (number_birth_date),
                year(coalesce(birth_date, number_birth_date)) as born
            from read
        ),
        stated as (
            select *,
                list(born) filter (not guessed) over person as stated,
                list(born) filter (not guessed and number_valid) over person as sure
            from born window person as (partition by person_id)
        ),
        settled as (
            select *,
                coalesce(list_has_any(sure, [born - 1, born, born + 1]), false) as confirmed,
                not confirmed and guessed
                    and coalesce(list_has_any(stated, [born - 101, born - 100, born - 99]), false)
                    as older
            from stated
        )
        select * exclude (born, stated, sure, confirmed, older) replace (
            case when older then century_earlier(number12) else number12 end as number12,
            case when older then cast(birth_date - interval 100 year as date) else birth_date end
                as birth_date,
            guessed and not older and not confirmed as guessed
        )
        from settled"""  # noqa: S608


def uncertain_sql() -> str:
    """Persons known by guesses only, of whom something shows the earlier century: a statement from
    before the birth, or another person with the same number.
    """
    alive = " union all ".join(_alive_sql(kind) for kind in KINDS)
    return f"""
        with guess as (
            select person_id from known group by person_id
            having bool_or(guessed) and not bool_or(number_valid and not guessed)
        ),
        guessed_identity as materialized (from identity semi join guess using (person_id)),
        alive as (select person_id, min(day) as first_day from ({alive}) group by person_id),
        twice as (
            select number12 from known where number_valid
            group by number12 having count(distinct person_id) > 1
        )
        select k.person_id
        from known as k
        join guess using (person_id)
        left join alive using (person_id)
        left join twice as t using (number12)
        group by k.person_id
        having bool_or(first_day < birth_date or t.number12 is not null)"""  # noqa: S608


def _alive_sql(kind: str) -> str:
    """The first day on which each statement of a kind shows alive whom only guesses know."""
    days = [f"cast({quote(day)} as date)" for day in _DAYS if day in CANONICAL[kind].names]
    taken = taken_sql(kind, "guessed_identity")
    return f"select person_id, least({', '.join(days)}) as day from ({taken})"  # noqa: S608
