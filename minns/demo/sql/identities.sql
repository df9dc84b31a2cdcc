-- Which system knows whom, since when, and how it wrote them down.

create or replace temp table presence as
with systems as (
    select * from (values ('melior', date '1998-01-01'), ('asynja', date '2001-01-01'),
        ('elvis', date '1990-01-01'), ('obstetrix', date '2005-01-01')) s(source, opened)
), mothers as (
    select mother_pid as pid, min(birth_date) as first_birth from person
    where birth_date >= date '2008-01-01' and mother_pid is not null group by 1
), known as (
    select p.pid, source, opened, case source
            when 'melior' then chance('in_melior', p.pid) when 'elvis' then chance('in_elvis', p.pid)
            when 'asynja' then chance('in_asynja', p.pid) or not (chance('in_melior', p.pid) or chance('in_elvis', p.pid))
            else (p.mother_pid is not null and p.birth_date >= date '2008-01-01' and chance('in_obstetrix', p.mother_pid))
                or (m.pid is not null and chance('in_obstetrix', m.pid)) end
            or p.pid = getvariable('canary_pid') as here,
        source = 'obstetrix' and p.mother_pid is not null and p.birth_date >= date '2008-01-01' as newborn,
        m.first_birth
    from person p cross join systems left join mothers m on m.pid = p.pid
)
select pid, source, newborn, n as copy, concat(source, '-', pid, '-', n) as who,
    case when newborn then (select birth_date from person p where p.pid = k.pid)
        when source = 'obstetrix' then coalesce(first_birth - 200, date '2019-01-01')
        else greatest(opened, (select birth_date from person p where p.pid = k.pid) + 12) end as earliest
from known k, range(2) c(n)
where here and (n = 0 or (source <> 'obstetrix' and chance('second_identity', concat(source, '-', pid))
    and pid is distinct from getvariable('canary_pid')));

create or replace temp table registered as
select v.* exclude (earliest),
    p.* exclude (pid) replace (if(chance('protection_unknown', who), 'none', protection) as protection),
    v.pid is not distinct from getvariable('canary_pid') as canary,
    case when newborn or source = 'obstetrix' then earliest
        else day_between(earliest, greatest(earliest, least(coalesce(deceased_date, region_end()), region_end())), 'registered', who) end as registered_on
from presence v join person p using (pid);

-- what the clerk had before them
create or replace temp table written as
select *,
    copy = 1 or (newborn and roll('kept_reserve', who) < 0.9) as under_reserve,
    number_changed_on is not null and registered_on < number_changed_on and chance('stale_number', who) as under_earlier,
    under_earlier or (coordination and not replaced) as under_coordination,
    under_coordination and second_number is not null and roll('second_number', who) < 0.5 as under_second,
    copy = 1 and chance('unidentified', who) as unidentified,
    copy = 1 and source = 'melior' and chance('old_reserve', who) as under_old_reserve,
    coordination and copy = 0 and source in ('melior', 'asynja') and not canary and chance('lma_number', who) as under_lma,
    chance('change_documented', who) as documented,
    old_surname is not null and registered_on < renamed_on as under_maiden,
    old_street is not null and registered_on < moved_on and chance('stale_address', who) as under_old_address,
    registered_on + cast(pick('updated', who, greatest(date_diff('day', registered_on, region_end()), 1)) as integer) as updated_on,
    newborn and roll('named', who) < 0.8 as unnamed
from registered;

-- whose number a careless clerk took instead: another person of the same source, far away in the list
create or replace temp table overlaid as
with other as (
    select who, number, row_number() over (partition by source order by roll('overlay_order', who), who) as k,
        chance('overlay', who) and copy = 0 and not newborn and not canary as hit
    from written
)
select a.who, b.number from other a
    join other b on split_part(b.who, '-', 1) = split_part(a.who, '-', 1) and b.k = a.k + 1
where a.hit and not b.hit and a.number <> b.number;

