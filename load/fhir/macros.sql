-- Macros that put FHIR's JSON together as text. A member or an element is empty (NULL) when it has nothing to say, and
-- concat passes over it: so no null is ever written, neither in an object nor within an array, and every key stands in
-- the order in which the query names it. $base begins the
-- project's own URIs, $sep parts their words; $uris and $numbers are those of code systems and kinds of numbers.

-- what a text says, when it says something: FHIR knows no empty string
create or replace macro told(x) as case when trim(x, e' \t\r\n') <> '' then x end;
-- a text as a JSON string
create or replace macro js(x) as to_json(told(x));
-- a text of our own making that needs no escaping (a code, an id, a date), as a JSON string
create or replace macro bare(x) as '"' || x || '"';
-- members and elements are written with a comma before each; the first one goes
create or replace macro obj(members) as '{' || nullif(substr(members, 2), '') || '}';
create or replace macro arr(elements) as '[' || nullif(substr(elements, 2), '') || ']';
-- an array of one
create or replace macro one(x) as '[' || x || ']';

-- the project's own URIs: extensions, code systems, identifiers
create or replace macro own(name) as '$base' || name;
create or replace macro extension(name, member, x) as
    ',{"url":"$baseext$sep' || name || '","' || member || '":' || x || '}';
create or replace macro absent(reason) as
    '{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"' || reason || '"}]}';

-- ids: of facts and persons their own; of who is only named in facts, made of the name and where it counts
create or replace macro is_hsa(x) as regexp_full_match(x, 'SE\d{10}-[A-Za-z0-9]+');
create or replace macro organization_id(source, unit) as
    'org-' || left(md5(case when is_hsa(unit) then unit else source || '|' || told(unit) end), 20);
create or replace macro practitioner_id(source, author) as
    'pr-' || left(md5(case when is_hsa(author) then author else source || '|' || told(author) end), 20);
create or replace macro reference(kind, id) as '{"reference":"' || kind || '/' || id || '"}';
create or replace macro organization(source, unit) as reference('Organization', organization_id(source, unit));
create or replace macro practitioner(source, author) as reference('Practitioner', practitioner_id(source, author));
create or replace macro identifier(name, source, x) as
    '{"system":"' || own(name) || '$sep' || source || '","value":' || js(x) || '}';

-- Dates. A date of which only a part is known is as short as that. FHIR knows no weeks: a week that lies within one
-- month is that month, else its year; which week it was stands beside.
create or replace macro partial(d, known) as case
    when known is null or known = 'day' then strftime(d, '%Y-%m-%d')
    when known = 'month' or (known = 'week' and month(cast(d as date)) = month(cast(d as date) + 6)) then strftime(d, '%Y-%m')
    when known = 'year' or year(cast(d as date)) = year(cast(d as date) + 6) then strftime(d, '%Y')
end;
create or replace macro week_known(d, known) as case when known = 'week' then strftime(d, '%G-W%V') end;
-- Times. They are told on Swedish clocks; a source that tells which of October's two hours it was is believed.
create or replace macro clock_offset(t) as
    case when epoch(t) - epoch(timezone('Europe/Stockholm', t)) >= 7200 then '+02:00' else '+01:00' end;
create or replace macro instant(t, told_offset) as
    strftime(t, '%Y-%m-%dT%H:%M:%S') || coalesce(told_offset, clock_offset(t));
-- a time of which nobody knows the hour: old systems write midnight
create or replace macro moment(t) as
    case when t = date_trunc('day', t) then strftime(t, '%Y-%m-%d') else instant(t, null) end;

-- Codes. A local code keeps its own system, code and text byte for byte, beside the standard one it was mapped to.
create or replace macro is_code(x) as regexp_full_match(x, '\S+(\s\S+)*');
create or replace macro system_uri(name) as case name $uris else '$basecodes$sep' || url_encode(name) end;
create or replace macro version_of(system, version) as case
    when system = 'snomed-ct' and regexp_full_match(version, 'SE-\d{4}-\d{2}-\d{2}')
        then 'http://snomed.info/sct/45991000052106/version/' || replace(substr(version, 4), '-', '')
    else version end;
create or replace macro distance(equivalence) as
    case when equivalence in ('wider', 'narrower', 'inexact') then equivalence end;
create or replace macro standard_coding(system, version, code, display, equivalence, chosen) as
    ',{' || coalesce('"extension":' || arr(extension('equivalence', 'valueCode', bare(distance(equivalence)))) || ',', '')
    || '"system":"' || system_uri(system) || '"' || coalesce(',"version":' || js(version_of(system, version)), '')
    || ',"code":' || js(code) || coalesce(',"display":' || js(display), '')
    || case when chosen then ',"userSelected":true}' else '}' end;
create or replace macro local_coding(system, code, text) as
    case when system is not null and told(code) is not null then concat(
        ',{', '"extension":' || arr(case when not is_code(code) then extension('code', 'valueString', js(code)) end) || ',',
        '"system":"' || system_uri(system) || '"',
        case when is_code(code) then ',"code":' || js(code) end,
        ',"display":' || js(text), ',"userSelected":true}')
    end;
