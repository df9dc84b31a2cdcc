-- Warnings other than hypersensitivity. A denial is no warning, and never stands as one.
select fact_id as resource_id, person_id, concat(
    resource('Flag', fact_id, meta(source, null, labels(protection, blocked, approved_for_patient))),
    ',"extension":' || arr(concat(
        extension('severity', 'valueCode', bare(severity)),
        extension('certainty', 'valueCode', bare(certainty)),
        extension('recorded', 'valueDateTime', bare(moment(recorded_at))),
        extension('week', 'valueString', bare(week_known(valid_from, date_precision))),
        extension('negated', 'valueBoolean', case when negated then 'true' end),
        extension('comment', 'valueString', js(comment)),
        kept(status, ['active'], signed, unread))),
    ',"status":"', case
        when status = 'nullified' then 'entered-in-error'
        when negated then 'inactive'
        when status in ('active', 'unknown') then 'active' else 'inactive' end, '"',
    ',"category":', one(coded('$basecodes$sepalert', category)),
    ',"code":', coalesce(
        concept(local_system, local_code, local_text, system, system_version, code, display, equivalence),
        worded(comment), absent('unknown')),
    ',"subject":', reference('Patient', person_id),
    ',"period":' || period(partial(valid_from, date_precision), partial(valid_to, null)),
    ',"author":' || practitioner(source, author),
    '}') as body
from alert join guarded using (person_id) where category <> 'hypersensitivity'
