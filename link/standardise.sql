-- One comparable row for each identity, from what the other files have read; in the order of `id`.
with read as (
    select
        s.id, r.* exclude (kind, valid, certain), r.kind as read_kind, r.valid as read_valid, r.certain,
        p.previous, p.previous_kind, p.previous_valid, p.previous_certain,
        coalesce(length(r.number) = 12 and length(p.previous) = 12 and substr(r.number, 3, 4) = substr(p.previous, 3, 4), false)
            as same_month
    from read_numbers('written_number') r
    join seat s using (source, local_patient_id)
    left join previous_number p on p.id = s.id
),
-- where one of a row's numbers has its century for certain, the other one of the same month has it too
century as (
    select * replace (
            case when same_month and not certain and previous_certain
                then left(previous, 2) || substr(number, 3) else number end as number,
            case when same_month and not previous_certain and certain
                then left(number, 2) || substr(previous, 3) else previous end as previous
        ),
        coalesce(certain and previous_certain or same_month and (certain or previous_certain), certain) as century_certain
    from read
),
counted as (
    select * exclude (number_birth_date),
        issued_kind(read_kind, number_issuer) as number_kind,
        -- what a century changes: 29 February
        case when certain or not century_certain then read_valid else is_valid_number(number) end as valid,
        case when certain or not century_certain then number_birth_date else number_birth_date(number) end as number_birth_date
    from century
),
keyed as (
    select *,
        number_key(number, read_kind, valid, number_issuer) as number_key,
        coalesce(
            number_key(previous, previous_kind, previous_valid, null),
            case when previous_valid and previous_kind in ('vgr_reserve', 'stockholm_reserve', 'interim')
                or previous_kind not in (
                    'personal', 'coordination', 'national_reserve', 'vgr_reserve', 'stockholm_reserve', 'interim'
                ) and not is_fake_number(previous)
                then previous || '@?' end
        ) as previous_key,
        case when valid then nullif(number_sex, 'unknown') end as told_sex, nullif(sex, 'unknown') as recorded_sex,
        coalesce(birth_date, case when valid then number_birth_date end) as born_on,
        protection = 'none' as open
    from counted
),
shortened as (
    select *,
        case when number_kind in ('personal', 'coordination', 'vgr_reserve', 'interim') then substr(number_key, 3) end as short,
        case when previous_kind in ('personal', 'coordination', 'vgr_reserve', 'interim') then substr(previous_key, 3) end
            as short_previous
    from keyed
)
select
    k.id, k.source, k.local_patient_id, k.number, k.number_kind, k.valid, k.century_certain, k.number_key, k.previous_key,
    case
        when k.short is null and k.short_previous is null then cast([] as varchar[])
        when k.short_previous is null then [k.short]
        when k.short is null then [k.short_previous]
        else [k.short, k.short_previous]
    end as short_numbers,
    k.identity_status,
    coalesce(k.identity_status in ('false', 'fictitious', 'anonymous'), false) or coalesce(g.anonymous, false)
        or coalesce(f.anonymous, false) as unlinkable,
    not k.open as protected,
    case when g.given then g.words end as given_words,
    case when g.given then g.key end as given_key,
    case when g.given then g.first_word end as given_first,
    case when g.given or k.given_names is null then coalesce(case when c.given then c.first_word end, g.first_word) end as called,
    f.words as surname_words,
    f.key as surname_key,
    strftime(k.born_on, '%Y%m%d') as born,
    coalesce(day(k.born_on) = 1 and month(k.born_on) in (1, 7), false) as born_weak,
    -- what is recorded and what the number tells: known when they do not contradict each other
    case when k.recorded_sex <> k.told_sex then null else coalesce(k.recorded_sex, k.told_sex) end as sex,
    case when k.open then t.door end as street,
    case when k.open then z.code end as postal_code,
    case when k.open then h.digits end as phone,
    m.mother_key,
    k.birth_order,
    case when k.number_kind in ('personal', 'coordination') then right(k.number, 4) end as serial,
    case when not is_no_date(k.deceased_date) then strftime(k.deceased_date, '%Y%m%d') end as deceased,
    k.traits
from shortened k
left join mother_number m on m.id = k.id
left join read_name g on g.name = k.given_names
left join read_name c on c.name = k.called_name
left join read_name f on f.name = k.surname
left join read_street t on t.street = k.street
left join read_postal z on z.postal_code = k.postal_code
left join read_phone h on h.phone = k.phone
order by k.id
