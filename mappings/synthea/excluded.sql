-- What this record does not hold. Care plans, devices (implants among them) and imaging studies have
-- no canonical table yet; supplies are what a ward used up; the rest is about money.
select 'careplans' as source_table, _row_key as row_key, 'kind_not_in_record' as rule from careplans
union all
select 'devices', _row_key, 'kind_not_in_record' from devices
union all
select 'imaging_studies', _row_key, 'kind_not_in_record' from imaging_studies
union all
select 'supplies', _row_key, 'consumables' from supplies
union all
select 'claims', _row_key, 'billing' from claims
union all
select 'claims_transactions', _row_key, 'billing' from claims_transactions
union all
select 'payers', _row_key, 'billing' from payers
union all
select 'payer_transitions', _row_key, 'billing' from payer_transitions
