-- What a clinical text is made of, for comparing local texts with those of standard codes.

-- small letters, one sign of micro, everything that is no letter or digit a blank
create or replace macro plain(x) as
    trim(regexp_replace(lower(replace(coalesce(x, ''), 'μ', 'µ')), '[^a-z0-9µ%åäöéüæø]+', ' ', 'g'));

-- the words of a text; letters and digits that run together stand apart only between different things (apgar5: apgar, 5)
create or replace macro words_of(x) as
    list_filter(string_split(regexp_replace(plain(x), '([a-zåäöéü]{3,})(\d)', '\1 \2', 'g'), ' '), lambda w: w <> '');

-- a word without the endings of Swedish and English inflection; short words stay as they are
create or replace macro stem(w) as case
    when length(w) < 5 then w
    else regexp_replace(regexp_replace(w, 's$', ''),
        '(ie|arna|erna|orna|ande|ende|iskt|iska|isk|ical|ade|are|ens|ets|het|ing|ies|ed|es|ic|al|en|et|er|ar|or|na|e|a|t|y|i)$', '')
    end;

-- how a word sounds whatever its spelling: ph and f, c and k, th and t, ä and ae, doubled letters
create or replace macro skeleton(w) as list_reduce(
    ['ph f', 'th t', 'rh r', 'ch k', 'ck k', 'ae e', 'oe e', 'x ks', 'll l', 'mm m', 'nn n', 'pp p', 'rr r', 'ss s', 'tt t', 'ff f', 'kk k'],
    lambda said, rule: replace(said, split_part(rule, ' ', 1), split_part(rule, ' ', 2)),
    translate(w, 'cqzwyåäöéüæø', 'kksviaeeeueo'));

-- three letters at a time, with the word's ends
create or replace macro grams(w) as
    list_transform(range(1, length(w) + 1), lambda i: substr('^' || w || '$', cast(i as integer), 3));

-- a sum that does not depend on the order of what is summed
create or replace macro exact_sum(x) as sum(cast(round(x * 1e12) as bigint)) / 1e12;
