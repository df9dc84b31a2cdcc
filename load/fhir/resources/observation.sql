-- Results, vital signs, measurements. The value stands in the unit that its analysis is read in, where it can be given
-- so; as it was written, it stands beside. What words say stays words. A result that another one corrected is withdrawn.
select fact_id as resource_id, person_id, concat(
    resource('Observation', fact_id, meta(source, null, labels(protection, blocked, approved_for_patient))),
    ',"extension":' || arr(concat(
        -- as written, where the value does not show it already
        extension('value', 'valueString', case when value_kind in ('number', 'limit', 'range')
            and value_text is distinct from number_json(coalesce(standard_number, value_number)) then js(value_text) end),
        extension('unit', 'valueString', case
            when unit is distinct from standard_unit or standard_number is null then js(unit) end),
        extension('finding', 'valueCode', bare(replace(finding, ' ', '-'))),
        extension('week', 'valueString', bare(week_known(observed_at, date_precision))),
        extension('result-status', 'valueCode', bare(result_status)),
        extension('replaces', 'valueReference', reference('Observation', replaces)),
        extension('replaced-by', 'valueReference', reference('Observation', replaced_by)),
        kept(status, ['active', 'completed'], signed, unread))),
    ',"identifier":' || one(identifier('result', source, result_id)),
    ',"status":"', case
        when status in ('nullified', 'refuted') then 'entered-in-error'
        when result_status in ('preliminary', 'cancelled') then result_status
        when replaced_by is not null then 'entered-in-error'
        when status = 'stopped' then 'cancelled'
        when status in ('obsolete', 'unknown') then 'unknown'
        when result_status = 'corrected' then 'corrected'
        else 'final' end, '"',
    case when system = 'npu' then
        ',"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}]' end,
    ',"code":', coalesce(
        concept(local_system, local_code, local_text, system, system_version, code, display, equivalence),
        absent('unknown')),
    ',"subject":', reference('Patient', person_id),
    coalesce(
        ',"effectiveDateTime":' || bare(case
            when date_precision is null then instant(observed_at, utc_offset)
            else partial(observed_at, date_precision) end),
        ',"_effectiveDateTime":' || absent('unknown')),
    coalesce(
        case
            when value_kind in ('number', 'limit') and value_number is not null then
                ',"valueQuantity":' || quantity(value_number, comparator, unit, standard_number, standard_unit)
            when value_kind = 'range' and coalesce(value_low, value_high) is not null then
                ',"valueRange":' || range_of(value_low, value_high, unit)
            when value_kind = 'not_done' then
                ',"dataAbsentReason":' || not_performed(value_text)
        end,
        ',"valueString":' || js(value_text),
        ',"dataAbsentReason":' || coded('http://terminology.hl7.org/CodeSystem/data-absent-reason', 'unknown')),
    case when abnormal then ',"interpretation":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation","code":"A"}]}]'
        when not abnormal then ',"interpretation":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation","code":"N"}]}]' end,
    ',"specimen":{"identifier":' || identifier('specimen', source, specimen_id) || '}',
    ',"referenceRange":' || one(worded(reference_interval)),
    '}') as body
from observation join guarded using (person_id)
