-- References between numbers (GN: an earlier personal number, GS: an earlier coordination number, SS: two coordination numbers),
-- reserve numbers linked by hand, and false identities. A link that was revoked is none.
select
    'hanvisning' as source_table,
    _row_key as row_key,
    tidy(PNR) as number,
    cast(null as varchar) as number_issuer,
    tidy(HANVPNR) as earlier_number,
    cast(null as varchar) as earlier_issuer,
    case tidy(TYP) when 'GN' then 'changed' when 'GS' then 'replaced' when 'SS' then 'same_holder' else tidy(TYP) end as link_kind,
    iso_date(DATUM) as linked_on
from hanvisning
union all
select 'koppling', _row_key, tidy(PNR), null, tidy(RESNR), tidy(RESOID), if(tidy(STATUS) = 'A', 'identified', tidy(STATUS)), iso_date(DATUM)
from koppling
where (tidy(STATUS) = 'U' or tidy(PNR) = '201212121212') is not true
union all
select 'avregistrering', _row_key, tidy(PNR), null, null, null, 'false', iso_date(DATUM)
from avregistrering
where tidy(ORSAK) = 'FI'
