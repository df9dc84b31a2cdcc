-- Macros for identity numbers; portable (DuckDB and, through sqlglot, Spark). `minns.codes.macros()` gives this text.
-- Numbers have no separator and, where the kind has a century, twelve characters.

-- what stands in a field, without blanks, hyphens and dots; upper case; '+' kept
create or replace macro bare_number(raw) as
    nullif(upper(regexp_replace(cast(raw as varchar), '[\s\x{00A0}\x{202F}.\x{2010}-\x{2015}-]', '', 'g')), '');

-- six-digit date -> eight: the latest year that is not after the reference's
create or replace macro with_century(bare, reference) as
    cast(
        year(cast(reference as date)) // 100
        - case when cast(substr(bare, 1, 2) as integer) > year(cast(reference as date)) % 100 then 1 else 0 end
        as varchar
    ) || bare;

-- a hundred years earlier: what '+' before the serial says
create or replace macro century_earlier(number12) as
    cast(cast(substr(number12, 1, 2) as integer) - 1 as varchar) || substr(number12, 3);

-- as written -> twelve characters, by the record's own date; what has no such form stays as it is, without separators
create or replace macro normalised_number(raw, reference) as
    case
        when regexp_full_match(bare_number(raw), '\d{8}\+\d{4}') then replace(bare_number(raw), '+', '')
        when reference is not null and regexp_full_match(bare_number(raw), '\d{6}\+\d{4}')
            then century_earlier(with_century(replace(bare_number(raw), '+', ''), reference))
        when reference is not null and regexp_full_match(bare_number(raw), '\d{6}(\d|[KMX])\d{3}')
            then with_century(bare_number(raw), reference)
        else bare_number(raw)
    end;

-- the greatest age that a guess of the century must reckon with: nobody in Sweden has reached 114
create or replace macro greatest_age() as 115;

-- ten characters without a separator could be a hundred years older, as long as people live that long; all else is certain
create or replace macro is_century_certain(raw, reference) as
    case
        when regexp_full_match(
            upper(regexp_replace(cast(raw as varchar), '[\s\x{00A0}\x{202F}.]', '', 'g')), '\d{6}(\d|[KMX])\d{3}'
        )
            then coalesce(
                year(cast(reference as date))
                - try_cast(left(century_earlier(normalised_number(raw, reference)), 4) as integer) > greatest_age(),
                false
            )
        else true
    end;

-- a short number whose six digits are the recorded date of birth has that date's century
create or replace macro with_birth_century(number12, raw, birth_date) as
    case
        when regexp_full_match(bare_number(raw), '\d{6}\+?(\d|[KMX])\d{3}') and length(number12) = 12
            and substr(number12, 3, 4) || lpad(cast(number_day(number12) as varchar), 2, '0')
                = strftime(cast(birth_date as date), '%y%m%d')
            then left(cast(birth_date as varchar), 2) || substr(number12, 3)
        else number12
    end;

-- the day in a number: coordination numbers add 60
create or replace macro number_day(number12) as
    cast(substr(number12, 7, 2) as integer) - case when substr(number12, 7, 2) >= '60' then 60 else 0 end;

create or replace macro number_kind(number12) as
    case
        when number12 is null then null
        when regexp_full_match(number12, '(18|19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{4}') then 'personal'
        when regexp_full_match(number12, '(18|19|20)\d{2}(0\d|1[0-2])(6\d|[78]\d|9[01])\d{4}') then 'coordination'
        when regexp_full_match(number12, '(00|2[2-9]|[3-9]\d)\d{6}[A-HJ-NPRSTUXYZ]{2}[A-Z0-9]\d') then 'national_reserve'
        when regexp_full_match(number12, '(18|19|20)\d{6}[KMX]\d{3}') then 'vgr_reserve'
        else 'other'
    end;

