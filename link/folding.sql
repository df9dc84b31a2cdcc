-- How a name is written down so that its spellings meet. Macros of the link stage; each rule names its text once, since a
-- macro is written out where it is used. Of one word's rules, none makes work for an earlier one: folding twice is folding once.

-- lower case, no accents (composed or not), only letters that have none; a character that was lost is '?'
create or replace macro plain(x) as
    case
        when strlen(x) = length(x) then lower(x) -- nothing but ASCII
        else translate(strip_accents(lower(x)), 'øæœðþłđıßµ' || chr(65533), 'oaodtldisu?')
    end;

-- the words of a name as they are spelt; apostrophes and full stops part nothing (O'Neill, J:son)
create or replace macro plain_words(x) as
    list_filter(
        regexp_extract_all(regexp_replace(plain(x), '[''´`’ʼʻ.:]', '', 'g'), '[\pL?]+'),
        lambda word: replace(word, '?', '') <> ''
    );

-- one of several letters in a row
create or replace macro single_letters(x) as
    list_transform(
        [string_split(x, '')],
        lambda letters: array_to_string(list_filter(letters, lambda letter, i: i = 1 or letter <> letters[i - 1]), '')
    )[1];

-- the Arabic article before h; and Somali, c and x for the Arabic letters that others leave out or write h
create or replace macro somali(x) as
    regexp_replace(
        regexp_replace(regexp_replace(regexp_replace(x, '^a[ae]*l+(h+[aeiou][a-z]{2,})$', '\1'), '^c+(ab+d|a+l+i+$|a+sha|u+ma+r|[iu]+sma+n|a+wil|i+s+[ea]+$)', '\1'), 'x+m', 'hm', 'g'),
        '^x+', 'h'
    );

-- letters that sound alike: c/k/q, w/v, z/s, x/ks, ph/f, y before a vowel
create or replace macro sounding(x) as
    regexp_replace(
        translate(
            replace(regexp_replace(regexp_replace(x, 'p+h+', 'f', 'g'), 'q+u+([aeiy])', 'kv\1', 'g'), 'x', 'ks'), 'cqwz', 'kkvs'
        ),
        '^y+([aeou])', 'j\1'
    );

-- h beside a consonant is silent (Ståhl, Bergh, Thomas, Ahmed), and at the end of a word (Sarah)
create or replace macro silent_h(x) as
    regexp_replace(regexp_replace(regexp_replace(x, '([bcdfgj-np-tvxz])h+', '\1', 'g'), 'h+([lmn])', '\1', 'g'), '([a-gi-z])h+$', '\1');

-- å/aa, ä/ae, ö/oe, ou/u, -iya/-ija/-ia
create or replace macro open_vowels(x) as
    regexp_replace(
        regexp_replace(regexp_replace(regexp_replace(x, 'a[ae]+', 'a', 'g'), 'o[oe]+', 'o', 'g'), 'ou+', 'u', 'g'),
        'i+[jy]+([aou])', 'i\1', 'g'
    );

-- names with many spellings, each to one of them: Gustaf, Olof, Pär, and Arabic, Persian and Somali ones
create or replace macro one_spelling(x) as
    regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
    regexp_replace(regexp_replace(regexp_replace(regexp_replace(
        regexp_replace(x, '(usta|olo)f+v*', '\1v', 'g'),
        '^p(?:ar|ehr)(son)?$', 'per\1'),
        '^abd(?:[aeiou]l|[aeiou])?([bcfgj-np-tv-z][a-z]+)$', 'abd\1'),
        '^abd[aeu]l$', 'abd'),
        '^al((?:ja|ka[lt]|ras|sa[bdey]|tam|dul|ob|nas|mas|mal)[a-z]{2,})$', '\1'),
        '^m[aou](?:h|ks)[ae]m[ae][dt]$', 'mohamed'),
        '^ak?m[ae][dt]$', 'amed'),
        '^h[uo]s[aeijy]+n$', 'husein'),
        '^has[ae]n$', 'hasan'),
        '^jus[eu][fp]$', 'jusuf'),
        '^(?:fat[ei]?m[ae]|fa[dt][iu]m[ao])$', 'fatima'),
        '^[ou]m[ae]r$', 'omar');

-- one word in lower case without accents, folded
create or replace macro folded_word(x) as
    one_spelling(single_letters(open_vowels(silent_h(sounding(somali(x))))));

-- particles: they tell nothing of a name, unless there is nothing else
create or replace macro is_particle(word) as
    word in (
        'von', 'af', 'av', 'de', 'la', 'van', 'der', 'den', 'el', 'al', 'ul', 'ibn', 'bin', 'del', 'di', 'da', 'du', 'le', 'dos', 'das',
        'do', 'ter', 'ten', 'zu', 'och', 'ad', 'ar', 'ur', 'as', 'us'
    );
create or replace macro without_particles(words) as
    list_transform([words], lambda every: coalesce(nullif(list_filter(every, lambda word: not is_particle(word)), []), every))[1];

-- initials count only where there is no whole word, of which more than one letter must be left
create or replace macro telling_words(words) as
    list_transform([words], lambda every: coalesce(
        nullif(list_filter(every, lambda word: length(replace(word, '?', '')) > 1), []),
        nullif(list_filter(every, lambda word: length(word) = 1), [])
    ))[1];

-- what of a name is compared: its words, folded, in order; NULL when there is nothing
create or replace macro name_words(x) as
    telling_words(list_transform(without_particles(plain_words(x)), lambda word: folded_word(word)));

-- Words that stand for a name that there is not (yet): of a newborn, and of whoever has none or shall have none.
create or replace macro is_newborn_word(word) as
    word in (
        'flicka', 'flickan', 'flickebarn', 'pojke', 'pojken', 'pojk', 'pojkebarn', 'gosse', 'gossen', 'gossebarn', 'barn', 'barnet',
        'tvilling', 'tvillingen', 'tvillingflicka', 'tvillingpojke', 'trilling', 'fyrling', 'nyfodd', 'nyfott', 'ofodd', 'ofott',
        'odopt', 'baby', 'bebis', 'spadbarn', 'foster', 'dodfodd', 'dodfott', 'newborn', 'babyboy', 'babygirl'
    )
    -- the same with a slip of the pen, or a letter lost
    or damerau_levenshtein(word, 'flicka') = 1 or damerau_levenshtein(word, 'pojke') = 1
    or damerau_levenshtein(word, 'nyfodd') = 1;
create or replace macro is_anonymous_word(word) as word in ('anonym', 'anonyma', 'anonymt', 'anonymous');
create or replace macro is_unknown_word(word) as
    is_anonymous_word(word)
    or word in (
        'okand', 'ok?nd', 'okant', 'unknown', 'unnamed', 'skyddad', 'skyddade', 'skyddat', 'sekretess', 'sekretessmarkerad',
        'sekretesskyddad', 'hemlig', 'uppgift', 'uppgifter', 'namn', 'namnlos', 'saknas', 'saknar', 'identitet', 'oidentifierad',
        'reserv', 'reservnummer', 'reservid', 'test', 'testsson', 'testson', 'testperson', 'testpatient', 'tolvan', 'tolvansson',
        'angivet', 'angiven', 'uppgivet', 'ingen', 'nn', 'null'
    )
    or length(word) > 1 and translate(word, 'x', '') = '';

create or replace macro is_placeholder_name(x) as
    list_transform([plain_words(x)], lambda words:
        array_to_string(words, ' ') = 'n n'
        or len(list_filter(words, lambda word: is_unknown_word(word) or is_newborn_word(word))) > 0)[1];
