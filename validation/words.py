"""What fates, gates, kinds, checks and decisions are called in the report; English here, other
languages in locale/.
"""


def _(text: str) -> str:
    """Marks a text for translation; it is translated where it is shown."""
    return text


FATES = {
    "extracted": _("Read"),
    "loaded": _("Loaded"),
    "consolidated": _("Consolidated"),
    "held": _("Held"),
    "quarantined": _("Quarantined"),
    "excluded": _("Excluded"),
    "unexplained": _("Unexplained"),
}
MEANINGS = {
    "loaded": _("became a fact of the shared record"),
    "consolidated": _("says what another row says already, and stands behind the same fact"),
    "held": _("waits until a clinician has decided who the patient is"),
    "quarantined": _("broke a rule; kept, and can be replayed when the cause is mended"),
    "excluded": _("left out by a rule of the source or the wave"),
    "unexplained": _("nothing accounts for the row; the wave cannot go live"),
}
KINDS = {
    "patient": _("Patients"),
    "register_link": _("Register links"),
    "person": _("Persons"),
    "identity": _("Identities"),
    "care_contact": _("Care contacts"),
    "condition": _("Diagnoses"),
    "alert": _("Alerts"),
    "medication": _("Medication orders"),
    "observation": _("Results and measurements"),
    "procedure": _("Procedures"),
    "immunization": _("Vaccinations"),
    "document": _("Notes"),
    "access_block": _("Access blocks"),
    "care_unit": _("Care units"),
    "conflict": _("Conflicts"),
    "lineage": _("Lineage"),
}
GATES = {
    "tables_out_of_balance": _("Tables out of balance"),
    "rows_unexplained": _("Rows without explanation"),
    "contradictions": _("Rows with contradictory fates"),
    "checks_failed": _("Independent checks that failed"),
    "blocks_left_out": _("Blocks that nobody could carry"),
    "quarantined_share": _("Rows in quarantine"),
    "held_share": _("Rows held"),
    "pairs_to_review": _("Identity pairs to review"),
    "review_share": _("Identity pairs to review, by identity"),
    "code_coverage": _("Coded statements mapped"),
    "code_patients": _("Patients without an unmapped code"),
    "code_risk": _("Coded statements mapped, by clinical risk"),
    "sample_error": _("Wrong facts, by signed samples"),
    "rerun_changes": _("Changes when loaded again"),
    "persons_merged_or_split": _("Persons merged or split"),
}
RISKS = {"high": _("High risk"), "middle": _("Middle risk"), "low": _("Low risk")}
COMPARISONS = {"=": _("exactly"), "<=": _("at most"), ">=": _("at least")}
VERDICTS = {"pass": _("pass"), "fail": _("fail"), "unknown": _("unknown, so fail")}
MODES = {"rehearsal": _("Rehearsal"), "cutover": _("Cutover")}
DECISIONS = {
    "linked": _("Linked"),
    "review": _("To review"),
    "apart": _("Kept apart"),
    "vetoed": _("Vetoed"),
}
METHODS = {
    "founder": _("first identity of the person"),
    "number": _("same valid personal number"),
    "documented": _("documented change of number"),
    "model": _("statistical model"),
    "judgement": _("decided by a person"),
    "registry": _("known from an earlier wave"),
}
EVENTS = {
    "created": _("Persons created"),
    "joined": _("Identities joined to a person"),
    "merged": _("Identities moved by a merge"),
    "split": _("Identities moved by a split"),
}
RULES = {
    "founds_person": _("first identity of a person"),
    "same_person": _("further identity of a person"),
    "founds_fact": _("first row that states the fact"),
    "same_fact": _("states a fact already known"),
    "no_such_patient": _("the source has no such patient"),
    "test_patient": _("test patient"),
    "kind_not_in_record": _("a kind that the record does not take"),
    "duplicate_key": _("key that is not the only one"),
    "overlay_suspect": _("seems to mix two persons"),
    "two_valid_numbers": _("two different valid numbers"),
    "coordination_and_personal": _("coordination number and personal number"),
    "two_coordination_numbers": _("two coordination numbers"),
    "judged_different": _("judged to be different persons"),
    "number_of_another": _("a number that does not fit its bearer"),
    "reserve_number_twice": _("a reserve number that was given twice"),
    "false_identity": _("a false identity"),
    "unlinkable": _("a false, fictitious or anonymous identity"),
    "bridge": _("two persons known from before"),
    "same_question": _("asked by another pair of the same two persons"),
    "century_uncertain": _("the century of a number is a guess"),
    "twins": _("perhaps twins"),
    "sex_contradiction": _("different sex that nothing explains"),
    "given_names": _("given names too unlike"),
    "surname": _("surnames too unlike"),
    "birth_date": _("dates of birth too unlike"),
    "corroboration": _("nothing beside name and date of birth"),
    "weight": _("weight between the two thresholds"),
    "protected": _("protected personal data"),
    "timeline_two_stays": _("in hospital in two places at once"),
    "timeline_after_death": _("care after a death that the other knows of"),
    "timeline_before_birth": _("care before a birth that the other knows of"),
    "timeline_two_deliveries": _("births too close to be one mother's"),
    "timeline_findings": _("findings that one sex cannot have"),
    "reference_table": _("look-up table, not a record"),
    "register_link": _("numbers of one person: evidence for linking, no part of the record"),
    "link_revoked": _("link that the register has revoked"),
    "deregistered": _("left the population register: says nothing about numbers"),
    "two_fates": _("one statement with two fates"),
    "no_such_row": _("a fate of a row that was never landed"),
    "row_twice": _("one row landed twice"),
}
CHECKS = {
    "source_rows_are_landed": _("The live source holds as many rows as were landed"),
    "source_rows_are_as_landed": _(
        "Every row of the live source says what it said when it was landed"
    ),
    "rows_have_one_fate": _("Every landed row has exactly one fate"),
    "nothing_unexplained": _("No row and no statement is without explanation"),
    "no_contradiction": _("No statement has two fates, no fate lacks a row"),
    "books_balance": _("Read equals the sum of the fates in every table"),
    "told_rows_reach_the_target": _(
        "Every loaded or consolidated row stands behind a current fact"
    ),
    "lineage_points_to_landed_rows": _("Every line of lineage points to a landed row"),
    "lineage_points_to_current_facts": _("Every line of lineage points to a current fact"),
    "lineage_is_as_computed": _("The target traces facts and rows as computed, both ways"),
    "facts_have_rows_behind_them": _("Every fact has rows behind it"),
    "facts_are_as_desired": _("The target holds every fact as computed, column by column"),
    "stored_hashes_are_true": _("The target's stored hashes agree with its columns"),
    "facts_have_one_version": _("Every fact has one current version"),
    "facts_belong_to_a_person": _("Every fact belongs to a person of the target"),
    "persons_are_as_desired": _("The target holds every person as computed"),
    "medicines_are_as_desired": _("The target holds the medication picture as computed"),
    "persons_have_an_identity": _("Every person has an identity, and stands once"),
    "identities_stand_once": _("Every identity stands exactly once in the target"),
    "identities_keep_their_person": _("Every identity belongs to the person computed for it"),
}
EVERYTHING = {
    **{f"fate.{key}": text for key, text in FATES.items()},
    **{f"meaning.{key}": text for key, text in MEANINGS.items()},
    **{f"kind.{key}": text for key, text in KINDS.items()},
    **{f"subject.{key}": text for key, text in (KINDS | RISKS).items()},
    **{f"gate.{key}": text for key, text in GATES.items()},
    **{f"comparison.{key}": text for key, text in COMPARISONS.items()},
    **{f"verdict.{key}": text for key, text in VERDICTS.items()},
    **{f"mode.{key}": text for key, text in MODES.items()},
    **{f"decision.{key}": text for key, text in DECISIONS.items()},
    **{f"method.{key}": text for key, text in METHODS.items()},
    **{f"event.{key}": text for key, text in EVENTS.items()},
    **{f"rule.{key}": text for key, text in RULES.items()},
    **{f"check.{key}": text for key, text in CHECKS.items()},
}
