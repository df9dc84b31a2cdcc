-- Macros for identity numbers; portable (DuckDB and, through sqlglot, Spark). `minns.codes.macros()` gives this text.
-- Numbers have no separator and, where the kind has a century, twelve characters.
-- A whole column is read by the table macro `read_numbers`; the scalar ones answer one question each, and agree with it.
-- What several parts of them need is bound once, by list_transform([...], lambda ...)[1]; names that end in _ are theirs.

-- what stands in a field, without blanks, hyphens and dots; upper case; '+' kept
create or replace macro bare_number(raw) as
    nullif(upper(regexp_replace(cast(raw as varchar), '[\s\x{00A0}\x{202F}.\x{2010}-\x{2015}-]', '', 'g')), '');

-- the greatest age that a guess of the century must reckon with: nobody in Sweden has reached 114
create or replace macro greatest_age() as 115;

-- six digits of a date and four characters, without a century: a letter stands there in a VGR reserve number (K, M, X)
-- and, after six digits that may be a date, in an interim number
create or replace macro has_short_form(ten) as
    regexp_full_match(ten, '\d{6}[\dKMX]\d{3}|\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])[JLNRSTUW]\d{3}');
create or replace macro is_short(bare) as
    case length(bare)
        when 10 then has_short_form(bare)
        when 11 then substr(bare, 7, 1) = '+' and has_short_form(replace(bare, '+', ''))
        else false
    end;

-- the short form -> twelve characters: the latest year that is not after the reference's; '+' says a hundred years earlier
create or replace macro with_century(short, reference_year) as
    cast(
        reference_year // 100 - length(short) + 10
        - case when cast(substr(short, 1, 2) as integer) > reference_year % 100 then 1 else 0 end
        as varchar
    ) || replace(short, '+', '');

-- a hundred years earlier: what '+' before the serial says
create or replace macro century_earlier(number12) as
    cast(cast(substr(number12, 1, 2) as integer) - 1 as varchar) || substr(number12, 3);

create or replace macro dated_number(bare, short, reference_year) as
    case
        when short and reference_year is not null then with_century(bare, reference_year)
        when length(bare) = 13 and regexp_full_match(bare, '\d{8}\+[\dA-Z]\d{3}') then replace(bare, '+', '')
        else bare
    end;

-- ten characters without a separator could be a hundred years older, as long as people live that long; all else is certain
create or replace macro is_dated_for_certain(raw, bare, short, reference_year) as
    case
        when short and length(bare) = 10 and not regexp_matches(cast(raw as varchar), '[\x{2010}-\x{2015}-]')
            then coalesce(
                (reference_year % 100 - cast(substr(bare, 1, 2) as integer) + 100) % 100 + 100 > greatest_age(), false
            )
        else true
    end;

-- as written -> twelve characters, by the record's own date; what has no such form stays as it is, without separators
create or replace macro normalised_number(raw, reference) as
    list_transform([bare_number(raw)], lambda b_: dated_number(b_, is_short(b_), year(cast(reference as date))))[1];
create or replace macro is_century_certain(raw, reference) as
    list_transform(
        [bare_number(raw)], lambda b_: is_dated_for_certain(raw, b_, is_short(b_), year(cast(reference as date)))
    )[1];

-- the twelve digits that a number of that form counts as (else NULL); a letter after its date as the digit that its
-- check digit is made with: K 5, M 7, X 8 in VGR's, 1 in an interim number
create or replace macro number_digits(number12) as
    case
        when regexp_full_match(number12, '[1-9]\d{11}') then cast(number12 as bigint)
        when regexp_full_match(number12, '[1-9]\d{7}[A-Z]\d{3}')
            then cast(
                left(number12, 8)
                || case substr(number12, 9, 1) when 'K' then '5' when 'M' then '7' when 'X' then '8' else '1' end
                || right(number12, 3)
                as bigint
            )
    end;

-- parts of the twelve digits; coordination numbers add 60 to the day
create or replace macro year_part(digits) as digits // 100000000;
create or replace macro month_part(digits) as digits // 1000000 % 100;
create or replace macro day_part(digits) as digits // 10000 % 100;
create or replace macro day_of_month(digits) as day_part(digits) - case when day_part(digits) >= 60 then 60 else 0 end;