create or replace temp table slips as
select w.who,
    o.number as overlay_number,
    not canary and not under_reserve and not under_lma and o.who is null and chance('number_missing', w.who) as number_missing,
    not canary and not under_reserve and not under_lma and o.who is null and chance('number_typo', w.who) as number_typo,
    not canary and not newborn and day(birth_date) <= 12 and day(birth_date) <> month(birth_date)
        and chance('day_month_swapped', w.who) as day_month_swapped,
    not canary and not newborn and chance('birth_year_wrong', w.who) as birth_year_wrong,
    not canary and not newborn and chance('birth_date_missing', w.who) as birth_date_missing,
    not canary and len(given) > 1 and chance('only_called_name', w.who) as only_called_name,
    not canary and not unidentified and len(given) > 1 and chance('initials', w.who) as initials,
    not canary and source = 'asynja' and chance('code_page', w.who) as code_page,
    not canary and not unidentified and chance('spelling', w.who) as spelling,
    not canary and not unidentified and chance('letter_dropped', w.who) as letter_dropped,
    not canary and not unnamed and chance('names_swapped', w.who) as names_swapped,
    not canary and chance('sex_wrong', w.who) as sex_wrong
from written w left join overlaid o using (who);

-- the number as twelve characters, wrong where the clerk was wrong
create or replace macro one_digit_off(x, who) as
    substr(x, 1, 8 + pick('place', who, 3)) || ((digit(x, 9 + pick('place', who, 3)) + 1 + pick('off', who, 8)) % 10)
    || substr(x, 10 + pick('place', who, 3));
create or replace macro without_letter(x, who) as
    if(length(x) > 4, substr(x, 1, 2 + pick('letter', who, 2)) || substr(x, 4 + pick('letter', who, 2)), x);

create or replace temp table named as
select w.*, s.* exclude (who),
    case when under_old_reserve then old_reserve when under_reserve then reserve when under_lma then lma_number
        when under_second then second_number when under_earlier then earlier_number else w.number end as true_number,
    -- two who share a name within a family keep it; the called name alone is what most people write
    case when unidentified then 'Okänd' when unnamed then if(sex = 'male', 'Pojke', 'Flicka') when protection = 'skyddad_folkbokforing' and source in ('elvis', 'asynja')
            then 'Skyddad' when only_called_name then given[called]
        when initials then given[1] || ' ' || left(given[2], 1) else array_to_string(given, ' ') end as given_right,
    case when unidentified then if(sex = 'male', 'Man', 'Kvinna') when unnamed then (select m.surname from person m where m.pid = w.mother_pid)
        when protection = 'skyddad_folkbokforing' and source in ('elvis', 'asynja') then 'Uppgift'
        when under_maiden then old_surname else surname end as surname_right
from written w join slips s using (who);

create or replace temp table misspelt as
select n.*,
    case when spelling and vg.variant is not null then replace(given_right, given[called], vg.variant)
        when letter_dropped and roll('which', who) < 0.5 then without_letter(given_right, who) else given_right end as given_written,
    case when spelling and vg.variant is null and vs.variant is not null then vs.variant
        when letter_dropped and roll('which', who) >= 0.5 then without_letter(surname_right, who) else surname_right end as surname_written
from named n left join variant vg on vg.name = n.given[called] left join variant vs on vs.name = n.surname_right;

-- what a conversion of long ago made of å, ä and ö; a capital Å has no place in the second of these
create or replace macro utf8_as_cp1252(x) as replace(replace(replace(replace(replace(replace(replace(replace(x,
    'å', 'Ã¥'), 'ä', 'Ã¤'), 'ö', 'Ã¶'), 'Å', 'Ã…'), 'Ä', 'Ã„'), 'Ö', 'Ã–'), 'é', 'Ã©'), 'ü', 'Ã¼');
create or replace macro cp850_as_cp1252(x) as translate(x, 'åäöÄÖ', '†„”Ž™');

create or replace temp table converted as
select * exclude (given_written, surname_written, code_page),
    code_page and regexp_matches(given_written || surname_written, '[åäöÅÄÖ]') as code_page,
    if(roll('page', who) < 0.6 or contains(given_written || surname_written, 'Å'), 'utf-8', 'cp850') as page,
    case when not code_page then given_written when page = 'utf-8' then utf8_as_cp1252(given_written) else cp850_as_cp1252(given_written) end as given_written,
    case when not code_page then surname_written when page = 'utf-8' then utf8_as_cp1252(surname_written) else cp850_as_cp1252(surname_written) end as surname_written
