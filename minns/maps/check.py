"""Whether the codes that maps lead to are codes: in the edition at hand, and still in use."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from minns.engine import Engine, literal
from minns.errors import ConfigError
from minns.maps.codemap import CodeMap
from minns.store import Store
from minns.terminology import concepts_sql, editions, look_up


@dataclass(frozen=True)
class Checked:
    """A map's target: known, retired, unknown, or unchecked for want of its edition."""

    map_id: str
    system: str
    version: str
    code: str
    verdict: str
    replaced_by: str

    @property
    def good(self) -> bool:
        """Whether nothing is wrong with it."""
        return self.verdict in ("known", "unchecked")


def check_targets(store: Store, maps: Sequence[CodeMap], listed: Path | None) -> list[Checked]:
    """Look the target of each map up in its edition; `listed`: codes known without an edition."""
    at_hand = editions(store)
    rows = [
        {"map_id": m.map_id, "system": m.system, "version": m.system_version, "code": m.code}
        for m in maps
    ]
    schema = pa.schema([(name, pa.string()) for name in ("map_id", "system", "version", "code")])
    with Engine(store.scratch) as engine, engine.arrow("asked", pa.Table.from_pylist(rows, schema)):
        engine.run(f"create view concept as {concepts_sql(at_hand) or _NONE}")
        engine.run(f"create view listed as {_listed(listed)}")
        found = engine.rows(_CHECK)
    return [Checked(*map(str, row)) for row in found]


def target_of(store: Store, listed: Path, system: str, code: str) -> tuple[str, str]:
    """Version and text of a standard code that somebody names.

    Raises `ConfigError` when an edition is at hand that does not have it in use.
    """
    if editions(store, system):
        found = [c for c in look_up(store, system, code) if c.code == code]
        if not found or found[0].state != "valid":
            raise ConfigError(
                f"a code of {system} in use",
                found=f"'{code}', which its newest edition does not have in use",
                do=f"Look it up with 'minns terminology lookup {system} ...'.",
            )
        return found[0].version, found[0].display
    with Engine(store.scratch) as engine:
        engine.run(f"create view listed as {_listed(listed)}")
        rows = engine.rows(
            "select system_version, display from listed where system = ? and code = ?",
            [system, code],
        )
    return (str(rows[0][0]), str(rows[0][1])) if rows else ("", "")


_NONE = """
    select null::varchar as system, null::varchar as version, null::varchar as code,
        null::boolean as active, null::varchar[] as replaced_by where false"""
_CHECK = """
    select a.map_id, a.system, coalesce(a.version, '') as version, a.code,
        case when c.active then 'known' when c.code is not null then 'retired'
             when exists (select 1 from concept as e
                          where e.system = a.system and e.version = a.version) then 'unknown'
             when exists (select 1 from listed as l where l.system = a.system and l.code = a.code)
                 then 'known'
             else 'unchecked' end as verdict,
        coalesce(array_to_string(c.replaced_by, ' '), '') as replaced_by
    from asked as a
    left join concept as c
        on c.system = a.system and c.version = a.version and c.code = a.code
    order by verdict desc, map_id, system, code"""


def _listed(path: Path | None) -> str:
    if path is None or not path.is_file():
        return "select '' as system, '' as system_version, '' as code, '' as display where false"
    return f"select * from read_csv({literal(str(path))}, all_varchar = true)"  # noqa: S608
