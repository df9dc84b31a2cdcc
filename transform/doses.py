"""Swedish dose texts, read beside the text itself: what is not wholly understood stays unread.

A text is brought to one spelling, and the phrases of `_PHRASES` are taken out of it one by one.
What is left must be one of the forms of amount below, or the unit alone, or nothing; else, or when
two parts of the text contradict each other, nothing of it counts as read. Each distinct text is
read once.
"""

import re
from collections.abc import Mapping

from minns.engine import literal

_N = r"\d{1,5}(?:\.\d{1,3})?"
_UNITS = {
    "tablett": "tabletter|tablett|tabl|tbl|tab",
    "kapsel": "kapslar|kapsel|kaps",
    "inhalation": "inhalationer|inhalation|inhal|inh",
    "puff": "puffar|puff",
    "spray": "sprayningar|sprayning|spray",
    "droppe": "droppar|droppe|dr|gtt",
    "plåster": "depotplåster|plåster",
    "suppositorium": "suppositorier|suppositorium|supp",
    "påse": "dospåsar|dospåse|påsar|påse",
    "dos": "doser|dos",
    "E": "enheter|enhet|ie|e",
    "ml": "ml",
    "mg": "mg",
    "mikrog": "mikrogram|mikrog|mcg|ug|µg|μg",
}
_UNIT = "|".join(_UNITS.values())
_ORDINAL = r"\d{1,2}|andra|tredje|fjärde|femte|sjätte|sjunde"
_DAY = "per dag|per dygn|dagligen|dagl|om dagen|varje dag"
#: The phrases of a dose text, in the order in which they are taken out: the column that each gives,
#: and its pattern in the one spelling, where it stands between blanks. The value is what its
#: bracket caught, else 'yes'.
_PHRASES: Mapping[str, str] = {
    "day_most": rf"(?:max|maximalt|högst) ({_N})(?: (?:{_UNIT}))? per (?:dygn|dag)",
    "days": r"(?:i|under) (\d{1,3}) (?:dagar|dag|dygn|d)",
    "weeks": r"(?:i|under) (\d{1,2}) (?:veckor|vecka|v)",
    "as_needed": "vid behov|vb|v b",
    "until_further_notice": "tills vidare|tillsvidare|tv|t v",
    "by_schedule": "(?:enligt|enl) (?:särskilt |särsk )?(?:schema|doseringsschema|ordinationskort)"
    "(?: ak-mott| ak-mottagningen)?",
    "as_ordered": "(?:enligt|enl) (?:ny )?(?:ordination|ord)",
    "tapering": "nedtrappning|uttrappning|nedtrappas|trappas ned",
    "dispensed": "(?:dosdispenserat|dosdispenserad|dosdispenseras|dosdisp)(?: (?:via )?apodos)?"
    "|apodos",
    "fasting": "fastande",
    "with_food": "(?:till|med|i samband med) (?:mat|måltid)",
    "every": rf"(?:byts )?(var (?:{_ORDINAL})(?::e|:a)? (?:dag|dygn)|varannan dag"
    "|per vecka|i veckan|varje vecka|varannan vecka)",
    "each_eye": "i (?:vardera|varje|båda) (?:ögat|öga|ögonen)",
    "each_nostril": "i (?:vardera|varje|båda) (?:näsborre|näsborrarna)",
    "morning": "på morgonen|på morgon|om morgonen|till morgonen|(?:före|vid|till) frukost",
    "noon": "mitt på dagen|(?:till|vid) lunch",
    "evening": "på kvällen|till kvällen|om kvällen",
    "night": "till natten|på natten|tn|t n|vid sänggående|vid sänggåendet",
    "verb": "ta|tas|intas",
}
#: What a text says beside its amounts, in the order in which `dose_terms` lists it.
TERMS = (
    "as_needed",
    "until_further_notice",
    "by_schedule",
    "as_ordered",
    "tapering",
    "dispensed",
    "fasting",
    "with_food",
    "each_eye",
    "each_nostril",
)
_PLACES = ("morning", "noon", "evening", "night")
_EVERY = {
    "varannan dag": 2,
    "per vecka": 7,
    "i veckan": 7,
    "varje vecka": 7,
    "varannan vecka": 14,
}
_WORDS = {"andra": 2, "tredje": 3, "fjärde": 4, "femte": 5, "sjätte": 6, "sjunde": 7}
#: To one spelling, in this order: what is replaced everywhere by what.
_SPELLING: tuple[tuple[str, str], ...] = (
    (r"[\s\x{00A0}\x{2009}\x{202F}]+", " "),
    (r"(\d) ?½", r"\1.5"),
    ("½", "0.5"),
    (r"(^| )(\d) 1/2( |$)", r"\1\2.5\3"),
    (r"(^| )1/2( |$)", r"\10.5\2"),
    (r"(\d),(\d)", r"\1.\2"),
    (r"([a-zåäö])\.", r"\1 "),
    (r"[,;()]", " "),
    (r"/", " per "),
    (r" ?\+ ?", "+"),
    (r"(\d) ?[-–] ?(\d)", r"\1-\2"),
    (r"(\d) ?[x×*] ?(\d)", r"\1 x \2"),
    (r" [x×*] ?(\d)", r" x \1"),
    (r"(\d)([a-zåäöµμ])", r"\1 \2"),
    (r"(^| )(?:en|ett)( |$)", r"\11\2"),
    (r"(^| )två( |$)", r"\12\2"),
    (r"(^| )tre( |$)", r"\13\2"),
    (r"(^| )halv( |$)", r"\10.5\2"),
    (r" +", " "),
)
#: An amount, its unit, and how often: `x 2`, `2 ggr`, `var 8:e timme`, a day.
_AMOUNT = (
    rf"({_N})(?:-({_N}))?(?: ({_UNIT}))?"
    rf"(?: x (\d{{1,2}})(?: (?:ggr|gånger|gång))?| (\d{{1,2}}) (?:ggr|gånger|gång)"
    rf"| var (\d{{1,2}}):e (?:timme|tim))?( (?:{_DAY}))?"
)
_PARTS = ("low", "high", "unit", "times", "times_a_day", "hours", "daily")
_BY_PLACE = rf"({_N}\+{_N}\+{_N}(?:\+{_N})?)(?: ({_UNIT}))?"
_NUMBER = "decimal(18, 6)"


