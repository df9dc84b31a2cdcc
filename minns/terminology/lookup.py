"""Look a code up, or a text, in the store's editions."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from minns.engine import Engine
from minns.errors import ConfigError
from minns.store import Store
from minns.terminology.concept import Edition
from minns.terminology.shelf import concepts_sql, editions

#: Concepts that a text finds, at most.
MOST = 20


@dataclass(frozen=True)
class Found:
    """A concept; `state`: valid, retired, or not yet valid, on the day that was asked for."""

    system: str
    version: str
    code: str
    display: str
    synonyms: tuple[str, ...]
    valid_from: datetime.date | None
    valid_to: datetime.date | None
    state: str
    replaced_by: tuple[str, ...]
    parents: tuple[str, ...]


def look_up(
    store: Store,
    system: str,
    what: str,
    *,
    version: str | None = None,
    day: datetime.date | None = None,
) -> list[Found]:
    """Concepts of `system` with the code `what`, else those whose texts have all its words.

    Without `version`: the edition that held on `day`, else the newest. Raises `ConfigError` when
    the store has no such edition.
    """
    chosen = _chosen(editions(store, system), system, version, day)
    with Engine(store.scratch) as engine:
        engine.run(f"create view concept as {concepts_sql([chosen])}")
        rows = engine.rows(_BY_CODE, [what]) or engine.rows(_BY_TEXT, [what])
    return [_found(row, day) for row in rows]


def _chosen(
    known: Sequence[Edition], system: str, version: str | None, day: datetime.date | None
) -> Edition:
    if version is not None:
        fitting = [edition for edition in known if edition.version == version]
    elif day is not None:
        fitting = [e for e in known if e.valid_from is None or e.valid_from <= day]
    else:
        fitting = list(known)
    if not fitting:
        raise ConfigError(
            f"an edition of '{system}'" + (f" that held on {day}" if day else ""),
            found=f"these: {', '.join(e.version for e in known) or 'none'}",
            do="Import one with 'minns terminology import', or name another.",
        )
    return fitting[-1]


_COLUMNS = """
    select system, version, code, display, synonyms, valid_from, valid_to, active, replaced_by,
        parents
    from concept"""
_BY_CODE = f"""{_COLUMNS}
    where replace(upper(code), '.', '') = replace(upper(trim($1)), '.', '') order by code"""
_BY_TEXT = f"""{_COLUMNS}
    where list_bool_and(list_transform(
        string_split_regex(lower(trim($1)), '\\s+'),
        lambda w: contains(lower(display || ' ' || array_to_string(synonyms, ' ')), w)))
    order by active desc, length(display), code limit {MOST}"""


def _found(row: tuple[object, ...], day: datetime.date | None) -> Found:
    *head, synonyms, valid_from, valid_to, active, replaced_by, parents = row
    system, version, code, display = map(str, head)
    begins = valid_from if isinstance(valid_from, datetime.date) else None
    ends = valid_to if isinstance(valid_to, datetime.date) else None
    state = "valid" if active else "retired"
    if day and begins and day < begins:
        state = "not yet valid"
    elif day and ends:
        state = "valid" if day <= ends else "retired"
    lists = (tuple(map(str, part)) for part in (synonyms, replaced_by, parents))  # type: ignore[call-overload]
    others, instead, above = lists
    return Found(system, version, code, display, others, begins, ends, state, instead, above)