from misspelt;

create or replace temp table identity as
select source, pid, copy, who, newborn, unnamed, unidentified, canary, registered_on, updated_on, protection, birth_order,
    case source
        when 'melior' then cast(100000 + row_number() over arrival as varchar)
        when 'asynja' then cast(5000 + 3 * row_number() over arrival as varchar)
        when 'elvis' then lpad(cast(20000 + row_number() over arrival as varchar), 8, '0')
        else 'OB' || lpad(cast(row_number() over arrival as varchar), 7, '0') end as local_id,
    case when overlay_number is not null then overlay_number when number_missing then null
        when number_typo then one_digit_off(true_number, who) else true_number end as number,
    under_reserve, under_lma,
    case when under_old_reserve then '1.2.752.113.11.0.2.1.1.4' when under_reserve then '1.2.752.113.11.0.2.1.1.1' end as reserve_issuer,
    case when under_coordination and not (under_reserve or under_lma or number_missing or number_typo or overlay_number is not null)
            and (updated_on >= date '2023-09-01' or roll('level_known', who) < 0.5)
        then case when chance('identity_proved', pid) then 'proved' when chance('identity_probable', pid) then 'probable' else 'uncertain' end
        end as identity_level,
    case when documented and not under_reserve and not under_earlier and number_changed_on is not null
            and registered_on < number_changed_on then earlier_number
        when documented and not newborn and mother_pid is not null and birth_date >= date '2008-01-01' then reserve
        when documented and copy = 0 and chance('second_identity', concat(source, '-', pid))
            then if(source = 'melior' and chance('old_reserve', concat(source, '-', pid, '-1')), old_reserve, reserve)
        end as previous_number,
    coalesce(number_changed_on, registered_on) as number_changed_on,
    if(names_swapped, surname_written, given_written) as given_names,
    if(names_swapped, given_written, surname_written) as surname,
    case when not (unnamed or unidentified or names_swapped or initials) and chance('called_name_marked', who)
        then if(only_called_name, given_written, string_split(given_written, ' ')[called]) end as called_name,
    case when birth_date_missing or unidentified then null
        when day_month_swapped then make_date(year(birth_date), day(birth_date), month(birth_date))
        when birth_year_wrong then birth_date + if(roll('year', who) < 0.5, 365, -365)
        else birth_date end as birth_date,
    if(sex_wrong, if(sex = 'male', 'female', 'male'), sex) as sex,
    if(protection = 'skyddad_folkbokforing' or unidentified, null, if(under_old_address, old_street, street)) as street,
    if(protection = 'skyddad_folkbokforing' or unidentified, null, if(under_old_address, old_place.postal_code, postal_code)) as postal_code,
    if(protection = 'skyddad_folkbokforing' or unidentified, null, if(under_old_address, old_place.city, city)) as city,
    if(protection = 'skyddad_folkbokforing' or unidentified or (not canary and chance('no_phone', who)), null, phone) as phone,
    if(chance('death_unknown', who), null, deceased_date) as deceased_date,
    case when mother_pid is not null and not unidentified and (newborn or (chance('guardian_known', who)
            and date_diff('year', birth_date, registered_on) < 18 and source in ('melior', 'asynja')))
        then (select m.number from person m where m.pid = n.mother_pid) end as mother_number,
    list_filter([if(overlay_number is not null, 'overlay', ''), if(number_missing, 'number_missing', ''),
        if(number_typo, 'number_typo', ''), if(day_month_swapped, 'day_month_swapped', ''),
        if(birth_year_wrong, 'birth_year_wrong', ''), if(names_swapped, 'names_swapped', ''),
        if(unidentified, 'unidentified', ''), if(initials, 'initials', ''), if(code_page, 'code_page', ''), if(under_lma, 'lma_number', ''),
        if(under_old_reserve, 'old_reserve', ''), if(under_second and not (under_reserve or under_lma), 'second_coordination', ''),
        if(under_earlier, 'stale_number', ''), if(under_reserve, 'reserve_number', ''), if(sex_wrong, 'sex_wrong', '')],
        lambda x: x <> '') as mistakes
from converted n
window arrival as (partition by source order by roll('arrival', who), who);
