"""Which tables a database or a folder of files has, before anybody has listed them."""

import csv
from pathlib import Path
from typing import Any

import pyodbc
import sqlalchemy

from extract.files import looks_like
from minns.config import Source, expand
from minns.errors import SourceError

#: Bytes of a file that its code page, delimiter and header are told from.
_HEAD = 1 << 20
_FILES = (".csv", ".txt", ".tsv", ".dat", ".skv")


def tables_of(source: Source, root: Path) -> dict[str, dict[str, Any]]:
    """The tables by name, each with what its section of source.toml must say beside its key."""
    found = _files(source, root) if source.folder else _database(source, root)
    if not found:
        raise SourceError(
            f"tables in {source.name}",
            found="none",
            do="Check the address, the schema and the user's rights, or the files' names"
            f" ({', '.join(_FILES)}).",
        )
    return found


def _database(source: Source, root: Path) -> dict[str, dict[str, Any]]:
    url = expand(source.url or "")
    if url.startswith("odbc:"):
        return _odbc(source.name, url.removeprefix("odbc:"))
    parsed = sqlalchemy.engine.make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        path = root / parsed.database
        if not path.is_file():
            raise SourceError(
                f"the database of {source.name} at {path}",
                found="no such file",
                do="Check --url; a relative path starts at minns.toml.",
            )
        parsed = parsed.set(database=str(path))
    try:
        engine = sqlalchemy.create_engine(parsed, hide_parameters=True)
        inspector = sqlalchemy.inspect(engine)
        names = [*inspector.get_table_names(), *inspector.get_view_names()]
        engine.dispose()
    except (sqlalchemy.exc.SQLAlchemyError, ImportError) as error:
        raise SourceError(
            f"an answer from {source.name}",
            found=type(error).__name__,
            do="Check its address, user, password and driver.",
        ) from None
    return {name: {} for name in sorted(names)}


def _odbc(name: str, text: str) -> dict[str, dict[str, Any]]:
    try:
        connection = pyodbc.connect(text, autocommit=True, timeout=10)
        rows = connection.cursor().tables(tableType="TABLE").fetchall()
        connection.close()
    except pyodbc.Error as error:
        raise SourceError(
            f"an answer from {name}",
            found=f"ODBC state {error.args[0]}",
            do="Check its address, user, password and driver.",
        ) from None
    return {
        row.table_name: {"schema": row.table_schem} if row.table_schem else {}
        for row in sorted(rows, key=lambda r: str(r.table_name))
    }


def _files(source: Source, root: Path) -> dict[str, dict[str, Any]]:
    folder = root / expand(source.folder or "")
    if not folder.is_dir():
        raise SourceError(
            f"the folder {folder} of {source.name}",
            found="no such folder",
            do="Check --files; a relative path starts at minns.toml.",
        )
    paths = sorted(p for p in folder.iterdir() if p.is_file() and p.suffix.lower() in _FILES)
    return {path.stem: told for path in paths if (told := _file(path)) is not None}


def _file(path: Path) -> dict[str, Any] | None:
    """Code page and delimiter as the first rows show them; an empty file is no table."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.strip():
        return None
    page = looks_like(head)
    text = head.decode(page, errors="replace")
    line = text.splitlines()[0]
    delimiter = max(";,\t|", key=lambda mark: len(next(csv.reader([line], delimiter=mark))))
    return {"file": path.name, "encoding": page, "delimiter": delimiter}
