-- What the rows of one fact say differently, because it was planted so. Nothing but the score reads it.
--
-- One row for each row of a system and field: the word that stands there, in one spelling for all systems; empty where the
-- row does not say. What a word is compared with is the words of the fact's other rows, so a field that nobody disturbs is
-- no disagreement. `disagreement`: a clinician must be told; else it is told otherwise for a reason that is given here:
--   code        a code that no list has or that nobody has mapped: the record cannot know what it means, so that the row is
--               like no other and disagrees with none
--   agent       what a warning is about, in words that are not the other systems' (agents.csv, `alike`; empty where nobody
--               has mapped it): pollen is not birch pollen
--   unit        a measurement on another scale, rounded there: HbA1c in per cent, a birth weight in kilograms; or one with a
--               unit that it cannot have (`planted`)
--   diagnosed_on, performed_on, starts_on, starts_at   the day is not known: there is no such day
--   none_known  'no known allergy', of which none can be lost
--   struck      struck out as wrong: it states nothing any more

create or replace macro word(field, word) as {'field': field, 'word': word, 'disagreement': true};
create or replace macro otherwise(field, word) as {'field': field, 'word': word, 'disagreement': false};
create or replace macro unless_known(known, source, key) as otherwise('code', if(known, 'known', concat(source, ' ', key)));

create or replace macro day_known(field, x) as otherwise(field,
    if(try_cast(regexp_replace(x, '^(\d{4})-?(\d{2})-?(\d{2})$', '\1-\2-\3') as date) is not null and x <> '1900-01-01', 'known', x));
-- no day, no part of one that can be known, and nothing that old systems write for "unknown"
create or replace macro unreadable(x) as x in ('2023-02-30', 'v 34', '2019-13-01', 'våren 2018');
create or replace macro none_known(x) as otherwise('none_known', if(x, 'none', null));

create or replace macro strange_unit(code, unit) as (code, unit) in (('NPU04998', 'mmol/L'), ('NPU28309', 'g/dL'), ('NPU03230', 'µmol/L'),
    ('NPU19763', 'mmol/L'), ('KREA', 'mmol/L'), ('HB', 'g/dL'), ('K', 'umol/L'), ('FERR', 'mmol/L'));

