-- Hypersensitivity. "No known allergy" is the concept of that name; any other denial is refuted. What the source left
-- without saying how it stands counts as standing: a warning is not lost for want of a word.
select fact_id as resource_id, person_id, concat(
    resource('AllergyIntolerance', fact_id, meta(source, null, labels(protection, blocked, approved_for_patient))),
    ',"extension":' || arr(concat(
        extension('severity', 'valueCode', bare(severity)),
        extension('valid', 'valuePeriod', period(partial(valid_from, date_precision), partial(valid_to, null))),
        extension('week', 'valueString', bare(week_known(valid_from, date_precision))),
        extension('negated', 'valueBoolean', case when negated then 'true' end),
        kept(status, ['active'], signed, unread))),
    case when status <> 'nullified' then
        ',"clinicalStatus":' || coded('http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', case
            when status = 'refuted' or (negated and not is_none_known(system, code)) then 'inactive'
            when status in ('active', 'unknown') then 'active' else 'inactive' end) end,
    ',"verificationStatus":' || coded('http://terminology.hl7.org/CodeSystem/allergyintolerance-verification', case
        when status = 'nullified' then 'entered-in-error'
        when status = 'refuted' or (negated and not is_none_known(system, code)) then 'refuted'
        when certainty = 'suspected' then 'unconfirmed'
        when certainty = 'confirmed' then 'confirmed' end),
    case when system = 'atc' then ',"category":["medication"]' end,
    case when severity = 'life_threatening' then ',"criticality":"high"' end,
    ',"code":', coalesce(
        concept(local_system, local_code, local_text, system, system_version, code, display, equivalence),
        absent('unknown')),
    ',"patient":', reference('Patient', person_id),
    ',"recordedDate":' || bare(moment(recorded_at)),
    ',"recorder":' || practitioner(source, author),
    ',"note":' || one(worded(comment)),
    '}') as body
from alert join guarded using (person_id) where category = 'hypersensitivity'
