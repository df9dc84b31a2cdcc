"""minns.toml, source.toml and waves: frozen, checked when read, unknown keys refused.

Secrets stand in the files only as `${NAME}` and are taken from the environment when they are
needed; `repr` of a config shows the file's text, never the secret.
"""

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from minns.errors import ConfigError

#: The languages of reports and pages.
LANGUAGES: tuple[Literal["sv", "en"], ...] = ("sv", "en")
T = TypeVar("T", bound="Section")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class Section(BaseModel):
    """A part of a TOML file: frozen, and a key it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class FixedField(Section):
    """One field of a fixed-width file: name, first position (from 1) and width, in characters."""

    name: str
    start: int = Field(ge=1)
    width: int = Field(ge=1)


class SourceTable(Section):
    """One table of a source.

    `role = "reference"` marks a look-up table: mapping SQL may join it, and its rows get the
    fate excluded (rule `reference_table`).
    """

    key: tuple[str, ...] = Field(
        default=(), description="columns that name a row; none: the row's content does"
    )
    role: Literal["record", "reference"] = "record"
    may_be_empty: bool = Field(False, description="an empty table is an error unless this is set")
    schema_name: str | None = Field(
        None, alias="schema", description="schema in the database, when not the default"
    )
    file: str | None = Field(
        None, description="file or pattern below the source's folder (not for sql)"
    )
    encoding: str = Field("utf-8", description="code page of the file")
    delimiter: str = ";"
    quote: str = '"'
    columns: tuple[str, ...] = Field(
        default=(), description="columns that must be there, in order when no header"
    )
    header: bool = True
    fields: tuple[FixedField, ...] = Field(default=(), description="layout of a fixed-width line")


class Gently(Section):
    """[gently] in source.toml, [sources.<name>.gently] in minns.toml: how a live journal is
    read.
    """

    hours: str | None = Field(
        None,
        pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$",
        description="when it may be read, by this machine's clock, as 19:00-06:00",
    )
    rows_a_second: int | None = Field(None, ge=1, description="rows read in a second, at most")
    statement_seconds: int | None = Field(
        None, ge=1, description="how long the database works on one statement before it gives up"
    )


class Source(Section):
    """mappings/<name>/source.toml: how to reach one legacy system and which tables to take."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = ""
    kind: Literal["sql", "csv", "fixed", "hl7v2"]
    url: str | None = Field(
        None, description="SQLAlchemy URL, or odbc:<connection string> (kind sql)"
    )
    folder: str | None = Field(None, description="folder of the files (not for sql)")
    issuer: str = Field(
        "", description="OID under which this source's own reserve numbers are issued"
    )
    tables: Mapping[str, SourceTable]
    gently: Gently = Gently()


class Connection(Section):
    """[sources.<name>] in minns.toml: where this project finds the source; wins over its own."""

    url: str | None = None
    folder: str | None = None
    gently: Gently | None = None


class CodeSystemNames(Section):
    """[code_systems.<name>] in minns.toml: what partners call a code system; wins over our own."""

    oid: str | None = Field(None, pattern=r"^[0-2](\.\d+)+$")
    uri: str | None = None
    title: str | None = None


class FhirNames(Section):
    """[fhir] in minns.toml: how resources speak of what no one else has a name for."""

    base: str = Field(
        "urn:minns",
        pattern=r"^(urn:[A-Za-z0-9][A-Za-z0-9:.-]*|https?://[A-Za-z0-9./:_~-]+)$",
        description="what the URIs of our own extensions, identifiers and code systems begin with",
    )


class DeliveryNames(Section):
    """[delivery] in minns.toml: how a FHIR server is spoken to."""

    token: str | None = Field(
        None,
        pattern=r"^\$\{[A-Za-z_][A-Za-z0-9_]*\}$",
        description="bearer token, as ${NAME} only",
    )
    entries: int = Field(50, ge=1, le=1000, description="resources in one transaction, at most")
    timeout: float = Field(60.0, gt=0, description="seconds to wait for an answer")
    attempts: int = Field(8, ge=1, description="how often a request is made before giving up")


