-- Every row is hypersensitivity. The export's own category and the reactions with their severities
-- stand in the comment, in its words. The record holds one severity for the whole: the worst of the
-- reactions', with SEVERE read as life-threatening, since a warning must not grow weaker on its way.
with contact as (
    select e.Id, o.NAME as unit, p.NAME as clinician, wall_time(e.START, 'America/New_York') as starts_at
    from encounters as e
    left join organizations as o on o.Id = e.ORGANIZATION
    left join providers as p on p.Id = e.PROVIDER
)
select
    'allergies' as source_table,
    r._row_key as row_key,
    r.PATIENT as local_patient_id,
    c.unit as care_unit,
    null as care_giver,
    c.clinician as author,
    c.starts_at as recorded_at,
    null as signed,
    case when tidy(r.STOP) is null then 'active' else 'obsolete' end as status,
    null as approved_for_patient,
    case r.SYSTEM
        when 'SNOMED-CT' then 'snomed'
        when 'RxNorm' then 'rxnorm'
        else 'synthea-' || lower(tidy(r.SYSTEM))
    end as local_system,
    nullif(r.CODE, '') as local_code,
    nullif(r.DESCRIPTION, '') as local_text,
    'hypersensitivity' as category,
    case
        when 'SEVERE' in (r.SEVERITY1, r.SEVERITY2) then 'life_threatening'
        when 'MODERATE' in (r.SEVERITY1, r.SEVERITY2) then 'harmful'
        when 'MILD' in (r.SEVERITY1, r.SEVERITY2) then 'mild'
    end as severity,
    null as certainty,
    starts_with(lower(r.DESCRIPTION), 'no known') as negated,
    iso_date(r.START) as valid_from,
    iso_date(r.STOP) as valid_to,
    nullif(concat_ws('; ',
        tidy(r.CATEGORY),
        nullif(concat_ws(' ', tidy(r.REACTION1), tidy(r.DESCRIPTION1), tidy(r.SEVERITY1)), ''),
        nullif(concat_ws(' ', tidy(r.REACTION2), tidy(r.DESCRIPTION2), tidy(r.SEVERITY2)), '')
    ), '') as comment
from allergies as r
left join contact as c on c.Id = r.ENCOUNTER
