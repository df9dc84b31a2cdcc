-- The person, and each earlier number on an inactive Patient of its own: the Swedish base profile has room for one
-- number of a kind. A protected person has neither address nor telephone, here as in the record.
with replaced as (
    select person_id, list(old_id order by old_id) as old_ids from old_number group by person_id
),
identities as (
    select person_id, string_agg(',' || identifier('patient', source, local_patient_id), ''
        order by source, local_patient_id) as elements
    from identity group by person_id
)
select p.person_id as resource_id, p.person_id, concat(
    resource('Patient', p.person_id, meta(null, 'http://hl7.se/fhir/ig/base/StructureDefinition/SEBasePatient',
        arr(protection_label(protection)))),
    ',"identifier":' || arr(concat(',' || number_identifier(number, number_type, null), elements)),
    ',"active":true',
    ',"name":' || one(name_of(given_names, surname)),
    ',"telecom":' || one('{"system":"phone","value":' || js(case when protection = 'none' then phone end) || '}'),
    ',"gender":' || bare(sex),
    ',"birthDate":' || bare(strftime(birth_date, '%Y-%m-%d')),
    ',"deceasedDateTime":' || bare(strftime(deceased_date, '%Y-%m-%d')),
    case when protection = 'none' then ',"address":' || one(obj(concat(
        ',"line":' || one(js(street)), ',"city":' || js(city), ',"postalCode":' || js(postal_code)))) end,
    case when birth_order > 1 then ',"multipleBirthInteger":' || cast(birth_order as varchar) end,
    ',"link":' || arr(array_to_string(list_transform(old_ids, lambda id:
        ',{"other":' || reference('Patient', id) || ',"type":"replaces"}'), '')),
    '}') as body
from person as p left join replaced using (person_id) left join identities using (person_id)
union all
select old_id, o.person_id, concat(
    resource('Patient', old_id, meta(null, 'http://hl7.se/fhir/ig/base/StructureDefinition/SEBasePatient',
        arr(protection_label(protection)))),
    ',"identifier":' || one(number_identifier(o.number, o.number_type, o.issuer)),
    ',"active":false',
    ',"link":[{"other":', reference('Patient', o.person_id), ',"type":"replaced-by"}]',
    '}')
from old_number as o join person using (person_id)