create or replace temp table told as
with row_says(source, source_table, row_key, kind, struck, words) as (
    select 'melior', 'diagnos', cast(diagnos_id as varchar), 'condition', makulerad, [
        unless_known(kod not like 'XX%', 'melior', diagnos_id), day_known('diagnosed_on', '2000-02-02'),
        word('status', 'active'), word('certainty', sakerhet), word('negated', if(negerad, 'not', 'so'))] from melior.diagnos
    union all
    select 'asynja', 'diagnoser', cast(diagid as varchar), 'condition', status = 'FEL', [
        unless_known(kod not in ('Z99-PX', 'LOK1', 'R68-P', 'Z00-P'), 'asynja', diagid), day_known('diagnosed_on', datum),
        word('status', if(status = 'AVS', 'completed', 'active')), word('certainty', null), word('negated', if(negerad = 'J', 'not', 'so'))]
    from asynja.diagnoser
    union all
    -- a system that has no place for 'not' states what it writes
    select 'elvis', 'diagnos', e.key || '|01', 'condition', nullified, [
        unless_known(not chance('code_unmapped', e.line), 'elvis', e.key), day_known('diagnosed_on', '2000-02-02'),
        word('status', 'active'), word('certainty', null), word('negated', 'so')]
    from entry e where source = 'elvis' and kind = 'condition'
    union all
    select 'obstetrix', 'diagnos', "DIAGNR", 'condition', "STATUS" = 'M', [
        unless_known(true, '', ''), day_known('diagnosed_on', "DATUM"), word('status', 'active'), word('certainty', null),
        word('negated', 'so')] from obstetrix.diagnos
    union all
    select 'melior', 'varning', cast(varning_id as varchar), 'alert', status = 'X', [
        unless_known(true, '', ''), none_known(benamning like 'Ingen känd%'), otherwise('agent', benamning), word('severity', cast(allvar as varchar)), word('status', if(status = 'A', 'refuted', 'active')),
        word('certainty', visshet)] from melior.varning
    union all
    select 'asynja', 'overkanslighet', cast(okid as varchar), 'alert', status = 'fel', [
        unless_known(alike is not null, 'asynja', okid), none_known(kod = 'INGEN'), otherwise('agent', if(alike = '1', agent, amne)), word('severity', case grad when 'lindrig' then '1' when 'måttlig' then '2' when 'svår' then '3' end),
        word('status', if(status = 'avförd', 'refuted', 'active')), word('certainty', case status when 'bekräftad' then 'B' when 'misstänkt' then 'M' end)]
    from asynja.overkanslighet join agent on asynja_code = kod
    union all
    select 'obstetrix', 'varning', "VARNNR", 'alert', "STATUS" = 'M', [
        unless_known(true, '', ''), none_known("TEXT" like 'Ingen känd%'), otherwise('agent', "TEXT"), word('severity', "GRAD"), word('status', if("STATUS" = 'U', 'refuted', 'active')), word('certainty', null)]
    from obstetrix.varning
    union all
    select 'melior', 'ordination', cast(ordination_id as varchar), 'medication', status = 'X', [
        unless_known(true, '', ''), otherwise('starts_on', 'known'), word('status', if(status = 'P', 'active', 'stopped')), word('dose_text', dosering)] from melior.ordination
    union all
    select 'asynja', 'lakemedel', cast(lmid as varchar), 'medication', status = 'FEL', [
        unless_known(atc is not null, 'asynja', lmid), day_known('starts_on', insatt),
        word('status', if(status = 'INS', 'active', 'stopped')), word('dose_text', dos)] from asynja.lakemedel
    union all
    select source, if(source = 'melior', 'givet', 'uthamtat'), key, 'medication', nullified, [] from event
    union all
    select 'melior', 'labsvar', cast(svar_id as varchar), 'observation', makulerad, [
        unless_known(true, '', ''), otherwise('unit', if(strange_unit(analyskod, enhet), enhet, 'usual'))] from melior.labsvar
    union all
    select 'asynja', 'labb', cast(labbid as varchar), 'observation', status is not distinct from 'FEL', [
        unless_known(analyskod not like 'LOK%' and analyskod <> 'VAS', 'asynja', labbid), otherwise('unit', if(enhet = '%' or strange_unit(analyskod, enhet), enhet, 'usual'))] from asynja.labb
    union all
    select 'obstetrix', 'matning', "MÄTNR", 'observation', "STATUS" = 'M', [
        unless_known(true, '', ''), otherwise('unit', if("ENHET_M" = 'kg', 'kg', 'usual'))]
    from obstetrix.matning
    union all
    select 'melior', 'anteckning', cast(anteckning_id as varchar), 'document', makulerad, [word('signed', if(signerad, 'yes', 'no'))]
    from melior.anteckning
    union all
    select 'asynja', 'journaltext', cast(jid as varchar), 'document', status is not distinct from 'FEL', [word('signed', if(sign is null, 'no', 'yes'))]
    from asynja.journaltext
    union all
    select 'obstetrix', 'anteckning', "ANTNR", 'document', "STATUS" = 'M', [word('signed', if("SIGNERAD" = 'J', 'yes', 'no'))]
    from obstetrix.anteckning
    union all
    select 'melior', 'atgard', cast(atgard_id as varchar), 'procedure', makulerad, [
        unless_known(kod not like 'OP%', 'melior', atgard_id), day_known('performed_on', '2000-02-02')]
    from melior.atgard
    union all
    select 'asynja', 'atgard', cast(atgid as varchar), 'procedure', status is not distinct from 'FEL', [
        unless_known(kod not like 'LOK%', 'asynja', atgid), day_known('performed_on', datum)] from asynja.atgard
    union all
    select 'obstetrix', 'atgard', "ÅTGNR", 'procedure', "STATUS" = 'M', [
        unless_known(true, '', ''), day_known('performed_on', "DATUM")] from obstetrix.atgard
    union all
    select 'melior', 'vaccination', cast(vaccination_id as varchar), 'immunization', makulerad, [
        unless_known(true, '', ''), word('batch', batchnr), word('dose_number', cast(dosnr as varchar))] from melior.vaccination
    union all
    select 'asynja', 'vaccination', cast(vaccid as varchar), 'immunization', status is not distinct from 'FEL', [
        unless_known(vaccin not in ('Resevaccin', 'Vaccin, se kort'), 'asynja', vaccid), word('batch', batchnr), word('dose_number', dosnr)]
    from asynja.vaccination
    union all
    select 'obstetrix', 'vaccination', "VACCNR", 'immunization', "STATUS" = 'M', [
        unless_known(true, '', ''), word('batch', "BATCH"), word('dose_number', "DOS")] from obstetrix.vaccination
    union all
    select 'melior', 'vardtillfalle', key, kind, nullified, [] from entry where kind = 'care_contact' and source = 'melior'
    union all
    select 'asynja', 'besok', cast(besokid as varchar), 'care_contact', status = 'FEL', [day_known('starts_at', left(start, 10))]
    from asynja.besok
), every as (
    select * replace (if(len(list_filter(words, lambda w: w.field = 'code' and w.word <> 'known')) > 0,
        list_filter(words, lambda w: w.field = 'code'), words) as words) from row_says
    union all
    select source, source_table, row_key, kind, true, [otherwise('struck', 'struck')] from row_says where struck
)
select source, source_table, row_key, kind, unnest(words, recursive := true) from every;

-- doubts about one row that the record must tell: what was planted, and under which rule
create or replace temp table planted as
select 'observation' as kind, 'melior' as source, 'labsvar' as source_table, cast(svar_id as varchar) as row_key,
    'observation_unit_against_range' as rule
from melior.labsvar where strange_unit(analyskod, enhet) and not makulerad
union all
select 'observation', 'asynja', 'labb', cast(labbid as varchar), 'observation_unit_against_range'
from asynja.labb where strange_unit(analyskod, enhet) and status is null
union all
select 'alert', 'asynja', 'overkanslighet', cast(okid as varchar), 'alert_unreadable_valid_from'
from asynja.overkanslighet where status <> 'fel' and status <> 'avförd' and unreadable(datum)
union all
select 'medication', 'asynja', 'lakemedel', cast(lmid as varchar), 'medication_unreadable_starts_on'
from asynja.lakemedel where status <> 'FEL' and unreadable(insatt);
