"""Releases of code systems with made-up content, in the layouts of the real ones."""

from collections.abc import Mapping
from pathlib import Path

ICD = (
    "\ufeffKod\tTitel\tÖverordnad kod\tLatin\tInnefattar\n"
    "E00-E90\tEndokrina sjukdomar\t\t\t\n"
    'X11\tPåhittad sjuka typ 2\tE00-E90\t\t<p>Åldersform "vuxen</p>\n'
    "X119\tPåhittad sjuka utan besvär\tX11\tMorbus fictus\t\n"
    "bara skräp utan tabbar\n"
    "???\tIngen kod\t\t\t\n"
    "X12\t\t\t\t\n"
)
KVA = (
    "Kod;Titel;Giltig från;Giltig till\n"
    "XV020;Påhittat samtal;2001-01-01;\n"
    "XHP09;Låtsasingrepp;2001-01-01;2019-12-31\n"
)
ATC = "ATC-kod\tNamn\nX\tMedel\nX01\tPåhitt\nX01A\tHitt\nX01AB\tHitt\nX01AB02\thittopril\n"
NPU = (
    "NPU code,Short definition,Full name,Status,Replaced by\n"
    'NPU99901,P-Hittat,"Plasma—Hittat; subst.c.",active,\n'
    "NPU99902,P-Gammalt hittat,Plasma—Hittat,retired,NPU99901\n"
)


def wrote(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    """A file with a text."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return path


FULL, SYNONYM = "900000000000003001", "900000000000013009"
PREFERRED, ACCEPTABLE = "900000000000548007", "900000000000549004"
DESCRIBED = "id effectiveTime active moduleId conceptId languageCode typeId term case"
REFSET = "id effectiveTime active moduleId refsetId referencedComponentId"
#: A snapshot of four concepts, one retired and replaced, one without a text. A blank stands for a
#: tab, an underscore for a blank.
RF2: Mapping[str, list[str]] = {
    "Terminology/sct2_Concept_Snapshot_SE1000052_20240531.txt": [
        "id effectiveTime active moduleId definitionStatusId",
        "101 20020131 1 m d",
        "102 20100131 1 m d",
        "103 20230731 0 m d",
        "104 20020131 1 m d",
        "rubbish",
    ],
    "Terminology/sct2_Description_Snapshot-en_INT_20240531.txt": [
        DESCRIBED,
        f"11 20020131 1 m 101 en {FULL} Peanut_allergy_(finding) c",
        f"12 20020131 1 m 101 en {SYNONYM} Peanut_allergy c",
        f"13 20020131 1 m 102 en {SYNONYM} Nut_allergy c",
        f"14 20020131 1 m 103 en {SYNONYM} Old_nut_allergy c",
        f"15 20020131 0 m 102 en {SYNONYM} Withdrawn_term c",
    ],
    "Terminology/sct2_Description_Snapshot-sv_SE1000052_20240531.txt": [
        DESCRIBED,
        f"21 20020131 1 m 101 sv {SYNONYM} jordnötsöverkänslighet c",
        f"22 20020131 1 m 101 sv {SYNONYM} allergi_mot_jordnöt c",
    ],
    "Refset/Language/der2_cRefset_LanguageSnapshot-sv_SE1000052_20240531.txt": [
        f"{REFSET} acceptabilityId",
        f"a 20020131 1 m r 22 {PREFERRED}",
        f"b 20020131 1 m r 21 {ACCEPTABLE}",
        f"c 20020131 1 m r 12 {PREFERRED}",
        f"d 20020131 1 m r 13 {PREFERRED}",
    ],
    "Refset/Content/der2_cRefset_AssociationSnapshot_SE1000052_20240531.txt": [
        f"{REFSET} targetComponentId",
        "e 20230731 1 m 900000000000526001 103 102",
        "f 20230731 1 m 900000000000523009 103 101",
    ],
    "Terminology/sct2_Relationship_Snapshot_SE1000052_20240531.txt": [
        "id effectiveTime active moduleId sourceId destinationId group typeId kind modifier",
        "g 20020131 1 m 101 102 0 116680003 k x",
    ],
}
#: A download of two vocabularies; a slash stands for a tab.
ATHENA: Mapping[str, list[str]] = {
    "CONCEPT.csv": [
        "concept_id/concept_name/domain_id/vocabulary_id/concept_class_id/standard_concept/"
        "concept_code/valid_start_date/valid_end_date/invalid_reason",
        '1/hittopril "loose/Drug/ATC/5th/C/X01AB02/19700101/20991231/',
        "2/gammalt/Drug/ATC/5th//X01AB01/19700101/20190101/U",
        "3/Allergy/Condition/SNOMED/f/S/101/19700101/20991231/",
    ],
    "CONCEPT_RELATIONSHIP.csv": [
        "concept_id_1/concept_id_2/relationship_id/valid_start_date/valid_end_date/invalid_reason",
        "2/1/Concept replaced by/20190101/20991231/",
    ],
    "VOCABULARY.csv": [
        "vocabulary_id/vocabulary_version",
        "ATC/ATC 2024-02",
        "None/v5.0 30-AUG-24",
    ],
}


def rf2(folder: Path) -> Path:
    """The snapshot, unpacked in a folder."""
    for name, lines in RF2.items():
        text = "\r\n".join(lines).replace(" ", "\t").replace("_", " ")
        wrote(folder, f"Snapshot/{name}", text)
    return folder


def athena(folder: Path) -> Path:
    """The download, unpacked in a folder."""
    for name, lines in ATHENA.items():
        wrote(folder, name, "".join(line.replace("/", "\t") + "\n" for line in lines))
    return folder
