"""Shape: landed rows as canonical rows by mapping SQL; what breaks the contract to quarantine."""

from collections.abc import Iterable
from pathlib import Path

from extract.contract import nothing_sql, rules, shaped_sql
from extract.mapping import Mapping, mappings, told
from extract.source import FAULT
from minns.config import Source
from minns.engine import literal, quote
from minns.errors import MappingError
from minns.model import CANONICAL, EXCLUDED, KINDS, QUARANTINE, ROW
from minns.step import Room, Step
from minns.store import Dataset

CODE = (Path(__file__).parent,)
#: Evidence for linking and no part of the record: its sound rows are left out of it by this rule.
LINKS = "register_link"


def steps(source: Source, folder: Path, landing: Dataset) -> tuple[Step, ...]:
    """The one step that fills the canonical tables from a landing, with the mapping in `folder`."""
    tables = {name: table for name, table in source.tables.items() if name in landing.tables}
    landed = source.model_copy(update={"tables": tables})
    return (
        Step(
            name=f"shape-{source.name}",
            reads={name: (f"land-{source.name}.{name}",) for name in tables},
            writes=(*CANONICAL, QUARANTINE.name, EXCLUDED.name, ROW.name),
            do=lambda room: _Shape(landed, folder, room).run(),
            code=(*CODE, folder),
            parameters={
                "source": source.name,
                "tables": {n: {"key": list(t.key), "role": t.role} for n, t in tables.items()},
            },
        ),
    )


