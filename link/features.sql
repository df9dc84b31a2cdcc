-- What a pair of identities has in common: the facts that vetoes and requirements are stated in, but for those that hang
-- on roots, which judgements change on the way. Each pair is looked at once; what is dear is asked last.
with seen as (
    select
        p.id_l, p.id_r,
        -- one number but for a century that at least one side only guesses
        coalesce(not (l.century_certain and r.century_certain) and list_has_any(l.shorts, r.shorts), false) as guessed,
        -- an earlier number of both, which is another one, fits the same guess
        coalesce(len(list_intersect(l.shorts, r.shorts)) > 1, false) as guessed_twice,
        coalesce(list_has_any(l.disputed_shorts, r.shorts), false) as disputed,
        coalesce(
            l.number = r.number
            or not (l.century_certain and r.century_certain) and substr(l.number_key, 3) = substr(r.number_key, 3), false
        ) as same_number,
        coalesce(l.number_kind <> r.number_kind, false) as two_kinds,
        coalesce(l.number_kind = 'coordination' and r.number_kind = 'coordination', false) as both_coordination,
        case
            when l.given_key = r.given_key or l.given_first = r.given_first and length(l.given_first) > 1 then 2
            else names_agree(l.given_words, r.given_words)
        end as given,
        coalesce(l.given_key = r.given_key, false) as given_same,
        coalesce(l.given_first = r.given_first, false) as given_first_same,
        case
            when l.surname_key = r.surname_key
                or l.surname_words[1] = r.surname_words[1] and length(l.surname_words[1]) > 1 then 2
            else names_agree(l.surname_words, r.surname_words)
        end as surname,
        coalesce(l.called = r.called, false) as called_same,
        l.given_words as given_l, r.given_words as given_r, l.surname_words as surname_l, r.surname_words as surname_r,
        dates_agree(l.born, r.born) as born,
        l.born_weak or r.born_weak as day_unknown,
        coalesce(l.born <> r.born and substr(l.born, 3) = substr(r.born, 3), false) as born_centuries_apart,
        dates_agree('20' || substr(l.born, 3), '20' || substr(r.born, 3)) as day_born,
        l.deceased is null and r.deceased is null as none_dead,
        coalesce(abs(cast(left(l.born, 4) as integer) - cast(left(r.born, 4) as integer)) > 1, false) as born_far,
        coalesce(l.sex <> r.sex, false) as sex_differs,
        coalesce(homes_agree(l.street, l.postal_code, l.phone, r.street, r.postal_code, r.phone), 0) as home,
        case when l.serial = r.serial then 2 when damerau_levenshtein(l.serial, r.serial) = 1 then 1 else 0 end as serial,
        coalesce(l.mother_key = r.mother_key, false) as same_mother,
        coalesce(l.mother_key <> r.mother_key, false) as other_mother,
        coalesce(l.number < 0 or r.number < 0, false) as reserve_number,
        coalesce(l.birth_order = r.birth_order, false) as same_birth_order,
        coalesce(l.birth_order <> r.birth_order, false) as other_birth_order,
        l.only_child and r.only_child as only_child,
        l.given_words is null and l.only_child as newborn_l,
        r.given_words is null and r.only_child as newborn_r,
        -- a personal number that does not tell its own bearer's date of birth
        coalesce(
            l.number_kind = 'personal' and l.number // 10000 <> try_cast(l.born as bigint)
            or r.number_kind = 'personal' and r.number // 10000 <> try_cast(r.born as bigint), false
        ) as odd_number,
        l.source = r.source as same_source,
        l.number_kind in ('national_reserve', 'vgr_reserve') and r.number_kind in ('national_reserve', 'vgr_reserve')
            and l.number <> r.number as two_reserves,
        l.protected or r.protected as protected,
        coalesce(l.protected and r.protected, false) as both_protected,
        l.unlinkable or r.unlinkable as unlinkable,
        coalesce(l.unit = r.unit, false) as same_person,
        coalesce(l.unit <> r.unit, false) as both_known,
        -- days of care after a death, or before a birth, that only the other identity knows of
        case when l.deceased is distinct from r.deceased
            then greatest(0, l.active_to - r.deceased_on, r.active_to - l.deceased_on) else 0 end as after_death,
        -- dates of birth a hundred years apart are one, with a century that was guessed
        case when substr(l.born, 3) = substr(r.born, 3) then 0
            else greatest(
                0,
                case when l.active_from >= coalesce(l.born_on, l.active_from) then r.born_on - l.active_from end,
                case when r.active_from >= coalesce(r.born_on, r.active_from) then l.born_on - r.active_from end
            )
        end as before_birth,
        coalesce(two_stays.days, 0) as days_in_two_places,
        two_births.days as days_between_births,
        l.female_found and r.male_found or l.male_found and r.female_found as findings_clash,
        coalesce(
            l.female_found and l.sex is distinct from 'male' and r.sex = 'male'
            or l.male_found and l.sex is distinct from 'female' and r.sex = 'female'
            or r.female_found and r.sex is distinct from 'male' and l.sex = 'male'
            or r.male_found and r.sex is distinct from 'female' and l.sex = 'female', false
        ) as finding_against_sex,
        v.verdict
    from unseen p
    join face l on l.id = p.id_l
    join face r on r.id = p.id_r
    left join verdict v on v.id_l = p.id_l and v.id_r = p.id_r
    left join (
        select q.id_l, q.id_r, max(least(a.to_on, b.to_on) - greatest(a.from_on, b.from_on)) as days
        from unseen q join stay a on a.id = q.id_l join stay b on b.id = q.id_r and b.place <> a.place
        group by q.id_l, q.id_r
    ) two_stays on two_stays.id_l = p.id_l and two_stays.id_r = p.id_r
    left join (
        select q.id_l, q.id_r, max(abs(a.from_on - b.from_on)) as days
        from unseen q join delivery a on a.id = q.id_l join delivery b on b.id = q.id_r
        where abs(a.from_on - b.from_on) between 1 and 200
        group by q.id_l, q.id_r
    ) two_births on two_births.id_l = p.id_l and two_births.id_r = p.id_r
),
named as (
    select *,
        case
            when given_same or given_first_same and (len(given_l) = 1 or len(given_r) = 1) then true
            when given = 0 then false
            else coalesce(
                list_has_all(given_l, given_r) or list_has_all(given_r, given_l)
                or array_to_string(given_l, '') = array_to_string(given_r, ''), false
            )
        end as given_within,
        -- asked only where nothing else says as much
        case
            when given = 0 or serial >= 1 or given_first_same and home >= 1 then 0
            else coalesce(len(list_intersect(given_l, given_r)), 0)
        end as given_shared,
        -- asked only of names that do not agree as they stand
        case when mixed then names_agree(given_l, surname_r) end as given_as_surname,
        case when mixed then names_agree(surname_l, given_r) end as surname_as_given
    from (select *, surname = 0 or guessed and (given = 0 or surname = 0) as mixed from seen)
)
select * exclude (given_l, given_r, surname_l, surname_r, mixed, given_as_surname, surname_as_given),
    coalesce(given_as_surname > 0 or surname_as_given > 0, false) as names_swapped,
    coalesce(given_as_surname > 0 and surname_as_given > 0, false) as names_crossed
from named
