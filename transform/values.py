"""What an observation says, in UCUM and in the unit that its analysis is read in.

In: the coded observations. Out: the same, none of their columns touched but `code_key`, with the
columns of `STANDARD_VALUE` and a few for what follows here: `ucum`, `measure_id` and `converted`
(the unit, the row of `measure` by which a number was read, and whether it changed), `agreed` (what
`agree` finds that it says) and `against` (the column that contradicts the analysis, if any).
Only distinct units, numbers to convert and texts are read; the rows are joined to what they mean.

A converted number stands beside what was written, never instead of it. An analysis that has one
code for each unit (HbA1c) is read under the code of the unit that it is converted to.
"""

from dataclasses import Field, fields
from pathlib import Path
from typing import Any

import pyarrow as pa

import mappings
from minns.engine import Engine
from transform.units import Measure, Units, table

#: The tables that say what units and words mean.
UNITS = mappings.FOLDER / "units"
_MACROS = Path(__file__).parent / "values.sql"
_ARROW: dict[Any, pa.DataType] = {str: pa.string(), bool: pa.bool_(), int: pa.int64()}
_DECIMAL = pa.decimal128(18, 6)


def load_values(engine: Engine, folders: tuple[Path, ...] = (UNITS,)) -> None:
    """Make `unit`, `measure`, `converted`, `contradicted` and `worded` in the session: what each
    distinct unit, number to convert and text of `observation` comes to. `folders`: the tables, a
    project's own last.
    """
    engine.run(_MACROS.read_text(encoding="utf-8"))
    units = Units(*folders)
    written = engine.rows("select distinct unit from observation where unit is not null order by 1")
    read = {unit: units.ucum(unit) for (unit,) in written}
    columns = {"unit": list(read), "ucum": list(read.values())}
    _load(engine, "unit", {n: pa.array(values, pa.string()) for n, values in columns.items()})
    measures = units.measures(ucum for ucum in read.values() if ucum)
    _load(engine, "measure", {f.name: _column(f, measures) for f in fields(Measure)})
    words = table(folders, "words")
    told = {name: [row[name] or None for row in words] for name in words[0]}
    _load(engine, "word", {name: pa.array(each, pa.string()) for name, each in told.items()})
    engine.run(f"create or replace table converted as {_CONVERTED}")
    engine.run(f"create or replace table contradicted as {_CONTRADICTED}")
    engine.run(f"create or replace table worded as {_WORDED}")


def _column(field: Field[Any], measures: list[Measure]) -> pa.Array:
    kind = _ARROW.get(field.type, _DECIMAL)
    return pa.array([getattr(measure, field.name) for measure in measures], kind)


def _load(engine: Engine, name: str, columns: dict[str, pa.Array]) -> None:
    with engine.arrow("loaded", pa.table(columns)):
        engine.run(
            f"create or replace table {name} as select row_number() over () as {name}_id, * "  # noqa: S608
            "from loaded"
        )


#: What each number is in its analysis's own unit, where that is another than it is written in.
_CONVERTED = """
    with converts as (
        select *, den::hugeint as d from measure
        where to_key <> code_key or num <> den or plus <> 0
    ),
    given as (
        select distinct u.ucum, value_text, value_number, comparator
        from observation join unit as u using (unit)
        where value_number is not null and u.ucum in (select ucum from converts)
    ),
    taken as (
        select c.measure_id, value_text, value_number, comparator, d, shift,
            digits_of(value_text, value_number) as digits,
            millionths(value_number) * num + plus * d as n
        from given join converts as c using (ucum)
    ),
    placed as (select *, places_kept(abs(n) // d, digits, shift) as places from taken),
    stepped as (select *, ten_to(6 - places) as step from placed)
    select measure_id, coalesce(value_text, '') as words, value_number,
        coalesce(comparator, '') as limited,
        of_millionths(rounded(n, d * step, comparator) * step) as standard_number
    from stepped"""

#: Values whose text is another number than the number beside it, also rounded as the text is.
_CONTRADICTED = """
    with given as (
        select distinct value_text, value_number from observation
        where value_number is not null and value_text is not null
    ),
    read as (
        select *, number_of(value_text) as said, split_part(number_text(value_text), '.', 2) as part
        from given
    )
    select value_text, value_number from read
    where abs(millionths(said) - millionths(value_number)) * 2
        > ten_to(6 - least(length(regexp_replace(part, '\\D', '', 'g')), 6))"""

#: What each value says that is no number.
_WORDED = """
    with given as (
        select distinct value_text from observation
        where value_number is null and tidy(value_text) is not null
    ),
    ends as (
        select *, range_end(tidy(value_text), 1) as low, range_end(tidy(value_text), 2) as high
        from given
    )
    select e.value_text,
        coalesce(w.value_kind, case when low <= high then 'range' else 'text' end) as value_kind,
        w.finding,
        case when w.written is null and low <= high then low end as value_low,
        case when w.written is null and low <= high then high end as value_high
    from ends as e left join word as w on w.written = rtrim(lower(tidy(e.value_text)), '.')"""