class _Shape:
    """One run of the step. Scratch tables begin with `_`: views of landed tables do not."""

    def __init__(self, source: Source, folder: Path, room: Room) -> None:
        self.source, self.room, self.engine = source, room, room.engine
        self.folder = folder
        self.reference = [n for n, t in source.tables.items() if t.role == "reference"]
        self.mappings: dict[str, Mapping] = {}

    def run(self) -> None:
        """All tables of the step, each written once."""
        self.mappings = mappings(self.engine, self.folder)
        self._rows()
        scratch = self.room.draft.folder / "_mapped"
        scratch.mkdir()
        for done, target in enumerate((*CANONICAL, EXCLUDED.name), 1):
            self._map(target, scratch / f"{target}.parquet")
            self.room.progress(done, len(CANONICAL) + 1)
        self._check_pointers()
        self._judge_patients()
        for target in CANONICAL:
            ordered = f"{self._sound(target)} order by source_table, row_key"
            self.room.write(target, ordered)
        self.room.write(QUARANTINE.name, f"from ({self._quarantine()}) order by all")
        self.room.write(EXCLUDED.name, f"from ({self._excluded()}) order by all")
        for path in scratch.iterdir():
            path.unlink()
        scratch.rmdir()

    def _rows(self) -> None:
        """`row`; `_unread`: rows that could not be read, which no mapping sees; and `_shared`: rows
        of record tables whose key another row has too.
        """
        pointer = f"select {literal(self.source.name)} as source"
        parts = [
            f"{pointer}, {literal(name)} as source_table, _row_key as row_key,"
            f" _row_hash as row_hash from {quote(name)}"
            for name in self.source.tables
        ]
        self.room.write(ROW.name, f"from ({' union all '.join(parts)}) order by all")
        self.engine.view("_row", self.room.draft.part(ROW.name))
        self._set_unread_aside()
        keyed = [n for n, t in self.source.tables.items() if t.key and t.role == "record"]
        self.engine.run(
            "create or replace temp table _shared as select source_table, row_key from _row"  # noqa: S608
            " anti join _unread using (source_table, row_key)"
            f" where contains(row_key, '#') and source_table in {_listed(keyed)}"
        )

    def _set_unread_aside(self) -> None:
        parts = ["select '' as source_table, '' as row_key, '' as fault where false"]
        for name in self.source.tables:
            columns = {row[0] for row in self.engine.rows(f"describe {quote(name)}")}
            if FAULT not in columns:
                continue
            whole = quote(f"_whole_{name}")
            parts.append(
                f"select {literal(name)}, _row_key, {FAULT} from {whole}"  # noqa: S608
                f" where {FAULT} is not null"
            )
            self.engine.run(f"alter view {quote(name)} rename to {whole}")
            self.engine.run(
                f"create view {quote(name)} as select * exclude ({FAULT}) from {whole}"  # noqa: S608
                f" where {FAULT} is null"
            )
        self.engine.run(f"create or replace temp table _unread as {' union all '.join(parts)}")

    def _map(self, target: str, path: Path) -> None:
        """`_<target>`: the mapping's rows in the contract's types, made once."""
        table = EXCLUDED if target == EXCLUDED.name else CANONICAL[target]
        mapping = self.mappings.get(target)
        if mapping is None:
            self.engine.copy(nothing_sql(table), path)
            self.engine.view(f"_{target}", path)
            return
        sql = shaped_sql(table, self.source.name, mapping.query, mapping.columns)
        with told(mapping.path):
            self.engine.copy(sql, path)
        self.engine.view(f"_{target}", path)
        self._check_names(target, mapping)

    def _check_names(self, target: str, mapping: Mapping) -> None:
        """Each row of a mapping names a landed row, and each another one; a rule is named too."""
        pairs, unnamed = self.engine.rows(
            "select count(*) - count(distinct (source_table, row_key)),"  # noqa: S608
            f" count(*) filter (source_table is null or row_key is null) from {quote('_' + target)}"
        )[0]
        if unnamed or pairs:
            raise MappingError(
                f"each row of {mapping.path} to name a landed row of its own",
                found=f"{unnamed} rows that name none"
                if unnamed
                else f"{pairs} rows that name one already named",
                do="Yield source_table and _row_key as row_key, and check the joins.",
            )
        faults = f"select count(*) from {quote('_' + target)} where _faults <> 0"  # noqa: S608
        if target == EXCLUDED.name and self.engine.value(faults):
            raise MappingError(
                f"a rule for each row of {mapping.path}", found="none for some", do="Name it."
            )

    def _check_pointers(self) -> None:
        """Every landed row is named by the mapping or excluded, never both; nothing else is."""
        named = " union all ".join(
            f"select source_table, row_key from {quote('_' + kind)}"  # noqa: S608
            for kind in CANONICAL
        )
        self.engine.run(
            "create or replace temp table _named as select distinct source_table, row_key"  # noqa: S608
            f" from ({named})"
        )
        leaves = f"select source_table, row_key from {self._leaves()}"  # noqa: S608
        excluded = "select source_table, row_key from _excluded"
        out = f"({excluded} union all {leaves})"
        self._none(
            f"select source_table from (from _named union all {excluded}) anti join _row"  # noqa: S608
            " using (source_table, row_key)",
            "names {} rows of table {} that were not landed",
        )
        self._none(
            f"select source_table from _named semi join {out} using (source_table, row_key)",  # noqa: S608
            "both maps and excludes {} rows of table {}",
        )
        self._none(
            f"select source_table from ({excluded}) semi join ({leaves})"  # noqa: S608
            " using (source_table, row_key)",
            "excludes {} rows of the reference table {}, which are excluded already",
        )
        self._none(
            "select source_table from _row"  # noqa: S608
            " anti join _named using (source_table, row_key)"
            f" anti join {out} using (source_table, row_key)"
            " anti join _shared using (source_table, row_key)"
            " anti join _unread using (source_table, row_key)",
            "drops {} rows of table {}",
        )

    def _none(self, offenders: str, fault: str) -> None:
        """An offending query must be empty; only its counts are told, never a key."""
        sql = f"select count(*), source_table from ({offenders}) group by 2 order by 2 limit 1"  # noqa: S608
        for rows, table in self.engine.rows(sql):
            raise MappingError(
                f"the mapping in {self.folder} to name each landed row",
                found=f"that it {fault.format(rows, repr(table))}",
                do="Map every row, or leave it out by a rule in excluded.sql.",
            )

    def _judge_patients(self) -> None:
        """`_twice`: patients with several rows; `_patients`: those that clinical rows may have."""
        self.engine.run(
            "create or replace temp table _twice as select local_patient_id from _patient"
            " anti join _shared using (source_table, row_key)"
            " where local_patient_id is not null group by 1 having count(*) > 1"
        )
        self.engine.run(
            "create or replace temp table _patients as select local_patient_id from"  # noqa: S608
            f" ({self._sound('patient')})"
        )

    def _sound(self, kind: str) -> str:
        """The rows of a kind that break no rule."""
        columns = ", ".join(quote(name) for name in CANONICAL[kind].names)
        patient = ""
        if kind == "patient":
            patient = " anti join _twice using (local_patient_id)"
        elif kind in KINDS:
            patient = " semi join _patients using (local_patient_id)"
        return (
            f"select {columns} from {quote('_' + kind)}"  # noqa: S608
            f" anti join _shared using (source_table, row_key){patient} where _faults = 0"
        )

    def _quarantine(self) -> str:
        source = literal(self.source.name)
        parts = [
            f"select {source} as source, source_table, row_key, '' as kind,"  # noqa: S608
            " 'duplicate_key' as rule, cast(null as varchar) as field from _shared",
            f"select {source}, source_table, row_key, '', fault, null from _unread",  # noqa: S608
        ]
        for kind, mapping in self.mappings.items():
            if kind in CANONICAL:
                parts += self._broken(kind, mapping)
        return " union all ".join(parts)

    def _broken(self, kind: str, mapping: Mapping) -> Iterable[str]:
        """One query for the contract's rules and one for the rule about the patient, if any."""
        pointer = f"select source, source_table, row_key, {literal(kind)} as kind"
        own = f"from {quote('_' + kind)} anti join _shared using (source_table, row_key)"
        listed = ", ".join(
            f"({r.bit}, {literal(r.name)}, {literal(r.field)})"
            for r in rules(CANONICAL[kind], mapping.columns)
            if not r.mild
        )
        yield (
            f"{pointer}, rule, string_agg(field, ' ' order by field) as field"
            f" from (select source, source_table, row_key, _faults {own} where _faults <> 0)"
            f" join (values {listed}) as _rules(bit, rule, field) on (_faults & bit) <> 0"
            " group by all"
        )
        if kind == LINKS:
            return
        rule, join = ("duplicate_patient", "semi join _twice")
        if kind in KINDS:
            rule, join = ("no_such_patient", "anti join _patients")
        yield (
            f"{pointer}, '{rule}' as rule, 'local_patient_id' as field {own}"
            f" {join} using (local_patient_id) where local_patient_id is not null"
        )

    def _leaves(self) -> str:
        """The rows of reference tables that could be read."""
        listed = _listed(self.reference)
        readable = "_row anti join _unread using (source_table, row_key)"
        return f"(from {readable} where source_table in {listed})"

    def _excluded(self) -> str:
        source = literal(self.source.name)
        links = self._sound(LINKS)
        return (
            "select source, source_table, row_key, rule from _excluded"  # noqa: S608
            " anti join _shared using (source_table, row_key)"
            f" union all select {source}, source_table, row_key, 'reference_table'"
            f" from {self._leaves()}"
            f" union all select source, source_table, row_key, '{LINKS}' from ({links})"
        )


def _listed(names: Iterable[str]) -> str:
    """A list for IN; an empty one is not SQL, so NULL stands in, which nothing equals."""
    return "(" + (", ".join(map(literal, names)) or "null") + ")"
