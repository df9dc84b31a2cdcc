-- Numbers read and checked: here the few that stand beside the current one, which is read where it is needed.
create or replace temp view written_number as
select *, number as raw, coalesce(cast(recorded_at as date), birth_date) as reference from batch_patient;

create or replace temp view written_previous as
select source, local_patient_id, previous_number as raw, reference, birth_date
from written_number where previous_number is not null;
create or replace temp table previous_number as
select s.id, r.number as previous, r.kind as previous_kind, r.valid as previous_valid, r.certain as previous_certain
from read_numbers('written_previous') r join seat s using (source, local_patient_id);

create or replace temp view written_mother as
select source, local_patient_id, mother_number as raw, reference, cast(null as date) as birth_date
from written_number where mother_number is not null;
create or replace temp table mother_number as
select s.id, r.number as mother_key
from read_numbers('written_mother') r join seat s using (source, local_patient_id)
where r.valid;
