-- Visits, stays and telephone contacts. A kind that nobody knows stays unknown.
select fact_id as resource_id, person_id, concat(
    resource('Encounter', fact_id, meta(source, null, labels(protection, blocked, approved_for_patient))),
    ',"extension":' || arr(concat(
        extension('category', 'valueCode', bare(category)),
        kept(status, ['completed', 'unknown'], signed, unread))),
    ',"identifier":' || one(identifier('contact', source, contact_id)),
    ',"status":"', case
        when status = 'completed' then 'finished' when status = 'active' then 'in-progress'
        when status = 'stopped' then 'cancelled' when status in ('nullified', 'refuted') then 'entered-in-error'
        else 'unknown' end, '"',
    ',"class":', coalesce(
        '{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"' || case category
            when 'visit' then 'AMB' when 'phone' then 'VR' when 'inpatient' then 'IMP' when 'day_care' then 'SS' end || '"}',
        absent('unknown')),
    ',"type":' || one(concept(local_system, local_code, local_text, system, system_version, code, display, equivalence)),
    ',"subject":', reference('Patient', person_id),
    ',"period":' || obj(concat(
        ',"start":' || bare(moment(starts_at)),
        -- an end before its start is kept with the source's row; FHIR has no such period
        case when starts_at is null or ends_at >= starts_at then ',"end":' || bare(moment(ends_at)) end)),
    ',"serviceProvider":' || organization(source, care_unit),
    '}') as body
from care_contact join guarded using (person_id)