-- one character's share of a Luhn sum; letters count as their ASCII value
create or replace macro luhn_value(c) as case when ascii(c) between 48 and 57 then ascii(c) - 48 else ascii(c) end;
create or replace macro digit_sum(v) as v // 100 + (v // 10) % 10 + v % 10;
create or replace macro luhn_pair(two) as
    digit_sum(2 * luhn_value(substr(two, 1, 1))) + digit_sum(luhn_value(substr(two, 2, 1)));
create or replace macro luhn_ten(x) as
    (luhn_pair(substr(x, 1, 2)) + luhn_pair(substr(x, 3, 2)) + luhn_pair(substr(x, 5, 2))
        + luhn_pair(substr(x, 7, 2)) + luhn_pair(substr(x, 9, 2))) % 10 = 0;
create or replace macro luhn_twelve(x) as
    (luhn_pair(substr(x, 1, 2)) + luhn_pair(substr(x, 3, 2)) + luhn_pair(substr(x, 5, 2))
        + luhn_pair(substr(x, 7, 2)) + luhn_pair(substr(x, 9, 2)) + luhn_pair(substr(x, 11, 2))) % 10 = 0;
create or replace macro vgr_digits(number12) as
    replace(replace(replace(number12, 'K', '5'), 'M', '7'), 'X', '8');

-- the date that the first eight characters name; NULL when it is none or incomplete
create or replace macro number_date(number12) as
    try_cast(
        substr(number12, 1, 4) || '-' || substr(number12, 5, 2) || '-'
        || lpad(cast(number_day(number12) as varchar), 2, '0') as date
    );

-- numbers that people type where none is known; they identify nobody
create or replace macro is_fake_number(number12) as
    number12 in ('191212121212', '201212121212')
    or substr(number12, 1, 8) in ('19000101', '18000101') and substr(number12, 9, 4) = '0000'
    or substr(number12, 9, 3) = '000'
    or substr(number12, 3, 10) = repeat(substr(number12, 12, 1), 10);

-- check digit by either way of counting the century; the second kind was made before the format was corrected
create or replace macro is_first_kind_vgr_reserve(number12) as luhn_ten(substr(vgr_digits(number12), 3, 10));
create or replace macro is_second_kind_vgr_reserve(number12) as luhn_twelve(vgr_digits(number12));

-- well formed, a real date and the right check digit; never true for a number that identifies nobody
create or replace macro is_valid_number(number12) as
    coalesce(
        case number_kind(number12)
            when 'personal'
                then number_date(number12) is not null and luhn_ten(substr(number12, 3, 10))
                    and not is_fake_number(number12)
            -- the date behind it may be incomplete or none (31 April is among the official ones)
            when 'coordination' then luhn_ten(substr(number12, 3, 10)) and not is_fake_number(number12)
            when 'national_reserve' then luhn_twelve(number12)
            when 'vgr_reserve'
                then number_date(number12) is not null
                    and (is_first_kind_vgr_reserve(number12) or is_second_kind_vgr_reserve(number12))
            else false
        end,
        false
    );

-- date of birth that a number tells; NULL where it tells none
create or replace macro number_birth_date(number12) as
    case number_kind(number12)
        when 'personal' then number_date(number12)
        when 'coordination' then number_date(number12)
        when 'vgr_reserve' then number_date(number12)
        when 'national_reserve'
            then try_cast(
                cast((cast(substr(number12, 1, 2) as integer) - 19) % 3 + 19 as varchar) || substr(number12, 3, 2)
                || '-' || substr(number12, 5, 2) || '-' || substr(number12, 7, 2) as date
            )
    end;

-- sex that a number tells: female, male, or unknown
create or replace macro number_sex(number12) as
    case
        when number_kind(number12) = 'vgr_reserve'
            then case substr(number12, 9, 1) when 'K' then 'female' when 'M' then 'male' else 'unknown' end
        when number_kind(number12) = 'other' or regexp_full_match(substr(number12, 11, 1), '[A-Z]') then 'unknown'
        when number12 is null then 'unknown'
        when ascii(substr(number12, 11, 1)) % 2 = 1 then 'male'
        else 'female'
    end;
