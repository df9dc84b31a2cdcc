"""Configuration is checked when read; secrets stand in the environment only."""

from pathlib import Path

import pytest

from minns.config import expand, load_project, load_source, load_wave, refuse_literal_password
from minns.errors import ConfigError, MinnsError

SOURCE = 'name = "melior"\nkind = "sql"\nurl = "sqlite:///x.db"\n[tables.PATIENT]\nkey = ["ID"]\n'


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    return tmp_path / "minns.toml"


def test_an_empty_project_has_its_defaults(toml: Path) -> None:
    project = load_project(write(toml, ""))
    assert project.root == toml.parent.resolve()
    assert project.work_folder == toml.parent.resolve() / "work"
    assert project.record_url == f"sqlite:///{project.work_folder / 'record.db'}"
    assert project.ledger_url == f"sqlite:///{project.work_folder / 'ledger.db'}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('memory = "2GB"', r"the unknown key 'memory'"),
        ('[sources.melior]\npassword = "x"', r"the unknown key 'sources\.melior\.password'"),
        ('memory_limit = "much"', r"'memory_limit'"),
        ("threads = 0", r"'threads'"),
        ('engine = "other"', r"'engine'"),
        ("work =", r"to be TOML in UTF-8"),
    ],
)
def test_what_is_wrong_is_named(toml: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_project(write(toml, text))


def test_a_project_that_is_not_there_is_told(toml: Path) -> None:
    with pytest.raises(ConfigError, match=r"no such file"):
        load_project(toml)


@pytest.mark.parametrize(
    "line",
    [
        'target = "postgresql+psycopg://minns:hemlig@host/record"',
        'ledger = "postgresql://minns:hemlig@host/record"',
        'rehearsal_target = "postgresql://minns:x${NAME}hemlig@host/record"',
        '[sources.melior]\nurl = "odbc:Driver={x};Server=s;PWD=hemlig"',
        '[sources.melior]\nurl = "odbc:Driver={x};Password = hemlig;Server=s"',
    ],
)
def test_a_password_in_a_file_is_refused_and_not_told(toml: Path, line: str) -> None:
    with pytest.raises(ConfigError, match=r"no password in .* found one in plain text") as caught:
        load_project(write(toml, line))
    assert "hemlig" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://minns:${SECRET}@host/record",
        "postgresql://minns@host/record",
        "odbc:Driver={x};Server=s;Pwd=${SECRET}",
        "sqlite:///record.db",
        "",
        None,
    ],
)
def test_a_password_of_the_environment_is_taken(url: str | None) -> None:
    refuse_literal_password(url, "minns.toml")


def test_a_name_is_filled_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert expand("a:${B_1}@${C}", {"B_1": "x", "C": "y"}) == "a:x@y"
    assert expand("$B {C}", {}) == "$B {C}"
    monkeypatch.setenv("MINNS_TEST_NAME", "z")
    assert expand("${MINNS_TEST_NAME}") == "z"
    with pytest.raises(ConfigError, match=r"the environment variable D; found none of that name"):
        expand("${D}", {})


def test_a_secret_shows_nowhere(toml: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "hemlig")
    project = load_project(write(toml, 'target = "postgresql://minns:${SECRET}@host/record"'))
    assert "hemlig" not in repr(project) + str(project.model_dump())
    assert "hemlig" in expand(project.record_url)


def test_a_project_is_frozen(toml: Path) -> None:
    project = load_project(write(toml, ""))
    with pytest.raises(ValueError, match="frozen"):
        project.work = "elsewhere"  # type: ignore[misc]


def test_a_source_is_named_as_its_folder(tmp_path: Path) -> None:
    source = load_source(write(tmp_path / "melior" / "source.toml", SOURCE))
    assert source.tables["PATIENT"].key == ("ID",)
    with pytest.raises(ConfigError, match=r"the name 'elvis'.*found 'melior'"):
        load_source(write(tmp_path / "elvis" / "source.toml", SOURCE))


def test_a_source_with_a_password_is_refused(tmp_path: Path) -> None:
    text = SOURCE.replace("sqlite:///x.db", "postgresql://a:hemlig@b/c")
    with pytest.raises(ConfigError, match=r"one in plain text"):
        load_source(write(tmp_path / "melior" / "source.toml", text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('name = "wave-2"\nsources = ["melior"]', r"the name 'wave-1'.*found 'wave-2'"),
        ('name = "wave-1"\nsources = []', r"'sources'"),
        ('name = "wave-1"\nsources = ["a"]\n[gates]\nheld = 1', r"the unknown key 'gates\.held'"),
        (
            'name = "wave-1"\nsources = ["a"]\n[gates]\nheld_share_max = 2',
            r"'gates\.held_share_max'",
        ),
    ],
)
def test_a_wave_is_checked(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_wave(write(tmp_path / "wave-1.toml", text))


def test_a_mistake_is_one_sentence_with_what_to_do() -> None:
    error = ConfigError("a", found="b", do="C.")
    assert (str(error), error.exit_code) == ("Expected a; found b. C.", 2)
    codes = [kind.exit_code for kind in MinnsError.__subclasses__()]
    assert codes == list(range(2, 11))
