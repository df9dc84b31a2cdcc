-- Who wrote, as sources name them: the same name in two sources is not taken for one person.
select practitioner_id(source, author) as resource_id, null as person_id, concat(
    resource('Practitioner', practitioner_id(source, author), null),
    ',"identifier":', one(case
        when is_hsa(author) then '{"system":"urn:oid:1.2.752.29.4.19","value":' || js(author) || '}'
        else identifier('author', source, author) end),
    case when not is_hsa(author) then ',"name":[{"text":' || js(author) || '}]' end,
    '}') as body
from (select min(source) as source, author from named_author where is_hsa(author) group by author
    union all select source, author from named_author where not is_hsa(author))
