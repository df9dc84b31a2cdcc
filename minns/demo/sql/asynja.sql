-- Primary care: names in one field, dates and results as text, KSH97-P, its own laboratory codes.

create schema if not exists asynja;

create or replace macro short_number(x, moment) as case
    when x is null or length(x) <> 12 or x similar to '.*[A-Z].*' then x
    else substr(x, 3, 6) || if(year(moment) - try_cast(left(x, 4) as integer) >= 100, '+', '-') || substr(x, 9) end;
-- dates as typed by hand: mostly right
create or replace macro typed_date(x, line) as case
    when x is null then null
    when chance('date_unreadable', line) then one_of(['2023-02-30', 'v 34', '2019-13-01', 'våren 2018', '0000-00-00'], 'unreadable', line)
    when chance('date_sentinel', line) then '1900-01-01'
    else strftime(x, '%Y-%m-%d') end;
create or replace macro ja_nej(x) as if(x, 'J', 'N');

create or replace table asynja.enhet as
select 'VC' || i as enhetskod, ['Närhälsan Backa', 'Närhälsan Sjöbo', 'Närhälsan Kärna', 'Capio Axess', 'Närhälsan Boda', 'BVC Haga'][i] as namn,
    if(i = 4, 'SE5564567890-A001', 'SE2321000131-E' || lpad(cast(2000 + i as varchar), 12, '0')) as hsaid,
    if(i = 4, 'SE5564567890-0001', 'SE2321000131-E000000000001') as vg_hsaid
from range(1, 7) t(i);

create or replace table asynja.listad as
select cast(local_id as integer) as patid, short_number(number, updated_on) as pnr,
    surname || ', ' || given_names as namn, strftime(birth_date, '%Y-%m-%d') as fodelsedatum,
    if(sex = 'male', 1, 2) as kon, street as gatuadress,
    substr(postal_code, 1, 3) || ' ' || substr(postal_code, 4) || '  ' || city as postadress,
    regexp_replace(phone, '(\d\d)(\d\d)(\d\d)$', '\1 \2 \3') as tel,
    strftime(deceased_date, '%Y-%m-%d') as avliden,
    case protection when 'sekretessmarkering' then 'SEKR' when 'skyddad_folkbokforing' then 'SKF' end as skydd,
    case when previous_number <> number then short_number(previous_number, number_changed_on) end as tidigare_pnr,
    short_number(mother_number, updated_on) as vardnadshavare_pnr,
    case identity_level when 'proved' then 'STYRKT' when 'probable' then 'SANNOLIK' when 'uncertain' then 'OSÄKER' end as snr_niva,
    strftime(at_work(updated_on, 'updated', who), '%Y-%m-%d %H:%M') as senast_andrad
from identity where source = 'asynja'
union all
select 1, '121212-1212', 'Tolvansson, Tolvan', '1912-12-12', 1, null, null, null, null, null, null, null, null, '2015-01-01 12:00'
union all
select 2, '121212+1212', 'Testsson, Test', '1912-12-12', 1, null, null, null, null, null, null, null, null, '2015-01-02 12:00';

create or replace macro asynja_entry(k) as table
    select *, cast(e.local_id as integer) as patid, cast(key as integer) as id, 'VC' || unit_no as enhetskod,
        strftime(recorded_at, '%Y-%m-%d %H:%M') as regdatum, if(signed, author, null) as sign
    from entry e where source = 'asynja' and kind = k;

create or replace table asynja.diagnoser as
select id as diagid, patid, enhetskod,
    case when chance('code_unmapped', line) then one_of(['Z99-PX', 'LOK1', 'R68-P'], 'odd', line) else coalesce(ksh, icd) end as kod,
    if(ksh is null, 'ICD', 'KSH') as kodsys, coalesce(ksh_text, text) as text, ja_nej(chronic) as kronisk, ja_nej(chance('negated', fact_id)) as negerad,
    typed_date(if(chronic and not origin and chance('copied_later', line), cast(recorded_at as date), e.day), line) as datum,
    if(nullified, 'FEL', if(roll('ended', line) < 0.2 and not chronic, 'AVS', 'AKT')) as status, author as vem, sign, regdatum
from asynja_entry('condition') e join condition c using (fact_id)
union all
select 1000000001, 1, 'VC1', 'J069P', 'KSH', 'Akut övre luftvägsinfektion', 'N', 'N', '2019-02-03', 'AKT', 'Test', 'Test', '2019-02-03 10:00';

create or replace table asynja.overkanslighet as
select id as okid, patid, enhetskod, asynja_code as kod, asynja_text as amne,
    ['lindrig', 'måttlig', 'svår'][if(not origin and chance('severity_differs', line), 1 + severity % 3, severity)] as grad,
    case when nullified then 'fel' when refuted or (not origin and chance('refuted_elsewhere', line)) then 'avförd'
        when suspected then 'misstänkt' else 'bekräftad' end as status,
    typed_date(e.day, line) as datum, nullif(comment, '') as anm, author as vem, sign, regdatum
from asynja_entry('alert') e join alert a using (fact_id);

create or replace table asynja.lakemedel as
select id as lmid, patid, enhetskod, if(chance('code_unmapped', line), null, atc) as atc, if(chance('generic_name', line), generic, name) || ' ' || strength as namn, strength as styrka,
    lower(form) as lform, lower(route) as adm,
    if(not origin and chance('dose_differs', line), other_dose, dose) as dos,
    typed_date(e.day, line) as insatt, strftime(ends_on, '%Y-%m-%d') as utsatt,
    case when nullified then 'FEL' when ends_on is null then 'INS' else 'UTS' end as status,
    cast(order_key as integer) as fornyar, author as vem, sign, regdatum
