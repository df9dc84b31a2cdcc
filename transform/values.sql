-- What a value says, and numbers in another unit. All in integers (millionths), so that nothing depends on a
-- processor's idea of a fraction.

-- 10 to the power of k >= 0
create or replace macro ten_to(k) as cast('1' || repeat('0', cast(k as bigint)) as hugeint);
-- the nearest integer to n / d, where d > 0; halves go away from zero
create or replace macro nearest(n, d) as
    case when n >= 0 then (2 * n + d) // (2 * d) else -((-2 * n + d) // (2 * d)) end;
-- the greatest integer that is not more than n / d
create or replace macro whole(n, d) as case when n >= 0 then n // d else -((-n + d - 1) // d) end;
create or replace macro millionths(number) as cast(cast(number as decimal(38, 6)) * 1000000 as hugeint);
-- millionths as a number; too large for one: NULL
create or replace macro of_millionths(n) as
    case when abs(n) < 1000000000000000000 then cast(cast(n as decimal(26, 0)) * 0.000001::decimal(7, 6) as decimal(18, 6)) end;

-- The digits of a number: as the words have them, when they are that number, else without zeros at its end.
create or replace macro digits_of(words, number) as
    case when number_of(words) = number and regexp_full_match(number_text(words), '[+-]?\d+(\.\d+)?')
        then ltrim(number_text(words), '+-')
        else rtrim(rtrim(cast(abs(number) as varchar), '0'), '.') end;
create or replace macro decimals_in(digits) as length(split_part(digits, '.', 2));
create or replace macro figures_in(digits) as greatest(length(ltrim(replace(digits, '.', ''), '0')), 1);

-- A converted number is n / d millionths. It keeps no more figures than were written, and no decimal that a step of
-- the last one written would not move: `shift` is by how many more (or fewer) decimals the unit needs for that.
create or replace macro places_kept(whole_part, digits, shift) as least(
    decimals_in(digits) + shift,
    case when whole_part = 0 then 6 else figures_in(digits) - 1 - (length(cast(whole_part as varchar)) - 7) end,
    6);
-- what is less than 44 is less than 50, and not known to be less than 40: a limit is rounded outwards
create or replace macro rounded(n, d, comparator) as case left(comparator, 1)
    when '<' then -whole(-n, d) when '>' then whole(n, d) else nearest(n, d) end;

-- '3-5', '0,40 – 3,5'
create or replace macro range_end(words, which) as try_cast(replace(regexp_extract(
    words, '^([+-]?\d+(?:[.,]\d+)?)\s*(?:-|–|—|till)\s*(\d+(?:[.,]\d+)?)$', which), ',', '.') as decimal(18, 6));
