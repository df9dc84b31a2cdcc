"""The medication picture: which order goes on, which has ended, which nobody can tell.

In: `coded` and `stated` of kind medication (transform.consolidate). Out: the derived columns of
its facts, and the groups that the picture consists of: a person's orders of one substance, route
and form (model.MEDICATION_GROUP). What the sources say is only read. How stop orders and renewals
bear on the orders that they name stands in `transform.renewals`.

An order's place in the picture, by the first of these that holds:

* struck out or refuted: none. So have stop orders, what was given out and what was given: they are
  no orders;
* `status`: its source has ended it; `end_date`: its last day has passed; `stop_order`: a stop order
  of its source stops it: ended;
* `renewed`: an order of its source and group that has not ended renews it: ended, for that one goes
  on in its place. When nothing that renews it is open, or what does is of another group, nobody
  said that it ended: `renewal_ended`, `renewed_as_other`: doubtful;
* `stop_unclear`: a stop order may mean it and may mean another: doubtful;
* `status_unknown`: its source does not say whether it goes on: doubtful;
* `end_unreadable`: it says a last day, which nobody can read: doubtful;
* `open_long`: written more than `HOLDS` before the record's last day, with no last day: doubtful;
* `course_over`: its dose text names a number of days, which have passed: doubtful, for the text is
  only read by rule;
* `active`: current.

An order that its source calls active is never shown as ended unless its own last day, a stop order
or a renewal that goes on says so. The record's last day is that of its rows, never the clock's:
the latest day of writing, of which one row in a thousand may be later, for a few moments that
cannot be right shall not end anybody's medicines.
"""

from minns.engine import Engine, literal
from transform.consolidate import facts_sql
from transform.doses import doses_sql
from transform.renewals import mark_orders

#: How long an order without a last day counts as current: a prescription holds a year, and is often
#: renewed late.
HOLDS = "interval 15 month"
_LATER_AT_MOST = 0.999

#: A substance by its ATC code (level 5, seven characters), also one that no edition at hand knows.
_ATC = r"'[A-Z]\d{2}[A-Z]{2}\d{2}'"
_ATC_CODE = f"""case
    when system = 'atc' and equivalence in ('equal', 'equivalent')
     and regexp_full_match(code, {_ATC}) then code
    when local_system = 'atc' and regexp_full_match(upper(trim(local_code)), {_ATC})
        then upper(trim(local_code)) end"""
#: One spelling of what sources write in many: found (in lower case, blanks folded) -> told.
_FORMS = {
    r"(?:filmdragerad |dragerad |munsönderfallande |sublingual |brus)?(?:tablett|tabl?)(?:er)?": (
        "tablett"
    ),
    r"dragée|dragé": "tablett",
    r"kapsel|kapslar|kaps|kapsel,? (?:hård|mjuk)|(?:hård|mjuk) kapsel": "kapsel",
    r"(?:depottablett|retardtablett|depottabl)(?:er)?": "depottablett",
}
_ROUTES = {
    r"p\.?o\.?|per os|oral|oralt|peroral|peroralt|oral användning": "oral",
    r"s\.?c\.?|subkutan|subkutant|subkutan användning": "subkutan",
    r"i\.?v\.?|intravenös|intravenöst|intravenös användning": "intravenös",
    r"i\.?m\.?|intramuskulär|intramuskulärt|intramuskulär användning": "intramuskulär",
    r"inh|inhalation|för inhalation": "inhalation",
    r"rektal|rektalt|p\.?r\.?": "rektal",
    r"kutan|kutant|på huden": "kutan",
}
#: Forms that are swallowed, where a source leaves the route out.
_SWALLOWED = "('tablett', 'kapsel', 'depottablett')"


def _spelled_sql(column: str, spellings: dict[str, str]) -> str:
    """Each way in which `column` is written, and the one spelling of it (`plain`)."""
    whens = " ".join(
        f"when regexp_full_match(told, {literal(found)}) then {literal(plain)}"
        for found, plain in spellings.items()
    )
    return rf"""
        select {column}, case {whens} else told end as plain
        from (select distinct {column},
            nullif(regexp_replace(lower(trim({column})), '\s+', ' ', 'g'), '') as told
            from coded where {column} is not null)"""  # noqa: S608


#: What of a fact the picture is made of.
_READ = (
    "status",
    "local_system",
    "local_code",
    "local_text",
    "system",
    "code",
    "display",
    "equivalence",
    "code_key",
    "strength",
    "form",
    "route",
    "dose_text",
    "order_type",
    "stage",
    "starts_on",
    "ends_on",
    "recorded_at",
    "unread",
)


_LATEST = "greatest(starts_on, written_on)"
#: The reasons that need no other order, of an order and the record's last day (`day`).
_BY_OWN_WORDS = f"""case
    when void or part <> 'order' then null
    when status in ('stopped', 'completed', 'obsolete') then 'status'
    when ends_on < day then 'end_date'
    when status = 'unknown' then 'status_unknown'
    when ends_on is null and contains(unread, '"ends_on":') then 'end_unreadable'
    when ends_on is null and {_LATEST} is null then 'open_long'
    when ends_on is null and {_LATEST} < day - {HOLDS} then 'open_long'
    when ends_on is null and starts_on + cast(dose_days as integer) < day then 'course_over'
    else 'active' end"""


