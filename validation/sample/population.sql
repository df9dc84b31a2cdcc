-- What puts a fact into a stratum. Reads the views stated (every fact), person, identity, lineage, conflict, and the
-- tables own_source and suggested_map. Makes `judged`.

create temp table behind as
select fact_id, kind,
    -- the row that founded the fact, where it is of the wave's own sources, else the first of theirs
    arg_min(source, concat(if(role = 'loaded', '0', '1'), source))
        filter (source in (select name from own_source)) as source,
    md5(string_agg(content_hash, '|' order by content_hash)) as rows_hash
from lineage
group by fact_id, kind;

create temp table owner as
select person_id, count(*) > 1 as merged,
    bool_or(method not in ('founder', 'number')) as by_model
from identity
group by person_id;

create temp table disputed as
select distinct fact_id
from (
    select fact_id from conflict where state = 'open'
    union all
    select other_fact_id from conflict where state = 'open'
    union all
    select person_id from conflict where state = 'open' and kind = 'patient'
);

create temp table judged as
select s.fact_id, s.kind, s.person_id, s.status, b.source,
    p.protection <> 'none' as protected,
    d.fact_id is not null as disputed,
    m.name is not null as suggested,
    coalesce(o.by_model, false) as by_model,
    coalesce(o.merged, false) as merged,
    left(md5(concat(s.content_hash, '|', b.rows_hash)), 20) as mark
from stated as s
join behind as b on b.fact_id = s.fact_id and b.kind = s.kind and b.source is not null
join person as p on p.person_id = s.person_id
left join owner as o on o.person_id = s.person_id
left join disputed as d on d.fact_id = s.fact_id
left join suggested_map as m on m.name = s.map_id;
