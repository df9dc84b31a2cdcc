-- Every name that stands in the batch, read once, and every word of them folded once.
create or replace temp table spelt_name as
select row_number() over () as name_no, name, plain_words(mended) as words
from (
    select name, case when is_damaged(name) then repaired(name) else name end as mended
    from (
        select given_names as name from batch_patient
        union select surname from batch_patient
        union select called_name from batch_patient
    )
    where name is not null
);

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

-- the pieces of each name; whole words count, else initials, else particles; a newborn without a name bears its mother's surname
create or replace temp table sorted_name as
select
    name_no, bool_or(anonymous) as anonymous, bool_or(class = 'newborn') as newborn,
    bool_or(class = 'unknown') or count(*) > 1 and bool_and(word = 'n') as unknown,
    list({'place': place, 'word': folded}) filter (class = 'whole') as whole,
    list({'place': place, 'word': folded}) filter (class = 'initial') as initials,
    list({'place': place, 'word': folded}) filter (class = 'particle') as particles
from spelt_word join folded_word using (word)
group by name_no;

create or replace temp table read_name as
select
    name, anonymous, written as surname_words, key as surname_key,
    case when not newborn then written end as given_words,
    case when not newborn then key end as given_key,
    case when not newborn and key is not null then words[1] end as given_first
from (
    select *, array_to_string(words, ' ') as written,
        case when length(words[1]) > 1 then array_to_string(list_sort(list_distinct(words)), ' ') end as key
    from (
        select name_no, anonymous, newborn,
            -- put in order here: an aggregate with an order of its own is many times dearer
            list_transform(
                list_sort(case when not unknown then coalesce(whole, case when not newborn then coalesce(initials, particles) end) end),
                lambda piece: piece.word
            ) as words
        from sorted_name
    )
)
join (select name_no, name from spelt_name) using (name_no);
