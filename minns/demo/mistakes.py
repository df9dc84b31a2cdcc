"""How often things go wrong, and how often they are the way that makes them hard: one table.

Rates are shares, drawn independently for each case. Few registers publish theirs; where they do,
the figure is of the same order, elsewhere it is what people who clean registers expect.
"""

#: What: (share, of what and why).
RATES: dict[str, tuple[float, str]] = {
    # --- who people are
    "foreign": (0.20, "households of foreign origin; a fifth of the region was born abroad"),
    "newborn_family": (0.08, "families with a child of this year, most of them still unnamed"),
    "same_sex_couple": (0.03, "couples"),
    "born_1_january": (0.12, "adults born abroad whose day of birth is not known"),
    "coordination": (0.20, "adults born abroad who once had a coordination number"),
    "coordination_replaced": (0.65, "of those, now in the population register"),
    "several_coordination": (0.04, "of those, met twice by the authorities: two such numbers"),
    "identity_proved": (0.40, "coordination numbers whose holder's identity is proved (styrkt)"),
    "identity_probable": (0.60, "proved or probable; the rest is uncertain (osäker)"),
    "false_identity": (0.02, "coordination numbers declared false (FI): a handful in a region"),
    "number_corrected": (0.002, "adults whose personal number was changed"),
    "sekretessmarkering": (0.006, "households; about 1 in 300 persons in the country"),
    "skyddad_folkbokforing": (0.003, "households; rarer still, but each must hold"),
    "parents_phone": (0.80, "children whose telephone is a parent's own"),
    "care_home": (0.11, "persons over 80, about as many as live in special housing"),
    "name_changed": (0.35, "married women; a register keeps the old name until told"),
    "moved": (0.30, "adults who moved since some source first met them"),
    # --- who is known where, beyond the one that always knows them
    "in_melior": (0.50, "persons; a hospital has met half of them"),
    "in_asynja": (0.80, "persons; nearly all are listed with a health centre"),
    "in_elvis": (0.46, "persons; every hospital contact is registered"),
    "in_obstetrix": (0.80, "births and mothers since 2008"),
    "second_identity": (0.012, "identities met twice: an emergency under a reserve number"),
    # --- what clerks write about people
    "stale_number": (0.60, "identities registered before a change that still show the old number"),
    "change_documented": (0.50, "number changes that the source itself documents"),
    "number_missing": (0.010, "identities with no number at all"),
    "number_typo": (0.006, "one digit wrong, so that the check digit fails"),
    "overlay": (0.001, "number of one person on the name and birth date of another"),
    "stays_at_once": (0.05, "of those, both in hospital on the same days"),
    "lma_number": (0.05, "of who had a coordination number: first met as asylum seekers"),
    "old_reserve": (0.10, "hospital's emergency reserve numbers of before the regional format"),
    "unidentified": (0.08, "emergencies under a reserve number that nobody put a name to"),
    "day_month_swapped": (0.004, "birth dates written 5 March for 3 May, where both exist"),
    "birth_year_wrong": (0.002, "birth dates a year off"),
    "birth_date_missing": (0.004, "birth dates left out"),
    "only_called_name": (0.10, "only the name in daily use is written"),
    "spelling": (0.025, "a known variant: Carlsson, Christina"),
    "initials": (0.010, "second given names written as an initial: Anna K"),
    "called_name_marked": (0.70, "names of which the hospital journal marks the one in daily use"),
    "code_page": (0.010, "primary care's names with å, ä, ö damaged by a conversion of long ago"),
    "letter_dropped": (0.008, "one letter lost in a name"),
    "names_swapped": (0.003, "given name and surname in each other's field"),
    "sex_wrong": (0.002, "sex does not follow the number"),
    "stale_address": (0.55, "identities registered before a move that were never updated"),
    "no_phone": (0.25, "no telephone"),
    "guardian_known": (0.60, "children for whom the mother's number is written"),
    "protection_unknown": (0.15, "sources that never got the mark and keep the address"),
    "death_unknown": (0.30, "sources that have not heard of a death"),
    # --- what the population register's copy documents
    "reference_sent": (0.97, "number changes; a few references never come through"),
    "holders_found": (0.60, "holders of two coordination numbers who were found to be one"),
    "newborn_linked": (0.85, "newborns' reserve numbers; the birth notification names both"),
    "reserve_linked": (0.50, "emergency reserve numbers: identity proved, and a link asked for"),
    "link_revoked": (0.010, "manual links that first named another, and were taken back"),
    "link_wrong": (0.0005, "manual links that name another, and nobody has seen it"),
    # --- what clerks write about care
    "orphan": (0.001, "rows of a patient that the system no longer has"),
    "repeated": (0.012, "statements written twice in one system"),
    "date_unreadable": (0.002, "2023-02-30, 'v 34'"),
    "date_sentinel": (0.002, "1900-01-01 where nobody knew"),
    "line_repeated": (0.003, "lines of a file export that stand there twice"),
    "code_unmapped": (0.015, "a code that no list has"),
    "dotless": (0.15, "ICD codes without their dot"),
    "copied_later": (0.15, "chronic diagnoses that were copied on another day"),
    "severity_differs": (0.10, "copied warnings whose severity differs"),
    "refuted_elsewhere": (0.05, "copied warnings that the other system has written off"),
    "refuted": (0.04, "warnings written off"),
    "dose_differs": (0.10, "copied medicines with another dosage"),
    "unsigned": (0.06, "statements that nobody signed"),
    "nullified": (0.004, "statements struck out (makulerad)"),
    "negated": (0.01, "diagnoses written down as absent"),
    "suspected": (0.05, "diagnoses and warnings not confirmed"),
    "below_range": (0.02, "results given as less than a limit"),
    "textual": (0.01, "results in words: neg, hemolys, se kommentar"),
    "old_unit": (0.5, "HbA1c before 2011 in the old per cent unit"),
}


def rates() -> dict[str, float]:
    """The shares alone, by name."""
    return {name: share for name, (share, _) in RATES.items()}
