-- What a pharmacy gave out. The day is that of the hand-over.
select fact_id as resource_id, person_id, concat(
    resource('MedicationDispense', fact_id, meta(source, null, labels(protection, blocked, approved_for_patient))),
    ',"extension":' || arr(concat(
        extension('strength', 'valueString', js(strength)),
        extension('form', 'valueString', js(form)),
        extension('week', 'valueString', bare(week_known(starts_on, date_precision))),
        extension('medication-group', 'valueString', bare(group_id)),
        extension('until', 'valueDateTime', bare(partial(ends_on, null))),
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
    ',"performer":' || one('{"actor":' || practitioner(source, author) || '}'),
    ',"whenHandedOver":' || bare(partial(starts_on, date_precision)),
    ',"dosageInstruction":' || one(dosage(dose_text, route, null)),
    '}') as body
from medication join guarded using (person_id) where stage = 'dispense'
