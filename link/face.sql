-- All that is known of the identities that are wanted, in one row.
select
    s.id, s.source, s.number_kind, s.number_key, s.protected, s.given_words, s.given_key, s.given_first, s.called,
    s.surname_words, s.surname_key, coalesce(m.born, s.born) as born, s.born_weak, s.sex, s.street, s.postal_code, s.phone, s.serial, s.mother_key, s.birth_order,
    s.deceased, r.number, r.century_certain, r.number_root, r.veto_root, r.earlier_root, r.unlinkable, u.unit,
    n.shorts, n.disputed_shorts, b.children is not distinct from 1 as only_child,
    case when exists (from lived) then try_strptime(coalesce(m.born, s.born), '%Y%m%d')::date end as born_on,
    case when exists (from lived) then try_strptime(s.deceased, '%Y%m%d')::date end as deceased_on,
    t.active_from, t.active_to, coalesce(t.female, false) as female_found, coalesce(t.male, false) as male_found
from standard s
semi join wanted using (id)
join root r using (id)
left join mistaken m using (id)
left join unit u using (id)
left join (
    select id, list(short order by short) as shorts, list(short order by short) filter (disputed) as disputed_shorts
    from short_number group by id
) n using (id)
left join birth b on b.mother_hash = r.mother_hash and b.born = r.born
left join lived t using (id)
