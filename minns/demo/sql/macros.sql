-- Chance without state: every draw is a hash of the seed, what is drawn, and for whom. So a draw does not depend on
-- the order of rows, on threads, or on what else is drawn.

create or replace macro roll(what, who) as
    (md5_number_lower(concat(getvariable('seed'), '/', what, '/', who)) >> 11)::double / 9007199254740992.0;
create or replace macro pick(what, who, n) as cast(floor(roll(what, who) * n) as bigint);
create or replace macro one_of(list, what, who) as list[1 + pick(what, who, len(list))];
-- lists stand with the commonest first: squaring leans to them
create or replace macro common_of(list, what, who) as
    list[1 + cast(floor(pow(roll(what, who), 2) * len(list)) as bigint)];
create or replace macro chance(what, who) as roll(what, who) < getvariable('rates')[what];

-- modulus 10 over nine digits
create or replace macro doubled(d) as 2 * d - case when d > 4 then 9 else 0 end;
create or replace macro digit(x, i) as cast(substr(x, i, 1) as integer);
create or replace macro check_digit(x) as (10 - (
    doubled(digit(x, 1)) + digit(x, 2) + doubled(digit(x, 3)) + digit(x, 4) + doubled(digit(x, 5))
    + digit(x, 6) + doubled(digit(x, 7)) + digit(x, 8) + doubled(digit(x, 9))) % 10) % 10;
-- eleven characters YYYYMMDDNNN -> the number with its check digit
create or replace macro with_check(x) as x || check_digit(substr(x, 3));
-- VGR's reserve number: sex letter and two digits; K, M, X count as 5, 7, 8
create or replace macro reserve_number(born, letter, serial) as
    strftime(born, '%Y%m%d') || letter || lpad(serial::varchar, 2, '0')
    || check_digit(strftime(born, '%y%m%d') || case letter when 'K' then '5' when 'M' then '7' else '8' end
        || lpad(serial::varchar, 2, '0'));

-- the last day of the region: nothing is written after it
create or replace macro region_end() as date '2024-11-12';
-- a day between two days
create or replace macro day_between(first_day, last_day, what, who) as
    first_day + cast(pick(what, who, greatest(date_diff('day', first_day, last_day), 0) + 1) as integer);
-- a time of day in office hours, or nearly
create or replace macro at_work(day, what, who) as
    day + to_minutes(420 + pick(what, who, 600)::integer);

-- the unit that a slip or a new instrument gives a result: no living person has such a value in it
create or replace macro told_unit(npu, unit, number, line) as case
    when number is not null and chance('unit_wrong', line) then case npu when 'NPU04998' then 'mmol/L' when 'NPU28309' then 'g/dL'
        when 'NPU03230' then 'µmol/L' when 'NPU19763' then 'mmol/L' else unit end
    else unit end;

-- a number without idle zeros
create or replace macro trim_zeros(x) as regexp_replace(cast(x as varchar), '\.?0+$', '');
-- a contact's kind (0 visit, 1 telephone, 2 inpatient, 3 day care, 4 other), start and end: the same for all who tell of it
create or replace macro contact_category(contact) as if(contains(contact, '-at-once-'), 2, pick('category', contact, 5));
create or replace macro contact_starts(day, contact) as at_work(day, 'start', contact);
create or replace macro contact_ends(day, contact) as contact_starts(day, contact) + interval 40 minute
    + to_days(if(contact_category(contact) = 2, 1 + pick('stay', contact, 9), 0)::integer);
