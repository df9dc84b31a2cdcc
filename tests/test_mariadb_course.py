"""A region goes into a record in MariaDB and out of it again, as it does in SQLite."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from conftest import PASSWORD
from desired_rows import Place
from projects import build, copy, minns

import load
from minns import pipeline, withdrawal
from minns.errors import TargetError
from minns.model import TARGET
from minns.recorded import Record
from minns.site import Site, open_site

Rows = dict[str, list[str]]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A region of fifty persons whose record is in SQLite."""
    return build(tmp_path_factory.mktemp("course") / "sqlite", persons=50)


@pytest.fixture
def site(project: Path, mariadb_url: str, tmp_path: Path) -> Site:
    """The same region, whose record is in MariaDB."""
    folder = copy(project, tmp_path / "mariadb")
    named = mariadb_url.replace(PASSWORD, "${RECORD_PASSWORD}")
    (folder / "minns.toml").write_text(f'work = "work"\ntarget = "{named}"\n', encoding="utf-8")
    return open_site(folder)


def record(site: Site) -> Rows:
    """What is true now, as the commands read it."""
    place = site.target("cutover")
    with load.open_target(place.url, place.schema, make=False) as target:
        shown = Record(target, "cutover", place.shown)
        return {name: sorted(map(repr, shown.rows(name, "1 = 1"))) for name in TARGET}


@pytest.mark.slow
def test_the_whole_course_is_as_in_sqlite(
    project: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECORD_PASSWORD", PASSWORD)
    folder, twin = site.project.root, open_site(project)
    done = minns(folder, "run", "wave-1", "--cutover")
    assert (done.returncode, "GO: 18 of 18" in done.stdout) == (0, True), done.stderr
    pipeline.run(twin, "wave-1", "cutover")
    first = record(twin)
    assert record(site) == first

    again = minns(folder, "run", "wave-1", "--cutover")
    assert "Nothing to load" in again.stdout

    place = Place(site.target("cutover").url, None)
    place.by_hand("update {person} set surname = 'Annan' limit 1")
    planned = minns(folder, "plan", "wave-1", "--cutover")
    assert "changed by others in the target" in planned.stdout
    with pytest.raises(TargetError, match=r"rows that others changed .*person 1"):
        pipeline.run(site, "wave-1", "cutover")
    pipeline.run(site, "wave-1", "cutover", accept_foreign=True)
    assert record(site) == first

    for each in (site, twin):
        pipeline.run(each, "wave-2", "cutover")
    assert record(site) == record(twin) != first
    withdrawal.withdraw(site, "wave-2", "cutover")
    assert record(site) == first
    assert PASSWORD not in "".join(d.stdout + d.stderr for d in (done, again, planned))


def test_what_is_rehearsed_has_a_database_of_its_own(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECORD_PASSWORD", PASSWORD)
    rehearsed, real = (sa.make_url(site.target(m).url) for m in ("rehearsal", "cutover"))
    assert rehearsed.database == f"{real.database}_rehearsal"


def test_a_wrong_password_is_told_in_one_sentence(site: Site) -> None:
    told = minns(site.project.root, "run", "wave-1", "--cutover", RECORD_PASSWORD="fel-hemlighet")
    assert told.returncode == 6
    assert "the password or user was refused" in told.stderr
    assert "fel-hemlighet" not in told.stdout + told.stderr
    assert "Traceback" not in told.stderr
