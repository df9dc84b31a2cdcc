-- Candidates for local codes. Reads asked, target, learned, rejected, abbreviation, measured and company; makes suggestion.
-- A text's likeness is the cosine of its words, their parts and letters, rare ones counting more; what the maps at hand teach
-- (which words go with which, where a list and its codes lead, which units and values) is added to it. No number here was fitted.

create or replace table said as
    select 'asked' as side, a.place as owner, coalesce(nullif(a.local_text, ''), a.local_code) as text, a.kind, a.local_code, a.local_system,
        a.place as text_id, cast(null as varchar) as origin
    from asked as a
    union all
    select 'target', t.place, x.text, '', t.code, t.system, t.place * 1000000 + x.number, x.origin
    from target as t, lateral (
        select row_number() over (order by origin, text) as number, text, origin from (
            select t.display as text, 'text' as origin union select unnest(t.synonyms), 'text'
            union select coalesce(nullif(l.local_text, ''), l.local_code), l.local_system from learned as l where l.system = t.system and l.code = t.code
        ) where text <> ''
    ) as x;

-- words of each text, with what its abbreviations stand for; letters of a local code speak too
create or replace table text_word as
    with own as (
        select side, text_id, kind, unnest(words_of(text)) as word, 1.0 as share from said
        union all
        select side, text_id, kind, unnest(words_of(local_code)), 0.5 from said where side = 'asked' and regexp_matches(local_code, '[[:alpha:]]{2}')
    ),
    longer as (
        select o.side, o.text_id, o.kind, unnest(words_of(a.long)) as word, 0.8 * o.share as share
        from own as o join abbreviation as a on a.short = o.word and (a.kind is null or a.kind = o.kind or (o.side = 'target' and a.kind = ''))
    )
    select side, text_id, word, max(share) as share from (select * from own union all select * from longer) group by all;

-- a word's features: itself without its ending, words that it is put together from, its beginning and letters
create or replace table vocabulary as select word, count(*) as texts from text_word group by all;
create or replace table word_feature as
    with long as (select word from vocabulary where length(word) >= 7),
    piece as (
        select word, unnest(list_distinct(
            list_transform(range(4, length(word) - 2), lambda i: substr(word, 1, cast(i as integer)))
            || list_transform(range(4, length(word) - 2), lambda i: substr(word, cast(i as integer))))) as part
        from long
    )
    select word, 'w' || stem(word) as feature, 1.0 as weight from vocabulary
    union all
    select distinct p.word, 'w' || stem(v.word), 0.7 from piece as p join vocabulary as v on v.word in (p.part, rtrim(p.part, 's'))
    union all
    select word, 'x' || left(skeleton(word), 5), 0.5 from vocabulary where length(word) >= 4
    union all
    select word, 'g' || unnest(grams(skeleton(word))), 0.3 from vocabulary where length(word) >= 2;

create or replace table text_feature as
    select side, text_id, feature, max(weight * share) as weight
    from text_word join word_feature using (word) group by all;

-- what maps teach: local words, and beginnings of local codes, that go with words of the standard texts
create or replace table pair_word as
    with pair as (select l.*, t.place as target, row_number() over (order by l.local_system, l.local_code, t.place) as pair
                  from learned as l join target as t using (system, code))
    select pair, 'w' || stem(unnest(words_of(local_text))) as here, target from pair
    union select pair, 'c' || local_system || '|' || left(local_code, 1), target from pair where length(local_code) > 1
    union select pair, 'c' || local_system || '|' || left(local_code, 2), target from pair where length(local_code) > 2;
create or replace table target_word as
    select distinct t.place as target, 'w' || stem(w.word) as there
    from target as t, unnest(words_of(t.display)) as w (word);
create or replace table goes_with as
    with here as (select here, count(*) as n from (select distinct pair, here from pair_word) group by all),
    there as (select there, count(*) as n from target_word join (select distinct pair, target from pair_word) using (target) group by all),
    both_ as (select here, there, count(*) as n from pair_word join target_word using (target) group by all)
    select b.here, b.there,
        if(left(b.here, 1) = 'c', 0.3, 0.7) * b.n / (h.n + 1.0) * b.n / (sqrt(t.n) * sqrt(b.n)) as weight
    from both_ as b join here as h using (here) join there as t using (there)
    where b.n >= 2 and b.here <> b.there;
create or replace table asked_feature as
    with here as (
        select text_id, feature as here, weight from text_feature where side = 'asked' and left(feature, 1) = 'w'
        union all select place, 'c' || local_system || '|' || left(local_code, 1), 1 from asked where length(local_code) > 1
        union all select place, 'c' || local_system || '|' || left(local_code, 2), 1 from asked where length(local_code) > 2
    )
    select text_id, feature, max(weight) as weight from (
        select text_id, feature, weight from text_feature where side = 'asked'
        union all
        select h.text_id, g.there, least(g.weight, 0.7) * h.weight from here as h join goes_with as g using (here)
    ) group by all;

-- rare features count more; a text's length does not count
create or replace table rarity as
    select feature, count(*) as texts, ln(1 + (select count(*) from said) / count(*)) as idf from text_feature group by all;
-- a text is found by its rarest features: those that are nearly everywhere cost much and tell nothing
create or replace table looked_for as
    select text_id, feature, weight, idf from asked_feature join rarity using (feature)
    qualify sum(texts) over (partition by text_id order by texts, feature rows unbounded preceding) <= 100000
        or row_number() over (partition by text_id order by texts, feature) <= 3;