class Project(Section):
    """minns.toml: one migration project."""

    work: str = "work"
    ledger: str | None = Field(
        None, description="SQLAlchemy URL; default sqlite in the work folder"
    )
    target: str | None = Field(
        None,
        description="SQLAlchemy URL of the shared record (SQLite, PostgreSQL, MariaDB), "
        "fhir+https://… or ndjson:FOLDER; default sqlite in work",
    )
    rehearsal_target: str | None = Field(
        None, description="where rehearsals load; default beside the target"
    )
    engine: Literal["duckdb"] = "duckdb"
    memory_limit: str = Field("2GB", pattern=r"^\d+(\.\d+)?\s?(MB|GB|MiB|GiB)$")
    threads: int | None = Field(None, ge=1, description="default: the machine's")
    language: Literal["sv", "en"] = "sv"
    mappings: str | None = Field(
        None, description="own mappings/ folder; looked in before the packaged one"
    )
    runbooks: str = "runbooks"
    link_model: str | None = Field(
        None, description="the project's own linkage model (TOML); default the packaged one"
    )
    sources: Mapping[str, Connection] = {}
    code_systems: Mapping[str, CodeSystemNames] = {}
    fhir: FhirNames = FhirNames()
    delivery: DeliveryNames = DeliveryNames()
    root: Path = Field(Path(), exclude=True)

    @property
    def work_folder(self) -> Path:
        return self.root / self.work

    @property
    def link_model_path(self) -> Path | None:
        return self.root / self.link_model if self.link_model else None

    @property
    def ledger_url(self) -> str:
        return self.ledger or f"sqlite:///{self.work_folder / 'ledger.db'}"

    @property
    def record_url(self) -> str:
        """Where the record itself is; what is delivered outward has its record in work."""
        own = None if is_outward(self.target) else self.target
        return own or f"sqlite:///{self.work_folder / 'record.db'}"


class Gates(Section):
    """Criteria of a wave, computed from evidence; one that cannot be computed fails."""

    quarantined_share_max: float = Field(0.02, ge=0, le=1, description="of extracted rows")
    held_share_max: float = Field(0.01, ge=0, le=1, description="of extracted rows")
    review_share_max: float = Field(
        0.05, ge=0, description="pairs that wait for a judgement, by identity"
    )
    code_coverage_min: Mapping[str, float] = Field(
        default_factory=dict, description="mapped share of coded occurrences, by kind"
    )
    code_patients_min: Mapping[str, float] = Field(
        default_factory=dict, description="share of patients without an unmapped code, by kind"
    )
    code_risk_min: Mapping[Literal["high", "middle", "low"], float] = Field(
        default_factory=dict, description="mapped share of coded occurrences, by clinical risk"
    )
    sample_error_max: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="share of wrong facts that signed samples show not to be exceeded",
    )


class Review(Section):
    """How doubtful pairs are decided."""

    double_blind: bool = Field(
        False, description="two reviewers decide each pair, neither seeing the other's opinion"
    )
    minutes_per_pair: float = Field(
        1.0, gt=0, description="for the forecast, until the reviewers' own pace is known"
    )


class WaveLink(Section):
    """What linking may do in a wave."""

    bridges: Literal["propose", "act"] = Field(
        "propose", description="what a link between two persons known from before comes to"
    )


class Wave(Section):
    """runbooks/<name>.toml: a staged go-live."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    title: str = ""
    sources: tuple[str, ...] = Field(min_length=1)
    after: tuple[str, ...] = Field(default=(), description="waves that must have gone before")
    care_units: tuple[str, ...] = Field(default=(), description="units in scope; none: all")
    gates: Gates = Gates()
    link: WaveLink = WaveLink()
    review: Review = Review()


def _known(kind: type[Section], place: Sequence[str | int]) -> list[str]:
    """The keys of the section in which the last part of `place` stands."""
    for part in place[:-1]:
        field = next((f for n, f in kind.model_fields.items() if part in (n, f.alias)), None)
        if field is not None:
            kind = _section(field.annotation) or kind
    return sorted(f.alias or name for name, f in kind.model_fields.items() if not f.exclude)


def _section(annotation: Any) -> type[Section] | None:
    """The section that a field's annotation is, or holds."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    return next(filter(None, map(_section, get_args(annotation))), None)


