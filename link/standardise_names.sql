-- Every name that stands in the batch, read once: its words, folded, as given names and as a surname.
create or replace temp table spelt_name as
select name, case when is_damaged(name) then repaired(name) else name end as spelt
from (
    select given_names as name from batch_patient
    union select surname from batch_patient
    union select called_name from batch_patient
)
where name is not null;

create or replace temp table name_piece as
select
    row_number() over () as name_no, name, is_no_name(words) as no_name, is_newborn_name(words) as newborn,
    list_has_any(words, ['anonym', 'anonyma', 'anonymt', 'anonymous']) as anonymous,
    case
        when is_no_name(words) then []
        -- a newborn without a name bears its mother's surname
        when is_newborn_name(words) then list_filter(words, lambda word: length(word) > 1 and not is_newborn_word(word))
        else without_particles(words)
    end as words
from (select name, plain_words(spelt) as words from spelt_name);

create or replace temp table folded_piece as
select word, folded_word(word) as folded from (select distinct unnest(words) as word from name_piece);

create or replace temp table read_name as
select
    name, anonymous, words, key, not newborn as given,
    case when length(words[1]) > 1 then words[1] end as first_word
from (
    select p.name, p.anonymous, p.newborn, t.words,
        case when length(t.words[1]) > 1 then array_to_string(list_sort(list_distinct(t.words)), ' ') end as key
    from name_piece p
    left join (
        select name_no, telling_words(list(folded order by place)) as words
        from (select name_no, unnest(words) as word, generate_subscripts(words, 1) as place from name_piece)
        join folded_piece using (word)
        group by name_no
    ) t using (name_no)
);
