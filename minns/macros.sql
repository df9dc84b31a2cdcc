-- Macros that mapping SQL may use, all portable (DuckDB and, through sqlglot, Spark).
-- Repair or pass through: what a macro cannot read it gives back as it came, so that the contract's cast fails on it
-- and the row goes to quarantine with a rule, never silently to NULL.

-- blanks around it gone; nothing left: NULL. Any type: one database has a date where another has text
create or replace macro tidy(x) as nullif(trim(cast(x as varchar)), '');

-- an address or telephone number, which a protected person has nowhere
create or replace macro unless_protected(x, protection) as case when protection = 'none' then tidy(x) end;

-- dates that mean "unknown" in old systems (domain facts: sentinels)
create or replace macro is_sentinel_date(x) as
    left(replace(left(x, 10), '-', ''), 8) in
    ('19000101', '18991230', '17530101', '18000101', '99991231', '29991231', '00010101', '00000000');

-- A macro's argument is written out at each of its uses, so macros within macros would grow without
-- bound. Where an argument is used often it is bound once, as the variable of a list of one.

-- a time with its distance from UTC
create or replace macro has_utc_offset(x) as
    regexp_full_match(x, '\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|[+-]\d{2}(:?\d{2})?)');
create or replace macro instant_of(x) as try_cast(
    regexp_replace(regexp_replace(x, '\s*Z$', '+00:00'), '([+-]\d{2}):?(\d{2})$', '\1:\2') as timestamptz);

-- how far Swedish clocks were from UTC, '+01:00' or '+02:00', where the text tells: it says which of the two hours it
-- is that October has twice; else NULL
create or replace macro utc_offset_of(x) as list_transform([tidy(x)], lambda v:
    case when has_utc_offset(v) then '+0' || cast(
        date_diff('hour', timezone('UTC', instant_of(v)), timezone('Europe/Stockholm', instant_of(v))) as varchar) || ':00'
    end)[1];

-- what was made of a date, when there is such a day; else what stood there, byte for byte
create or replace macro day_or(made, written) as list_transform([made], lambda d:
    case when d is null or try_cast(d as date) is not null then d else cast(written as varchar) end)[1];
create or replace macro moment_or(made, written) as list_transform([made], lambda d:
    case when d is null or try_cast(d as timestamp) is not null then d else cast(written as varchar) end)[1];

-- YYYY-MM-DD, YYYYMMDD, YYYY/MM/DD (a time after it is dropped) or D/M-YYYY -> YYYY-MM-DD; sentinel -> NULL
create or replace macro iso_date(x) as day_or(list_transform([tidy(x)], lambda v:
    case
        when v is null or is_sentinel_date(replace(v, '/', '-')) or v in ('0000', '9999') then null
        when regexp_full_match(v, '\d{8}([ T]?\d{4,6})?')
            then substr(v, 1, 4) || '-' || substr(v, 5, 2) || '-' || substr(v, 7, 2)
        when regexp_full_match(v, '\d{4}[-/]\d{2}[-/]\d{2}([ T].*)?') then replace(left(v, 10), '/', '-')
        when regexp_full_match(v, '\d{1,2}/\d{1,2}[- ]\d{4}') then
            right(v, 4) || '-' || lpad(regexp_extract(v, '/(\d+)', 1), 2, '0') || '-' || lpad(regexp_extract(v, '^\d+'), 2, '0')
        else v
    end)[1], x);

-- YYMMDD or D/M-YY -> YYYY-MM-DD, the latest year that is not after the reference's (a date or ISO text)
create or replace macro iso_date6(x, reference) as day_or(list_transform(
    [{
        v: case when regexp_full_match(tidy(x), '\d{1,2}/\d{1,2}[- ]\d{2}') then
            right(tidy(x), 2) || lpad(regexp_extract(tidy(x), '/(\d+)', 1), 2, '0') || lpad(regexp_extract(tidy(x), '^\d+'), 2, '0')
            else tidy(x) end,
        century: substr(cast(reference as varchar), 1, 2), year: substr(cast(reference as varchar), 3, 2)
    }],
    lambda p: case
        when p.v is null or p.v = '000000' then null
        when regexp_full_match(p.v, '\d{6}') then
            cast(
                cast(p.century as integer) - case when substr(p.v, 1, 2) <= p.year then 0 else 1 end
                as varchar
            ) || substr(p.v, 1, 2) || '-' || substr(p.v, 3, 2) || '-' || substr(p.v, 5, 2)
        else iso_date(p.v)
    end)[1], x);

