"""Which databases can hold a record, and how SQLAlchemy reaches each of them."""

import functools
import re
import sys
from hashlib import md5
from typing import Any

import sqlalchemy as sa

from minns.errors import TargetError

#: How long a statement waits for another writer before it gives up (seconds).
_WAIT = 5
#: Read and written in bulk through ADBC (load.relational); all others through SQLAlchemy.
_BULK = ("sqlite", "postgresql")
_MARIADB = ("mysql+pymysql", "mariadb+pymysql")
#: Databases for which statements are known to compile, and nothing else.
_UNTESTED = {"mssql+pyodbc": "SQL Server", "oracle+oracledb": "Oracle"}

#: Errors of MariaDB and MySQL by number: as words, for its own would hold values.
_NUMBERS = {
    **dict.fromkeys((1044, 1045, 1698), "authentication"),
    **dict.fromkeys((1205, 1213, 1969, 3572), "locked"),
    **dict.fromkeys((1053, 1077, 1152, 1158, 1159, 1160, 1161, 1184, 1927), "lost connection"),
    **dict.fromkeys((0, 2006, 2013, 2055), "lost connection"),
    **dict.fromkeys((1021, 1114), "disk full"),
    1046: "its URL names no database",
    1153: "a text is longer than its max_allowed_packet",
    2002: "nobody answers",
    2003: "nobody answers",
    2005: "nobody answers",
}
_UNKNOWN_DATABASE = 1049
#: The same of ODBC by its state, and of Oracle by its code.
_CODES = {
    **dict.fromkeys(("28000", "ORA-01017", "ORA-01005"), "authentication"),
    **dict.fromkeys(("HYT00", "ORA-00054", "ORA-30006", "ORA-00060"), "locked"),
    **dict.fromkeys(("08S01", "ORA-03113", "ORA-03114", "DPY-4011"), "lost connection"),
    **dict.fromkeys(("08001", "ORA-12541", "DPY-6005"), "nobody answers"),
}

_SETTINGS: dict[str, dict[str, Any]] = {
    "mysql": {
        "charset": "utf8mb4",
        "sql_mode": "STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO,"
        "NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT",
        "init_command": f"set innodb_lock_wait_timeout = {_WAIT}, lock_wait_timeout = {_WAIT}",
    },
    "postgresql": {"options": f"-c lock_timeout={_WAIT * 1000}"},
}


def is_bulk(url: sa.URL) -> bool:
    """Whether the database is read and written through ADBC; a database that cannot hold a record
    is refused, one that nobody tried is told.
    """
    if url.get_backend_name() in _BULK:
        return True
    if url.drivername not in (*_MARIADB, *_UNTESTED):
        raise TargetError(
            "a target in SQLite, PostgreSQL or MariaDB",
            found=url.drivername,
            do="Set 'target' in minns.toml to sqlite:///FILE, postgresql+psycopg://… or "
            "mysql+pymysql://….",
        )
    if url.drivername in _UNTESTED:
        _tell_untested(_UNTESTED[url.drivername])
    return False


@functools.cache
def _tell_untested(database: str) -> None:
    sys.stderr.write(
        f"minns was never run against {database}: statements are made for it, but nobody tested "
        "them; try it where nothing is at stake.\n"
    )


def reached(url: sa.URL) -> sa.URL:
    """The URL with the driver that is used here."""
    drivers = {"postgresql": "postgresql+psycopg", "mariadb": "mysql+pymysql"}
    return url.set(drivername=drivers.get(url.get_backend_name(), url.drivername))


def database_engine(url: sa.URL) -> sa.Engine:
    """SQLAlchemy's engine for a database, with our settings of a session."""
    settings = _SETTINGS.get(url.get_backend_name(), {})
    try:
        return sa.create_engine(url, poolclass=sa.NullPool, connect_args=settings)
    except ModuleNotFoundError as error:
        extra = "minns[mariadb]" if url.get_backend_name() == "mysql" else error.name
        raise TargetError(
            f"the driver of '{url.drivername}'",
            found=f"no Python package '{error.name}'",
            do=f"Install it with pip install '{extra}'.",
        ) from None


def said(error: sa.exc.DBAPIError) -> str:
    """What a database says went wrong; of those whose words hold values, by number."""
    number, code = _number(error), _code(error)
    if number is not None:
        return _NUMBERS.get(number, f"number {number}")
    return _CODES.get(code, code) if code else str(error.orig)


def _code(error: sa.exc.DBAPIError) -> str:
    """What ODBC and Oracle name an error by; empty where it is named otherwise."""
    found = error.orig.args[0] if error.orig is not None and error.orig.args else ""
    code = str(getattr(found, "full_code", found))
    return code if re.fullmatch(r"[0-9A-Z]{5}|[A-Z]{3}-\d+", code) else ""


def _number(error: sa.exc.DBAPIError) -> int | None:
    found = error.orig.args[0] if error.orig is not None and error.orig.args else None
    return found if isinstance(found, int) else None


def lacks_database(error: sa.exc.DBAPIError) -> bool:
    """Whether the server (MariaDB) answers, and has no such database."""
    return _number(error) == _UNKNOWN_DATABASE


def make_database(url: sa.URL) -> None:
    """Make the database of MariaDB that a URL names, where there is none."""
    engine = database_engine(url)
    try:
        engine.connect().close()
    except sa.exc.DBAPIError as error:
        if not lacks_database(error):
            raise
        server = database_engine(url.set(database=""))
        with server.begin() as connection:
            name = connection.dialect.identifier_preparer.quote(str(url.database))
            connection.exec_driver_sql(f"create database if not exists {name}")
        server.dispose()
    finally:
        engine.dispose()


def reserved_name(connection: sa.Connection, url: sa.URL) -> bool:
    """Take MariaDB's lock of those who load; it ends with the session, however that ends."""
    # Names are the server's, and may be 64 long. A session that has just ended lets go soon.
    record = md5(str(url.database).encode(), usedforsecurity=False).hexdigest()
    return bool(connection.scalar(sa.select(sa.func.get_lock(f"minns {record}", 1))))
