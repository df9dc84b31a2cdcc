"""A source's profile, of a landing made now or of the latest one, and where it is kept."""

import json
from pathlib import Path
from typing import Any

import extract
from extract.profile import Asked, Drift, compare, profile
from extract.profile.page import render, workbook
from minns.errors import ConfigError, StoreError
from minns.runner import Nobody, Runner, Watch
from minns.site import Site
from minns.store import Dataset, write_json, write_text


def land_source(site: Site, name: str, watch: Watch | None = None) -> Dataset:
    """The next landing of a source, or the latest where nothing has changed since."""
    project = site.project
    return extract.land(
        site.source(name),
        site.store,
        root=project.root,
        progress=(watch or Nobody()).begin(f"land-{name}"),
        memory_limit=project.memory_limit,
        threads=project.threads,
    )


def profile_source(
    site: Site,
    name: str,
    asked: Asked | None = None,
    *,
    landed: bool = False,
    watch: Watch | None = None,
) -> dict[str, Any]:
    """The profile of a source; `landed`: of its latest landing, without a look at the source."""
    with site.locked():
        landing = _latest(site, name) if landed else land_source(site, name, watch)
        progress = (watch or Nobody()).begin(f"profile-{name}")
        with Runner(site.project, site.store).engine() as engine:
            return profile(engine, site.source(name), landing, asked, progress)


def _latest(site: Site, name: str) -> Dataset:
    landings = site.store.snapshots(name)
    if not landings:
        raise StoreError(
            f"a landing of {name}", found="none", do=f"Run 'minns source profile {name}'."
        )
    return landings[-1]


def keep(site: Site, told: dict[str, Any], language: str, folder: Path | None = None) -> Path:
    """Write a profile as profile.json, .html and .xlsx; gives the folder."""
    folder = folder or site.store.folder / "profiles" / told["source"] / told["snapshot"]
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "profile.json", told)
    write_text(folder / "profile.html", render(told, language))
    workbook(told, language, folder / "profile.xlsx")
    return folder


def drift(old: Path, new: Path) -> list[Drift]:
    """What differs between two profiles that were kept (each the JSON file, or its folder)."""
    return compare(_read(old), _read(new))


def _read(path: Path) -> dict[str, Any]:
    file = path / "profile.json" if path.is_dir() else path
    try:
        read = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        read = None
    if not isinstance(read, dict):
        raise ConfigError(
            f"a profile in {file}",
            found="none",
            do="Name a profile.json that 'minns source profile NAME' wrote, or its folder.",
        )
    return read