-- a short number whose six digits are the recorded date of birth has that date's century
create or replace macro is_of_birth_date(digits, birth_date) as
    (digits // 1000000 % 10000) * 100 + day_of_month(digits)
    = year(birth_date) % 100 * 10000 + month(birth_date) * 100 + day(birth_date);
create or replace macro with_century_of(number12, birth_date) as
    cast(year(birth_date) // 100 as varchar) || substr(number12, 3);
create or replace macro with_birth_century(number12, raw, birth_date) as
    case
        when list_transform([bare_number(raw)], lambda b_: is_short(b_))[1]
            and list_transform([number_digits(number12)], lambda d_: is_of_birth_date(d_, cast(birth_date as date)))[1]
            then with_century_of(number12, cast(birth_date as date))
        else number12
    end;

-- kind of a number by its form, given its digits
create or replace macro kind_of_digits(number12, digits) as
    case
        when digits between 180000000000 and 209999999999 and month_part(digits) <= 12
            then case
                when day_part(digits) between 60 and 91 then 'coordination'
                when month_part(digits) = 0 then 'other'
                when day_part(digits) between 1 and 31 then 'personal'
                when day_part(digits) between 32 and 59 then 'carelink_reserve'
                else 'other'
            end
        when digits between 991800000000 and 992099999999 then 'stockholm_reserve'
        else 'other'
    end;
create or replace macro kind_of_letter(number12, digits) as
    case
        when digits not between 180000000000 and 209999999999 then 'vgr_old_reserve'
        when substr(number12, 9, 1) in ('K', 'M', 'X') then 'vgr_reserve'
        when contains('JLNRSTUW', substr(number12, 9, 1))
            and month_part(digits) between 1 and 12 and day_part(digits) between 1 and 31 then 'interim'
        else 'vgr_old_reserve'
    end;
create or replace macro kind_of(number12, digits) as
    case
        when number12 is null then null
        when digits is not null and substr(number12, 9, 1) <= '9' then kind_of_digits(number12, digits)
        when digits is not null then kind_of_letter(number12, digits)
        when length(number12) = 12
            and regexp_full_match(number12, '(00|2[2-9]|[3-9]\d)\d{6}[A-HJ-NPRSTUXYZ]{2}[A-Z0-9]\d') then 'national_reserve'
        else 'other'
    end;
create or replace macro number_kind(number12) as
    list_transform([number_digits(number12)], lambda d_: kind_of(number12, d_))[1];

-- sums of digits as the check digit wants them, modulo 10: of the last eight, ten or twelve digits
create or replace macro luhn_pair(digits, hundreds) as
    digits // hundreds % 100 + 2 * (digits // (cast(10 as bigint) * hundreds) % 10) + digits // (cast(50 as bigint) * hundreds) % 2;
create or replace macro luhn_eight(digits) as
    luhn_pair(digits, 1) + luhn_pair(digits, 100) + luhn_pair(digits, 10000) + luhn_pair(digits, 1000000);
create or replace macro luhn_ten(digits) as luhn_eight(digits) + luhn_pair(digits, 100000000);
create or replace macro luhn_twelve(digits) as luhn_ten(digits) + luhn_pair(digits, 10000000000);

-- one character's share of the sum over a national reserve number; letters count as their ASCII value
create or replace macro letter_value(c) as case when ascii(c) between 48 and 57 then ascii(c) - 48 else ascii(c) end;
create or replace macro digit_sum(v) as v // 100 + (v // 10) % 10 + v % 10;
create or replace macro letter_pair(two) as
    digit_sum(2 * letter_value(substr(two, 1, 1))) + digit_sum(letter_value(substr(two, 2, 1)));
create or replace macro letter_luhn(x) as
    letter_pair(substr(x, 1, 2)) + letter_pair(substr(x, 3, 2)) + letter_pair(substr(x, 5, 2))
    + letter_pair(substr(x, 7, 2)) + letter_pair(substr(x, 9, 2)) + letter_pair(substr(x, 11, 2));

-- the date that the first eight digits name; NULL when it is none or incomplete
create or replace macro days_of_month(y, m) as
    case
        when m = 2 then case when y % 4 = 0 and (y % 100 <> 0 or y % 400 = 0) then 29 else 28 end
        else 30 + (m + m // 8) % 2
    end;
create or replace macro names_date(digits) as
    month_part(digits) between 1 and 12
    and day_of_month(digits) between 1 and days_of_month(year_part(digits), month_part(digits));
create or replace macro day_named(digits) as
    make_date(cast(year_part(digits) as integer), cast(month_part(digits) as integer), cast(day_of_month(digits) as integer));
create or replace macro date_of(digits) as case when names_date(digits) then day_named(digits) end;
create or replace macro number_date(number12) as list_transform([number_digits(number12)], lambda d_: date_of(d_))[1];

-- what people type where no number is known, and examples; they identify nobody: serial 000, one digit all over,
-- 121212-1212, 000101-0000 and the like; of other forms, one character all over or noughts
create or replace macro are_fake_digits(digits) as
    digits // 10 % 1000 = 0
    or digits % 10000000000 % 1111111111 = 0
    or digits % 10000000000 = 1212121212
    or digits % 10000 % 1111 = 0 and digits // 10000 in (18000101, 19000101);
create or replace macro is_fake_number(number12) as
    list_transform(
        [number_digits(number12)],
        lambda d_: coalesce(d_ between 180000000000 and 209999999999 and are_fake_digits(d_), false)
    )[1]
    or replace(number12, substr(number12, 1, 1), '') = '' and (substr(number12, 1, 1) = '0' or length(number12) >= 8);

-- check digit by either way of counting the century; the second kind was made before the format was corrected
create or replace macro is_first_kind_vgr_reserve(number12) as
    list_transform(
        [number_digits(number12)],
        lambda d_: coalesce(kind_of(number12, d_) = 'vgr_reserve' and luhn_ten(d_) % 10 = 0, false)
    )[1];
create or replace macro is_second_kind_vgr_reserve(number12) as
    list_transform(
        [number_digits(number12)],
        lambda d_: coalesce(
            kind_of(number12, d_) = 'vgr_reserve' and luhn_ten(d_) % 10 <> 0 and luhn_twelve(d_) % 10 = 0, false
        )
    )[1];

-- well formed, a real date and the right check digit; never true for a number that identifies nobody, nor for a kind
-- without a check digit that is known to us
create or replace macro is_valid_with(number12, kind, digits, dated, checked, fake) as
    coalesce(
        case kind
            when 'personal' then dated and checked and not fake
            -- the date behind it may be incomplete or none (31 April is among the official ones)
            when 'coordination' then checked and not fake
            when 'vgr_reserve' then dated and (checked or luhn_twelve(digits) % 10 = 0)
            when 'national_reserve' then letter_luhn(number12) % 10 = 0
            when 'interim' then dated and checked
            when 'stockholm_reserve' then luhn_eight(digits) % 10 = 0
            else false
        end,
        false
    );
create or replace macro is_valid_of(number12, kind, digits) as
    is_valid_with(number12, kind, digits, names_date(digits), luhn_ten(digits) % 10 = 0, are_fake_digits(digits));
create or replace macro is_valid_number(number12) as
    list_transform(
        list_transform(
            [{'number': number12, 'digits': number_digits(number12)}],
            lambda f_: {'number': f_.number, 'digits': f_.digits, 'kind': kind_of(f_.number, f_.digits)}
        ),
        lambda f_: is_valid_of(f_.number, f_.kind, f_.digits)
    )[1];

-- date of birth that a number tells; NULL where it tells none
create or replace macro birth_date_with(number12, kind, digits, dated) as
    case
        when kind in ('personal', 'coordination', 'vgr_reserve', 'interim') then case when dated then day_named(digits) end
        when kind = 'national_reserve'
            then try_cast(
                cast((cast(substr(number12, 1, 2) as integer) - 19) % 3 + 19 as varchar) || substr(number12, 3, 2)
                || '-' || substr(number12, 5, 2) || '-' || substr(number12, 7, 2) as date
            )
    end;
create or replace macro birth_date_of(number12, kind, digits) as birth_date_with(number12, kind, digits, names_date(digits));
create or replace macro number_birth_date(number12) as
    list_transform(
        [number_digits(number12)],
        lambda d_: list_transform([kind_of(number12, d_)], lambda k_: birth_date_of(number12, k_, d_))[1]
    )[1];

-- sex that a number tells: female, male, or unknown
create or replace macro sex_of(number12, kind, digits) as
    case
        when kind in ('personal', 'coordination', 'interim')
            then case when digits // 10 % 2 = 1 then 'male' else 'female' end
        when kind = 'vgr_reserve'
            then case substr(number12, 9, 1) when 'K' then 'female' when 'M' then 'male' else 'unknown' end
        when kind = 'national_reserve' and substr(number12, 11, 1) <= '9'
            then case when ascii(substr(number12, 11, 1)) % 2 = 1 then 'male' else 'female' end
        else 'unknown'
    end;
create or replace macro number_sex(number12) as
    list_transform(
        [number_digits(number12)],
        lambda d_: list_transform([kind_of(number12, d_)], lambda k_: sex_of(number12, k_, d_))[1]
    )[1];

-- Official test numbers; empty unless filled (`minns.codes.fill_test_numbers_sql`): invented data consists of them. They are
-- known by list only, for no range of serials is theirs alone.
create table if not exists test_number (number varchar);
create or replace macro is_test_number(number12) as
    number12 in ('191212121212', '201212121212') or number12 in (select number from test_number);

-- who issued a reserve number: an OID, however it is written, or a URI
create or replace macro bare_issuer(issuer) as nullif(regexp_replace(trim(issuer), '^(?i)urn:oid:', ''), '');
create or replace macro issuer_kind(issuer) as
    case bare_issuer(issuer) $issuer_kinds end;

-- kind by form and issuer: some regions' numbers may have any form, so that only their issuer tells them
create or replace macro kind_within(kind, issuer_kind) as
    case
        when issuer_kind in ($formless_kinds) then issuer_kind
        when issuer_kind = 'vgr_old_reserve' and kind in ('vgr_reserve', 'interim') then issuer_kind
        else kind
    end;
create or replace macro issued_kind(kind, issuer) as
    case
        when issuer is null then kind
        else list_transform([issuer_kind(issuer)], lambda i_: kind_within(kind, i_))[1]
    end;

-- what a number counts as: itself when national, else itself within its issuer ('number@issuer'); NULL: nothing.
-- `kind` and `valid` as `read_numbers` gives them
create or replace macro national_key(number12, kind, valid) as
    case
        when valid and kind in ('personal', 'coordination') then number12
        when valid and kind = 'national_reserve' then number12 || '@$national_reserve'
    end;
create or replace macro reserve_key(number12, kind, valid, issuer) as
    case
        when kind in ('personal', 'coordination', 'national_reserve') then national_key(number12, kind, valid)
        when kind in ('vgr_reserve', 'stockholm_reserve', 'interim') and not valid then null
        when not is_fake_number(number12) then number12 || '@' || bare_issuer(issuer)
    end;
create or replace macro number_key(number12, kind, valid, issuer) as
    case
        when issuer is null then national_key(number12, kind, valid)
        else list_transform([issued_kind(kind, issuer)], lambda k_: reserve_key(number12, k_, valid, issuer))[1]
    end;

-- A whole column of numbers at once. `written` names a table, view or CTE with the columns raw (as written),
-- reference (date of the record), birth_date (date; NULL: not known) and any others; it comes back with
-- number, kind, valid, certain (its century is no guess), number_birth_date and number_sex beside them.
-- Each step's columns are computed once, below the next one's.
create or replace macro read_numbers(written) as table
    select * exclude (bare_, reference_year_, short_, digits_, dated_, checked_, fake_),
        is_valid_with(number, kind, digits_, dated_, checked_, fake_) as valid,
        birth_date_with(number, kind, digits_, dated_) as number_birth_date,
        sex_of(number, kind, digits_) as number_sex
    from (
        -- on whole columns, since parts of them, as a CASE picks them, are dearer
        select *, kind_of(number, digits_) as kind,
            names_date(digits_) as dated_, luhn_ten(digits_) % 10 = 0 as checked_, are_fake_digits(digits_) as fake_
        from (
            select * exclude (number_, read_digits_, sure_, other_century_),
                case when other_century_ then with_century_of(number_, birth_date) else number_ end as number,
                case
                    when other_century_ then year(birth_date) // 100 * 10000000000 + read_digits_ % 10000000000
                    else read_digits_
                end as digits_,
                sure_ or other_century_ as certain
            from (
                select *,
                    coalesce(
                        short_ and is_of_birth_date(read_digits_, birth_date)
                        and year_part(read_digits_) // 100 <> year(birth_date) // 100,
                        false
                    ) as other_century_
                from (
                    select *, number_digits(number_) as read_digits_
                    from (
                        select *,
                            dated_number(bare_, short_, reference_year_) as number_,
                            is_dated_for_certain(raw, bare_, short_, reference_year_) as sure_
                        from (
                            select *, is_short(bare_) as short_
                            from (
                                select *, bare_number(raw) as bare_, year(reference) as reference_year_
                                from query_table(written)
                            )
                        )
                    )
                )
            )
        )
    );
