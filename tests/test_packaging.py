"""What is installed: versions pinned by name, and a wheel that needs no repository."""

import os
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import minns

ROOT = Path(__file__).parents[1]
PINS = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Installed:
    """An environment that holds the wheel and its dependencies, and an empty folder to work in."""

    bin: Path
    folder: Path

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        return subprocess.run(
            [str(self.bin / command[0]), *command[1:]],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
        )


def pins() -> Mapping[str, str]:
    lines = [line for line in PINS if not line.startswith("#")]
    return {canonicalize_name(n): v for n, v in (line.split("==") for line in lines)}


def wanted() -> list[Requirement]:
    project = PROJECT["project"]
    lists = [PROJECT["build-system"]["requires"], project["dependencies"]]
    lists += project["optional-dependencies"].values()
    return [Requirement(text) for texts in lists for text in texts]


def test_constraints_are_names_and_versions_only() -> None:
    pin = re.compile(r"#.*|[A-Za-z0-9][\w.-]*==\d[\w.]*")
    assert not [line for line in PINS if not pin.fullmatch(line)]


@pytest.mark.parametrize("requirement", wanted(), ids=lambda r: r.name)
def test_every_dependency_is_pinned_to_a_version_it_allows(requirement: Requirement) -> None:
    assert requirement.specifier.contains(pins()[canonicalize_name(requirement.name)])


def test_a_commit_is_checked_as_a_build_is() -> None:
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\ncheck:")[2]
    checks = re.findall(r"^\t\$\(BIN\)/(.+)$", recipe.partition("\n\n")[0], re.M)
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert len(checks) == 4
    assert not [check for check in checks if f"entry: .venv/bin/{check}\n" not in hooks]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel in an environment of its own; its dependencies are lent by the one of the tests."""
    place = tmp_path_factory.mktemp("environment")
    venv.create(place, with_pip=False, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--python", str(place / "bin" / "python"), "--quiet"]
    quiet = ["--disable-pip-version-check", "--no-index", "--no-deps"]
    done = subprocess.run([*pip, "install", *quiet, str(wheel)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    # A folder named in a .pth file is searched, but .pth files in it are not read: so the
    # repository, which the tests' environment may name in one, stays out of sight.
    lent = [path for path in sys.path if Path(path).name == "site-packages"]
    own = next(place.glob("lib/python*/site-packages"))
    (own / "lent.pth").write_text("".join(f"{path}\n" for path in lent), encoding="utf-8")
    return Installed(place / "bin", tmp_path_factory.mktemp("empty"))


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(r"minns/macros\.sql", id="macros"),
        pytest.param(r"validation/.*\.sql", id="SQL of a stage"),
        pytest.param(r"validation/sample/strata\.toml", id="strata of samples"),
        pytest.param(r"validation/templates/.+", id="templates"),
        pytest.param(r"validation/locale/.+\.po", id="translations"),
        pytest.param(r"link/data/.+\.csv", id="findings"),
        pytest.param(r"minns/locale/.+\.po", id="translations of the review"),
        pytest.param(r"minns/overview/templates/.+", id="templates of the overview"),
        pytest.param(r"minns/web/templates/.+", id="templates of the pages"),
        pytest.param(r"minns/web/static/.+", id="styles and script of the pages"),
        pytest.param(r"minns/review/waiting\.sql", id="SQL of the review"),
        pytest.param(r"minns/demo/data/.+\.csv", id="demo data"),
        pytest.param(r"minns/demo/.+\.sql", id="demo SQL"),
        pytest.param(r"mappings/\w+/source\.toml", id="sources"),
        pytest.param(r"mappings/\w+/\w+\.sql", id="mapping SQL"),
        pytest.param(r"mappings/codes/known\.csv", id="known codes"),
        pytest.param(r"mappings/(\w+/)?codes/[\w-]+\.sssom\.tsv", id="code maps"),
        pytest.param(r"runbooks/wave-1\.toml", id="waves"),
        pytest.param(r"runbooks/cutover\.md", id="runbooks"),
        pytest.param(r"minns-[\d.]+\.dist-info/licenses/LICENSE", id="licence"),
    ],
)
def test_the_wheel_has_everything_that_runs(wheel: Path, pattern: str) -> None:
    assert [n for n in zipfile.ZipFile(wheel).namelist() if re.fullmatch(pattern, n)]


def test_the_wheel_has_nothing_else(wheel: Path) -> None:
    packages = set(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    tops = {Path(n).parts[0] for n in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == packages


def test_the_installed_command_knows_its_version(installed: Installed) -> None:
    done = installed.run("minns", "--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert "minns" in done.stdout


def test_the_installed_code_is_not_the_repository(installed: Installed) -> None:
    done = installed.run("python", "-c", "import minns, load; print(minns.__file__, load.__file__)")
    assert str(ROOT) not in done.stdout and done.stdout.count("site-packages") == 2


@pytest.fixture(scope="session")
def demo(installed: Installed) -> "subprocess.CompletedProcess[str]":
    """The demo as README shows it, run by the installed command."""
    return installed.run("minns", "demo", "--dir", "demo")


@pytest.mark.slow
def test_the_installed_command_runs_the_demo_in_an_empty_folder(
    demo: "subprocess.CompletedProcess[str]",
) -> None:
    assert demo.returncode == 0, demo.stdout + demo.stderr


@pytest.mark.slow
def test_readme_shows_what_the_demo_prints(demo: "subprocess.CompletedProcess[str]") -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"<!-- demo output: begin .*?```\n(.*?)```", readme, re.S)
    assert block
    printed = "\n".join(line.rstrip() for line in demo.stdout.splitlines())
    assert block.group(1) in printed


@pytest.mark.skipif(not os.environ.get("CI"), reason="only a build runs all tests on the wheel")
def test_what_is_tested_is_the_wheel() -> None:
    """`make test` runs the suite on what users install; the repository itself is out of sight."""
    assert not Path(minns.__file__).is_relative_to(ROOT / "minns")
    assert not [path for path in sys.path if Path(path).resolve() == ROOT]
