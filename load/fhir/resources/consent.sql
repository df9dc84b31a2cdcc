-- Blocks (spärr) that the patient asked for. The resources that one covers are labelled themselves: this tells why.
select fact_id as resource_id, person_id, concat(
    resource('Consent', fact_id, meta(source, null, labels(protection, null, approved_for_patient))),
    ',"extension":' || arr(kept(status, ['active'], signed, unread)),
    ',"identifier":' || one(identifier('block', source, block_id)),
    ',"status":"', case
        when status in ('active', 'unknown') then 'active'
        when status in ('nullified', 'refuted') then 'entered-in-error' else 'inactive' end, '"',
    ',"scope":', coded('http://terminology.hl7.org/CodeSystem/consentscope', 'patient-privacy'),
    ',"category":', one(coded('$basecodes$sepblock', block_type)),
    ',"patient":', reference('Patient', person_id),
    ',"dateTime":' || bare(moment(recorded_at)),
    ',"organization":' || one(organization(source, care_giver)),
    ',"policyRule":{"text":"', case block_type
        when 'inner' then 'Patientdatalagen (2008:355) 4 kap.'
        else 'Lag (2022:913) om sammanhållen vård- och omsorgsdokumentation' end, '"}',
    ',"provision":', obj(concat(
        ',"type":"deny"',
        ',"actor":' || arr(concat(
            ',{"role":' || coded('http://terminology.hl7.org/CodeSystem/v3-ParticipationType', 'CST')
                || ',"reference":' || organization(source, blocked_care_unit) || '}',
            ',{"role":' || coded('http://terminology.hl7.org/CodeSystem/v3-ParticipationType', 'CST')
                || ',"reference":' || organization(source, blocked_care_giver) || '}')),
        ',"dataPeriod":' || period(partial(information_from, null), partial(information_to, null)),
        ',"provision":' || arr(concat(
            case when list_contains(string_split(exempt, ' '), 'lak') then ',{"type":"permit","class":[' || array_to_string(
                list_transform(['MedicationRequest', 'MedicationDispense', 'MedicationAdministration'],
                    lambda t: '{"system":"http://hl7.org/fhir/resource-types","code":"' || t || '"}'), ',') || ']}' end,
            case when list_contains(string_split(exempt, ' '), 'upp') then ',{"type":"permit","class":[' || array_to_string(
                list_transform(['AllergyIntolerance', 'Flag'],
                    lambda t: '{"system":"http://hl7.org/fhir/resource-types","code":"' || t || '"}'), ',') || ']}' end)))),
    '}') as body
from access_block join guarded using (person_id)
