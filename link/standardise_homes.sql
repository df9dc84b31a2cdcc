-- Streets, postal codes and telephones, each different one read once.
create or replace temp table read_street as
select street, case when door not in ('', 'okand', 'saknas', 'skyddad', 'skyddadadress', 'utanfastbostad', 'utanfastadress')
    then door || coalesce('#' || nullif(flat, ''), '') end as door
from (
    select street, regexp_replace(house, '[^\pL0-9?]+', '', 'g') as door, flat
    from (
        select street,
            regexp_extract(written, '[ ,]l(?:gh|ght|ag|agenhet)[. ]*(?:nr[. ]*)?([0-9]{1,4})', 1) as flat,
            regexp_replace(
                written, '[ ,]+(l(gh|ght|ag|agenhet)[. ]*(nr[. ]*)?[0-9]{1,4}|[0-9]{1,2} ?tr\b|tr ?[0-9]{1,2}|van[. ]*[0-9]{1,2}|[nb]b$|bv$)[., ]*', ' ', 'g'
            ) as house
        from (
            select street,
                regexp_replace(
                    regexp_replace(
                        regexp_replace(spelt, '^ *c[/.]o\b([^,]*, *| .* ([^ ]+ [0-9]+.*)$)', '\2'), 'v\. *([0-9])', 'vagen \1'
                    ),
                    'g(?:at)?\. *([0-9])', 'gatan \1'
                ) as written
            from (
                select street, open_vowels(plain(mended)) as spelt
                from (
                    select street, case when is_damaged(street) then repaired(street) else street end as mended
                    from (select distinct street from batch_patient where street is not null)
                )
            )
        )
    )
);

-- five digits in Sweden; elsewhere letters may count
create or replace temp table read_postal as
select postal_code,
    case when translate(code, left(code, 1), '') <> '' then regexp_replace(code, '^s(e)?([0-9]{5})$', '\2') end as code
from (
    select postal_code, regexp_replace(plain(postal_code), '[^a-z0-9]', '', 'g') as code
    from (select distinct postal_code from batch_patient where postal_code is not null)
);

-- the last eight digits of the first telephone, +46 or 0046 for its leading 0; never what is typed for want of one
create or replace temp table read_phone as
select phone,
    case when length(digits) >= 6 and translate(digits, left(digits, 1), '') <> '' and digits not in ('123456', '1234567', '12345678', '23456789')
        then digits end as digits
from (
    select phone,
        right(regexp_replace(regexp_replace(one, '[^0-9+]', '', 'g'), '^(\+460?|00460?|0)', ''), 8) as digits
    from (
        select phone,
            case
                when contains(phone, ',') or contains(phone, ';') or contains(phone, '/')
                    then coalesce(nullif(regexp_extract(phone, '^([^,;/]*(?:[0-9][^,;/]*){6})[,;/]', 1), ''), phone)
                else phone
            end as one
        from (select distinct phone from batch_patient where phone is not null)
    )
);
