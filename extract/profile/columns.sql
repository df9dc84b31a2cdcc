-- Macros that tell of what form a value is, without telling the value.

-- letters as A and a (several: one), digits as 9, each of them; what is longer than forty characters ends in …
create or replace macro shape_of(v) as
    regexp_replace(regexp_replace(regexp_replace(regexp_replace(left(v, 40),
        '\d', '9', 'g'), '\p{Lu}+', 'A', 'g'), '[\p{Ll}\p{Lo}\p{Lt}\p{Lm}\p{M}]+', 'a', 'g'), '[\s\p{C}]+', ' ', 'g')
    || case when length(v) > 40 then '…' else '' end;

-- the form of a date or time, as people write it; NULL: none. A form counts only where there is such a day
create or replace macro date_form(v) as case
    when regexp_full_match(v, '\d{4}-\d{2}-\d{2}') and try_cast(v as date) is not null then 'YYYY-MM-DD'
    when regexp_full_match(v, '\d{4}-\d{2}-\d{2}[ T]\d{2}[:.]\d{2}([:.]\d{2}([.,]\d+)?)?') and try_cast(left(v, 10) as date) is not null
        then 'YYYY-MM-DD hh:mm' || case when length(v) > 16 then ':ss' else '' end
    when has_utc_offset(v) and try_cast(left(v, 10) as date) is not null then 'YYYY-MM-DD hh:mm:ss zone'
    when regexp_full_match(v, '(18|19|20)\d{6}') and try_strptime(v, '%Y%m%d') is not null then 'YYYYMMDD'
    when regexp_full_match(v, '(18|19|20)\d{6}[ T]?([01]\d|2[0-3])[0-5]\d([0-5]\d)?') and try_strptime(left(v, 8), '%Y%m%d') is not null
        then 'YYYYMMDDhhmm' || case when length(regexp_replace(v, '\D', '', 'g')) > 12 then 'ss' else '' end
    when regexp_full_match(v, '\d{1,2}/\d{1,2}[- ]\d{4}') then 'D/M-YYYY'
    when regexp_full_match(v, '\d{1,2}/\d{1,2}[- ]\d{2}') then 'D/M-YY'
    when regexp_full_match(v, '\d{4}/\d{2}/\d{2}') then 'YYYY/MM/DD'
    when regexp_full_match(v, '\d{1,2}\.\d{1,2}\.\d{4}') then 'D.M.YYYY'
    when regexp_full_match(v, '\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])') then 'YYMMDD'
    when regexp_full_match(v, '(19|20)\d{2}-(0[1-9]|1[0-2])(-00)?') then 'YYYY-MM'
    when regexp_full_match(v, '(19|20)\d{2}') then 'YYYY'
    when date_precision_of(v) = 'week' then 'week'
end;

-- the year that a value in such a form names
create or replace macro year_of(v, form) as try_cast(case
    when form is null or form in ('YYMMDD', 'D/M-YY') or is_sentinel_date(replace(v, '/', '-')) then null
    when form in ('D/M-YYYY', 'D.M.YYYY') then right(v, 4)
    when form = 'week' then regexp_extract(v, '(?:19|20)\d{2}')
    else left(v, 4) end as integer);

-- what stands for "unknown" or "nothing", by its name; NULL: a value
create or replace macro sentinel_of(v) as case
    when v = '' then 'empty text'
    when trim(v) = '' then 'blanks'
    when is_sentinel_date(replace(v, '/', '-')) then case when left(v, 4) in ('9999', '2999') then 'far future' else left(replace(v, '-', ''), 8) end
    when regexp_full_match(v, '9{3,12}') then 'nines'
    when regexp_full_match(v, '0{2,12}') then 'noughts'
    when v = '-1' then '-1'
    when regexp_full_match(v, '[-?.*xX_]+') then 'marks (-, ?, ., x)'
    when lower(trim(v)) in ('null', 'none', 'n/a', 'na', 'nil', 'saknas', 'okänd', 'okänt', 'okand', 'uppgift saknas', 'ej angivet', 'ej angiven', 'unknown', 'vet ej') then lower(trim(v))
end;

-- how text was bent on its way here: the traces of a code page that was read as another one
create or replace macro damage_of(v) as case
    when not regexp_matches(v, '[^\x20-\x5A\x5E-\x7A\x7E]') then null
    when contains(v, '�') then 'characters lost (U+FFFD)'
    when regexp_matches(v, 'Ãƒ[Âƒ…„]|Ã‚') then 'UTF-8 read as CP1252, twice'
    when regexp_matches(v, 'Ã[¥¤¶…„–©\x{85}\x{84}\x{96}]') then 'UTF-8 read as CP1252'
    when regexp_matches(v, '├[Ññ┬Âàäû╢]') then 'UTF-8 read as CP850'
    when regexp_matches(v, '[A-Za-z][†„”][a-z]|[\x{86}\x{84}\x{94}]') then 'CP850 read as CP1252'
    when regexp_matches(v, '[A-Za-z][Õõ÷][a-z]|[A-Z][┼─][A-Z]') then 'Latin-1 read as CP850'
    when regexp_matches(v, '[a-zA-Z][}{|][a-z]|[A-Z][\]\[\\][A-Z]') then '7-bit Swedish (SEN 850200)'
    when regexp_matches(v, '[aouAOU][\x{0308}\x{030A}]') then 'decomposed letters (NFD)'
    when regexp_matches(v, '[\x{00}-\x{08}\x{0B}\x{0C}\x{0E}-\x{1F}\x{80}-\x{9F}]') then 'control characters'
end;

-- the standard code system or register that values of this form are usually of; NULL: none
create or replace macro system_of(v) as case
    when regexp_full_match(v, '[A-Z]\d{2}[A-Z]{2}\d{2}') then 'atc'
    when regexp_full_match(v, 'NPU\d{5}') then 'npu'
    when regexp_full_match(v, '[A-TV-Z]\d{2}(\.?\d[0-9A-Z]{0,2}[-*+]?|[-*+])?') then 'icd-10-se'
    when regexp_full_match(v, '[A-Z]{2}\d{3}|[A-Z]{3}\d{2}') then 'kva'
    when regexp_full_match(v, 'SE\d{10}-[0-9A-Z]+') then 'hsa'
    when regexp_full_match(v, '\d{1,5}-\d') then 'loinc'
    when regexp_full_match(v, '(19|20)\d{12}') then 'npl'
end;

-- an identity number's kind; 'check digit wrong' where only that keeps it from being one; NULL: no such form
create or replace macro identity_of(v) as case when regexp_full_match(trim(v), '[0-9A-Z]{6,8}[-+ ]?[0-9A-Z]{4}')
    and regexp_matches(v, '\d{6}') then list_transform([normalised_number(v, date '2026-01-01')], lambda n:
        case when number_kind(n) is null or number_kind(n) = 'other' then null
            when is_valid_number(n) or is_fake_number(n) then number_kind(n) else 'check digit wrong' end)[1] end;
