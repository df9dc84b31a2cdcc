select
    'labsvar' as source_table,
    _row_key as row_key,
    cast(patient_id as varchar) as local_patient_id,
    v.hsa_id as care_unit,
    v.vardgivare_hsa as care_giver,
    skriven_av as author,
    iso_timestamp(cast(reg_tid as varchar)) as recorded_at,
    yes_no(cast(vidimerad as varchar)) as signed,
    case when yes_no(cast(makulerad as varchar)) = 'true' then 'nullified' else 'active' end as status,
    yes_no(cast(visa_patient as varchar)) as approved_for_patient,
    case kodverk when 'NPU' then 'npu' when 'LOKAL' then 'melior-vital' else kodverk end as local_system,
    analyskod as local_code,
    analys as local_text,
    iso_timestamp(cast(provtid as varchar)) as observed_at,
    time_precision_of(provtid) as date_precision,
    svar as value_text,
    coalesce(cast(svar_num as varchar), cast(number_of(svar) as varchar)) as value_number,
    comparator_of(svar) as comparator,
    tidy(enhet) as unit,
    refint as reference_interval,
    yes_no(cast(avvik as varchar)) as abnormal,
    tidy(provnr) as specimen_id,
    cast(svar_id as varchar) as result_id,
    cast(rattar as varchar) as corrects,
    case svarstatus when 'P' then 'preliminary' when 'S' then 'final' when 'K' then 'corrected' when 'A' then 'cancelled' else svarstatus end as result_status
from labsvar t
left join (select enhet_id, hsa_id, vardgivare_hsa from vardenhet) v using (enhet_id)
where (patient_id in (select patient_id from patient where personnr in ('201212121212', '191212121212'))) is not true
