-- The hospital journal: typed, ICD-10-SE, ATC, NPU; numbers of twelve digits.

create schema if not exists melior;

create or replace table melior.vardenhet as
select i as enhet_id, 'SE2321000131-E' || lpad(cast(1000 + i as varchar), 12, '0') as hsa_id,
    ['Medicinkliniken', 'Kirurgkliniken', 'Akutmottagningen', 'Ortopedkliniken', 'Kvinnokliniken', 'Barnmedicin'][i] as namn,
    'SE2321000131-E000000000001' as vardgivare_hsa
from range(1, 7) t(i);

create or replace table melior.patient as
select cast(local_id as integer) as patient_id, number as personnr,
    reserve_issuer as reservnr_oid,
    surname as efternamn, given_names as fornamn, called_name as tilltalsnamn, if(sex = 'male', 'M', 'K') as kon, birth_date as fodd,
    street as adress, postal_code as postnr, city as ort, phone as telefon, deceased_date as avliden,
    case protection when 'none' then 0 when 'sekretessmarkering' then 1 else 2 end as sekretess,
    mother_number as moder_personnr, at_work(updated_on, 'updated', who) as andrad
from identity where source = 'melior'
union all
select 99, '201212121212', null, 'Tolvansson', 'Tolvan', null, 'M', date '2012-12-12', 'Testgatan 12', '41212', 'Göteborg', null, null, 0, null,
    timestamp '2012-12-12 12:12:00';

create or replace table melior.nrbyte as
select row_number() over (order by cast(local_id as integer)) as bytesnr, cast(local_id as integer) as patient_id,
    previous_number as gammalt_nr, number as nytt_nr, number_changed_on as datum
from identity where source = 'melior' and previous_number is not null and number is not null and previous_number <> number;

create or replace macro melior_entry(k) as table
    select *, cast(e.local_id as integer) as patient_id, cast(key as integer) as id, cast(unit_no as integer) as enhet_id
    from entry e where source = 'melior' and kind = k;

create or replace table melior.diagnos as
select id as diagnos_id, patient_id, enhet_id,
    case when chance('code_unmapped', line) then 'XX' || (10 + pick('xx', line, 4)) when chance('dotless', line) then replace(icd, '.', '') else icd end as kod,
    text as kodtext, if(roll('main', line) < 0.6, 'HD', 'BI') as typ, chronic as kronisk,
    if(chance('suspected', line), 'M', 'S') as sakerhet, chance('negated', fact_id) as negerad,
    case when chance('date_sentinel', line) then date '1900-01-01'
        when chronic and not origin and chance('copied_later', line) then cast(recorded_at as date) else e.day end as datum,
    author as skriven_av, signed as signerad, recorded_at as reg_tid, nullified as makulerad, visible as visa_patient
from melior_entry('condition') e join condition c using (fact_id)
union all
select 1, 99, 1, 'J06.9', 'Akut övre luftvägsinfektion, ospecificerad', 'HD', false, 'S', false, date '2019-02-03', 'Test Läkare', true,
    timestamp '2019-02-03 10:00:00', false, true;

create or replace table melior.varning as
select id as varning_id, patient_id, enhet_id, melior_type as typ, atc, agent as benamning,
    if(not origin and chance('severity_differs', line), 1 + severity % 3, severity) as allvar,
    if(suspected, 'M', 'B') as visshet,
    case when nullified then 'X' when refuted or (not origin and chance('refuted_elsewhere', line)) then 'A' else 'G' end as status,
    e.day as giltig_fr, cast(null as date) as giltig_till, nullif(comment, '') as kommentar,
    author as skriven_av, signed as signerad, recorded_at as reg_tid, visible as visa_patient
from melior_entry('alert') e join alert a using (fact_id);

create or replace table melior.ordination as
select id as ordination_id, patient_id, enhet_id, atc, name as preparat, strength as styrka, form, route as adm_vag,
    if(not origin and chance('dose_differs', line), other_dose, dose) as dosering, e.day as insatt, ends_on as utsatt,
    if(stops is null, 'I', 'U') as ordtyp, cast(order_key as integer) as avser_id,
    case when nullified then 'X' when ends_on is null then 'P' else 'A' end as status,
    author as skriven_av, signed as signerad, recorded_at as reg_tid, visible as visa_patient
