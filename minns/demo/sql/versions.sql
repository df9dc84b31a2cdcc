-- Results that the laboratory corrected and notes that were written anew: each version is a row and a fact of its own, in
-- the hospital's journal, where no other system tells of it.

create or replace temp table correction as
with alone as (select fact_id from entry group by fact_id having count(*) = 1)
select e.*, concat(fact_id, '-v2') as new_fact
from entry e semi join alone using (fact_id)
where source = 'melior' and not nullified and case kind
    when 'observation' then chance('result_corrected', fact_id)
        and exists (from observation o where o.fact_id = e.fact_id and number is not null and not is_vital)
    when 'document' then chance('note_rewritten', fact_id) end;

insert into observation by name
with wrong as (
    select o.* exclude (fact_id), c.new_fact as fact_id, cast(round(cast(number as double) * 1.4 + 1, decimals) as decimal(12, 2)) as now
    from observation o join correction c using (fact_id)
)
select * exclude (now) replace (now as number, now as value, high > 0 and (now < low or now > high) as abnormal,
    replace(case decimals when 0 then cast(cast(now as bigint) as varchar)
        when 1 then cast(cast(now as decimal(12, 1)) as varchar) else cast(now as varchar) end, '.', ',') as written)
from wrong;

insert into document by name
select d.* replace (c.new_fact as fact_id, body || ' Rättelse: uppgiften ovan gällde höger sida.' as body)
from document d join correction c using (fact_id);

insert into entry by name
select * exclude (new_fact, key, recorded_at, fact_id, line), new_fact as fact_id, concat(line, '-v2') as line,
    cast(500000000 + cast(key as bigint) as varchar) as key, recorded_at + to_minutes(60 + pick('corrected', new_fact, 300)::integer) as recorded_at
from correction;

-- by what key the journal knows what was corrected; some references lead nowhere
create or replace temp table corrects as
select new_fact as fact_id, kind, if(chance('reference_lost', new_fact), '9' || lpad(key, 8, '0'), key) as original_key, key
from correction;