def valued_sql(rows: str) -> str:
    """The coded observations of `rows` with what their values say."""
    return f"""
        with measured as (
            select r.*, u.ucum, m.measure_id, m.to_key, m.fits, m.low, m.high,
                coalesce(m.to_unit, u.ucum) as read_unit,
                case when r.value_number is null then r.value_text end as words
            from ({rows}) as r
            left join unit as u using (unit)
            left join measure as m on m.code_key = r.code_key
                and m.ucum = case when r.unit is null then '' else u.ucum end
        ),
        read as (
            select m.* replace (
                    case when m.value_number is not null then m.measure_id end as measure_id,
                    coalesce(to_key, code_key) as code_key
                ),
                c.measure_id is not null as converted,
                case when m.value_number is null then w.value_kind
                     when m.comparator is not null then 'limit' else 'number' end as value_kind,
                w.finding, w.value_low, w.value_high,
                case when m.value_number is not null then read_unit end as standard_unit,
                case when c.measure_id is not null then c.standard_number
                     when read_unit is not null then m.value_number end as standard_number
            from measured as m
            left join converted as c
                on c.measure_id = m.measure_id and c.value_number = m.value_number
                and c.words = coalesce(m.value_text, '')
                and c.limited = coalesce(m.comparator, '')
            left join worded as w on w.value_text = m.words
        )
        select * exclude (to_key, fits, low, high, read_unit, words),
            cast(null as varchar) as agreed, {_AGAINST} as against
        from read"""  # noqa: S608


#: A result as the clinician reads it: 7,2 and 7.2 mmol/L are one value, neg and negativ one
#: finding. A converted number says what was written, unless another unit's says the same (`agree`).
SAID = """coalesce(agreed, case
    when value_number is null
        then coalesce(finding, value_low || '-' || value_high, lower(trim(value_text)))
    else coalesce(comparator, '') || cast(value_number as varchar) || ' ' ||
        coalesce(case when converted then ucum else standard_unit end,
            replace(replace(unit, ' ', ''), '/L', '/l'), '') end)"""

#: What no living person has in that unit may have been measured in another. Of a limit, only the
#: side that it tells is known.
_AGAINST = """case
                when value_number is null or status in ('nullified', 'refuted') then null
                when not fits then 'unit'
                when standard_number < low and coalesce(comparator, '<') like '<%'
                    then 'value_number'
                when standard_number > high and coalesce(comparator, '>') like '>%'
                    then 'value_number' end"""


def agree(engine: Engine) -> None:
    """In `coded`, let a converted number and its counterpart of the same moment say the same.

    They do when the finer one, in the unit of the coarser and with its decimals, is exactly the
    coarser: that is what a system writes that converts a result before it shows it. Only one value
    in each of two units is compared: of three, two could differ and both be near the third.
    """
    engine.run(f"create or replace table spoken as {_SPOKEN}")
    engine.run(
        f"update coded set agreed = a.said from ({_AGREED}) as a where coded.rowid = a.place"  # noqa: S608
    )
    engine.run("drop table spoken")


#: Every number of a moment of which one number at least is converted, and another stands beside.
_SPOKEN = f"""
    with moments as (
        select person_id, code_key, observed_at, date_precision from coded where converted
        group by all
    ),
    near as (
        select c.rowid as place,
            md5(concat_ws('|', c.person_id, c.code_key, c.observed_at, c.date_precision)) as topic
        from coded as c join moments as o on o.person_id = c.person_id
            and o.code_key = c.code_key and o.observed_at = c.observed_at
            and o.date_precision is not distinct from c.date_precision
        where c.value_number is not null and c.status not in ('nullified', 'refuted')
    ),
    several as (select topic from near group by topic having count(*) > 1)
    select n.topic, n.place, {SAID} as said, coalesce(c.comparator, '') as comparator, m.measure_id,
        m.fits, m.num::hugeint as num, m.den::hugeint as den, m.plus::hugeint as plus,
        millionths(c.value_number) as n,
        ten_to(6 - least(decimals_in(digits_of(c.value_text, c.value_number)), 6)) as step
    from several join near as n using (topic) join coded as c on c.rowid = n.place
    left join (select measure_id, fits, num, den, plus from measure) as m using (measure_id)"""  # noqa: S608

#: What the rows of a moment say whose two units agree: n millionths are n * num / den + plus in the
#: analysis's own unit, and a step of the last decimal is step * num / den there.
_AGREED = """
    with said as (
        select topic, measure_id, min(comparator) as comparator, min(n) as n, max(step) as step,
            min(num) as num, min(den) as den, min(plus) as plus, min(said) as said,
            min(n) = max(n) and min(comparator) = max(comparator) and bool_and(fits)
                and abs(min(n)) < 1000000000000000
                and max(num) < 1000000 and max(den) < 1000000 as sure
        from spoken group by topic, measure_id
    ),
    two as (
        select topic from said group by topic
        having count(*) = 2 and count(measure_id) = 2 and bool_and(sure)
           and min(comparator) = max(comparator)
    ),
    agreed as (
        select c.topic, c.said
        from two join said as c using (topic) join said as f using (topic)
        where c.measure_id <> f.measure_id
          and (c.num * c.step * f.den > f.num * f.step * c.den
               or (c.num * c.step * f.den = f.num * f.step * c.den
                   and c.measure_id < f.measure_id))
          and nearest((f.n * f.num + (f.plus - c.plus) * f.den) * c.den,
                  f.den * c.num * c.step) * c.step = c.n
    )
    select place, agreed.said from spoken join agreed using (topic)"""


def conflicts_sql(everyone: str) -> str:
    """Observations whose unit or number contradicts the analysis, or whose number contradicts the
    text that it was made of; `everyone`: rows with facts.
    """
    return f"""
        select person_id, 'observation_unit_against_range' as rule, min(against) as field,
            fact_id, fact_id as other_fact_id
        from ({everyone}) where against is not null
        group by person_id, fact_id
        union all
        select distinct person_id, 'observation_number_against_text', 'value_number', fact_id,
            fact_id
        from ({everyone}) semi join contradicted using (value_text, value_number)
        where status not in ('nullified', 'refuted')"""  # noqa: S608
