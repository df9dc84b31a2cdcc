"""The command line as people and other programs meet it."""

import json
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from projects import COMMAND, build, minns
from typer.testing import CliRunner

from minns import __version__
from minns.cli import app
from minns.config import load_project, load_source, load_wave

#: Of the official list of test numbers.
PATIENTS = (
    ("A1", "189001019802", "Anna Maria", "Berg", "1890-01-01", "K"),
    ("A2", "189001029819", "Erik", "Ek", "1890-01-02", "M"),
    ("A3", None, "Okänd", "Okänd", None, None),
    ("A4", None, "TEST Testsson", "Berg", None, None),
)


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command with the words that call it."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


COMMANDS = dict(commands(typer.main.get_command(app)))


def said(*arguments: str) -> str:
    """What a command that must work writes to stdout."""
    ended = CliRunner().invoke(app, list(arguments))
    assert ended.exit_code == 0, ended.output
    return ended.stdout


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_of_every_command_has_an_example_and_says_what_it_does(path: tuple[str, ...]) -> None:
    shown = " ".join(said(*path, "--help").split())
    assert f"Example: minns {' '.join(path)}" in shown
    assert (COMMANDS[path].help or "").split(".")[0].split()[0] in shown


def test_the_version() -> None:
    assert said("--version") == f"minns {__version__}\n"


def test_an_unknown_command_is_told_without_a_traceback(tmp_path: Path) -> None:
    ended = minns(tmp_path, "runn")
    assert ended.returncode == 2
    assert "No such command 'runn'" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_outside_of_a_project_the_way_in_is_told(tmp_path: Path) -> None:
    ended = minns(tmp_path, "status")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "minns init" in ended.stderr


# ------------------------------------------------------------------------------ the first project
@pytest.fixture
def starter(tmp_path: Path) -> Path:
    """What `minns init` writes, beside a small journal."""
    said("init", str(tmp_path / "project"))
    connection = sqlite3.connect(tmp_path / "project" / "journal.db")
    connection.execute(
        "create table patient (patient_id text, personal_number text, given_names text,"
        " surname text, birth_date text, sex text)"
    )
    connection.executemany("insert into patient values (?, ?, ?, ?, ?, ?)", PATIENTS)
    connection.commit()
    connection.close()
    return tmp_path / "project"


def test_a_new_project_is_valid(starter: Path) -> None:
    assert load_project(starter / "minns.toml").mappings == "mappings"
    assert load_source(starter / "mappings" / "journal" / "source.toml").name == "journal"
    assert load_wave(starter / "runbooks" / "wave-a.toml").sources == ("journal",)


def test_nothing_is_written_over(starter: Path) -> None:
    (starter / "minns.toml").write_text("# mine\n", encoding="utf-8")
    ended = minns(starter, "init")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "Choose another folder" in ended.stderr
    assert (starter / "minns.toml").read_text(encoding="utf-8") == "# mine\n"


def test_a_new_project_works_as_it_is_written(starter: Path) -> None:
    for words in ("source check journal", "plan wave-a", "run wave-a", "run wave-a --cutover"):
        ended = minns(starter, *words.split())
        assert ended.returncode == 0, ended.stderr + ended.stdout
        assert ended.stderr == "", "nothing is shown where nobody looks"
    record = sqlite3.connect(starter / "work" / "record.db")
    found = record.execute("select number, sex from current_person order by number").fetchall()
    record.close()
    assert found == [(None, "unknown"), ("189001019802", "female"), ("189001029819", "male")]


def test_what_reports_does_so_as_json_too(starter: Path) -> None:
    project = ("--project", str(starter))

    def document(*words: str) -> Any:
        return json.loads(said(*words, *project, "--json"))

    assert document("status") == []
    assert document("source", "check", "journal")[0] == {
        "table": "patient", "rows": 4, "statements": 3, "quarantined": 0, "excluded": 1,
    }  # fmt: skip
    assert document("plan", "wave-a")["changes"] > 0
    assert document("run", "wave-a")["verdict"] == "go"
    assert [line["state"] for line in document("status")] == ["finished"]
    assert document("trace", "journal", "patient", "A1")[0]["fate"] == "loaded"
    assert document("report", "wave-a")["about"]["wave"] == "wave-a"
    assert document("ledger", "verify")["whole"]
    out = starter / "identities.csv"
    assert document("export", "identities", str(out)) == {"file": str(out), "identities": 3}


def test_only_commands_that_write_no_report_are_without_json() -> None:
    without = [
        " ".join(path)
        for path, command in COMMANDS.items()
        if not any("--json" in parameter.opts for parameter in command.params)
    ]
    assert set(without) <= {"init", "identity decide", "web"}


# ------------------------------------------------------------------------------------------ demo
def test_the_demo_keeps_off_a_folder_with_other_files(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Kära", encoding="utf-8")
    ended = minns(tmp_path, "demo", "--dir", ".")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "other files" in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_folder_holds_one_region(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    held = json.dumps({"persons": 100, "seed": 1})
    (tmp_path / "demo" / "demo.json").write_text(held, encoding="utf-8")
    ended = minns(tmp_path, "demo", "--persons", "100", "--seed", "2", "--dir", "demo")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "seed 2" in ended.stderr
    assert "Choose another --dir" in ended.stderr


# ------------------------------------------------------------------------------------- interrupted
@pytest.mark.parametrize("moment", [0.0, 0.4, 1.2])
def test_ctrl_c_ends_with_one_line(tmp_path: Path, moment: float) -> None:
    project = build(tmp_path / "project", persons=300)
    process = subprocess.Popen(
        [*COMMAND, "run", "wave-1"],
        cwd=project,
        env=os.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background has SIGINT ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while not (project / "work" / "run.lock").exists():
        assert process.poll() is None
        time.sleep(0.02)
    time.sleep(moment)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, ""), err
    assert err.strip() == "Stopped. Run the same command again to go on."
    assert minns(project, "run", "wave-1").returncode == 0
