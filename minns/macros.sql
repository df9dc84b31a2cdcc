-- Macros that mapping SQL may use, all portable (DuckDB and, through sqlglot, Spark).
-- Repair or pass through: what a macro cannot read it gives back as it came, so that the contract's cast fails on it
-- and the row goes to quarantine with a rule, never silently to NULL.

-- blanks around it gone; nothing left: NULL. Any type: one database has a date where another has text
create or replace macro tidy(x) as nullif(trim(cast(x as varchar)), '');

-- dates that mean "unknown" in old systems (domain facts: sentinels)
create or replace macro is_sentinel_date(x) as
    left(replace(left(x, 10), '-', ''), 8) in
    ('19000101', '18991230', '17530101', '18000101', '99991231', '29991231', '00010101', '00000000');

-- YYYY-MM-DD or YYYYMMDD (a time after it is dropped) -> YYYY-MM-DD; sentinel -> NULL
create or replace macro iso_date(x) as
    case
        when tidy(x) is null or is_sentinel_date(tidy(x)) then null
        when regexp_full_match(tidy(x), '\d{8}([ T]?\d{4,6})?')
            then substr(tidy(x), 1, 4) || '-' || substr(tidy(x), 5, 2) || '-' || substr(tidy(x), 7, 2)
        when regexp_full_match(tidy(x), '\d{4}-\d{2}-\d{2}([ T].*)?') then left(tidy(x), 10)
        else tidy(x)
    end;

-- YYMMDD -> YYYY-MM-DD, the latest year that is not after the reference's (a date or ISO text)
create or replace macro iso_date6(x, reference) as
    case
        when tidy(x) is null or tidy(x) = '000000' then null
        when regexp_full_match(tidy(x), '\d{6}') then
            cast(
                case
                    when cast(substr(tidy(x), 1, 2) as integer) <= cast(substr(cast(reference as varchar), 3, 2) as integer)
                        then cast(substr(cast(reference as varchar), 1, 2) as integer)
                    else cast(substr(cast(reference as varchar), 1, 2) as integer) - 1
                end as varchar
            ) || substr(tidy(x), 1, 2) || '-' || substr(tidy(x), 3, 2) || '-' || substr(tidy(x), 5, 2)
        else iso_date(x)
    end;

-- YYYY-MM-DD[ T]hh:mm[:ss], YYYYMMDDhhmm[ss] or a date -> YYYY-MM-DD hh:mm:ss; sentinel -> NULL
create or replace macro iso_timestamp(x) as
    case
        when tidy(x) is null or is_sentinel_date(tidy(x)) then null
        when regexp_full_match(tidy(x), '\d{8}[ T]?\d{4}(\d{2})?') then
            iso_date(left(tidy(x), 8)) || ' '
            || substr(regexp_replace(tidy(x), '[ T]', ''), 9, 2) || ':'
            || substr(regexp_replace(tidy(x), '[ T]', ''), 11, 2) || ':'
            || coalesce(nullif(substr(regexp_replace(tidy(x), '[ T]', ''), 13, 2), ''), '00')
        when regexp_full_match(tidy(x), '\d{4}-\d{2}-\d{2}') then tidy(x) || ' 00:00:00'
        when regexp_full_match(tidy(x), '\d{8}') then iso_date(tidy(x)) || ' 00:00:00'
        when regexp_full_match(tidy(x), '\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}') then replace(tidy(x), 'T', ' ') || ':00'
        when regexp_full_match(tidy(x), '\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}.*') then replace(left(tidy(x), 19), 'T', ' ')
        else tidy(x)
    end;

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

-- first twelve hex digits of an md5 as a number; a table's checksum is their sum
create or replace macro checksum_of(hash) as cast(('0x' || left(hash, 12)) as bigint);
