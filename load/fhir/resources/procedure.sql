-- What was done. A statement that stands and names its day is of something done.
select fact_id as resource_id, person_id, concat(
    resource('Procedure', fact_id, meta(source, null, labels(protection, blocked, approved_for_patient))),
    ',"extension":' || arr(concat(
        extension('week', 'valueString', bare(week_known(performed_on, date_precision))),
        extension('recorded', 'valueDateTime', bare(moment(recorded_at))),
        kept(status, ['completed'], signed, unread))),
    ',"status":"', case
        when status = 'nullified' then 'entered-in-error' when status = 'refuted' then 'not-done'
        when status in ('active', 'completed') then 'completed'
        when status = 'stopped' then 'stopped' else 'unknown' end, '"',
    ',"code":', coalesce(
        concept(local_system, local_code, local_text, system, system_version, code, display, equivalence),
        absent('unknown')),
    ',"subject":', reference('Patient', person_id),
    ',"performedDateTime":' || bare(partial(performed_on, date_precision)),
    ',"recorder":' || practitioner(source, author),
    '}') as body
from procedure join guarded using (person_id)