-- A date of which only a part is known. What is known of it: 'year' (2019, 2019-00-00), 'month' (2019-05, 201905,
-- 2019-05-00), 'week' (v 34 2019, 2019 v34, 2019-W34), NULL for any other text. A source that writes YYMMDD needs
-- iso_date6 instead: 200112 is either.
create or replace macro date_precision_of(x) as list_transform([lower(tidy(x))], lambda v:
    case
        when regexp_full_match(v, '(19|20)\d{2}(-?00-?00)?') then 'year'
        when regexp_full_match(v, '(19|20)\d{2}-?(0[1-9]|1[0-2])(-?00)?') then 'month'
        when regexp_full_match(v, '(v|vecka)\.?\s*\d{1,2}[ ,-]+(19|20)\d{2}') then 'week'
        when regexp_full_match(v, '(19|20)\d{2}\s*-?\s*(v|vecka|w)\.?\s*\d{1,2}') then 'week'
    end)[1];

-- the Monday of a week by ISO 8601; no such week in that year: NULL
create or replace macro monday_of(year, week) as list_transform(
    [cast(date_trunc('week', cast(year || '-01-04' as date)) as date) + 7 * (week - 1)],
    lambda d: case when week between 1 and 53 and extract('isoyear' from d) = cast(year as integer) then d end)[1];

-- the first day of a date of which a part or all is known -> YYYY-MM-DD; sentinel -> NULL
create or replace macro partial_date(x) as day_or(list_transform(
    [{v: tidy(x), digits: regexp_replace(tidy(x), '\D', '', 'g'), known: date_precision_of(x)}],
    lambda p: case p.known
        when 'year' then iso_date(left(p.digits, 4) || '-01-01')
        when 'month' then iso_date(left(p.digits, 4) || '-' || substr(p.digits, 5, 2) || '-01')
        when 'week' then coalesce(cast(monday_of(
            regexp_extract(p.v, '(?:19|20)\d{2}'),
            try_cast(regexp_extract(regexp_replace(p.v, '(19|20)\d{2}', ' '), '\d{1,2}') as integer)) as varchar), p.v)
        else iso_date(p.v)
    end)[1], x);

-- YYYY-MM-DD[ T]hh:mm[:ss] (or hh.mm), YYYYMMDDhhmm[ss] or a date -> YYYY-MM-DD hh:mm:ss; sentinel -> NULL. With its
-- distance from UTC (Z, +02:00) it is told on Swedish clocks.
create or replace macro iso_timestamp(x) as moment_or(list_transform([tidy(x)], lambda v:
    case
        when v is null or is_sentinel_date(v) then null
        when regexp_full_match(v, '\d{8}([ T]?\d{4}(\d{2})?)?') then
            substr(v, 1, 4) || '-' || substr(v, 5, 2) || '-' || substr(v, 7, 2) || ' '
            || coalesce(nullif(substr(regexp_replace(v, '[ T]', ''), 9, 2), ''), '00') || ':'
            || coalesce(nullif(substr(regexp_replace(v, '[ T]', ''), 11, 2), ''), '00') || ':'
            || coalesce(nullif(substr(regexp_replace(v, '[ T]', ''), 13, 2), ''), '00')
        when regexp_full_match(v, '\d{4}-\d{2}-\d{2}') then v || ' 00:00:00'
        when regexp_full_match(v, '\d{4}-\d{2}-\d{2}[ T]\d{2}[:.]\d{2}') then replace(replace(v, 'T', ' '), '.', ':') || ':00'
        when regexp_full_match(v, '\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}') then replace(v, 'T', ' ')
        when has_utc_offset(v) then coalesce(
            cast(date_trunc('second', timezone('Europe/Stockholm', instant_of(v))) as varchar), v)
        when regexp_full_match(v, '\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}.*') then replace(left(v, 19), 'T', ' ')
        else v
    end)[1], x);

-- the first moment of a date or time of which a part or all is known -> YYYY-MM-DD hh:mm:ss; sentinel -> NULL
create or replace macro partial_timestamp(x) as
    case when date_precision_of(x) is null then iso_timestamp(x) else iso_timestamp(partial_date(x)) end;

-- what is known of a time: as date_precision_of, and 'day' where it has no time or that of midnight, which old
-- systems write for one that nobody knows; NULL: the time too
create or replace macro time_precision_of(x) as list_transform([tidy(x)], lambda v:
    case
        when regexp_full_match(v, '\d{4}-?\d{2}-?\d{2}([ T]?00[:.]?00([:.]?00(\.0+)?)?)?') then coalesce(date_precision_of(v), 'day')
        when length(v) < 15 then date_precision_of(v)
    end)[1];

