"""A made-up person's name, number and address stay in the data and appear nowhere else."""

from pathlib import Path
from urllib.parse import quote

import pytest
from journals import rows_of
from pages import PASSWORD, Visitor, pair_on, served
from projects import build, minns, on_terminal

from minns.demo import canary
from minns.site import open_site
from minns.web.users import add

#: Where patients' data may be: tables and records. Everything else is searched.
DATA = {".parquet", ".db", ".db-wal", ".db-shm"}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("canary"), canary=True)


def planted_in(text: str) -> set[str]:
    return {word for word in canary.TRACES if word in text}


def test_nothing_said_or_written_beside_the_data_names_the_patient(project: Path) -> None:
    commands = (
        ("plan", "wave-1"),
        ("run", "wave-1"),
        ("run", "wave-1", "--cutover"),
        ("run", "wave-2", "--cutover", "--json"),
        ("status", "--json"),
        ("report", "wave-2", "--cutover", "--json"),
        ("source", "check", "elvis"),
        ("conflict", "list"),
        ("trace", "melior", "patient", "no such key"),
    )
    said = [minns(project, *arguments) for arguments in commands]
    assert not planted_in("".join(ended.stdout + ended.stderr for ended in said))
    shown = on_terminal(project, "run", "wave-2")
    assert "land-asynja" in shown
    assert not planted_in(shown)
    written = [p for p in (project / "work").rglob("*") if p.is_file() and p.suffix not in DATA]
    assert len(written) > 20
    for path in written:
        assert not planted_in(str(path)), path
        assert not planted_in(path.read_text(encoding="utf-8")), path


def test_the_overview_names_the_patient_to_who_asked_and_nobody_else(project: Path) -> None:
    record = project / "work" / "record.db"
    [(person, *_), *_] = rows_of(
        record, f"select person_id from current_person where surname = '{canary.SURNAME}'"
    )
    ended = minns(project, "show", "person", person, "--html", "../overview.html")
    page = project.parent / "overview.html"
    assert planted_in(page.read_text(encoding="utf-8"))
    assert not planted_in(ended.stdout + ended.stderr)


def test_the_pages_do_not_tell_their_log(project: Path) -> None:
    site = open_site(project)
    add(site.ledger, "eva", "steward", PASSWORD, protected=True)
    with served(site) as (port, log):
        visitor = Visitor(port)
        visitor.log_in("eva")
        for _ in range(3):
            page = visitor.get(f"/review?q={quote(canary.SURNAME)}").text
            if 'name="pair"' in page:
                visitor.post("/review", pair=pair_on(page), verdict="unsure")
        visitor.post("/review", pair=canary.SURNAME, verdict=canary.NUMBER)
        visitor.get(f"/{quote(canary.SURNAME)}")
        Visitor(port).log_in(canary.SURNAME, canary.NUMBER)
        assert visitor.get("/progress").status == 200
    assert log.read_text(encoding="utf-8")
    assert not planted_in(log.read_text(encoding="utf-8"))


def test_the_ledger_does_not_name_the_patient(project: Path) -> None:
    raw = (project / "work" / "ledger.db").read_bytes()
    assert not planted_in(raw.decode("utf-8", errors="replace"))


def test_the_canary_is_really_there(project: Path) -> None:
    raw = (project / "work" / "record.db").read_bytes().decode("utf-8", errors="replace")
    assert canary.SURNAME in raw
    assert canary.NUMBER in raw
