"""What tables and columns of Swedish and English journal systems are called: evidence, never proof.

Names are compared without case, rings and dots, with `_` between their parts (`folded`).
"""

import re

TABLES: dict[str, str] = {
    "patient": r"patient|person(reg)?$|listad|vardtagare|individ|befolkning|klient|demograph"
    r"|^patreg",
    "care_contact": r"kontakt|besok|vardtillfalle|vtf|encounter|visit|episode|admission|inskrivn",
    "condition": r"diagn|condition|problem|sjukdom|^dia",
    "alert": r"allerg|overkans|varning|uppmarks|alert|intoleran|hypersens|^uks",
    "medication": r"lakemedel|ordination|medic|recept|prescri|^lm|drug|preparat",
    "observation": r"lab|prov|matvarde|matning|observ|analys|resultat|vital|undersokningssvar",
    "procedure": r"atgard|procedur|oper|ingrepp|behandling|kva",
    "immunization": r"vacc|immun",
    "document": r"anteckn|journaltext|journtxt|dokument|document|note$|notes$|epikris|journaltxt",
    "access_block": r"sparr|block",
}
_WHO = (
    r"(skriv|skapa|regist|reg|utfor|given|givet|ordiner|andra|dikter|vidimer|best)\w*_av$|^av$"
    r"|signum|^sign$|lakare|forfattare|author|ansvarig|skoterska|vardpersonal|forskriv|operator"
    r"|^pal$|^vem$|anvandare|provider|clinician|practitioner|performer|behandlare"
)
_WRITTEN = (
    r"^reg(istrerad|istrering)?_?(s_?)?(tid|dat|dag|moment)|skapad(_?(tid|dat|datum))?$|created"
    r"|andrad(_?(tid|dat|datum))?$|^andr_?dat|upp(daterad|dat)|recorded|inlagd|senast|svars?_?tid"
    r"|(ordinerad|registrerad|inskriven)_?(tid|datum|dat)|timestamp|last_?upd"
)
HEADER: dict[str, str] = {
    "care_unit": r"(?<!sparrad_)enhet_?(s?_?(hsa|id|kod))?(_?hsa)?$|vardenhet|klinik|mottagning"
    r"|avdelning|vardcentral|unit$|department|ward|^klin$|^avd|organization",
    "care_giver": r"vardgiv|care_?giver|huvudman",
    "author": _WHO,
    "recorded_at": _WRITTEN,
    "signed": r"signera|signed|vidim|attest|kvitter",
    "status": r"status|tillstand|state$|^stat$|makul",
    "approved_for_patient": r"visa_?(for_?)?patient|patient_?vis|approved_for",
}
CODED: dict[str, str] = {
    "local_code": r"kod$|code$|^atc|npu|icd|kva|snomed|loinc",
    "local_text": r"text$|klartext|benamning|namn$|name$|description|beskrivning$|^prep|produkt"
    r"|analys|substans|^amne|term$|display|klar$",
}
COLUMNS: dict[str, dict[str, str]] = {
    "patient": {
        "number": r"person_?n|^pers_?n|^pnr$|person_?id|personid|^ssn$|identitet|civic",
        "previous_number": r"(tidigare|gammal|gamla|forra|old|prev)\w*(nr|nummer|number|pnr)",
        "given_names": r"for_?namn|^fnamn|given|first",
        "called_name": r"tilltal|called|preferred",
        "surname": r"eft\w*_?namn|^enamn|surname|last_?name|^last$|family",
        "birth_date": r"^fod|birth",
        "sex": r"^(juridiskt_)?kon(_?kod)?$|^kon$|gender|^sex",
        "street": r"gatu?|adr(ess)?$|^adr|street|address",
        "postal_code": r"post_?n(r|ummer)|^pnr_?post|zip|postal",
        "city": r"post_?ort|^ort|city|ortnamn",
        "phone": r"tel|phone|mobil",
        "deceased_date": r"avlid|^avl|dod|deceased|death",
        "protection": r"sekr|skydd|protect",
        "mother_number": r"mo[dr]\w*(nr|nummer|number)|moder|^mor_?p|mother|vardnadshav",
        "birth_order": r"birth_?order|fodelseordning",
        "recorded_at": _WRITTEN,
        "identity_status": r"identitetsniva|id_?niva|snr_?niva|identity_?status",
    },
    "care_contact": {
        "category": r"typ(_?kod)?$|kategori|class$|vardform|category",
        "starts_at": r"start|inled|in_?dat|inskriv|borjan|^from|ankomst|besoks_?(tid|dat)"
        r"|^datum|begin",
        "ends_at": r"slut|avslut|ut_?dat|utskriv|^stop|^end|^till",
    },
    "condition": {
        "diagnosed_on": r"dat(um)?$|dag$|date|^start|diagnosed|onset",
        "category": r"huvud|bi_?diagn|typ$|category|rang",
        "chronic": r"kron|chronic",
        "certainty": r"saker|certain|visshet",
        "negated": r"neg",
    },
    "alert": {
        "category": r"typ$|kategori|category|^type",
        "severity": r"allvar|grad$|severity|svar_?(ighets)?grad",
        "certainty": r"saker|certain|visshet",
        "negated": r"neg|ingen_kand",
        "valid_from": r"fran|^fr_?dat|from|konstater|start|debut|onset|^datum",
        "valid_to": r"till|^to_?dat|slut|upphor|^end|stop",
        "comment": r"kommentar|comment|beskrivning|reaktion|reaction|fritext|notering|anmark",
    },
    "medication": {
        "strength": r"styrk|strength",
        "form": r"form$|beredning|lakemedelsform|dosage_?form",
        "route": r"vag$|satt$|route|administr",
        "dose_text": r"dos(ering)?(s)?(_?text|_?anvisning)?$|doser|sig$|dose|dosage",
        "starts_on": r"insatt|^ins|start|fran|from",
        "ends_on": r"utsatt|^uts|slut|till$|stop|end$",
        "order_type": r"ord(er|inations)?_?typ",
        "renews": r"fornya|renew|ersatter|foregaende",
    },
    "observation": {
        "observed_at": r"prov(tagnings?)?_?(s)?(tid|dat)|mat_?(tid|dat|ning)|taget|observ|sampl"
        r"|effective|^datum$|^date$|tidpunkt",
        "value_text": r"resultat|varde$|value|^svar$|utfall",
        "unit": r"^mat_?enhet|^sort$|^enhet$|unit",
        "reference_interval": r"ref",
        "abnormal": r"avvik|abnorm|flagg|patolog",
        "specimen_id": r"prov_?(id|nr|nummer)|specimen|rid_?nr",
        "corrects": r"rattar|correct|ersatter",
        "result_status": r"svars_?status|result_?status",
    },
    "procedure": {"performed_on": r"dat(um)?$|dag$|date|^start|utford(_?(dat|dag))"},
    "immunization": {
        "given_on": r"dat(um)?$|dag$|date|given_?(dat|dag)",
        "batch": r"batch|^lot|sats",
        "dose_number": r"dos_?n|dose_?n|^dos$",
    },
    "document": {
        "document_type": r"typ$|mall|kategori|type$",
        "title": r"rubr|titel|title|arende",
        "body": r"text$|^txt$|innehall|body|fritext|content|anteckning$",
        "written_at": r"handelse|event|tidpunkt|^datum|text_?dat|txt_?dat|anteckningsdat|besoksdat",
        "version": r"ver(sion|s)?(_?n\w*)?$",
    },
    "access_block": {
        "block_type": r"typ$|type$",
        "blocked_care_unit": r"enh|unit|klinik|mottagning|avdelning",
        "blocked_care_giver": r"vardgiv|giver",
        "information_from": r"fran|^fr_?dat|from|start",
        "information_to": r"till$|^to_?dat|slut|end",
        "exempt": r"undant|exempt",
    },
}
#: The source's own id of a row, where the canonical table wants one: the table's key.
OWN_ID = {
    "care_contact": "contact_id",
    "medication": "order_id",
    "observation": "result_id",
    "document": "document_id",
    "access_block": "block_id",
}
#: The local words behind the values that a canonical column may hold.
VALUES: dict[str, dict[str, str]] = {
    "sex": {"female": "k kvinna f female woman 2", "male": "m man male 1"},
    "protection": {
        "none": "n nej 0 f false ingen",
        "sekretessmarkering": "j ja 1 t true s sekr sekretess sekretessmarkering",
        "skyddad_folkbokforing": "skf skyddad skyddad_folkbokforing",
    },
    "status": {
        "active": "a akt aktiv pagaende p active",
        "completed": "k klar avslutad avs completed",
        "stopped": "u utsatt stopped",
        "nullified": "mak makulerad fel nullified",
    },
    "category": {"main": "h hd huvud j ja 1", "secondary": "b bi bidiagnos n nej 0"},
    "certainty": {"confirmed": "s saker bekraftad", "suspected": "m misstankt"},
    "block_type": {"inner": "i inre", "outer": "y yttre"},
}
_FOLD = str.maketrans("åäöéüÅÄÖÉÜ", "aaoeuAAOEU")


def folded(name: str) -> str:
    """`tblVårdenhetHSA` -> `vardenhet_hsa`."""
    plain = name.translate(_FOLD)
    plain = re.sub(r"^(tbl|tab|t_|v_|vw_)(?=[A-Z_])", "", plain)
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain).lower()
    return re.sub(r"[^a-z0-9]+", "_", parts).strip("_")