def _spelled(column: str) -> str:
    spelled = f"lower({column})"
    for found, told in _SPELLING:
        spelled = f"regexp_replace({spelled}, {literal(found)}, {literal(told)}, 'g')"
    return f"' ' || trim({spelled}) || ' '"


def _taken_out(rows: str) -> str:
    """`rows` with all phrases taken out of `rest`, a column for each. A phrase is taken out once:
    who says it twice is not understood.
    """
    for name, pattern in _PHRASES.items():
        whole = literal(f" (?:{pattern}) ")
        value = f"regexp_extract(rest, {whole}, 1)" if re.compile(pattern).groups else "'yes'"
        rows = (
            f"select * replace (regexp_replace(rest, {whole}, ' ') as rest), "  # noqa: S608
            f"case when regexp_matches(rest, {whole}) then {value} end as {name} from ({rows})"
        )
    return rows


def _unit_sql(column: str) -> str:
    whens = " ".join(
        f"when regexp_full_match({column}, {literal(words)}) then {literal(unit)}"
        for unit, words in _UNITS.items()
    )
    return f"case {whens} end"


def _read_sql(texts: str) -> str:
    """The texts with their phrases, and with what is left of them cut up."""
    spelled = f"select dose_text, {_spelled('dose_text')} as rest from ({texts})"  # noqa: S608
    phrases = " ".join(f"when {literal(phrase)} then {n}" for phrase, n in _EVERY.items())
    words = " ".join(f"when {literal(word)} then {n}" for word, n in _WORDS.items())
    listed = ", ".join(literal(part) for part in _PARTS)
    return f"""
        select * exclude (rest, every, days, weeks),
            trim(rest) as rest,
            case every {phrases} else case split_part(every, ' ', 2) {words}
                else cast(nullif(regexp_extract(every, '\\d+'), '') as integer) end
            end as every_days,
            try_cast(days as integer) as days, try_cast(weeks as integer) as weeks,
            regexp_full_match(trim(rest), {literal(_AMOUNT)}) as is_amount,
            regexp_full_match(trim(rest), {literal(_BY_PLACE)}) as is_by_place,
            regexp_full_match(trim(rest), {literal(_UNIT)}) as is_unit,
            regexp_extract(trim(rest), {literal(f"^{_AMOUNT}$")}, [{listed}]) as a,
            regexp_extract(trim(rest), {literal(f"^{_BY_PLACE}$")}, ['pattern', 'unit']) as p,
            {" + ".join(f"({n} is not null)::integer" for n in _PLACES)} as places
        from ({_taken_out(spelled)})"""  # noqa: S608