def _read(kind: type[T], path: Path, what: str) -> T:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise ConfigError(
            f"{what} at {path}", found="no such file", do="Create it, or run 'minns init'."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{what} {path} to be TOML in UTF-8", found=str(error), do="Mend that place."
        ) from None
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            known = ", ".join(_known(kind, first["loc"]))
            found = f"the unknown key '{place}'"
            raise ConfigError(
                f"only known keys in {path} ({known})", found=found, do="Remove or correct it."
            ) from None
        raise ConfigError(
            f"a valid {what} in {path}", found=f"'{place}': {first['msg']}", do="Correct that key."
        ) from None


def expand(text: str, environment: Mapping[str, str] | None = None) -> str:
    """Fill `${NAME}` from the environment; a name that is not set is the operator's mistake."""
    known = os.environ if environment is None else environment

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in known:
            raise ConfigError(
                f"the environment variable {name}",
                found="none of that name",
                do=f"Set {name} and run again.",
            )
        return known[name]

    return _VARIABLE.sub(value, text)


def is_outward(text: str | None) -> bool:
    """Whether a target is one that the record is delivered to: a FHIR server, or NDJSON files."""
    return bool(text) and str(text).startswith(("fhir+", "ndjson:"))


def refuse_no_url(text: str | None, place: str) -> None:
    """What is no SQLAlchemy URL is refused; one that waits for `${NAME}` is looked at later."""
    if text is None or _VARIABLE.search(text) or text.startswith("odbc:"):
        return
    try:
        make_url(text)
    except (ArgumentError, ValueError):
        raise ConfigError(
            f"a SQLAlchemy URL in {place}",
            found="something else",
            do="Write for example sqlite:///record.db, postgresql+psycopg://user@host/database "
            "or mysql+pymysql://user@host/database.",
        ) from None


def refuse_literal_password(text: str | None, place: str) -> None:
    """A password that stands in a file is refused; `${NAME}` is the way."""
    if text is None or not text:
        return
    if text.startswith("odbc:"):
        literal = re.search(r"(?i)(?:^|[;:])\s*(?:pwd|password)\s*=\s*(?!\$\{)[^;\s]", text)
        found = bool(literal)
    else:
        try:
            password = make_url(text).password
        except ArgumentError:
            return
        found = bool(password) and not _VARIABLE.fullmatch(str(password))
    if found:
        raise ConfigError(
            f"no password in {place}",
            found="one in plain text",
            do="Write ${NAME} in its place and set NAME in the environment.",
        )


def load_project(path: Path) -> Project:
    """Read minns.toml; relative paths in it start at its folder."""
    project = _read(Project, path, "project file")
    for place, url in (
        ("ledger", project.ledger),
        ("target", project.target),
        ("rehearsal_target", project.rehearsal_target),
        *((f"sources.{name}.url", c.url) for name, c in project.sources.items()),
    ):
        refuse_literal_password(url, f"{path} ({place})")
        if not (place.endswith("target") and is_outward(url)):
            refuse_no_url(url, f"{path} ({place})")
    return project.model_copy(update={"root": path.parent.resolve()})


def load_source(path: Path) -> Source:
    """Read a source.toml; its folder's name must be the source's."""
    source = _read(Source, path, "source file")
    refuse_literal_password(source.url, str(path))
    refuse_no_url(source.url, str(path))
    if source.name != path.parent.name:
        raise ConfigError(
            f"the name '{path.parent.name}' in {path}",
            found=f"'{source.name}'",
            do="Name folder and source alike.",
        )
    return source


def load_wave(path: Path) -> Wave:
    """Read a wave; its file's name must be the wave's."""
    wave = _read(Wave, path, "wave")
    if wave.name != path.stem:
        raise ConfigError(
            f"the name '{path.stem}' in {path}",
            found=f"'{wave.name}'",
            do="Name file and wave alike.",
        )
    return wave
