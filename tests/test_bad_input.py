"""What an operator sees when something is wrong: one sentence, an exit code, and nothing lost."""

import fcntl
import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from conftest import PASSWORD, free_port
from mistakes import CASES, SECRET, Case, append, melior
from projects import build, dump, minns

import mappings
import runbooks
from minns import errors, inquiry, pipeline
from minns.site import open_site

#: What a patient could be known by in these projects: every number has ten digits or more.
NUMBER = re.compile(r"\d{10,12}")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with mappings and waves of its own, whose first wave was rehearsed."""
    project = build(tmp_path_factory.mktemp("whole"), persons=100)
    keep = shutil.ignore_patterns("*.py", "__pycache__", "*.md")
    shutil.copytree(mappings.FOLDER, project / "mappings", ignore=keep)
    shutil.copytree(runbooks.FOLDER, project / "runbooks", ignore=keep)
    (project / "minns.toml").write_text('mappings = "mappings"\n', encoding="utf-8")
    assert pipeline.run(open_site(project), "wave-1", "rehearsal").evidence.go
    return project


@pytest.fixture
def project(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "project"))


def mend(project: Path, whole: Path) -> None:
    """Everything but the work folder as it was."""
    for path in project.iterdir():
        if path.name != "work":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.copytree(
        whole, project, dirs_exist_ok=True, ignore=lambda f, _: {"work"} if f == str(whole) else ()
    )


def refused(project: Path, *command: str, kind: type[errors.MinnsError], **environment: str) -> str:
    """Run a command that cannot work; gives its sentence, after a look at all that must hold."""
    record = project / "work" / "record-rehearsal.db"
    before = dump(record) if record.exists() else None
    ended = minns(project, *command, **environment)
    said = ended.stderr.strip()
    assert ended.returncode == kind.exit_code, said or ended.stdout
    assert ended.stdout == ""
    assert re.fullmatch(r"Expected [^\n]+; found [^\n]+\. [^\n]+\.", said), said
    assert len(re.findall(r"[.?!] [A-Z]", said)) <= 2, said
    assert "Traceback" not in said
    assert SECRET not in said
    assert PASSWORD not in said
    assert not NUMBER.search(said), said
    assert (dump(record) if record.exists() else None) == before
    return said


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_mistake_is_told_in_one_sentence_and_mended(
    project: Path, whole: Path, case: Case
) -> None:
    case.make(project)
    said = refused(project, *case.command.split(), kind=case.kind)
    assert [word for word in case.words if word not in said] == [], said
    mend(project, whole)
    goes_on(project)


def goes_on(project: Path) -> None:
    """The mistake is mended: the wave runs, the ledger is whole."""
    site = open_site(project)
    assert pipeline.run(site, "wave-1", "rehearsal").evidence.go
    assert site.ledger.verify() > 0


def test_a_few_rows_with_one_key_are_quarantined(project: Path) -> None:
    melior(
        "create table t as select * from varning",
        "insert into t select * from varning limit 1",
        "drop table varning",
        "alter table t rename to varning",
    )(project)
    before = inquiry.evidence(open_site(project), "wave-1", "rehearsal")["totals"]["quarantined"]
    shutil.rmtree(project / "work")  # the copy lost the declared types, which landing would notice
    outcome = pipeline.run(open_site(project), "wave-1", "rehearsal")
    assert outcome.evidence.totals["quarantined"] == before + 2
    assert outcome.evidence.totals["unexplained"] == 0


# ------------------------------------------------------------------------------------- databases
def connect_melior(project: Path, url: str) -> None:
    append("minns.toml", f'[sources.melior]\nurl = "{url}"\n')(project)


def test_a_server_that_does_not_answer(project: Path, whole: Path) -> None:
    port = free_port()
    connect_melior(project, f"postgresql+psycopg://r:${{MELIOR}}@127.0.0.1:{port}/melior")
    said = refused(project, "run", "wave-1", kind=errors.SourceError, MELIOR=SECRET)
    assert f"melior at 127.0.0.1:{port}/melior; found no answer" in said
    mend(project, whole)
    goes_on(project)


def test_a_source_whose_url_is_none_once_it_is_filled_in(project: Path) -> None:
    connect_melior(project, "${MELIOR}")
    said = refused(project, "run", "wave-1", kind=errors.ConfigError, MELIOR=f"no url {SECRET}")
    assert "the url of the source melior" in said


def test_a_password_that_is_refused(project: Path, postgres_url: str) -> None:
    place = postgres_url.split("@")[1]
    connect_melior(project, f"postgresql+psycopg://minns:${{MELIOR}}@{place}")
    said = refused(project, "run", "wave-1", kind=errors.SourceError, MELIOR=SECRET)
    assert "user or password refused" in said


def test_a_target_that_does_not_answer(project: Path) -> None:
    url = f"postgresql+psycopg://minns:${{TARGET}}@127.0.0.1:{free_port()}/record"
    append("minns.toml", f'target = "{url}"\n')(project)
    said = refused(project, "run", "wave-1", kind=errors.TargetError, TARGET=SECRET)
    assert "127.0.0.1" in said
    assert "'target' in minns.toml" in said


def test_a_target_that_refuses_the_password(project: Path, postgres_url: str) -> None:
    place = postgres_url.split("@")[1]
    append("minns.toml", f'target = "postgresql+psycopg://minns:${{TARGET}}@{place}"\n')(project)
    said = refused(project, "run", "wave-1", kind=errors.TargetError, TARGET=SECRET)
    assert "password or user was refused" in said


def test_a_record_that_another_program_locks(project: Path) -> None:
    melior("update varning set kommentar = 'ny'")(project)
    other = sqlite3.connect(project / "work" / "record-rehearsal.db", isolation_level=None)
    other.execute("begin exclusive")
    said = refused(project, "run", "wave-1", kind=errors.TargetError)
    assert "locked by another program" in said
    other.rollback()
    other.close()
    goes_on(project)


def test_a_table_that_another_program_locks(project: Path, postgres_url: str) -> None:
    url = postgres_url.replace(PASSWORD, "${TARGET}")
    append("minns.toml", f'target = "{url}"\n')(project)
    assert minns(project, "run", "wave-1", TARGET=PASSWORD).returncode == 0
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as other:
        other.execute("lock table rehearsal.person in access exclusive mode")
        said = refused(project, "run", "wave-1", kind=errors.TargetError, TARGET=PASSWORD)
        assert "locked by another program" in said
    assert minns(project, "run", "wave-1", TARGET=PASSWORD).returncode == 0


def test_a_target_that_is_somebody_elses(project: Path) -> None:
    other = sqlite3.connect(project / "work" / "record.db")
    other.execute("create table person (name text)")
    other.close()
    said = refused(project, "run", "wave-1", "--cutover", kind=errors.TargetError)
    assert "the table 'person'" in said
    assert "of its own" in said
    (project / "work" / "record.db").unlink()
    assert pipeline.run(open_site(project), "wave-1", "cutover").evidence.go


# --------------------------------------------------------------------------------- the work folder
def test_two_runs_at_once(project: Path) -> None:
    with (project / "work" / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        said = refused(project, "run", "wave-1", kind=errors.StoreError)
        assert "another run is using it" in said
    goes_on(project)


def test_a_full_disk(project: Path, small_disk: Path) -> None:
    append("minns.toml", f'work = "{small_disk / "work"}"\n')(project)
    (small_disk / "filler").write_bytes(b"x" * 2_000_000)
    said = refused(project, "source", "check", "melior", kind=errors.StoreError)
    assert "the disk is full" in said
    (small_disk / "filler").unlink()
    ended = minns(project, "source", "check", "melior")
    assert ended.returncode == 0, ended.stderr


def first(project: Path, pattern: str) -> Path:
    return sorted((project / "work").glob(pattern))[0]


@pytest.fixture(params=["{", "{}", "[]"])
def damage(request: pytest.FixtureRequest) -> Iterator[str]:
    yield request.param


def test_a_damaged_manifest(project: Path, damage: str) -> None:
    path = first(project, "landing/melior/*/manifest.json")
    path.write_text(damage, encoding="utf-8")
    said = refused(project, "run", "wave-1", kind=errors.StoreError)
    assert str(path.parent) in said
    shutil.rmtree(path.parent)
    goes_on(project)


@pytest.mark.parametrize("pattern", ["landing/melior/*/patient/*.parquet",
                                     "steps/shape-melior/*/patient/*.parquet"])  # fmt: skip
def test_a_damaged_table(project: Path, pattern: str) -> None:
    path = first(project, pattern)
    path.write_bytes(path.read_bytes()[:-20])
    shutil.rmtree(project / "work" / "steps" / "link-standardise-1")
    if "landing" in pattern:
        shutil.rmtree(project / "work" / "steps" / "shape-melior")
    said = refused(project, "run", "wave-1", kind=errors.StoreError)
    assert str(path.parent) in said
    shutil.rmtree(path.parents[1])
    goes_on(project)


def test_a_ledger_that_was_altered(project: Path) -> None:
    ledger = sqlite3.connect(project / "work" / "ledger.db")
    ledger.execute("update ledger_entry set body = replace(body, 'no-go', 'go') || ' '")
    ledger.commit()
    ledger.close()
    refused(project, "run", "wave-2", kind=errors.LedgerError)
    said = refused(project, "ledger", "verify", kind=errors.LedgerError)
    assert "entry 1" in said


def test_a_ledger_that_is_no_database(project: Path) -> None:
    (project / "work" / "ledger.db").write_bytes(b"x" * 5000)
    said = refused(project, "status", kind=errors.LedgerError)
    assert "ledger" in said


def test_a_registry_that_is_gone(project: Path) -> None:
    assert pipeline.run(open_site(project), "wave-1", "cutover").evidence.go
    shutil.rmtree(project / "work" / "registry")
    said = refused(project, "run", "wave-2", "--cutover", kind=errors.LedgerError)
    assert "Restore work/registry" in said
