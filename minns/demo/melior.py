"""Melior, the hospital journal: typed columns, twelve-digit numbers, a table of number changes."""

from minns.demo.tables import schema

_WRITTEN = "skriven_av:60 signerad:bool reg_tid:time"

METADATA = schema(
    {
        "vardenhet": "enhet_id:int hsa_id:31 namn:60 vardgivare_hsa:31",
        "patient": "patient_id:int personnr:12 reservnr_oid:40 efternamn:80 fornamn:80 "
        "tilltalsnamn:40 kon:1 fodd:date adress:80 postnr:5 ort:40 telefon:20 avliden:date "
        "sekretess:smallint moder_personnr:12 andrad:time",
        "nrbyte": "bytesnr:int patient_id:int gammalt_nr:12 nytt_nr:12 datum:date",
        "diagnos": "diagnos_id:int patient_id:int enhet_id:int kod:8 kodtext:200 typ:2 "
        f"kronisk:bool sakerhet:1 negerad:bool datum:date {_WRITTEN} makulerad:bool "
        "visa_patient:bool",
        "varning": "varning_id:int patient_id:int enhet_id:int typ:1 atc:7 benamning:100 "
        f"allvar:int visshet:1 status:1 giltig_fr:date giltig_till:date kommentar:text "
        f"{_WRITTEN} visa_patient:bool",
        "ordination": "ordination_id:int patient_id:int enhet_id:int atc:7 preparat:60 styrka:30 "
        "form:40 adm_vag:20 dosering:200 insatt:date utsatt:date ordtyp:1 avser_id:int status:1 "
        f"{_WRITTEN} visa_patient:bool",
        "labsvar": "svar_id:bigint patient_id:int enhet_id:int kodverk:5 analyskod:10 analys:60 "
        "provtid:time svar:40 svar_num:num enhet:12 refint:20 avvik:bool skriven_av:60 "
        "vidimerad:bool reg_tid:time makulerad:bool visa_patient:bool provnr:12 svarstatus:1 "
        "rattar:bigint",
        "anteckning": "anteckning_id:int patient_id:int enhet_id:int typ:3 rubrik:60 fritext:text "
        f"handelse_tid:time {_WRITTEN} makulerad:bool visa_patient:bool dokument_id:int "
        "version:int avvikande_mening:text",
        "atgard": "atgard_id:int patient_id:int enhet_id:int kodverk:5 kod:10 kodtext:100 "
        f"datum:date {_WRITTEN} makulerad:bool visa_patient:bool",
        "vaccination": "vaccination_id:int patient_id:int enhet_id:int atc:7 preparat:60 "
        f"batchnr:20 dosnr:int datum:date {_WRITTEN} makulerad:bool visa_patient:bool",
        "vardtillfalle": "vtf_id:int patient_id:int enhet_hsa:31 vardgivare_hsa:31 inskriven:time "
        f"utskriven:time {_WRITTEN} makulerad:bool visa_patient:bool",
        "sparr": "sparr_id:20 patient_id:int typ:1 enhet_hsa:31 vardgivare_hsa:31 info_fran:date "
        "info_till:date undantag:20 reg_av:60 reg_tid:time",
    }
)