def _cut_sql(texts: str) -> str:
    """The texts with their numbers."""
    return f"""
        select *,
            try_cast(a.low as {_NUMBER}) as least,
            coalesce(try_cast(a.high as {_NUMBER}), try_cast(a.low as {_NUMBER})) as most,
            case when a.times <> '' then try_cast(a.times as integer)
                 when a.times_a_day <> '' then try_cast(a.times_a_day as integer)
                 when a.hours <> '' then 24 // nullif(try_cast(a.hours as integer), 0)
                 when a.daily <> '' or places = 1 or every_days is not null then 1 end as times,
            list_sum(list_transform(string_split(nullif(p.pattern, ''), '+'),
                lambda n: try_cast(n as {_NUMBER}))) as by_place,
            try_cast(day_most as {_NUMBER}) as day_limit,
            coalesce(tapering, by_schedule) is not null as varies,
            case when coalesce(each_eye, each_nostril) is not null then 2 else 1 end as sites
        from ({_read_sql(texts)})"""  # noqa: S608


#: What a text that counts as read must be: whole, and without contradiction.
_WHOLE = """
    (is_amount or is_by_place or is_unit or rest = '')
    and not (is_unit and places > 0 and every_days is null)
    and places <= 1
    and (places = 0 or (not is_by_place and (not is_amount or times = 1 and a.daily = ''
        and a.hours = '')))
    and (not is_amount or (
        least <= most and coalesce(times, 1) >= 1
        and (a.times_a_day = '' or a.daily <> '' or every_days is not null)
        and (a.hours = '' or (24 % nullif(try_cast(a.hours as integer), 0) = 0 and a.daily = ''
            and every_days is null))
        and (a.daily = '' or every_days is null)))
    and (days is null or weeks is null)
    and (each_eye is null or each_nostril is null)
    and coalesce(every_days, 1) >= 1
    and (day_limit is null or as_needed is not null
        or coalesce(least * times * sites, by_place, 0) <= day_limit)"""

#: An amount as digits, a range with its hyphen; no idle zeros.
_PLAIN = r"regexp_replace(cast({} as varchar), '\.?0+$', '')"
_AMOUNT_TEXT = (
    f"{_PLAIN.format('least')} || case when most > least"
    f" then '-' || {_PLAIN.format('most')} else '' end"
)
_PATTERN = f"""case
    when is_by_place then p.pattern
    when is_amount and morning is not null then ({_AMOUNT_TEXT}) || '+0+0+0'
    when is_amount and noon is not null then '0+' || ({_AMOUNT_TEXT}) || '+0+0'
    when is_amount and evening is not null then '0+0+' || ({_AMOUNT_TEXT}) || '+0'
    when is_amount and night is not null then '0+0+0+' || ({_AMOUNT_TEXT})
    when is_amount and greatest(a.times, a.times_a_day, a.hours) <> ''
        then ({_AMOUNT_TEXT}) || 'x' || times
    when is_amount and a.daily = '' then {_AMOUNT_TEXT} end"""


def doses_sql(texts: str) -> str:
    """Each text of the query `texts` (distinct, its column `dose_text`), with `whole` (it was read)
    and the columns `dose_…` of model.MEDICATION_DERIVED, empty where it was not.
    """
    terms = ", ".join(f"case when {t} is not null then {literal(t)} end" for t in TERMS)
    most = "coalesce(most * times, by_place) * sites / coalesce(every_days, 1)"
    least = "coalesce(least * times, by_place) * sites / coalesce(every_days, 1)"
    return f"""
        with cut as (select *, {_WHOLE} as whole from ({_cut_sql(texts)}))
        select dose_text, whole,
            {_PATTERN} as dose_pattern,
            {_unit_sql("coalesce(nullif(a.unit, ''), nullif(p.unit, ''), rest)")} as dose_unit,
            cast(case when varies then null when as_needed is not null then 0 else {least} end
                as {_NUMBER}) as dose_day_min,
            cast(case when varies then null else least(day_limit, {most}) end as {_NUMBER})
                as dose_day_max,
            every_days as dose_interval_days,
            coalesce(days, weeks * 7) as dose_days,
            nullif(concat_ws(' ', {terms}), '') as dose_terms
        from cut where whole
        union all
        select dose_text, whole, null, null, null, null, null, null, null
        from cut where whole is not true"""  # noqa: S608