create or replace table target_length as
    select text_id, sqrt(exact_sum((weight * idf) ** 2)) as length
    from text_feature join rarity using (feature) where side = 'target' group by all;
create or replace table target_feature as
    select f.text_id, f.feature, f.weight * r.idf / n.length as weight
    from text_feature as f join rarity as r using (feature) join target_length as n using (text_id)
    where f.side = 'target' and f.feature in (select feature from looked_for);
create or replace table likeness as
    with own as (
        select f.text_id, f.feature, f.weight * f.idf / n.length as weight
        from looked_for as f join (
            select text_id, sqrt(exact_sum((weight * idf) ** 2)) as length from asked_feature join rarity using (feature) group by all
        ) as n using (text_id)
    ),
    alike as (
        select a.text_id as asked, t.text_id, exact_sum(a.weight * t.weight) as cosine
        from own as a join target_feature as t using (feature) group by all
    )
    select a.asked, s.owner as target, s.text, s.origin, a.cosine
    from alike as a join said as s on s.text_id = a.text_id and s.side = 'target'
    qualify row_number() over (partition by a.asked, s.owner order by a.cosine desc, s.text) = 1;

-- the likeliest fifty by text, and those that lists with the same unit and values lead to
create or replace table candidate as
    select * from likeness qualify row_number() over (partition by asked order by cosine desc, target) <= 50;
insert into candidate
    select distinct a.place, t.place, t.display, 'data', coalesce(k.cosine, 0)
    from asked as a
    join measured as ma on ma.system = a.local_system and ma.code = a.local_code
    join measured as mt on mt.unit is not distinct from ma.unit
    join target as t on t.system = mt.system and t.code = mt.code
    left join likeness as k on k.asked = a.place and k.target = t.place
    where ma.median > 0 and mt.median > 0 and abs(ln(ma.median / mt.median)) < 0.2
      and not exists (select 1 from candidate as c where c.asked = a.place and c.target = t.place);

-- codes that patients with the one have as often as patients with the other
create or replace table kept_company as
    with length as (select system, code, sqrt(exact_sum(weight ** 2)) as length from company group by all)
    select a.place as asked, t.place as target, exact_sum(ca.weight * ct.weight) / any_value(la.length * lt.length) as cosine
    from asked as a
    join company as ca on ca.system = a.local_system and ca.code = a.local_code
    join length as la on la.system = ca.system and la.code = ca.code
    join company as ct on ct.other = ca.other
    join length as lt on lt.system = ct.system and lt.code = ct.code
    join target as t on t.system = ct.system and t.code = ct.code
    group by a.place, t.place;

create or replace table scored as
    with listed as (select local_system, count(*) as maps, count(distinct system || '|' || code) as targets from learned group by all),
    led as (select local_system, system, count(*) as maps from learned group by all),
    kinds as (select kind, system, n / sum(n) over (partition by kind) as share from (select kind, system, count(*) as n from learned group by all)),
    taken as (select local_system, system, code, count(*) as maps from learned group by all),
    data as (
        select a.place as asked, t.place as target,
            max(if(ma.unit is not distinct from mt.unit, 0.3, -0.5)
                + if(ma.median > 0 and mt.median > 0, 0.7 * exp(-3 * abs(ln(ma.median / mt.median))), 0)
                + if(replace(ma.range, ' ', '') = replace(mt.range, ' ', ''), 0.2, 0)) as likeness
        from asked as a
        join measured as ma on ma.system = a.local_system and ma.code = a.local_code
        join measured as mt on true
        join target as t on t.system = mt.system and t.code = mt.code
        group by all
    )
    select c.asked, c.target, c.text, c.origin, c.cosine,
        jaro_winkler_similarity(skeleton(plain(coalesce(nullif(a.local_text, ''), a.local_code))), skeleton(plain(c.text))) as spelling,
        plain(coalesce(nullif(a.local_text, ''), a.local_code)) = plain(c.text) as same_text,
        (coalesce(l.maps, 0) + 2 * coalesce(s.share, 0)) / (coalesce(i.maps, 0) + 2.0) as led,
        if(k.maps > 0, greatest(0, 2.0 * i.targets / i.maps - 1), 0) as taken,
        coalesce(d.likeness, 0) as data, coalesce(p.cosine, 0) as company
    from candidate as c
    join asked as a on a.place = c.asked
    join target as t on t.place = c.target
    left join listed as i on i.local_system = a.local_system
    left join led as l on l.local_system = a.local_system and l.system = t.system
    left join kinds as s on s.kind = a.kind and s.system = t.system
    left join taken as k on k.local_system = a.local_system and k.system = t.system and k.code = t.code
    left join data as d on d.asked = c.asked and d.target = c.target
    left join kept_company as p on p.asked = c.asked and p.target = c.target
    anti join rejected as j on j.local_system = a.local_system and j.local_code = a.local_code and j.system = t.system and j.code = t.code;
create or replace table suggestion as
    select asked, target, text, origin, cosine, spelling, same_text, led, taken, data, company,
        cosine + 0.3 * spelling + if(same_text, 0.3, 0) + 0.2 * led - 0.2 * taken + 0.3 * data + 0.1 * company as score,
        row_number() over (partition by asked order by score desc, target) as rank
    from scored;
