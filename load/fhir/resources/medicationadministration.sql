-- What was given to the patient. A dose in words is a note: FHIR's dosage wants a number that nobody read.
select fact_id as resource_id, person_id, concat(
    resource('MedicationAdministration', fact_id, meta(source, null, labels(protection, blocked, approved_for_patient))),
    ',"extension":' || arr(concat(
        extension('strength', 'valueString', js(strength)),
        extension('form', 'valueString', js(form)),
        extension('route', 'valueString', js(route)),
        extension('week', 'valueString', bare(week_known(starts_on, date_precision))),
        extension('medication-group', 'valueString', bare(group_id)),
        kept(status, ['completed'], signed, unread))),
    ',"identifier":' || one(identifier('order', source, order_id)),
    ',"status":"', case
        when status in ('nullified', 'refuted') then 'entered-in-error'
        when status in ('completed', 'stopped') then status
        when status = 'active' then 'completed' else 'unknown' end, '"',
    ',"medicationCodeableConcept":', coalesce(
        concept(local_system, local_code, local_text, system, system_version, code, display, equivalence),
        absent('unknown')),
    ',"subject":', reference('Patient', person_id),
    coalesce(
        case when ends_on >= starts_on and ends_on is distinct from starts_on then
            ',"effectivePeriod":' || period(partial(starts_on, date_precision), partial(ends_on, null)) end,
        ',"effectiveDateTime":' || bare(coalesce(partial(starts_on, date_precision), moment(recorded_at))),
        ',"_effectiveDateTime":' || absent('unknown')),
    ',"performer":' || one('{"actor":' || practitioner(source, author) || '}'),
    ',"note":' || one(worded(dose_text)),
    '}') as body
from medication join guarded using (person_id) where stage = 'administration'
