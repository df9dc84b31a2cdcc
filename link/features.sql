-- What a pair of identities has in common: the facts that vetoes and requirements are stated in.
select
    p.*,
    coalesce(rl.number_root = rr.number_root, false) as same_root,
    -- one number but for a century that at least one side only guesses
    coalesce(
        not (l.century_certain and r.century_certain) and list_has_any(l.short_numbers, r.short_numbers), false
    ) as guessed,
    coalesce(
        l.number_key = r.number_key
        or not (l.century_certain and r.century_certain) and substr(l.number_key, 3) = substr(r.number_key, 3), false
    ) as same_number,
    coalesce(
        rl.veto_root <> rr.veto_root and rl.veto_root is distinct from rr.earlier_root
        and rr.veto_root is distinct from rl.earlier_root and coalesce(rl.earlier_root <> rr.earlier_root, true), false
    ) as two_roots,
    coalesce(l.number_kind <> r.number_kind, false) as two_kinds,
    names_agree(l.given_words, r.given_words) as given,
    coalesce(
        list_has_all(l.given_words, r.given_words) or list_has_all(r.given_words, l.given_words)
        or array_to_string(l.given_words, '') = array_to_string(r.given_words, ''), false
    ) as given_within,
    coalesce(l.given_first = r.given_first, false) as given_first_same,
    coalesce(len(list_intersect(l.given_words, r.given_words)), 0) as given_shared,
    names_agree(l.surname_words, r.surname_words) as surname,
    coalesce(names_agree(l.given_words, r.surname_words) > 0 or names_agree(l.surname_words, r.given_words) > 0, false)
        as names_swapped,
    coalesce(
        names_agree(l.given_words, r.surname_words) > 0 and names_agree(l.surname_words, r.given_words) > 0, false
    ) as names_crossed,
    dates_agree(l.born, r.born) as born,
    dates_agree('20' || substr(l.born, 3), '20' || substr(r.born, 3)) as day_born,
    coalesce(abs(cast(left(l.born, 4) as integer) - cast(left(r.born, 4) as integer)) > 1, false) as born_far,
    coalesce(l.sex <> r.sex, false) as sex_differs,
    coalesce(homes_agree(l.street, l.postal_code, l.phone, r.street, r.postal_code, r.phone), 0) as home,
    case when l.serial = r.serial then 2 when damerau_levenshtein(l.serial, r.serial) = 1 then 1 else 0 end as serial,
    coalesce(l.mother_key = r.mother_key, false) as same_mother,
    coalesce(l.birth_order = r.birth_order, false) as same_birth_order,
    coalesce(l.birth_order <> r.birth_order, false) as other_birth_order,
    l.only_child and r.only_child as only_child,
    l.source = r.source as same_source,
    l.number_kind in ('national_reserve', 'vgr_reserve') and r.number_kind in ('national_reserve', 'vgr_reserve')
        and l.number <> r.number as two_reserves,
    l.protected or r.protected as protected,
    coalesce(kl.person_id = kr.person_id, false) as same_person,
    kl.id is not null and kr.id is not null as both_known,
    v.verdict
from $pairs p
join standard l on l.id = p.id_l
join standard r on r.id = p.id_r
join root rl on rl.id = p.id_l
join root rr on rr.id = p.id_r
left join placed kl on kl.id = p.id_l
left join placed kr on kr.id = p.id_r
left join verdict v on v.id_l = p.id_l and v.id_r = p.id_r
