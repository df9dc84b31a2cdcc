"""A step that is finished is found again; one whose reasons changed is made anew."""

from dataclasses import replace
from pathlib import Path

import pytest

from minns.config import Project
from minns.runner import Done, Nobody, Runner, fingerprint
from minns.step import Room, Step
from minns.store import Store


class Seen(Nobody):
    """Notes which steps were made and which were found."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, str]] = []

    def end(self, done: Done) -> None:
        self.steps.append((done.name, "found" if done.found else "made"))


def count_patients(room: Room) -> None:
    room.write("number", "select count(*) as patients from patient")


def make_patients(room: Room) -> None:
    room.write("patient", "select 'a' as local_patient_id from range(3)")


def steps(code: Path, parameters: dict[str, int] | None = None) -> tuple[Step, Step]:
    first = Step("first", {}, ("patient",), make_patients, (code,), parameters or {})
    reads = {"patient": ("first.patient",)}
    return first, Step("second", reads, ("number",), count_patients, (code,))


@pytest.fixture
def code(tmp_path: Path) -> Path:
    (tmp_path / "code" / "maps").mkdir(parents=True)
    (tmp_path / "code" / "rule.sql").write_text("select 1", encoding="utf-8")
    return tmp_path / "code"


def outcome(folder: Path, what: tuple[Step, ...]) -> list[str]:
    seen = Seen()
    runner = Runner(Project(memory_limit="200MB", threads=1), Store(folder), seen)
    runner.run(what)
    assert runner.tables["second"].rows("number") == 1
    return [how for _, how in seen.steps]


def test_the_same_inputs_are_found_again(tmp_path: Path, code: Path) -> None:
    assert outcome(tmp_path, steps(code)) == ["made", "made"]
    assert outcome(tmp_path, steps(code)) == ["found", "found"]


def test_a_step_with_another_parameter_is_made_anew(tmp_path: Path, code: Path) -> None:
    outcome(tmp_path, steps(code))
    # What it gives came out the same, so what reads that is found.
    assert outcome(tmp_path, steps(code, {"a": 1})) == ["made", "found"]
    assert outcome(tmp_path, steps(code)) == ["found", "found"]


def test_what_reads_another_content_is_made_anew(tmp_path: Path, code: Path) -> None:
    first, second = steps(code)
    outcome(tmp_path, (first, second))

    def more(room: Room) -> None:
        room.write("patient", "select 'b' as local_patient_id from range(4)")

    changed = replace(first, do=more, parameters={"a": 1})
    assert outcome(tmp_path, (changed, second)) == ["made", "made"]


@pytest.mark.parametrize("name", ["rule.sql", "maps/codes.csv", "new.py"])
def test_changed_code_makes_its_steps_anew(tmp_path: Path, code: Path, name: str) -> None:
    outcome(tmp_path, steps(code))
    (code / name).write_text("select 2", encoding="utf-8")
    assert outcome(tmp_path, steps(code)) == ["made", "made"]


def test_files_that_are_no_code_change_nothing(tmp_path: Path, code: Path) -> None:
    before = fingerprint(code)
    (code / "rule.pyc").write_bytes(b"x")
    assert fingerprint(code) == before
    (code / "rule.sql").rename(code / "maps" / "rule.sql")
    assert fingerprint(code) != before


def test_a_step_that_failed_is_made_again(tmp_path: Path, code: Path) -> None:
    first, second = steps(code)

    def fail(room: Room) -> None:
        make_patients(room)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        outcome(tmp_path, (replace(first, do=fail), second))
    assert outcome(tmp_path, (first, second)) == ["made", "made"]


def test_what_no_source_has_is_an_empty_table(tmp_path: Path, code: Path) -> None:
    _, second = steps(code)
    runner = Runner(Project(memory_limit="200MB", threads=1), Store(tmp_path))
    runner.run([replace(second, reads={"patient": ()})])
    with runner.engine() as engine:
        engine.view("number", runner.parts("second.number"))
        assert engine.value("select patients from number") == 0


def test_a_run_leaves_no_scratch(tmp_path: Path, code: Path) -> None:
    outcome(tmp_path, steps(code))
    assert list(Store(tmp_path).scratch.iterdir()) == []
