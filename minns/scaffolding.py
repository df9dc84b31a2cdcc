"""A source that nobody has mapped: found, profiled, and given a first mapping; what is missing."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import extract
from extract.discover import tables_of
from extract.profile import profile
from extract.scaffold import scaffold
from minns.config import Source, SourceTable, refuse_literal_password, refuse_no_url
from minns.errors import ConfigError
from minns.runner import Nobody, Runner, Watch
from minns.site import Site
from minns.store import Store, write_text


@dataclass(frozen=True)
class Added:
    """What was written, and the profile that it was written from."""

    files: list[Path]
    profile: dict[str, Any]


def add_source(
    site: Site, name: str, *, url: str | None, folder: str | None, watch: Watch | None = None
) -> Added:
    """Land a new source aside, profile it and write `mappings/<name>/`; nothing is written over."""
    place = _place(site, name)
    reach = {"kind": "sql", "url": url} if url else {"kind": "csv", "folder": folder or ""}
    if url:
        refuse_literal_password(url, "--url")
        refuse_no_url(url, "--url")
    bare = Source.model_validate({"name": name, **reach, "tables": {}})
    settings = tables_of(bare, site.project.root)
    tables = {
        table: SourceTable.model_validate({"may_be_empty": True, **given})
        for table, given in settings.items()
    }
    source = bare.model_copy(update={"tables": tables})
    told = _profiled(site, source, watch or Nobody())
    written = scaffold(told, {k: v or "" for k, v in reach.items()}, settings)
    for path, text in written.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        write_text(place / path, text)
    return Added([place / path for path in written], told)


def _place(site: Site, name: str) -> Path:
    own = site.own_mappings
    if own is None:
        raise ConfigError(
            "a folder of this project's own mappings",
            found="none in minns.toml",
            do='Write mappings = "mappings" in it.',
        )
    if (own / name).exists():
        raise ConfigError(
            f"no source named '{name}' yet",
            found=f"{own / name}",
            do="Choose another name, or move that folder away.",
        )
    return own / name


def _profiled(site: Site, source: Source, watch: Watch) -> dict[str, Any]:
    """The profile of a landing that is thrown away: the first real one has the keys found in it."""
    site.store.scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=site.store.scratch) as aside:
        landing = extract.land(
            source,
            Store(Path(aside)),
            root=site.project.root,
            progress=watch.begin(f"land-{source.name}"),
            memory_limit=site.project.memory_limit,
            threads=site.project.threads,
        )
        with Runner(site.project, site.store).engine() as engine:
            return profile(engine, source, landing, progress=watch.begin(f"profile-{source.name}"))


#: What keeps rows out of the record first, then what may be wrong in it.
ORDER = ("blocks", "quarantined", "missing", "not mapped", "doubt", "codes")


def open_points(
    folder: Path, lines: Sequence[Mapping[str, Any]] | None, broken: str = ""
) -> list[dict[str, Any]]:
    """What a mapping still wants, what blocks most first. `lines`: what a check of it told;
    `broken`: the error that it ended with.
    """
    found = [*_of_files(folder), *_of_rows(lines or [])]
    if broken:
        found.append(_point("blocks", folder.name, broken))
    return sorted(found, key=lambda p: (ORDER.index(p["weight"]), -p["rows"], p["where"]))


def _of_files(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("*.sql")):
        for at, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            _, mark, comment = line.partition("  -- ")
            word, _, what = comment.partition(": ")
            if mark and word in ("MISSING", "DOUBT"):
                weight = "missing" if word == "MISSING" else "doubt"
                column = line.partition("  -- ")[0].rpartition(" as ")[2].strip(' ",')
                yield _point(weight, f"{path.name}:{at}", f"{column}: {what}")
    for path in sorted((folder / "codes-to-map").glob("*.csv")):
        codes = len(path.read_text(encoding="utf-8").splitlines()) - 1
        if codes:
            yield _point("codes", f"codes-to-map/{path.name}", f"{codes} local codes to map")


def _of_rows(lines: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for line in lines:
        if line["quarantined"]:
            what = f"rows of {line['table']} that break the contract"
            yield _point("quarantined", line["table"], what, line["quarantined"])
        if line["excluded"] and line["excluded"] == line["rows"]:
            what = f"{line['table']} feeds nothing"
            yield _point("not mapped", line["table"], what, line["rows"])


def _point(weight: str, where: str, what: str, rows: int = 0) -> dict[str, Any]:
    return {"weight": weight, "where": where, "rows": rows, "what": what}