from asynja_entry('medication') e join medication m using (fact_id)
left join follows f on by_source = source and by_line = line;

-- what the pharmacy answered that it had given out
create or replace table asynja.uthamtat as
select cast(key as bigint) as uthid, cast(local_id as integer) as patid, cast(order_key as bigint) as lmid, atc, name || ' ' || strength as namn, strength as styrka,
    lower(form) as lform, strftime(day, '%Y-%m-%d') as datum, if(nullified, 'FEL', 'UTL') as status,
    strftime(at_work(day, 'dispensed', fact_id), '%Y-%m-%d %H:%M') as regdatum
from event where source = 'asynja';

-- HbA1c was given in per cent (Mono-S) until the end of 2010
create or replace table asynja.labb as
with told as (
    select *, asynja_code = 'HBA1C' and o.observed_at < timestamp '2011-01-01' and number is not null as in_per_cent
    from asynja_entry('observation') e join observation o using (fact_id)
)
select id as labbid, patid, enhetskod, if(chance('code_unmapped', line), 'LOK' || pick('odd', line, 9), asynja_code) as analyskod, asynja_name as analysnamn,
    case when chance('date_unreadable', line) then one_of(['2023-02-30 08:00', 'v 34', '2019-06-31 10:00'], 'unreadable', line)
        else strftime(observed_at, '%Y-%m-%d %H:%M') end as provdatum,
    case when in_per_cent then replace(cast(cast((number + 10.62) / 10.45 as decimal(4, 1)) as varchar), '.', ',')
        when number >= 1000 then regexp_replace(written, '^(\d)(\d{3})', '\1 \2') else written end as resultat,
    if(in_per_cent, '%', replace(told_unit(code, unit, number, line), 'µ', 'u')) as enhet, interval as refomr, if(abnormal, '*', null) as flagga,
    if(nullified, 'FEL', null) as status, author as vem, sign,
    strftime(greatest(recorded_at, observed_at + interval 50 minute), '%Y-%m-%d %H:%M') as regdatum
from told;

create or replace table asynja.journaltext as
select id as jid, patid, enhetskod, heading as sokord, strftime(e.day, '%Y-%m-%d') as datum, body as text,
    if(nullified, 'FEL', null) as status, author as vem, sign, regdatum
from asynja_entry('document') e join document d using (fact_id);

create or replace table asynja.sparr as
select id as sparrid, patid, enhetskod, if(block_type = 'inner', 'INRE', 'YTTRE') as typ, '1998-01-01' as fran,
    strftime(ends_on, '%Y-%m-%d') as till, exempt as undantag, regdatum
from asynja_entry('access_block') e join access_block b using (fact_id);

create or replace table asynja.atgard as
select id as atgid, patid, enhetskod, if(chance('code_unmapped', line), 'LOK' || pick('odd', line, 9), asynja_code) as kod,
    if(kva is null or chance('code_unmapped', line), 'EGEN', 'KVA') as kodsys, asynja_text as text, typed_date(e.day, line) as datum,
    if(nullified, 'FEL', null) as status, author as vem, sign, regdatum
from asynja_entry('procedure') e join procedure p using (fact_id);

-- by code, by product alone, or in plain words; what is known of an old card is sometimes the year
create or replace table asynja.vaccination as
with alone as (
    select fact_id from entry where kind = 'immunization' group by fact_id having count(*) = 1
), told as (
    select *, fact_id in (select fact_id from alone) as alone,
        case when chance('code_unmapped', line) then one_of(['Resevaccin', 'Vaccin, se kort'], 'odd', line)
            when words is not null and chance('in_words', line) then words when chance('product_only', line) then product end as named
    from asynja_entry('immunization') e join immunization i using (fact_id)
)
select id as vaccid, patid, enhetskod, if(named is null, atc, null) as atc, coalesce(named, product) as vaccin,
    if(not origin and chance('batch_differs', line), other_batch, if(roll('no batch', line) < 0.1, null, batch)) as batchnr,
    cast(dose + if(not origin and chance('dose_number_differs', line), 1, 0) as varchar) as dosnr,
    if(alone and chance('date_partial', line), left(cast(day as varchar), one_of([4, 7], 'partial', line)), typed_date(day, line)) as datum,
    if(nullified, 'FEL', null) as status, author as vem, sign, regdatum
from told
union all
select 1000000001, 1, 'VC1', 'J07BB02', 'Vaxigrip Tetra', 'T00001', '1', '2019-02-03', null, 'Test', 'Test', '2019-02-03 10:00';

create or replace table asynja.besok as
select id as besokid, patid, enhetskod, ['Besök', 'Telefon', 'Hembesök'][1 + pick('visit', fact_id, 3)] as typ,
    if(chance('date_unreadable', line), '2023-02-30 08:00', strftime(starts_at, '%Y-%m-%d %H:%M')) as start,
    strftime(starts_at + to_minutes(10 + pick('minutes', fact_id, 40)::integer), '%Y-%m-%d %H:%M') as slut,
    if(nullified, 'FEL', 'KLAR') as status, author as vem, sign, regdatum
from asynja_entry('care_contact') e join care_contact c using (fact_id);
