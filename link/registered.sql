-- What registers document, read as every number is; a number whose century would be a guess ties nothing together.
create or replace view written_link as
select line, link_kind, unnest(['now', 'earlier']) as side, unnest([number, earlier_number]) as raw,
    unnest([number_issuer, earlier_issuer]) as issuer, linked_on as reference, cast(null as date) as birth_date
from (select *, row_number() over (order by source, source_table, row_key) as line from register_link);

create or replace table register_key as
select n.line, n.link_kind, n.side, coalesce(number_key(n.number, n.kind, n.valid, n.issuer), o.number_key) as number_key
from read_numbers('written_link') n
left join (
    select split_part(number_key, '@', 1) as number, min(number_key) as number_key
    from standard where number_key like '%@%'
    group by 1 having count(distinct number_key) = 1
) o on o.number = n.number and n.issuer is null
where n.certain and n.number is not null;
