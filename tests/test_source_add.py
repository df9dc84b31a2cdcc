"""From nothing to a rehearsal: journals that nobody has mapped, and what is made of them."""

import json
import re
import shutil
from pathlib import Path

import pytest
import strangers
from projects import minns

SYNTHEA = Path(__file__).parents[2] / "shared/data/clinical/synthea/synthea"
WAVE = 'name = "wave-a"\nsources = ["{}"]\n[gates]\nquarantined_share_max = 1.0\n'


def project(folder: Path) -> Path:
    (folder / "minns.toml").write_text('mappings = "mappings"\n', encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the three journals, each added as `minns source add` does it."""
    folder = project(tmp_path_factory.mktemp("strangers"))
    for name in strangers.NAMES:
        strangers.build(name, folder / f"{name}.db")
        ended = minns(folder, "source", "add", name, "--url", f"sqlite:///{name}.db", "--json")
        assert ended.returncode == 0, ended.stderr
    return folder


def filled(folder: Path, name: str, table: strangers.Table) -> dict[str, str]:
    """Canonical columns that the scaffold's SQL fills from a table, each with its expression."""
    path = folder / "mappings" / name / f"{table.feeds}.sql"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    select = text.partition(f"'{table.name}' as source_table")[2].partition("\nfrom ")[0]
    lines = (line.partition("  -- ")[0] for line in select.splitlines())
    return {m[2]: m[1] for line in lines if (m := re.match(r'\s*(.*) as "(\w+)",?$', line))}


def score(folder: Path, name: str) -> tuple[int, int, int]:
    """Columns right, columns in all, and columns filled from a wrong one."""
    right = total = wrong = 0
    for table in strangers.schema(name):
        found = filled(folder, name, table) if table.feeds else {}
        for canonical, column in table.truth.items():
            total += 1
            right += f'"{column}"' in found.get(canonical, "")
        others = {f'"{column}"' for column, _ in table.columns}
        for canonical, expression in found.items():
            named = {other for other in others if other in expression}
            wanted = table.truth.get(canonical)
            wrong += wanted is not None and bool(named) and f'"{wanted}"' not in named
    return right, total, wrong


def test_the_schemas_are_what_they_say() -> None:
    for name in strangers.NAMES:
        tables = strangers.schema(name)
        assert len(tables) == 40
        assert len({table.name for table in tables}) == 40
        assert sum(len(table.truth) for table in tables) > 90


@pytest.mark.parametrize("name", strangers.NAMES)
def test_seven_columns_of_ten_are_right_unaided(stranger: Path, name: str) -> None:
    right, total, wrong = score(stranger, name)
    print(f"{name}: {right} of {total} right, {wrong} wrong")  # noqa: T201
    assert right >= 0.7 * total
    assert wrong <= 0.05 * total


@pytest.mark.parametrize("name", strangers.NAMES)
def test_a_first_mapping_keeps_every_row(stranger: Path, name: str) -> None:
    ended = minns(stranger, "source", "check", name, "--json")
    assert ended.returncode == 0, ended.stderr
    lines = json.loads(ended.stdout)
    assert len(lines) == 40
    feeds = {table.name: table.feeds for table in strangers.schema(name)}
    assert sum(bool(line["statements"]) for line in lines) >= 9
    for line in (line for line in lines if line["quarantined"]):
        sql = stranger / "mappings" / name / f"{feeds[line['table']]}.sql"
        assert "MISSING" in sql.read_text(encoding="utf-8"), line["table"]


def test_what_is_missing_comes_in_the_order_of_what_blocks(stranger: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(stranger, tmp_path / "copy")
    path = folder / "mappings" / "kompass" / "condition.sql"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        re.sub(r'(?m)^.* as "diagnosed_on".*$',
               '    cast(null as varchar) as "diagnosed_on",  -- MISSING: the date', text),
        encoding="utf-8",
    )  # fmt: skip
    ended = minns(folder, "source", "check", "kompass", "--missing", "--json")
    weights = [point["weight"] for point in json.loads(ended.stdout)]
    assert weights[:2] == ["quarantined", "missing"]
    assert set(weights) >= {"not mapped", "doubt", "codes"}
    path.write_text("select 1", encoding="utf-8")
    broken = minns(folder, "source", "check", "kompass", "--missing", "--json")
    assert broken.returncode == 4
    assert json.loads(broken.stdout)[0]["weight"] == "blocks"


def test_a_stranger_is_rehearsed(stranger: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(stranger, tmp_path / "copy")
    (folder / "runbooks").mkdir()
    (folder / "runbooks" / "wave-a.toml").write_text(WAVE.format("sigma"), encoding="utf-8")
    ended = minns(folder, "run", "wave-a", "--json")
    told = json.loads(ended.stdout)
    assert told["run"] == "wave-a-rehearsal-1", ended.stderr
    assert told["changes"] > 500


def test_files_are_read_by_their_own_delimiter_and_code_page(tmp_path: Path) -> None:
    folder = project(tmp_path)
    (folder / "in").mkdir()
    lines = [f"{n};19{n + 40}-03-04;Åsa;Öberg;K" for n in range(30)]
    text = "\n".join(["patientid;födelsedatum;förnamn;efternamn;kön", *lines, ""])
    (folder / "in" / "patienter.csv").write_bytes(text.encode("cp850"))
    ended = minns(folder, "source", "add", "ny", "--files", "in")
    assert ended.returncode == 0, ended.stderr
    toml = (folder / "mappings" / "ny" / "source.toml").read_text(encoding="utf-8")
    assert 'encoding = "cp850"' in toml
    sql = (folder / "mappings" / "ny" / "patient.sql").read_text(encoding="utf-8")
    assert 'iso_date("födelsedatum") as "birth_date"' in sql
    assert minns(folder, "source", "check", "ny").returncode == 0


@pytest.mark.skipif(not SYNTHEA.is_dir(), reason="no Synthea export here")
def test_an_export_of_synthea_comes_to_a_mapping_that_keeps_its_rows(tmp_path: Path) -> None:
    folder = project(tmp_path)
    ended = minns(folder, "source", "add", "strange", "--files", str(SYNTHEA))
    assert ended.returncode == 0, ended.stderr
    made = {path.stem for path in (folder / "mappings" / "strange").glob("*.sql")}
    assert made >= {"patient", "condition", "alert", "immunization", "procedure", "medication"}
    checked = minns(folder, "source", "check", "strange", "--json")
    lines = {line["table"]: line for line in json.loads(checked.stdout)}
    assert lines["medications"]["statements"] == lines["medications"]["rows"] > 0
    assert sum(line["quarantined"] for line in lines.values()) == 0


def test_nothing_is_written_over_and_mistakes_are_told(stranger: Path) -> None:
    again = minns(stranger, "source", "add", "sigma", "--url", "sqlite:///sigma.db")
    assert (again.returncode, "move that folder away" in again.stderr) == (2, True)
    secret = minns(stranger, "source", "add", "x", "--url", "postgresql://a:hemligt@b/c")
    assert (secret.returncode, "hemligt" in secret.stderr) == (2, False)
    nothing = minns(stranger, "source", "add", "x", "--url", "sqlite:///none.db")
    assert (nothing.returncode, "no such file" in nothing.stderr) == (3, True)
    assert minns(stranger, "source", "add", "x").returncode == 2
