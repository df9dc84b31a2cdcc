-- Notes, byte for byte: the text, and the patient's differing opinion, each with its size and hash. What nobody signed
-- stays preliminary.
select fact_id as resource_id, person_id, concat(
    resource('DocumentReference', fact_id, meta(source, null, labels(protection, blocked, approved_for_patient))),
    ',"extension":' || arr(concat(
        extension('version', 'valueInteger', cast(version as varchar)),
        extension('replaced-by', 'valueReference', reference('DocumentReference', replaced_by)),
        kept(status, ['active', 'completed'], signed, unread))),
    ',"identifier":' || one(identifier('document', source, document_id)),
    ',"status":"', case
        when status in ('nullified', 'refuted') then 'entered-in-error'
        when replaced_by is not null or status = 'obsolete' then 'superseded' else 'current' end, '"',
    ',"docStatus":"', case
        when status in ('nullified', 'refuted') then 'entered-in-error'
        when signed then 'final' else 'preliminary' end, '"',
    ',"type":' || worded(document_type),
    ',"subject":', reference('Patient', person_id),
    ',"date":' || bare(instant(recorded_at, null)),
    ',"author":' || one(practitioner(source, author)),
    ',"custodian":' || organization(source, care_giver),
    ',"relatesTo":[{"code":"replaces","target":' || reference('DocumentReference', replaces) || '}]',
    ',"description":' || js(title),
    ',"content":[{"attachment":', attachment(body, title), '}',
        case when dissent <> '' then ',{"extension":' || arr(extension('dissent', 'valueBoolean', 'true'))
            || ',"attachment":' || attachment(dissent, null) || '}' end,
    ']',
    ',"context":{"period":{"start":' || bare(moment(written_at)) || '}}',
    '}') as body
from document join guarded using (person_id)
