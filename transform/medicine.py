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
* `open_long`: written more than `HOLDS` before the record's last day, with no last day: doubtful;
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

#: What a substance is: its ATC code (level 5, seven characters), also one that no edition at hand
#: knows; else what the row is about.
_ATC = r"'[A-Z]\d{2}[A-Z]{2}\d{2}'"
_SUBSTANCE = f"""case
    when system = 'atc' and equivalence in ('equal', 'equivalent')
     and regexp_full_match(code, {_ATC}) then code
    when local_system = 'atc' and regexp_full_match(upper(trim(local_code)), {_ATC})
        then upper(trim(local_code))
    else code_key end"""
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


def _spelled(column: str, spellings: dict[str, str]) -> str:
    text = rf"nullif(regexp_replace(lower(trim({column})), '\s+', ' ', 'g'), '')"
    whens = " ".join(
        f"when regexp_full_match({text}, {literal(found)}) then {literal(told)}"
        for found, told in spellings.items()
    )
    return f"case {whens} else {text} end"


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
)


def _orders_sql(last_day: str) -> str:
    """Every fact, narrow, with its group and its place in the picture by its own words."""
    return f"""
        with said as (
            select *, {_SUBSTANCE} as substance,
                {_spelled("form", _FORMS)} as plain_form, {_spelled("route", _ROUTES)} as told_route,
                case when order_type = 'stop' then 'stop'
                     when stage in ('dispense', 'administration') then 'event'
                     else 'order' end as part,
                status in ('nullified', 'refuted') as void,
                cast(recorded_at as date) as written_on
            from ({facts_sql("medication", _READ)})
        ),
        routed as (
            select *,
                coalesce(told_route, case when plain_form in {_SWALLOWED} then 'oral' end)
                    as plain_route
            from said
        )
        select r.fact_id, r.person_id, r.source,
            left(md5(concat_ws('|', rendered(person_id), rendered(substance),
                rendered(plain_route), rendered(plain_form))), 20) as group_id,
            substance, coalesce(display, local_text) as name, display is not null as is_display,
            plain_route as route, plain_form as form, part, void, status, starts_on, ends_on,
            written_on,
            lower(replace(strength, ' ', '')) as strength,
            coalesce(d.meaning, lower(trim(dose_text))) as dose, d.dose_day_max as day_amount,
            {_by_own_words(last_day)} as picture_reason
        from routed as r left join medicine_dose as d using (dose_text)"""  # noqa: S608


def _by_own_words(last_day: str) -> str:
    latest = "greatest(starts_on, written_on)"
    return f"""case
        when void or part <> 'order' then null
        when status in ('stopped', 'completed', 'obsolete') then 'status'
        when ends_on < {last_day} then 'end_date'
        when status = 'unknown' then 'status_unknown'
        when ends_on is null and {latest} is null then 'open_long'
        when ends_on is null and {latest} < {last_day} - {HOLDS} then 'open_long'
        else 'active' end"""


#: The reasons, by the place in the picture that they give.
PLACES = {
    "ended": ("status", "end_date", "stop_order", "renewed"),
    "doubtful": (
        "renewal_ended",
        "renewed_as_other",
        "stop_unclear",
        "status_unknown",
        "open_long",
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
    (each fact, narrow), `medicine_told` (the further sources of a fact) and `medicine_mark` (what
    stop orders and renewals make of a fact in a source).
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
    last_day = "(select day from medicine_day)"
    engine.run(f"create table medicine as {_orders_sql(last_day)}")
    engine.run(
        "create table medicine_told as select distinct s.fact_id, c.source from stated as s "
        "join coded as c on c.rowid = s.place_in_coded "
        "join medicine as m on m.fact_id = s.fact_id where m.source <> c.source"
    )
    mark_orders(engine, last_day)


def drop_picture(engine: Engine) -> None:
    """Drop what `stage_picture` made."""
    for table in (
        "medicine_day",
        "medicine_dose",
        "medicine",
        "medicine_told",
        "medicine_hit",
        "medicine_mark",
    ):
        engine.run(f"drop table {table}")


def nodes_sql(among: str = "") -> str:
    """Each fact in each of its sources (`first`: the one that founded it), with its place in the
    picture there; `among`: SQL that keeps some facts of `medicine` only.
    """
    reason = "coalesce(k.picture_reason, t.picture_reason)"
    return f"""
        select t.* exclude (picture_reason), {reason} as reason, {picture_sql(reason)} as picture,
            k.stopper, k.ended_on
        from (
            with kept as (from medicine {among})
            select *, true as first from kept
            union all
            select m.* replace (o.source as source), false as first
            from kept as m join medicine_told as o using (fact_id)
        ) as t
        left join medicine_mark as k using (fact_id, source)"""  # noqa: S608


NODES = nodes_sql()


def pictured_sql(facts: str) -> str:
    """The facts of the query `facts` with their derived columns (model.MEDICATION_DERIVED).

    Where two sources of one fact differ in what became of it, the one that goes on is believed.
    """
    rank = " ".join(f"when {literal(place)} then {n}" for n, place in enumerate(PLACES))
    return f"""
        with marked as (
            select fact_id, min(k.chain_id) as chain_id,
                substr(max(case n.picture {rank} end || n.reason), 2) as reason
            from ({NODES}) as n
            join (select fact_id, min(chain_id) as chain_id from medicine_mark group by fact_id)
                as k using (fact_id)
            group by fact_id
        ),
        told as (
            select m.fact_id, m.group_id, coalesce(k.chain_id, m.fact_id) as chain_id,
                coalesce(k.reason, m.picture_reason) as picture_reason
            from medicine as m left join marked as k using (fact_id)
        )
        select f.*, t.group_id, t.chain_id, {picture_sql("t.picture_reason")} as picture,
            t.picture_reason, d.dose_pattern, d.dose_unit, d.dose_day_min, d.dose_day_max,
            d.dose_interval_days, d.dose_days, d.dose_terms
        from ({facts}) as f
        join told as t using (fact_id)
        left join medicine_dose as d using (dose_text)"""  # noqa: S608
