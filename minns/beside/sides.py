"""What is compared: some persons' rows as the record holds them, and as the next run has them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from minns.engine import Engine, literal, quote
from minns.model import CONFLICT, FACTS, IDENTITY, LINEAGE, TARGET
from minns.recorded import Record, Row, plain

#: A row of a source and the kind of fact that it states.
Pointer = tuple[str, str, str, str]
_AT_ONCE = 500


@dataclass(frozen=True)
class Books:
    """One of the two records, as a reader meets it: the target, or Parquet files of a plan."""

    engine: Engine
    record: Record | None = None
    desired: Mapping[str, Sequence[Path]] = field(default_factory=dict)

    def rows(self, table: str, column: str, wanted: Iterable[str]) -> list[Row]:
        """The rows whose column holds one of some ids, as plain values with `content_hash`."""
        ids, found = sorted(set(wanted)), []
        for start in range(0, len(ids), _AT_ONCE):
            listed = ", ".join(literal(each) for each in ids[start : start + _AT_ONCE])
            found += self._read(table, f"{column} in ({listed})")
        return found

    def _read(self, table: str, where: str) -> list[Row]:
        model = TARGET[table]
        columns = ", ".join(quote(name) for name in ("content_hash", *model.names))
        if self.record is None:
            self.engine.view("wanted", self.desired[table])
            name = "wanted"
        else:
            name = self.record.name(table)
        sql = f"select {columns} from {name} where {where}"  # noqa: S608
        if self.record is None:
            rows = self.engine.connection.sql(sql).to_arrow_table().to_pylist()
        else:
            with self.record.target.stream(sql) as reader:
                rows = reader.read_all().to_pylist()
        return [{**plain(model, row), "content_hash": row["content_hash"]} for row in rows]


@dataclass(frozen=True)
class Side:
    """What one record holds of some persons: everything by its id, rows by what they state."""

    identities: dict[tuple[str, str], str]
    facts: dict[str, tuple[str, Row]]
    rows: dict[Pointer, str]
    conflicts: dict[str, Row]

    @cached_property
    def behind(self) -> dict[str, list[Pointer]]:
        """The rows of each fact."""
        found: dict[str, list[Pointer]] = defaultdict(list)
        for pointer, fact in self.rows.items():
            found[fact].append(pointer)
        return found


def concerned(now: Books, after: Books, persons: Iterable[str]) -> list[str]:
    """These persons, and all with whom they have or will have an identity in common."""
    found, seen = set(persons), set[str]()
    while found != seen:
        seen = set(found)
        known = {
            (row["source"], row["local_patient_id"])
            for books in (now, after)
            for row in books.rows(IDENTITY.name, "person_id", seen)
        }
        locals_ = {local for _, local in known}
        for books in (now, after):
            rows = books.rows(IDENTITY.name, "local_patient_id", locals_)
            found |= {r["person_id"] for r in rows if (r["source"], r["local_patient_id"]) in known}
    return sorted(found)


def side(books: Books, persons: Sequence[str]) -> Side:
    """All that one record holds of these persons."""
    facts = {
        row["fact_id"]: (kind, row)
        for kind in FACTS
        for row in books.rows(kind, "person_id", persons)
    }
    rows = books.rows(LINEAGE.name, "fact_id", facts)
    return Side(
        {
            (row["source"], row["local_patient_id"]): row["person_id"]
            for row in books.rows(IDENTITY.name, "person_id", persons)
        },
        facts,
        {_pointer(row): row["fact_id"] for row in rows},
        {row["conflict_id"]: row for row in books.rows(CONFLICT.name, "person_id", persons)},
    )


def _pointer(row: Mapping[str, Any]) -> Pointer:
    return row["kind"], row["source"], row["source_table"], row["row_key"]


def moved_persons(engine: Engine, now: Books, after: Books) -> list[str]:
    """The persons that an identity leaves, and those that it goes to."""
    if now.record is None:
        return []
    sql = f"select source, local_patient_id, person_id from {now.record.name(IDENTITY.name)}"  # noqa: S608
    with now.record.target.stream(sql) as reader, engine.arrow("held", reader):
        engine.run(
            "create or replace table was as select cast(source as varchar) as source,"
            " cast(local_patient_id as varchar) as local_patient_id,"
            " cast(person_id as varchar) as person_id from held"
        )
    engine.view("wanted", after.desired[IDENTITY.name])
    rows = engine.rows(
        "select distinct unnest([w.person_id, n.person_id]) as person from was as w"
        " join wanted as n using (source, local_patient_id) where w.person_id <> n.person_id"
        " order by person"
    )
    return [str(person) for (person,) in rows]
