"""How the repository is laid out: where packages lie, who imports whom, what no file says."""

import ast
import re
import subprocess
import sys
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

import minns

ROOT = Path(__file__).parents[1]
STAGES = ("extract", "link", "transform", "load", "validation", "mappings", "runbooks")

ABSOLUTE = r"(?:(?<![\w.}>*/-])|(?<=//))"
UNSPOKEN = {
    "a path of one machine": re.compile(ABSOLUTE + r"/(?:work|root|farm|opt/pypi)/"),
    "a package registry": re.compile(r"pypi[.]org|python[h]osted|npm[j]s|art[i]factory", re.I),
    "the number of an issue": re.compile(r"\bissue\s+#?\d", re.I),
}
#: A lock file records where packages were fetched; constraints.txt has names and versions.
LOCK_FILES = {"uv.lock", "poetry.lock", "pdm.lock", "package-lock.json", "yarn.lock"}


@cache
def repository() -> tuple[Path, ...]:
    """The files of the repository: those that git knows or would, else those of its folders."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
    )
    names = [name for name in listing.stdout.decode().split("\0") if name]
    if listing.returncode == 0 and names:
        return tuple(path for path in map(ROOT.joinpath, names) if path.is_file())
    folders = [ROOT / name for name in ("minns", *STAGES, "tests")]
    below = (path for folder in folders for path in folder.rglob("*"))
    places = [*ROOT.iterdir(), *below]
    return tuple(p for p in places if p.is_file() and "__pycache__" not in p.parts)


def python_files() -> list[Path]:
    return [path for path in repository() if path.suffix == ".py"]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("stage", STAGES)
def test_each_stage_lies_beside_minns(stage: str) -> None:
    """Another distribution with a package of that name would have overwritten it."""
    file = import_module(stage).__file__
    assert file is not None
    assert Path(file).parents[1] == Path(minns.__file__).parents[1]


def test_the_start_of_minns_holds_only_the_version() -> None:
    """Anything more would make the imports below and above the stages a circle."""
    tree = ast.parse(Path(minns.__file__).read_text(encoding="utf-8"))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]


def test_no_package_below_tests() -> None:
    """With one, pytest would import a test folder in place of a stage of the same name."""
    assert not [name(p) for p in (ROOT / "tests").rglob("__init__.py")]
    folders = {p.name for p in (ROOT / "tests").rglob("*") if p.is_dir()}
    assert not folders & {"minns", *STAGES}


def test_no_way_in_but_the_command() -> None:
    """`python -m` would put the working folder, and a load.py in it, before ours."""
    assert not [name(path) for path in repository() if path.name == "__main__.py"]


def test_imports_run_one_way() -> None:
    """Where the code is written, whichever copy of it is tested."""
    check = (
        "import sys; sys.path.insert(0, sys.argv[1]); from importlinter.cli import lint_imports;"
        "sys.exit(lint_imports(config_filename='pyproject.toml', no_cache=True))"
    )
    asked = [sys.executable, "-P", "-c", check, str(ROOT)]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 kept" in done.stdout


def test_no_file_is_too_long_to_read() -> None:
    long = {name(p): len(p.read_text(encoding="utf-8").splitlines()) for p in python_files()}
    assert not {file: lines for file, lines in long.items() if lines > 400}


def test_no_function_is_too_long_to_read() -> None:
    long = [
        f"{name(path)}:{node.lineno} {node.name}"
        for path in python_files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > 40
    ]
    assert not long


def test_every_file_says_what_it_is_for() -> None:
    silent = [
        name(path)
        for path in python_files()
        if ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) is None
    ]
    assert not silent


@pytest.mark.parametrize("what", UNSPOKEN)
def test_no_file_mentions(what: str) -> None:
    found = []
    for path in repository():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue  # pictures and packed data
        here = enumerate(lines, start=1)
        found += [f"{name(path)}:{at}" for at, line in here if UNSPOKEN[what].search(line)]
    assert not found


def test_no_lock_file() -> None:
    assert not [name(path) for path in repository() if path.name in LOCK_FILES]