from melior_entry('medication') e join medication m using (fact_id)
left join follows f on by_source = source and by_line = line;

create or replace table melior.labsvar as
select id as svar_id, patient_id, enhet_id, if(is_vital, 'LOKAL', 'NPU') as kodverk, code as analyskod, name as analys,
    observed_at as provtid, written as svar, number as svar_num, unit as enhet, interval as refint,
    if(is_vital, null, abnormal) as avvik, author as skriven_av, signed as vidimerad, greatest(recorded_at, observed_at + interval 50 minute) as reg_tid,
    nullified as makulerad, visible as visa_patient, if(is_vital, null, 'L' || lpad(cast(pick('specimen', observed_at || '/' || e.pid, 100000000) as varchar), 8, '0')) as provnr,
    case when is_vital then null when k.fact_id is not null then 'K' when chance('preliminary', fact_id) then 'P' else 'S' end as svarstatus,
    cast(k.original_key as bigint) as rattar
from melior_entry('observation') e join observation o using (fact_id) left join corrects k using (fact_id);

create or replace table melior.anteckning as
select id as anteckning_id, patient_id, enhet_id, 'LÄK' as typ, heading as rubrik, body as fritext,
    at_work(e.day, 'event', fact_id) as handelse_tid, author as skriven_av, signed as signerad, recorded_at as reg_tid,
    nullified as makulerad, visible as visa_patient, cast(coalesce(k.key, e.key) as integer) as dokument_id,
    if(k.key is null, 1, 2) as version, case when chance('dissent', fact_id) then 'Patienten anser att uppgiften är felaktig.' end as avvikande_mening
from melior_entry('document') e join document d using (fact_id) left join corrects k using (fact_id);

create or replace table melior.sparr as
select 'SP-' || key as sparr_id, patient_id, if(block_type = 'inner', 'I', 'Y') as typ,
    v.hsa_id as enhet_hsa, v.vardgivare_hsa, date '1998-01-01' as info_fran, ends_on as info_till, exempt as undantag,
    author as reg_av, recorded_at as reg_tid
from melior_entry('access_block') e join access_block b using (fact_id) join melior.vardenhet v using (enhet_id);

create or replace table melior.atgard as
select id as atgard_id, patient_id, enhet_id,
    if(kva is null or chance('code_unmapped', line), 'LOKAL', 'KVÅ') as kodverk,
    if(chance('code_unmapped', line), 'OP' || (10 + pick('op', line, 40)), coalesce(kva, melior_code)) as kod, text as kodtext, e.day as datum,
    author as skriven_av, signed as signerad, recorded_at as reg_tid, nullified as makulerad, visible as visa_patient
from melior_entry('procedure') e join procedure p using (fact_id);

create or replace table melior.vaccination as
select id as vaccination_id, patient_id, enhet_id, atc, product as preparat,
    if(not origin and chance('batch_differs', line), other_batch, batch) as batchnr,
    dose + if(not origin and chance('dose_number_differs', line), 1, 0) as dosnr, e.day as datum,
    author as skriven_av, signed as signerad, recorded_at as reg_tid, nullified as makulerad, visible as visa_patient
from melior_entry('immunization') e join immunization i using (fact_id);

-- stays, as the ward wrote them down: a few minutes from what patient administration says
create or replace table melior.vardtillfalle as
select id as vtf_id, patient_id, v.hsa_id as enhet_hsa, v.vardgivare_hsa,
    starts_at + to_minutes(pick('ward in', fact_id, 31)::integer - 10) as inskriven,
    if(chance('discharge_unknown', line), null, ends_at + to_minutes(pick('ward out', fact_id, 31)::integer - 20)) as utskriven,
    author as skriven_av, signed as signerad, ends_at + interval 2 hour as reg_tid, nullified as makulerad, visible as visa_patient
from melior_entry('care_contact') e join care_contact c using (fact_id) join melior.vardenhet v using (enhet_id)
union all
select 1, 99, 'SE2321000131-E000000001001', 'SE2321000131-E000000000001', timestamp '2019-02-03 09:00:00', timestamp '2019-02-04 10:00:00',
    'Test Läkare', true, timestamp '2019-02-04 12:00:00', false, true;
