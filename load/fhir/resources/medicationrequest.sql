-- Orders in a journal and prescriptions to a pharmacy. An order to stop is never an active one, whatever its row says.
-- What the picture makes of an order stands beside it: the source's own word is the status.
with orders as (
    select source, person_id, order_id, min(fact_id) as order_fact
    from medication where coalesce(stage, 'order') in ('order', 'prescription') group by all
)
select fact_id as resource_id, m.person_id, concat(
    resource('MedicationRequest', fact_id, meta(m.source, null, labels(protection, blocked, approved_for_patient))),
    ',"extension":' || arr(concat(
        extension('stage', 'valueCode', bare(stage)),
        extension('order-type', 'valueCode', bare(order_type)),
        extension('stops', 'valueReference', reference('MedicationRequest', s.order_fact)),
        extension('strength', 'valueString', js(strength)),
        extension('form', 'valueString', js(form)),
        extension('week', 'valueString', bare(week_known(starts_on, date_precision))),
        extension('medication-group', 'valueString', bare(group_id)),
        extension('medication-picture', 'valueCode', bare(picture)),
        kept(status, ['active', 'completed'], signed, unread))),
    ',"identifier":' || one(identifier('order', m.source, m.order_id)),
    ',"status":"', case
        when status in ('nullified', 'refuted') then 'entered-in-error'
        when order_type = 'stop' then 'stopped'
        when status in ('active', 'completed', 'stopped', 'unknown') then status
        else 'stopped' end, '"',
    ',"intent":"order"',
    ',"medicationCodeableConcept":', coalesce(
        concept(local_system, local_code, local_text, system, system_version, code, display, equivalence),
        absent('unknown')),
    ',"subject":', reference('Patient', m.person_id),
    ',"authoredOn":' || bare(moment(recorded_at)),
    ',"requester":' || practitioner(m.source, author),
    ',"dosageInstruction":' || one(dosage(dose_text, route,
        period(partial(starts_on, date_precision), partial(ends_on, null)))),
    ',"priorPrescription":' || reference('MedicationRequest', nullif(r.order_fact, fact_id)),
    '}') as body
from medication as m
join guarded as g on g.person_id = m.person_id
left join orders as r on r.source = m.source and r.person_id = m.person_id and r.order_id = m.renews
left join orders as s on s.source = m.source and s.person_id = m.person_id and s.order_id = m.stops
where coalesce(stage, 'order') in ('order', 'prescription')
