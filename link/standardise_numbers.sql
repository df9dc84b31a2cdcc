-- Numbers read and checked: here the few that stand beside the current one, which is read where it is needed.
create or replace temp view dated_patient as
select *, coalesce(cast(recorded_at as date), birth_date) as reference from batch_patient;

create or replace temp view written_beside as
select id, false as mother, previous_number as raw, reference, birth_date
from dated_patient where previous_number is not null
union all
select id, true, mother_number, reference, null
from dated_patient where mother_number is not null;
create or replace temp table read_beside as
select id, mother, number, kind, valid, certain, number_birth_date from read_numbers('written_beside');
-- an earlier number comes without its issuer: a national one counts as such, the last step finds who gave another one
create or replace temp table beside_number as
select *
from (
    select
        id, number as previous, certain as previous_certain,
        case when valid and certain then number_birth_date end as previous_born,
        case
            when kind in ('personal', 'coordination', 'national_reserve') then number_key(number, kind, valid, null)
            when kind in ('vgr_reserve', 'stockholm_reserve', 'interim') and not valid or is_fake_number(number) then null
            else number || '@?'
        end as previous_key
    from read_beside where not mother
)
full join (select id, number as mother_key from read_beside where mother and valid) using (id);

-- where an earlier number of the same month has its century for certain, a short one has that century, too
create or replace temp view written_number as
select w.* exclude (number), b.* exclude (id),
    case
        when b.previous_certain and length(w.number) = 10 and length(b.previous) = 12
            and left(w.number, 4) = substr(b.previous, 3, 4)
            then left(b.previous, 2) || w.number
        else w.number
    end as raw
from dated_patient w
left join beside_number b using (id);

-- what a number's form and issuer together make it
create or replace temp table issued_number as
select issuer, kind, issued_kind(kind, issuer) as issued, bare_issuer(issuer) as bare
from (select distinct number_issuer as issuer from batch_patient where number_issuer is not null), ($kinds) k(kind);
