"""Usagi's export: CSV of local codes with the OMOP concept that each is mapped to."""

import csv
import datetime
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from minns.errors import MappingError
from minns.maps.codemap import CodeMap, State, same_person
from minns.store import write_text

#: The system of targets that are OMOP concept numbers (minns.terminology.athena).
OMOP = "omop"
COLUMNS = (
    "sourceCode sourceName sourceFrequency sourceAutoAssignedConceptIds matchScore mappingStatus "
    "equivalence statusSetBy statusSetOn conceptId conceptName domainId mappingType comment "
    "createdBy createdOn assignedReviewer"
).split()
#: Beside Usagi's own columns, what it has none for: a target that is not OMOP's.
OURS = ("ADD_INFO:targetSystem", "ADD_INFO:targetCode", "ADD_INFO:mapId")
EQUIVALENCES = {
    "EQUAL": "equivalent",
    "EQUIVALENT": "equivalent",
    "WIDER": "wider",
    "NARROWER": "narrower",
    # What nobody has looked at is not called the same.
    "INEXACT": "inexact",
    "UNREVIEWED": "inexact",
}
_WRITTEN = {"equivalent": "EQUIVALENT", "wider": "WIDER", "narrower": "NARROWER"}


def read(path: Path) -> tuple[tuple[CodeMap, ...], Mapping[str, int]]:
    """The maps of an export (their local system is not in it), and rows that give none."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text)))
    except (UnicodeDecodeError, csv.Error):
        rows = []
    if not rows or not {"sourceCode", "conceptId", "mappingStatus"} <= set(rows[0]):
        raise MappingError(
            f"Usagi's export as CSV in UTF-8 in {path.name}",
            found="no columns sourceCode, mappingStatus and conceptId",
            do="Export it with 'Save' in Usagi, or name another --format.",
        )
    skipped: Counter[str] = Counter()
    maps = []
    for row in rows:
        reason = _unusable(row)
        if reason:
            skipped[reason] += 1
        else:
            maps.append(_codemap({key: value or "" for key, value in row.items()}))
    return tuple(maps), dict(sorted(skipped.items()))


def _unusable(row: Mapping[str, str]) -> str:
    if (row.get("conceptId") or "0") in ("0", "") and not row.get(OURS[1]):
        return "no target"
    if row.get("mappingStatus") in ("INVALID_TARGET", "IGNORED"):
        return f"status {row['mappingStatus']}"
    return "no code" if not row.get("sourceCode") else ""


def _codemap(row: Mapping[str, str]) -> CodeMap:
    maker = row.get("createdBy", "")
    setter = row.get("statusSetBy", "") or maker
    author = maker or setter
    reviewed = bool(author) and not same_person(author, setter)
    state: State = "suggested"
    if row["mappingStatus"] == "APPROVED" and author:
        state = "reviewed" if reviewed else "mapped"
    return CodeMap(
        map_id=row.get(OURS[2], ""),
        local_system="",
        local_code=row["sourceCode"],
        local_text=row.get("sourceName", ""),
        system=row.get(OURS[0], "") or OMOP,
        code=row.get(OURS[1], "") or row["conceptId"],
        display=row.get("conceptName", ""),
        equivalence=EQUIVALENCES.get(row.get("equivalence", ""), "inexact"),
        state=state,
        authors=(author,) if author and state != "suggested" else (),
        reviewers=(setter,) if state == "reviewed" else (),
        mapped_on=_day(row.get("createdOn", "")),
        reviewed_on=_day(row.get("statusSetOn", "")) if state == "reviewed" else "",
        comment=row.get("comment", ""),
    )


def _day(milliseconds: str) -> str:
    """A date from milliseconds since 1970; 0 and rubbish are none."""
    if not milliseconds.isdigit() or len(milliseconds) > 13 or int(milliseconds) == 0:
        return ""
    moment = datetime.datetime.fromtimestamp(int(milliseconds) / 1000, datetime.UTC)
    return str(moment.date())


def _milliseconds(day: str) -> str:
    try:
        moment = datetime.datetime.fromisoformat(day).replace(tzinfo=datetime.UTC)
    except ValueError:
        return "0"
    return str(int(moment.timestamp()) * 1000)


def write(path: Path, maps: Sequence[CodeMap]) -> None:
    """Write maps as Usagi reads them; a target outside OMOP stands in columns of ours."""
    out = io.StringIO()
    table = csv.DictWriter(out, [*COLUMNS, *OURS], lineterminator="\n", restval="")
    table.writeheader()
    table.writerows(_row(codemap) for codemap in maps)
    write_text(path, out.getvalue())


def _row(codemap: CodeMap) -> dict[str, str]:
    omop = codemap.system == OMOP
    agreed = codemap.state in ("mapped", "reviewed", "approved")
    author = next(iter(codemap.authors), "")
    return {
        "sourceCode": codemap.local_code,
        "sourceName": codemap.local_text,
        "sourceFrequency": "-1",
        "matchScore": f"{codemap.confidence or 0:.3g}",
        "mappingStatus": "APPROVED" if agreed else "UNCHECKED",
        "equivalence": _WRITTEN.get(codemap.equivalence, "INEXACT"),
        "statusSetBy": next(iter(codemap.reviewers), author),
        "statusSetOn": _milliseconds(codemap.reviewed_on or codemap.mapped_on),
        "conceptId": codemap.code if omop else "0",
        "conceptName": codemap.display,
        "mappingType": "MAPS_TO",
        "comment": codemap.comment,
        "createdBy": author,
        "createdOn": _milliseconds(codemap.mapped_on),
        OURS[0]: "" if omop else codemap.system,
        OURS[1]: "" if omop else codemap.code,
        OURS[2]: codemap.map_id,
    }