def _orders_sql() -> str:
    """Every fact, narrow, with its group and its place in the picture by its own words."""
    return f"""
        with said as (
            select *, {_ATC_CODE} as atc,
                case when order_type = 'stop' then 'stop'
                     when stage in ('dispense', 'administration') then 'event'
                     else 'order' end as part,
                status in ('nullified', 'refuted') as void,
                cast(recorded_at as date) as written_on
            from ({facts_sql("medication", _READ)})
        ),
        spelled as (
            select s.*, f.plain as plain_form,
                coalesce(r.plain, case when f.plain in {_SWALLOWED} then 'oral' end) as plain_route
            from said as s
            left join medicine_form as f using (form) left join medicine_route as r using (route)
        )
        select r.fact_id, r.person_id, r.source,
            left(md5(concat_ws('|', rendered(person_id), coalesce('atc ' || atc, code_key),
                rendered(plain_route), rendered(plain_form))), 20) as group_id,
            coalesce(atc, local_code) as substance, coalesce(display, local_text) as name,
            display is not null as is_display,
            plain_route as route, plain_form as form, part, void, status, starts_on, ends_on,
            written_on,
            lower(replace(strength, ' ', '')) as strength,
            coalesce(d.meaning, lower(trim(dose_text))) as dose, d.dose_day_max as day_amount,
            {_BY_OWN_WORDS} as own_reason, own_reason as picture_reason,
            fact_id as chain_id
        from spelled as r cross join medicine_day
        left join medicine_dose as d using (dose_text)"""  # noqa: S608


#: The reasons, by the place in the picture that they give.
PLACES = {
    "ended": ("status", "end_date", "stop_order", "renewed"),
    "doubtful": (
        "renewal_ended",
        "renewed_as_other",
        "stop_unclear",
        "status_unknown",
        "end_unreadable",
        "open_long",
        "course_over",
    ),
    "current": ("active",),
}


def picture_sql(reason: str) -> str:
    """SQL for the place in the picture that a reason gives."""
    whens = " ".join(
        f"when {reason} in ({', '.join(map(literal, reasons))}) then {literal(place)}"
        for place, reasons in PLACES.items()
    )
    return f"case {whens} end"


def stage_picture(engine: Engine) -> None:
    """Make, of `coded` and `stated`: `medicine_dose` (each dose text and what it means), `medicine`
    (each fact, narrow, with its group and its place in the picture), `medicine_told` (the further
    sources of a fact), `medicine_mark` and `medicine_hit` (transform.renewals).
    """
    engine.run(
        "create table medicine_dose as select *, case when whole then concat_ws('|', "  # noqa: S608
        "rendered(dose_day_min), rendered(dose_day_max), rendered(dose_interval_days), "
        "rendered(dose_days), rendered(dose_terms), case when dose_day_max is null "
        "then rendered(dose_pattern) end) end as meaning "
        f"from ({doses_sql('select distinct dose_text from coded where dose_text is not null')})"
    )
    engine.run(
        "create table medicine_day as select quantile_disc(cast(recorded_at as date), "  # noqa: S608
        f"{_LATER_AT_MOST}) as day from coded"
    )
    engine.run(f"create temp table medicine_form as {_spelled_sql('form', _FORMS)}")
    engine.run(f"create temp table medicine_route as {_spelled_sql('route', _ROUTES)}")
    engine.run(f"create table medicine as {_orders_sql()}")
    engine.run(
        "create table medicine_told as select distinct s.fact_id, c.source from stated as s "
        "join coded as c on c.rowid = s.place_in_coded "
        "join medicine as m on m.fact_id = s.fact_id where m.source <> c.source"
    )
    mark_orders(engine, "(select day from medicine_day)")
    engine.run(
        "update medicine as m set picture_reason = k.reason, chain_id = k.chain_id "  # noqa: S608
        f"from ({_marked_sql()}) as k where k.fact_id = m.fact_id"
    )


def drop_picture(engine: Engine) -> None:
    """Drop what `stage_picture` made."""
    for table in (
        "medicine_day",
        "medicine_form",
        "medicine_route",
        "medicine_dose",
        "medicine",
        "medicine_told",
        "medicine_hit",
        "medicine_mark",
    ):
        engine.run(f"drop table {table}")


def nodes_sql(among: str) -> str:
    """Each fact in each of its sources, with its place in the picture there; `among`: SQL that
    keeps some facts of `medicine` only.
    """
    reason = "coalesce(k.picture_reason, t.own_reason)"
    return f"""
        select t.* exclude (own_reason, picture_reason), {reason} as reason,
            {picture_sql(reason)} as picture, k.stopper, k.ended_on
        from (
            with kept as (from medicine {among})
            from kept
            union all
            select m.* replace (o.source as source)
            from kept as m join medicine_told as o using (fact_id)
        ) as t
        left join medicine_mark as k using (fact_id, source)"""  # noqa: S608


def _marked_sql() -> str:
    """What stop orders and renewals make of a fact. Where its sources differ in what became of it,
    the one that goes on is believed.
    """
    rank = " ".join(f"when {literal(place)} then {n}" for n, place in enumerate(PLACES))
    concerned = "semi join medicine_mark using (fact_id)"
    return f"""
        select fact_id, coalesce(min(k.chain_id), fact_id) as chain_id,
            substr(max(case n.picture {rank} end || n.reason), 2) as reason
        from ({nodes_sql(concerned)}) as n
        left join (select fact_id, min(chain_id) as chain_id from medicine_mark group by fact_id)
            as k using (fact_id)
        group by fact_id"""  # noqa: S608


def pictured_sql(facts: str) -> str:
    """The facts of the query `facts` with their derived columns (model.MEDICATION_DERIVED)."""
    return f"""
        select f.*, m.group_id, m.chain_id, {picture_sql("m.picture_reason")} as picture,
            m.picture_reason, d.dose_pattern, d.dose_unit, d.dose_day_min, d.dose_day_max,
            d.dose_interval_days, d.dose_days, d.dose_terms
        from ({facts}) as f
        join medicine as m using (fact_id)
        left join medicine_dose as d using (dose_text)"""  # noqa: S608
