-- Every name that stands in the batch, read once, and every word of them folded once.
create or replace temp table spelt_name as
select row_number() over () as name_no, name, plain_words(case when is_damaged(name) then repaired(name) else name end) as words
from (
    select given_names as name from batch_patient
    union select surname from batch_patient
    union select called_name from batch_patient
)
where name is not null;

create or replace temp table spelt_word as
select name_no, unnest(words) as word, generate_subscripts(words, 1) as place from spelt_name;

create or replace temp table folded_word as
select word, folded, is_anonymous_word(word) as anonymous,
    case
        when is_unknown_word(word) then 'unknown'
        when is_newborn_word(word) then 'newborn'
        when is_particle(word) then 'particle'
        when length(replace(folded, '?', '')) > 1 then 'whole'
        when length(folded) = 1 then 'initial'
        else 'nothing'
    end as class
from (select word, folded_word(word) as folded from (select distinct word from spelt_word));

-- a newborn without a name bears its mother's surname
create or replace temp table read_name as
select
    name, anonymous, not newborn as given, words,
    case when length(words[1]) > 1 then array_to_string(list_sort(list_distinct(words)), ' ') end as key,
    case when length(words[1]) > 1 then words[1] end as first_word
from (
    select name_no, anonymous, newborn,
        case
            when unknown then null
            when len(whole) > 0 then whole
            when newborn then null
            else coalesce(nullif(initials, []), nullif(particles, []))
        end as words
    from (
        select name_no, anonymous, newborn, unknown,
            list_transform(list_filter(pieces, lambda p: p.class = 'whole'), lambda p: p.folded) as whole,
            list_transform(list_filter(pieces, lambda p: p.class = 'initial'), lambda p: p.folded) as initials,
            list_transform(list_filter(pieces, lambda p: p.class = 'particle'), lambda p: p.folded) as particles
        from (
            select name_no, bool_or(anonymous) as anonymous, bool_or(class = 'newborn') as newborn,
                bool_or(class = 'unknown') or count(*) > 1 and bool_and(word = 'n') as unknown,
                list({'folded': folded, 'class': class} order by place) as pieces
            from spelt_word join folded_word using (word)
            group by name_no
        )
    )
)
join (select name_no, name from spelt_name) using (name_no);
