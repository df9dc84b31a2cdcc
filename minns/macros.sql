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

-- YYYY-MM-DD or YYYYMMDD (a time after it is dropped) -> YYYY-MM-DD; sentinel -> NULL
create or replace macro iso_date(x) as list_transform([tidy(x)], lambda v:
    case
        when v is null or is_sentinel_date(v) then null
        when regexp_full_match(v, '\d{8}([ T]?\d{4,6})?')
            then substr(v, 1, 4) || '-' || substr(v, 5, 2) || '-' || substr(v, 7, 2)
        when regexp_full_match(v, '\d{4}-\d{2}-\d{2}([ T].*)?') then left(v, 10)
        else v
    end)[1];

-- YYMMDD -> YYYY-MM-DD, the latest year that is not after the reference's (a date or ISO text)
create or replace macro iso_date6(x, reference) as list_transform(
    [{v: tidy(x), century: substr(cast(reference as varchar), 1, 2), year: substr(cast(reference as varchar), 3, 2)}],
    lambda p: case
        when p.v is null or p.v = '000000' then null
        when regexp_full_match(p.v, '\d{6}') then
            cast(
                cast(p.century as integer) - case when substr(p.v, 1, 2) <= p.year then 0 else 1 end
                as varchar
            ) || substr(p.v, 1, 2) || '-' || substr(p.v, 3, 2) || '-' || substr(p.v, 5, 2)
        else iso_date(p.v)
    end)[1];

-- YYYY-MM-DD[ T]hh:mm[:ss], YYYYMMDDhhmm[ss] or a date -> YYYY-MM-DD hh:mm:ss; sentinel -> NULL
create or replace macro iso_timestamp(x) as list_transform([tidy(x)], lambda v:
    case
        when v is null or is_sentinel_date(v) then null
        when regexp_full_match(v, '\d{8}([ T]?\d{4}(\d{2})?)?') then
            substr(v, 1, 4) || '-' || substr(v, 5, 2) || '-' || substr(v, 7, 2) || ' '
            || coalesce(nullif(substr(regexp_replace(v, '[ T]', ''), 9, 2), ''), '00') || ':'
            || coalesce(nullif(substr(regexp_replace(v, '[ T]', ''), 11, 2), ''), '00') || ':'
            || coalesce(nullif(substr(regexp_replace(v, '[ T]', ''), 13, 2), ''), '00')
        when regexp_full_match(v, '\d{4}-\d{2}-\d{2}') then v || ' 00:00:00'
        when regexp_full_match(v, '\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}') then replace(v, 'T', ' ') || ':00'
        when regexp_full_match(v, '\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}.*') then replace(left(v, 19), 'T', ' ')
        else v
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

-- '<', '<=', '>' or '>=' before a number, else NULL
create or replace macro comparator_of(x) as nullif(regexp_extract(tidy(x), '^([<>]=?)\s*\d', 1), '');

-- the number in a result: decimal comma, blanks as thousands marks and a comparator understood; not a number: NULL
create or replace macro number_of(x) as
    try_cast(
        replace(
            case
                when regexp_full_match(
                    regexp_replace(tidy(x), '^[<>]=?\s*', ''),
                    '[+-]?\d{1,3}([ \x{00A0}\x{2009}\x{202F}]\d{3})+([.,]\d+)?'
                ) then regexp_replace(tidy(x), '[<>= \x{00A0}\x{2009}\x{202F}]', '', 'g')
                else regexp_replace(tidy(x), '^[<>]=?\s*', '')
            end,
            ',', '.'
        ) as decimal(18, 6)
    );

-- unambiguous rendering for hashes: NULL is told from empty, and no two rows run together
create or replace macro rendered(x) as coalesce('=' || replace(replace(cast(x as varchar), '\', '\\'), '|', '\p'), '-');

-- the same for a column as it stands, at half the cost, for hardly any text holds what must be escaped; an expression
-- would be computed at each of its five places
create or replace macro rendered_column(x) as coalesce('=' || case
    when contains(cast(x as varchar), '|') or contains(cast(x as varchar), '\')
        then replace(replace(cast(x as varchar), '\', '\\'), '|', '\p')
    else cast(x as varchar) end, '-');

-- first twelve hex digits of an md5 as a number; a table's checksum is their sum
create or replace macro checksum_of(hash) as cast(('0x' || left(hash, 12)) as bigint);
