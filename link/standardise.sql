-- One comparable row for each identity, from what the other files have read; in the order of `id`.
with counted as (
    select * exclude (number_birth_date), coalesce(issued, kind) as number_kind,
        certain and coalesce(previous_certain or same_month, true) as century_certain,
        -- and the other way round: a number that is certain tells the century of the earlier one
        case
            when previous_certain or not (certain and same_month) then previous_key
            else left(number, 2) || substr(previous_key, 3)
        end as earlier_key
    from (
        select r.*, i.issued, i.bare,
            coalesce(length(number) = 12 and length(previous) = 12 and substr(number, 3, 4) = substr(previous, 3, 4), false)
                as same_month
        from read_numbers('written_number') r
        left join issued_number i on i.issuer = r.number_issuer and i.kind = r.kind
    )
),
keyed as (
    select *,
        -- `number_key` of minns.codes, for a whole column
        case
            when number_kind in ('personal', 'coordination') then case when valid then number end
            when number_kind = 'national_reserve' then case when valid then number || '@$national_reserve' end
            when bare is null then null
            when number_kind in ('vgr_reserve', 'stockholm_reserve', 'interim') then case when valid then number || '@' || bare end
            when not is_fake_number(number) then number || '@' || bare
        end as number_key,
        case when valid then nullif(number_sex, 'unknown') end as told_sex, nullif(sex, 'unknown') as recorded_sex,
        case when birth_date is not null then birth_date when valid then birth_date_of(number, kind, number_digits(number)) end as born_on,
        protection = 'none' as open
    from counted
),
ordered as (
    select
        k.id, k.source, k.local_patient_id, k.number, k.number_kind, k.valid, k.century_certain, k.number_key, k.earlier_key as previous_key,
        k.identity_status,
        coalesce(k.identity_status in ('false', 'fictitious', 'anonymous'), false) or coalesce(g.anonymous, false)
            or coalesce(f.anonymous, false) as unlinkable,
        not k.open as protected,
        g.given_words, g.given_key, g.given_first,
        -- a newborn without a name is called nothing
        case when k.called_name is null or g.given_key is null and k.given_names is not null then g.given_first
            else coalesce(c.given_first, g.given_first) end as called,
        -- 'Okänd Man': with a name that is none, such a word is none either
        case when (k.given_names is not null and g.given_key is null and f.surname_key in ('man', 'kvina', 'person')) is not true then f.surname_words end as surname_words,
        case when (k.given_names is not null and g.given_key is null and f.surname_key in ('man', 'kvina', 'person')) is not true then f.surname_key end as surname_key,
        -- the earlier number tells it too; a reserve number of somebody without a name tells how old they were thought
        strftime(coalesce(k.born_on, case when g.given_key is not null then k.previous_born end), '%Y%m%d') as born,
        coalesce(right(born, 4) in ('0101', '0701'), false) as born_weak,
        -- what is recorded and what the number tells: known when they do not contradict each other
        case when k.recorded_sex <> k.told_sex then null else coalesce(k.recorded_sex, k.told_sex) end as sex,
        case when k.open then t.door end as street,
        case when k.open then z.code end as postal_code,
        case when k.open then h.digits end as phone,
        k.mother_key,
        k.birth_order,
        case when k.number_kind in ('personal', 'coordination') then right(k.number, 4) end as serial,
        case when not is_no_date(k.deceased_date) then strftime(k.deceased_date, '%Y%m%d') end as deceased,
        k.traits
    from keyed k
    left join read_name g on g.name = k.given_names
    left join read_name c on c.name = k.called_name
    left join read_name f on f.name = k.surname
    left join read_street t on t.street = k.street
    left join read_postal z on z.postal_code = k.postal_code
    left join read_phone h on h.phone = k.phone
    order by k.id
)
-- words are one text until here: lists are dear to join and to sort
select * replace (string_split(given_words, ' ') as given_words, string_split(surname_words, ' ') as surname_words)
from ordered