create or replace macro codings(local_system, local_code, local_text, system, version, code, display, equivalence) as
    arr(concat(
        standard_coding(system, version, code, display, equivalence,
            coalesce(system = local_system and code = local_code, false)),
        case when (system = local_system and code = local_code) is distinct from true
            then local_coding(local_system, local_code, local_text) end));
-- a concept of all that a fact says of its code; nothing at all: NULL
create or replace macro concept(local_system, local_code, local_text, system, version, code, display, equivalence) as
    obj(concat(
        ',"coding":' || codings(local_system, local_code, local_text, system, version, code, display, equivalence),
        ',"text":' || js(coalesce(told(local_text), local_code))));
-- a concept of one code of a system of FHIR's or our own
create or replace macro coded(uri, code) as '{"coding":[{"system":"' || uri || '","code":"' || code || '"}]}';
create or replace macro worded(x) as '{"text":' || js(x) || '}';

-- Who may see it. Each label stands alone; a reader that knows none of ours knows 'R' and 'NOPATIENT'.
create or replace macro label(uri, code) as ',{"system":"' || uri || '","code":"' || code || '"}';
create or replace macro protection_label(protection) as label(
    'http://hl7.se/fhir/ig/base/CodeSystem/SecurityLabel',
    case protection when 'sekretessmarkering' then protection when 'skyddad_folkbokforing' then 'skyddadFolkbokforing' end);
create or replace macro labels(protection, blocked, approved) as arr(concat(
    protection_label(protection),
    case when not approved then label('http://terminology.hl7.org/CodeSystem/v3-ActCode', 'NOPATIENT') end,
    case when blocked is not null then label('http://terminology.hl7.org/CodeSystem/v3-Confidentiality', 'R') end,
    case when contains(blocked, 'inner') then label('$basecodes$sepblock', 'inner') end,
    case when contains(blocked, 'outer') then label('$basecodes$sepblock', 'outer') end));
create or replace macro meta(source, profile, security) as obj(concat(
    ',"source":"$basesource$sep' || source || '"',
    ',"profile":["' || profile || '"]',
    ',"security":' || security));

-- how every resource begins
create or replace macro resource(kind, id, meta) as
    '{"resourceType":"' || kind || '","id":"' || id || '"' || coalesce(',"meta":' || meta, '');
-- what every fact keeps beside, whatever it is: how the source left it, whether it was signed, what could not be read
create or replace macro kept(status, plain, signed, unread) as concat(
    case when status not in plain then extension('status', 'valueCode', bare(status)) end,
    extension('signed', 'valueBoolean', case signed when true then 'true' when false then 'false' end),
    extension('unread', 'valueString', js(unread)));

-- who a patient is
create or replace macro number_uri(kind, issuer) as case
    when regexp_full_match(issuer, '[0-2](\.\d+)+') then 'urn:oid:' || issuer
    else coalesce(case kind $numbers end, '$basenumber$sep' || coalesce(kind, 'unknown')) end;
create or replace macro number_identifier(number, kind, issuer) as
    '{"system":"' || number_uri(kind, issuer) || '","value":' || js(number) || '}';
create or replace macro name_of(given, family) as obj(concat(
    ',"text":' || js(concat_ws(' ', told(given), told(family))),
    ',"family":' || js(family),
    ',"given":' || to_json(nullif(list_filter(string_split(given, ' '), lambda g: trim(g) <> ''), []))));

-- parts of several kinds
create or replace macro period(first, last) as obj(concat(
    ',"start":' || bare(first), case when first is null or left(last, length(first)) >= first then ',"end":' || bare(last) end));
create or replace macro dosage(words, route, bounds) as obj(concat(
    ',"text":' || js(words), ',"timing":{"repeat":{"boundsPeriod":' || bounds || '}}', ',"route":' || worded(route)));
create or replace macro is_none_known(system, code) as
    coalesce(system = 'snomed-ct' and code in ('716186003', '409137002', '428607008', '429625007', '1003774007'), false);
-- a number as far as it goes: a decimal ends where its digits do
create or replace macro number_json(x) as rtrim(rtrim(cast(x as varchar), '0'), '.');
create or replace macro quantity(x, comparator, unit, standard, standard_unit) as concat(
    '{"value":', coalesce(number_json(standard), number_json(x)),
    ',"comparator":' || bare(comparator),
    case when standard is not null then
        ',"unit":' || js(standard_unit) || ',"system":"http://unitsofmeasure.org","code":' || js(standard_unit)
        else ',"unit":' || js(unit) end,
    '}');
create or replace macro range_of(low, high, unit) as obj(concat(
    ',"low":{"value":' || number_json(low) || coalesce(',"unit":' || js(unit), '') || '}',
    ',"high":{"value":' || number_json(high) || coalesce(',"unit":' || js(unit), '') || '}'));
create or replace macro not_performed(words) as
    '{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/data-absent-reason","code":"not-performed"}]'
    || coalesce(',"text":' || js(words), '') || '}';
create or replace macro attachment(words, title) as concat(
    '{"contentType":"text/plain; charset=utf-8"',
    ',"data":"' || nullif(base64(encode(words)), '') || '"',
    ',"size":' || cast(strlen(words) as varchar),
    ',"hash":"' || base64(unhex(sha1(words))) || '"',
    ',"title":' || js(title), '}');
