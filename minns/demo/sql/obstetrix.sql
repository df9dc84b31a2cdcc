-- Maternity: semicolon CSV, newborns under reserve numbers with the mother's number and the order of birth.

create schema if not exists obstetrix;

create or replace macro eight(day, line) as case when chance('date_unreadable', line) then one_of(['20230230', 'v 34', '2019'], 'unreadable', line)
    else strftime(day, '%Y%m%d') end;

create or replace table obstetrix.patient as
select local_id as "PATNR", number as "NR", surname as "EFTERNAMN", given_names as "FÖRNAMN", strftime(birth_date, '%Y%m%d') as "FÖDD",
    case when unnamed and roll('sex_open', who) < 0.02 then 'O' when sex = 'male' then 'P' else 'F' end as "KÖN",
    mother_number as "MODERS_NR", if(newborn, cast(birth_order as varchar), null) as "BÖRDSNR", street as "ADRESS", postal_code as "POSTNR", city as "ORT",
    if(roll('country', who) < 0.3, '+46' || replace(substr(phone, 2), '-', ''), phone) as "TELEFON", case protection when 'sekretessmarkering' then '1' when 'skyddad_folkbokforing' then '2' else '0' end as "SKYDD",
    strftime(deceased_date, '%Y%m%d') as "AVLIDEN", if(under_reserve, 'R', 'P') as "NRTYP",
    strftime(at_work(if(unnamed, registered_on + 1, updated_on), 'updated', who), '%Y%m%d%H%M') as "ÄNDRAD"
from identity where source = 'obstetrix'
union all
select 'OB9999999', '201212121212', 'Tolvansson', 'Tolvan', '20121212', 'P', null, null, null, null, null, null, '0', null, 'P', '201212121212';

create or replace macro obstetrix_entry(k) as table
    select *, key as id, strftime(recorded_at, '%Y%m%d%H%M') as reg, 'OBS' || unit_no as enhet, if(signed, 'J', 'N') as signerad
    from entry e where source = 'obstetrix' and kind = k;

create or replace table obstetrix.diagnos as
select id as "DIAGNR", local_id as "PATNR", if(chance('dotless', line), replace(icd, '.', ''), icd) as "ICD", text as "TEXT", eight(e.day, line) as "DATUM",
    if(roll('main', line) < 0.7, 'H', 'B') as "TYP", if(nullified, 'M', 'A') as "STATUS", enhet as "ENHET", author as "AV", signerad as "SIGNERAD", reg as "REG"
from obstetrix_entry('condition') e join condition c using (fact_id);

create or replace table obstetrix.matning as
select id as "MÄTNR", local_id as "PATNR", code as "KOD", name as "TEXT",
    if(chance('date_unreadable', line), '20230230 0800', strftime(observed_at, '%Y%m%d%H%M')) as "TIDPUNKT",
    case when code = 'FV' then if(roll('kilo', line) < 0.05, replace(cast(cast(number / 1000 as decimal(6, 2)) as varchar), '.', ','), written) else written end as "VÄRDE",
    case when code = 'FV' and roll('kilo', line) < 0.05 then 'kg' else unit end as "ENHET_M", if(nullified, 'M', 'A') as "STATUS", enhet as "ENHET", author as "AV",
    signerad as "SIGNERAD", strftime(greatest(recorded_at, observed_at + interval 50 minute), '%Y%m%d%H%M') as "REG"
from obstetrix_entry('observation') e join observation o using (fact_id);

create or replace table obstetrix.varning as
select id as "VARNNR", local_id as "PATNR", category as "SLAG", agent as "TEXT",
    ['1', '2', '3'][if(not origin and chance('severity_differs', line), 1 + severity % 3, severity)] as "GRAD",
    case when nullified then 'M' when refuted then 'U' else 'A' end as "STATUS", comment as "KOMMENTAR", eight(e.day, line) as "DATUM",
    enhet as "ENHET", author as "AV", signerad as "SIGNERAD", reg as "REG"
from obstetrix_entry('alert') e join alert a using (fact_id);

create or replace table obstetrix.anteckning as
select id as "ANTNR", local_id as "PATNR", heading as "RUBRIK", body as "TEXT", strftime(at_work(e.day, 'event', fact_id), '%Y%m%d%H%M') as "TIDPUNKT",
    if(nullified, 'M', 'A') as "STATUS", enhet as "ENHET", author as "AV", signerad as "SIGNERAD", reg as "REG"
from obstetrix_entry('document') e join document d using (fact_id);

create or replace table obstetrix.atgard as
select id as "ÅTGNR", local_id as "PATNR", kva as "KVÅ", text as "TEXT",
    if(chance('date_unreadable', line), '20230230', strftime(e.day, '%Y%m%d')) as "DATUM",
    if(nullified, 'M', 'A') as "STATUS", enhet as "ENHET", author as "AV", signerad as "SIGNERAD", reg as "REG"
from obstetrix_entry('procedure') e join procedure p using (fact_id);

create or replace table obstetrix.vaccination as
select id as "VACCNR", local_id as "PATNR", product as "VACCIN", batch as "BATCH", cast(dose as varchar) as "DOS",
    strftime(e.day, '%Y%m%d') as "DATUM",
    if(nullified, 'M', 'A') as "STATUS", enhet as "ENHET", author as "AV", signerad as "SIGNERAD", reg as "REG"
from obstetrix_entry('immunization') e join immunization i using (fact_id);
