-- When two names, dates of birth or homes agree. Macros of the link stage, for pairs: what is dear stands behind what is cheap.

-- alike in spelling, word by word
create or replace macro words_alike(a, b, least) as
    list_max(list_transform(a, lambda x: list_max(list_transform(b, lambda y: jaro_winkler_similarity(x, y, least))))) >= least;

-- two neighbouring words written as one: Anna-Karin, Annakarin
create or replace macro joined_words(words) as
    list_transform(words[2:], lambda word, i: words[i] || word);

-- one word that the other could be but for the letters that were lost, three being left
create or replace macro fits_lost_letters(x, y) as
    length(x) = length(y) and length(replace(x, '?', '')) > 2 and length(replace(y, '?', '')) > 2
    and (contains(x, '?') and y like replace(x, '?', '_') or contains(y, '?') and x like replace(y, '?', '_'));

-- names without a word in common: is an initial that of a word, are they alike, is only a lost letter between them?
create or replace macro nearly_agree(a, b) as
    case
        when length(a[1]) = 1 or length(b[1]) = 1
            then list_has_any(list_transform(a, lambda x: x[1]), list_transform(b, lambda y: y[1]))
        when words_alike(a, b, 0.9) then true
        when contains(array_to_string(a || b, ''), '?')
            then list_bool_or(list_transform(a, lambda x: list_bool_or(list_transform(b, lambda y: fits_lost_letters(x, y)))))
        else false
    end;

-- 2: a word in common; 1: alike in spelling, or an initial that fits; 0: different persons' names; NULL: one of them unknown
create or replace macro names_agree(a, b) as
    case
        when a is null or b is null then null
        when list_has_any(a, b) then case when length(a[1]) > 1 then 2 else 1 end
        when len(a) > 1 and (list_has_any(joined_words(a), b) or array_to_string(a, '') = array_to_string(b, '')) then 2
        when len(b) > 1 and (list_has_any(a, joined_words(b)) or array_to_string(a, '') = array_to_string(b, '')) then 2
        when nearly_agree(a, b) then 1
        else 0
    end;

-- one slip between two dates of birth (YYYYMMDD): day and month swapped, one digit of them, or the last digit of the year
create or replace macro one_slip(a, b) as
    case
        when substr(a, 1, 4) = substr(b, 1, 4)
            then substr(a, 5, 4) = substr(b, 7, 2) || substr(b, 5, 2) or hamming(substr(a, 5, 4), substr(b, 5, 4)) = 1
        else substr(a, 5, 4) = substr(b, 5, 4) and substr(a, 1, 3) = substr(b, 1, 3)
    end;

-- 2: the same; 1: one slip apart; 0: different; NULL: one of them unknown
create or replace macro dates_agree(a, b) as
    case when a is null or b is null then null when a = b then 2 when one_slip(a, b) then 1 else 0 end;

-- the same door; a flat ('storgatan1#1101') is one door with its house where one side tells no flat
create or replace macro same_door(a, b) as
    case
        when a = b then true
        when contains(a, '#') = contains(b, '#') then false
        else split_part(a, '#', 1) = split_part(b, '#', 1)
    end;

-- 2: the same door or telephone; 1: the same postal code; 0: neither; NULL: nothing to compare
create or replace macro homes_agree(street_a, postal_a, phone_a, street_b, postal_b, phone_b) as
    case
        when phone_a = phone_b then 2
        when postal_a = postal_b then case when same_door(street_a, street_b) then 2 else 1 end
        when coalesce(postal_a, phone_a) is null or coalesce(postal_b, phone_b) is null then null
        when postal_a is null and phone_b is null or postal_b is null and phone_a is null then null
        else 0
    end;

-- days that are typed, or left behind by a program, where none is known
create or replace macro is_no_date(day) as
    -- a list, for DuckDB makes IN a join, after which rows are in no order
    list_contains([date '0001-01-01', date '1753-01-01', date '1800-01-01', date '1899-12-30', date '1900-01-01'], day)
    or year(day) > 2100;
