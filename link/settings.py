"""Linkage models are read here: the packaged one, or a project's own file, which may extend it."""

import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from link.checking import trouble
from link.kinds import ByKind, expand
from link.sections import Comparison, Level, LinkModel, Parameters
from minns.errors import ConfigError

__all__ = ["Comparison", "Level", "LinkModel", "LinkSettings", "Parameters", "load_model"]

DEFAULT = "sweden"
MACROS = files("link").joinpath("compare.sql")
LinkSettings = LinkModel  # the name by which the older code of the stage still asks for it
_Raw = dict[str, Any]


def load_model(path: Path | None = None) -> LinkModel:
    """The model of a TOML file; without one, the packaged model."""
    where = str(path) if path else f"the packaged model '{DEFAULT}'"
    raw = _packaged(DEFAULT, where) if path is None else _extended(_read(path), where)
    raw["comparisons"] = [_levels(c, where) for c in raw.pop("comparison", [])]
    model: LinkModel = _valid(LinkModel, raw, where)
    if path is not None and (found := trouble(model, MACROS.read_text(encoding="utf-8"))):
        part, why = found
        raise _wrong(where, f"SQL that runs in {part}", why, "Correct it.")
    return model


def _read(path: Path) -> _Raw:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise ConfigError(
            f"a linkage model at {path}", found="no such file", do="Create or name another."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"the linkage model {path} to be TOML in UTF-8", found=str(error), do="Mend that place."
        ) from None


def _packaged(name: str, where: str) -> _Raw:
    folder = files("link").joinpath("models")
    known = sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".toml"))
    if name not in known:
        raise _wrong(where, "extends", f"no packaged model '{name}'", f"Known: {', '.join(known)}.")
    text = folder.joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return _extended(tomllib.loads(text), f"the packaged model '{name}'")


def _extended(raw: _Raw, where: str) -> _Raw:
    """The file laid over the model that it extends.

    Tables are laid over one another key by key; a comparison of a known name over that one, its
    levels by name; other lists stand instead of the earlier ones, and `more_blocking` beside them.
    """
    base: _Raw = {}
    if "extends" in raw:
        base = _packaged(str(raw.pop("extends")), where)
    without = set(raw.pop("without", ()))
    more = raw.pop("more_blocking", [])
    comparisons = {c.get("name"): c for c in base.pop("comparison", []) if c["name"] not in without}
    for own in raw.pop("comparison", []):
        name = own.get("name")
        comparisons[name] = _over(comparisons.get(name), own, where)
    merged = _laid_over(base, raw)
    merged["blocking"] = [*merged.get("blocking", []), *more]
    return {**merged, "comparison": list(comparisons.values())}


def _laid_over(base: _Raw, own: _Raw) -> _Raw:
    merged = dict(base)
    for key, value in own.items():
        earlier = merged.get(key)
        both = isinstance(earlier, Mapping) and isinstance(value, Mapping)
        merged[key] = {**earlier, **value} if both and earlier else value
    return merged


def _over(base: _Raw | None, own: _Raw, where: str) -> _Raw:
    """A comparison that tells only what differs from the one of that name."""
    if base is None or "kind" in own or "unknown" in own:
        return own
    levels = {level["name"]: level for level in base.get("level", [])}
    for level in own.get("level", []):
        name = level.get("name")
        if name not in levels:
            found = f"the unknown level '{name}'"
            do = f"Name one of {', '.join(levels)}, or give 'unknown' and all levels."
            raise _wrong(where, f"comparison {own['name']}", found, do)
        levels[name] = {**levels[name], **level}
    return {**base, **own, "level": list(levels.values())}


def _levels(raw: _Raw, where: str) -> _Raw:
    if "kind" not in raw:
        return raw
    return expand(_valid(ByKind, raw, f"{where}, comparison '{raw.get('name')}'"))


def _valid(kind: Any, raw: _Raw, where: str) -> Any:
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = _place(raw, first["loc"])
        if first["type"] == "extra_forbidden":
            raise _wrong(
                where, "only known keys", f"the unknown key '{place}'", "Remove or correct it."
            ) from None
        raise _wrong(where, "valid values", f"'{place}': {first['msg']}", "Correct it.") from None


def _place(raw: Any, parts: Sequence[str | int]) -> str:
    """Where a value stands; entries of a list by their name, where they have one."""
    named: list[str] = []
    for part in parts:
        raw = raw[part] if isinstance(raw, list) and isinstance(part, int) else _value(raw, part)
        named.append(str(_value(raw, "name") or part) if isinstance(part, int) else str(part))
    return ".".join(named)


def _value(raw: Any, key: str | int) -> Any:
    return raw.get(key) if isinstance(raw, dict) else None


def _wrong(where: str, expected: str, found: str, do: str) -> ConfigError:
    return ConfigError(f"{expected} in {where}", found=found, do=do)
