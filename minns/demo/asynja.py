"""Asynja, primary care: whole names in one field, dates and results as text."""

from minns.demo.tables import schema

_WRITTEN = "vem:text sign:text regdatum:text"

METADATA = schema(
    {
        "enhet": "enhetskod:text namn:text hsaid:text vg_hsaid:text",
        "listad": "patid:int pnr:text namn:text fodelsedatum:text kon:int gatuadress:text "
        "postadress:text tel:text avliden:text skydd:text tidigare_pnr:text "
        "vardnadshavare_pnr:text snr_niva:text senast_andrad:text",
        "diagnoser": "diagid:int patid:int enhetskod:text kod:text kodsys:text text:text "
        f"kronisk:text negerad:text datum:text status:text {_WRITTEN}",
        "overkanslighet": "okid:int patid:int enhetskod:text kod:text amne:text grad:text "
        f"status:text datum:text anm:text {_WRITTEN}",
        "lakemedel": "lmid:int patid:int enhetskod:text atc:text namn:text styrka:text lform:text "
        f"adm:text dos:text insatt:text utsatt:text status:text fornyar:int {_WRITTEN}",
        "uthamtat": "uthid:bigint patid:int lmid:bigint atc:text namn:text styrka:text lform:text "
        "datum:text status:text regdatum:text",
        "labb": "labbid:int patid:int enhetskod:text analyskod:text analysnamn:text provdatum:text "
        f"resultat:text enhet:text refomr:text flagga:text status:text {_WRITTEN}",
        "journaltext": "jid:int patid:int enhetskod:text sokord:text datum:text text:text "
        f"status:text {_WRITTEN}",
        "atgard": "atgid:int patid:int enhetskod:text kod:text kodsys:text text:text datum:text "
        f"status:text {_WRITTEN}",
        "vaccination": "vaccid:int patid:int enhetskod:text atc:text vaccin:text batchnr:text "
        f"dosnr:text datum:text status:text {_WRITTEN}",
        "besok": "besokid:int patid:int enhetskod:text typ:text start:text slut:text status:text "
        f"{_WRITTEN}",
        "sparr": "sparrid:int patid:int enhetskod:text typ:text fran:text till:text undantag:text "
        "regdatum:text",
    }
)