-- a time in UTC, with its Z or without -> YYYY-MM-DD hh:mm:ss on the clocks of a zone, such as 'Europe/Stockholm'
create or replace macro wall_time(x, zone) as
    coalesce(
        cast(timezone(zone, timezone('UTC', try_cast(rtrim(tidy(x), 'Z') as timestamp))) as varchar),
        tidy(x)
    );

-- J/N, 1/0, true/false -> true/false
create or replace macro yes_no(x) as
    case lower(tidy(x))
        when 'j' then 'true' when 'ja' then 'true' when '1' then 'true' when 'true' then 'true' when 't' then 'true'
        when 'n' then 'false' when 'nej' then 'false' when '0' then 'false' when 'false' then 'false' when 'f' then 'false'
        else tidy(x)
    end;

-- a result with its comparator, if any, in ASCII
create or replace macro with_comparator(x) as
    regexp_replace(regexp_replace(replace(replace(tidy(x), '≤', '<='), '≥', '>='),
        '^(mindre än|under)\s+(\d)', '<\2', 'i'), '^(mer än|större än|över)\s+(\d)', '>\2', 'i');

-- '<', '<=', '>' or '>=' before a number (≤ and ≥ are the same, and 'mindre än', 'under', 'mer än', 'över'), else NULL
create or replace macro comparator_of(x) as nullif(regexp_extract(with_comparator(x), '^([<>]=?)\s*[+-]?[\d.,]', 1), '');

-- the number in a result, as text with a decimal point and every digit that was written: decimal comma, thousands
-- marks and a comparator understood. Blanks are thousands marks, and so is the first of two different marks.
create or replace macro number_text(x) as list_transform(
    [regexp_replace(replace(with_comparator(x), '−', '-'), '^[<>]=?\s*', '')],
    lambda v: case
        when regexp_full_match(v, '[+-]?\d{1,3}([ \x{00A0}\x{2009}\x{202F}]\d{3})+([.,]\d+)?')
            then replace(regexp_replace(v, '[ \x{00A0}\x{2009}\x{202F}]', '', 'g'), ',', '.')
        when regexp_full_match(v, '[+-]?\d{1,3}(\.\d{3})+,\d+') then replace(replace(v, '.', ''), ',', '.')
        when regexp_full_match(v, '[+-]?\d{1,3}(,\d{3})+\.\d+') then replace(v, ',', '')
        else replace(v, ',', '.')
    end)[1];

-- that number; not a number: NULL
create or replace macro number_of(x) as try_cast(number_text(x) as decimal(18, 6));

-- unambiguous rendering for hashes: NULL is told from empty, and no two rows run together
create or replace macro rendered(x) as coalesce('=' || replace(replace(cast(x as varchar), '\', '\\'), '|', '\p'), '-');

-- what of that stands for the text of a column, at half the cost, for hardly any text holds what must be escaped; an
-- expression would be computed at each of its five places
create or replace macro escaped_column(x) as case
    when contains(cast(x as varchar), '|') or contains(cast(x as varchar), '\')
        then replace(replace(cast(x as varchar), '\', '\\'), '|', '\p')
    else cast(x as varchar) end;

-- the same as `rendered`, of a column as it stands
create or replace macro rendered_column(x) as coalesce('=' || escaped_column(x), '-');

-- first twelve hex digits of an md5 as a number; a table's checksum is their sum
create or replace macro checksum_of(hash) as cast(('0x' || left(hash, 12)) as bigint);

-- HL7 v2: what is escaped in a field, each once and from the left ('\E\F\' is a backslash, an F and a backslash)
create or replace macro hl7_text(x) as case when not contains(x, '\') then x else array_to_string(list_transform(
    regexp_extract_all(x, '\\[^\\]*\\|[^\\]+|\\'), lambda t: case t
        when '\F\' then '|' when '\S\' then '^' when '\T\' then '&' when '\R\' then '~' when '\E\' then '\'
        when '\.br\' then chr(10) when '\.sp\' then chr(10) when '\H\' then '' when '\N\' then ''
        else t end), '') end;

-- a part of a field (its repetition, component and subcomponent, from 1); what is not there, empty or deleted ('""'): NULL
create or replace macro hl7(x, repetition := 1, component := 1, subcomponent := 1) as nullif(nullif(hl7_text(
    string_split(string_split(string_split(x, '~')[repetition], '^')[component], '&')[subcomponent]), ''), '""');

-- whether a sender says that what it told before is no longer so
create or replace macro hl7_deleted(x) as coalesce(x = '""', false);
