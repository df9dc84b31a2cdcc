-- The region's copy of the population register: references between numbers as the tax agency sends them, reserve numbers
-- linked by hand once their holder is known, and who was deregistered. Everything in it is documented, and not all of it came.

create schema if not exists befreg;

create or replace macro eight_digits(day) as strftime(day, '%Y%m%d');

-- most references come within weeks, some after a year; a few never
create or replace temp table reference as
with asked as (
    select pid, number, earlier_number as earlier, if(coordination, 'GS', 'GN') as kind,
        number_changed_on + cast(floor(pow(roll('reference_delay', pid), 4) * 400) as integer) as sent_on
    from person where earlier_number is not null and chance('reference_sent', pid)
    union all
    select pid, if(replaced, earlier_number, number), second_number, 'SS', day_between(date '2012-01-01', region_end(), 'holder found', pid)
    from person where second_number is not null and chance('holders_found', pid)
)
select * from asked where sent_on <= region_end();

create or replace table befreg.hanvisning as
select 'H' || lpad(cast(row_number() over (order by sent_on, earlier) as varchar), 7, '0') as "HANVNR", number as "PNR", earlier as "HANVPNR", kind as "TYP",
    eight_digits(sent_on) as "DATUM"
from reference;

-- reserve numbers that stand in some journal, and the number that their holder had when the link was made
create or replace temp table manual_link as
with used as (
    select pid, number as reserve, reserve_issuer as issuer, bool_or(newborn) as of_newborn, min(registered_on) as since
    from identity where under_reserve group by all
), asked as (
    select u.*, concat(reserve, '@', issuer) as link,
        since + cast(if(of_newborn, pick('link_delay', reserve, 30), pick('link_delay', reserve, 700)) as integer) as linked_on
    from used u where if(of_newborn, chance('newborn_linked', reserve), chance('reserve_linked', reserve))
), known as (
    select pid, number, earlier_number, number_changed_on, coalesce(lead(number) over (order by pid), number) as anothers from person
)
select reserve, issuer, link, linked_on, a.pid,
    case when chance('link_wrong', link) then anothers when linked_on < number_changed_on then earlier_number else number end as number, anothers
from asked a join known using (pid) where linked_on <= region_end();

create or replace table befreg.koppling as
with told as (
    select linked_on, reserve, issuer, number, 'A' as status from manual_link
    union all
    select linked_on - 1, reserve, issuer, anothers, 'U' from manual_link where chance('link_revoked', link)
    union all
    select date '2012-12-12', reserve_number(date '2012-12-12', 'M', 7), '1.2.752.113.11.0.2.1.1.1', '201212121212', 'A'
)
select 'K' || lpad(cast(row_number() over (order by linked_on, reserve, number, status) as varchar), 7, '0') as "KOPPLNR", reserve as "RESNR", issuer as "RESOID",
    number as "PNR", eight_digits(linked_on) as "DATUM", status as "STATUS"
from told;

create or replace table befreg.avregistrering as
with told as (
    select number, 'AV' as cause, deceased_date + cast(pick('death_told', pid, 14) as integer) as day from person where deceased_date is not null
    union all
    select number, 'FI', day_between(date '2016-01-01', region_end(), 'unmasked', pid) from person
    where coordination and not replaced and chance('false_identity', pid)
)
select 'A' || lpad(cast(row_number() over (order by day, number) as varchar), 7, '0') as "AVREGNR", number as "PNR", cause as "ORSAK", eight_digits(day) as "DATUM"
from told where day <= region_end();
