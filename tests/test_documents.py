"""What README and runbooks say is so: commands parse; no key, code or target is made up."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from pydantic.fields import FieldInfo

from minns import config
from minns.cli import app
from minns.errors import MinnsError

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
DOCUMENTS = (README, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "runbooks").glob("*.md")))
COMMAND = typer.main.get_command(app)

SECTIONS: dict[str, type[config.Section]] = {
    "minns.toml": config.Project,
    "[sources.NAME]": config.Connection,
    "[code_systems.NAME]": config.CodeSystemNames,
    "[fhir]": config.FhirNames,
    "source.toml": config.Source,
    "[tables.NAME]": config.SourceTable,
    "fields": config.FixedField,
    "wave": config.Wave,
    "[gates]": config.Gates,
    "[link]": config.WaveLink,
    "[review]": config.Review,
}


def quoted(document: Path, program: str) -> Iterator[str]:
    """Commands of one program, in code blocks (with or without a prompt) and between backticks."""
    text = document.read_text(encoding="utf-8")
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.M | re.S)
    prose = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    start = re.compile(rf"(?:\$ )?({program} [^#\n]*)")
    for line in (line.strip() for block in blocks for line in block.splitlines()):
        if match := start.match(line):
            yield match.group(1).strip()
    yield from re.findall(rf"`({program} [^`]+)`", prose)


def commands() -> list[str]:
    found = (command for document in DOCUMENTS for command in quoted(document, "minns"))
    return list(dict.fromkeys(found))


def table(heading: str) -> list[list[str]]:
    """The cells of the first table under a heading of README, without its head."""
    text = README.read_text(encoding="utf-8")
    _, found, after = text.partition(f"# {heading}\n")
    assert found, f"README has no heading '{heading}'"
    rows = re.search(r"(?:^\|.*\n)+", after, re.M)
    assert rows, f"README has no table under '{heading}'"
    lines = rows.group().splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def parse(arguments: list[str]) -> None:
    """Parse as the command line would, down to the last subcommand, and run nothing."""
    command, context = COMMAND, None
    name = "minns"
    while True:
        try:
            context = command.make_context(name, arguments, parent=context)
        except typer.Exit:
            return  # --version, --help
        if not isinstance(command, typer.core.TyperGroup):
            return
        rest = [*context._protected_args, *context.args]
        found, inner, arguments = command.resolve_command(context, rest)
        assert inner is not None, f"minns has no command '{found}'"
        command, name = inner, str(found)


def leaves(command: object, path: tuple[str, ...] = ()) -> Iterator[str]:
    """The commands that the command line has, groups unfolded."""
    if not isinstance(command, typer.core.TyperGroup):
        yield " ".join(path)
        return
    for name, inner in command.commands.items():
        if not inner.hidden:
            yield from leaves(inner, (*path, name))


@pytest.mark.parametrize("command", commands())
def test_a_quoted_command_parses(command: str) -> None:
    parse(shlex.split(command)[1:])


def test_a_command_that_does_not_exist_would_be_noticed() -> None:
    with pytest.raises(Exception, match=r"(?i)no such command|no command"):
        parse(["make-coffee"])


def test_readme_names_every_command() -> None:
    named = {row[0].strip("`") for row in table("Commands")}
    shown = {
        command
        for command in leaves(COMMAND)
        if any(re.fullmatch(rf"minns {command}( .*)?", name) for name in named)
    }
    assert shown == set(leaves(COMMAND))


def default(field: FieldInfo) -> str:
    """A field's default as README writes it."""
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value in (None, "", (), {}) or isinstance(value, config.Section):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


@pytest.mark.parametrize("heading", SECTIONS)
def test_readme_has_every_key_with_its_default(heading: str) -> None:
    fields = SECTIONS[heading].model_fields
    keys = {f.alias or name: default(f) for name, f in fields.items() if not f.exclude}
    assert {row[0].strip("`"): row[1] for row in table(heading)} == keys


def test_readme_has_every_exit_code() -> None:
    codes = {str(kind.exit_code): f"`{kind.__name__}`" for kind in MinnsError.__subclasses__()}
    told = {row[0]: row[1] for row in table("Exit codes") if row[1]}
    assert told == codes


def test_every_quoted_target_is_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.M))
    asked = {c.split()[1] for document in DOCUMENTS for c in quoted(document, "make")}
    assert {"demo", "test"} <= asked <= targets


def test_readme_opens_with_the_two_commands() -> None:
    assert list(quoted(README, "make"))[:2] == ["make demo", "make test"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_points_to_exists(document: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8"))
    assert not [link for link in links if not (document.parent / link).exists()]
