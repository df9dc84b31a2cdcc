"""What the columns, kinds and values of the record are called before a clinician; English here,
Swedish in minns/locale.
"""

from minns.translation import catalogue


def _(text: str) -> str:
    """Marks a text for translation; it is translated where it is shown."""
    return text


KINDS = {
    "patient": _("Patient"),
    "care_contact": _("Care contact"),
    "condition": _("Diagnosis"),
    "alert": _("Alert"),
    "medication": _("Medication order"),
    "observation": _("Result"),
    "procedure": _("Procedure"),
    "immunization": _("Vaccination"),
    "document": _("Note"),
    "access_block": _("Access block"),
}
LABELS = {
    "abnormal": _("Flagged by the laboratory"),
    "approved_for_patient": _("May be shown to the patient"),
    "author": _("Written by"),
    "batch": _("Batch"),
    "birth_date": _("Date of birth"),
    "body": _("Text"),
    "care_giver": _("Care giver"),
    "care_unit": _("Care unit"),
    "category": _("Kind"),
    "certainty": _("Certainty"),
    "chronic": _("Chronic"),
    "code": _("Standard code"),
    "comment": _("Comment"),
    "comparator": _("Less or more than"),
    "date_precision": _("Known to the"),
    "deceased_date": _("Date of death"),
    "diagnosed_on": _("Date of the diagnosis"),
    "display": _("Standard text"),
    "document_type": _("Kind of note"),
    "dose_number": _("Dose in the series"),
    "dose_text": _("Dose"),
    "picture": _("In the medication picture"),
    "picture_reason": _("Why"),
    "stage": _("Stage"),
    "ends_at": _("Ends"),
    "ends_on": _("Last day"),
    "equivalence": _("Nearness of the code"),
    "form": _("Form"),
    "given_on": _("Given"),
    "local_code": _("Local code"),
    "local_system": _("Local code system"),
    "local_text": _("Local text"),
    "negated": _("Denied"),
    "observed_at": _("Taken"),
    "order_id": _("Order"),
    "order_type": _("Kind of order"),
    "performed_on": _("Done"),
    "recorded_at": _("Recorded"),
    "reference_interval": _("Reference interval"),
    "route": _("Route"),
    "severity": _("Severity"),
    "sex": _("Sex"),
    "signed": _("Signed"),
    "starts_at": _("Starts"),
    "starts_on": _("First day"),
    "status": _("State"),
    "strength": _("Strength"),
    "system": _("Standard code system"),
    "system_version": _("Edition"),
    "title": _("Title"),
    "unit": _("Unit"),
    "valid_from": _("Holds from"),
    "valid_to": _("Holds until"),
    "value_number": _("Value as a number"),
    "value_text": _("Value"),
    "written_at": _("Date of the event"),
}
#: Values that are the model's own words, by column; a state may stand in any column's place.
VALUES = {
    "active": _("active"),
    "completed": _("completed"),
    "stopped": _("ended"),
    "refuted": _("refuted"),
    "obsolete": _("obsolete"),
    "nullified": _("nullified"),
    "unknown": _("not known"),
    "visit": _("visit"),
    "phone": _("telephone"),
    "inpatient": _("inpatient stay"),
    "day_care": _("day care"),
    "other": _("other"),
    "main": _("main diagnosis"),
    "secondary": _("secondary diagnosis"),
    "confirmed": _("confirmed"),
    "suspected": _("suspected"),
    "hypersensitivity": _("hypersensitivity"),
    "disease": _("disease"),
    "treatment": _("treatment"),
    "communicable": _("communicable disease"),
    "restriction": _("restriction"),
    "unstructured": _("unstructured warning"),
    "mild": _("troublesome"),
    "harmful": _("harmful"),
    "life_threatening": _("life-threatening"),
    "start": _("order"),
    "stop": _("stop order"),
    "inner": _("within the care giver"),
    "outer": _("towards other care givers"),
    "female": _("female"),
    "male": _("male"),
    "sekretessmarkering": _("Confidentiality marking"),
    "skyddad_folkbokforing": _("Protected registration"),
    "True": _("yes"),
    "False": _("no"),
    "open": _("open"),
    "settled": _("settled"),
    "both": _("both stand"),
    "first": _("the first stands"),
    "second": _("the second stands"),
    "neither": _("neither stands"),
    "withdrawn": _("withdrawn"),
    "duplicate": _("perhaps twice"),
    "current": _("current"),
    "ended": _("ended"),
    "doubtful": _("doubtful"),
    "stop_order": _("a stop order ended it"),
    "renewed": _("renewed by a later order"),
    "renewal_ended": _("what renewed it has ended"),
    "renewed_as_other": _("renewed as something else"),
    "stop_unclear": _("a stop order may mean it"),
    "status_unknown": _("the source does not say whether it goes on"),
    "open_long": _("old, and no last day"),
    "course_over": _("the days that its dose text names have passed"),
    "prescription": _("prescription"),
    "dispense": _("dispensed"),
    "administration": _("administered"),
    "year": _("year"),
    "month": _("month"),
    "day": _("day"),
}


def label(column: str, language: str) -> str:
    """What a column is called; one without a word is called by its name."""
    return _in(LABELS, column, language) or column.replace("_", " ")


def value(word: object, language: str) -> str:
    """A value as it is read; what is not a word of the model stands as it is."""
    return "" if word is None else _in(VALUES, str(word), language) or str(word)


def _in(words: dict[str, str], name: str, language: str) -> str:
    return catalogue("minns", language).gettext(words[name]) if name in words else ""
