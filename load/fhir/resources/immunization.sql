-- Vaccinations.
select fact_id as resource_id, person_id, concat(
    resource('Immunization', fact_id, meta(source, null, labels(protection, blocked, approved_for_patient))),
    ',"extension":' || arr(concat(
        extension('week', 'valueString', bare(week_known(given_on, date_precision))),
        kept(status, ['completed'], signed, unread))),
    ',"status":"', case
        when status = 'nullified' then 'entered-in-error'
        when status in ('refuted', 'stopped') then 'not-done' else 'completed' end, '"',
    ',"vaccineCode":', coalesce(
        concept(local_system, local_code, local_text, system, system_version, code, display, equivalence),
        absent('unknown')),
    ',"patient":', reference('Patient', person_id),
    coalesce(
        ',"occurrenceDateTime":' || bare(partial(given_on, date_precision)),
        ',"_occurrenceDateTime":' || absent('unknown')),
    ',"recorded":' || bare(moment(recorded_at)),
    ',"lotNumber":' || js(batch),
    ',"performer":' || one('{"actor":' || practitioner(source, author) || '}'),
    case when dose_number > 0 then ',"protocolApplied":[{"doseNumberPositiveInt":' || cast(dose_number as varchar) || '}]' end,
    '}') as body
from immunization join guarded using (person_id)
