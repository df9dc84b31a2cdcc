-- How names, dates and addresses are made comparable, and when two of them agree. Macros of the link stage.

-- spelling variants meet: å/aa, ä/ae, ö/oe, c/k, w/v, ph/f, th/t, x/ks, -sson/-son, doubled letters
create or replace macro respelled(x) as
    replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
        translate(strip_accents(lower(x)), 'øæðþ', 'oadt'), 'aa', 'a'), 'ae', 'a'), 'oe', 'o'), 'ph', 'f'), 'th', 't'), 'ch', 'k'), 'c', 'k'), 'q', 'k'), 'w', 'v'), 'x', 'ks'), 'z', 's');
create or replace macro folded(x) as
    replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
        respelled(x), 'll', 'l'), 'ss', 's'), 'nn', 'n'), 'mm', 'm'), 'tt', 't'), 'rr', 'r'), 'dd', 'd'), 'pp', 'p'), 'kk', 'k'), 'bb', 'b'), 'gg', 'g'), 'ff', 'f'), 'ee', 'e');

-- the words of a name
create or replace macro name_words(x) as
    list_filter(
        regexp_split_to_array(folded(regexp_replace(x, '[''´`’.]', '', 'g')), '[^a-z]+'),
        lambda word: length(word) > 1
    );

create or replace macro is_placeholder_name(x) as
    regexp_matches(
        strip_accents(lower(x)),
        '\b(flicka|pojke|gosse|barn|tvilling|trilling|nyfodd|ofodd|baby|okand|skyddad|skyddade|anonym|reserv)\b'
        || '|\b(uppgift|namn|saknas|testsson|tolvansson|nn|unknown)\b|^test$|^tolvan$|^x+$|\?'
    )
    -- the same words with a slip of the pen
    or damerau_levenshtein(lower(x), 'flicka') = 1 or damerau_levenshtein(lower(x), 'pojke') = 1;

create or replace macro words_alike(a, b, least) as
    list_max(list_transform(a, lambda x: list_max(list_transform(b, lambda y: jaro_winkler_similarity(x, y))))) >= least;

-- 2: a word in common; 1: alike in spelling; 0: different persons' names; NULL: one of them unknown
create or replace macro names_agree(a, b) as
    case
        when a is null or b is null then null
        when list_has_any(a, b) or array_to_string(a, '') = array_to_string(b, '') then 2
        when words_alike(a, b, 0.9) then 1
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

-- 2: the same door or telephone; 1: the same postal code; 0: neither; NULL: nothing to compare
create or replace macro homes_agree(street_a, postal_a, phone_a, street_b, postal_b, phone_b) as
    case
        when coalesce(phone_a = phone_b, false) or coalesce(street_a = street_b and postal_a = postal_b, false) then 2
        when coalesce(postal_a = postal_b, false) then 1
        when coalesce(postal_a, phone_a) is null or coalesce(postal_b, phone_b) is null then null
        when postal_a is null and phone_b is null or postal_b is null and phone_a is null then null
        else 0
    end;
