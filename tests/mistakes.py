"""The mistakes of operators and of those who deliver to them: how each is made and told."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from minns import errors

SECRET = "hemlig-vessla"


def edit(path: str, old: str, new: str) -> Callable[[Path], None]:
    """Replace a text in a file of the project, which must hold it."""

    def broken(project: Path) -> None:
        text = (project / path).read_text(encoding="utf-8")
        assert old in text
        (project / path).write_text(text.replace(old, new, 1), encoding="utf-8")

    return broken


def append(path: str, text: str) -> Callable[[Path], None]:
    def broken(project: Path) -> None:
        with (project / path).open("a", encoding="utf-8") as out:
            out.write(text)

    return broken


def melior(*statements: str) -> Callable[[Path], None]:
    """Change the database of melior."""

    def broken(project: Path) -> None:
        connection = sqlite3.connect(project / "region" / "melior.db")
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.close()

    return broken


def content(path: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """Change the bytes of a file."""

    def broken(project: Path) -> None:
        (project / path).write_bytes(change((project / path).read_bytes()))

    return broken


def gone(path: str) -> Callable[[Path], None]:
    return lambda project: (project / path).unlink()


def recoded(old: str, new: str) -> Callable[[bytes], bytes]:
    return lambda data: data.decode(old).encode(new)


@dataclass(frozen=True)
class Case:
    """One mistake: how it is made, the command that meets it, its kind, words of the sentence."""

    name: str
    make: Callable[[Path], None]
    command: str
    kind: type[errors.MinnsError]
    words: tuple[str, ...]


PATIENT = "region/elvis/PATIENT.TXT"
MATERNITY = "region/obstetrix/patient.csv"
CODE_PAGE = "Correct 'encoding'"
CASES = (
    Case("a source that is gone", gone("region/melior.db"), "run wave-1",
         errors.SourceError, ("melior at", "no such file")),
    Case("a missing table", melior("drop table varning"), "run wave-1",
         errors.SourceError, ("the table 'varning' in melior", "no such table")),
    Case("a missing column", melior("alter table patient drop column telefon"), "run wave-1",
         errors.SourceError, ("'telefon'", "no such column")),
    Case("a changed type",
         melior("alter table varning drop column allvar", "alter table varning add allvar text"),
         "run wave-1", errors.SourceError, ("'allvar'", "found TEXT")),
    Case("an empty table", melior("delete from varning"), "run wave-1",
         errors.SourceError, ("rows in table 'varning' of melior", "may_be_empty")),
    Case("a wrong key", edit("mappings/melior/source.toml", '["diagnos_id"]', '["typ"]'),
         "run wave-1", errors.SourceError, ("the key (typ)", "Correct the key")),
    Case("a key that is no column", edit("mappings/melior/source.toml", "diagnos_id", "nyckel"),
         "run wave-1", errors.SourceError, ("'nyckel'", "no such column")),
    Case("a file in cp850", content(PATIENT, recoded("iso-8859-1", "cp850")), "run wave-1",
         errors.SourceError, ("iso-8859-1 in PATIENT.TXT", "bytes like cp850", CODE_PAGE)),
    Case("a file in utf-8", content(PATIENT, recoded("iso-8859-1", "utf-8")), "run wave-1",
         errors.SourceError, ("PATIENT.TXT",)),
    Case("cp850 declared as latin-1",
         edit("mappings/obstetrix/source.toml", '"cp850"', '"iso-8859-1"'),
         "source check obstetrix", errors.SourceError, ("bytes like cp850", CODE_PAGE)),
    Case("cp850 declared as utf-8", edit("mappings/obstetrix/source.toml", '"cp850"', '"utf-8"'),
         "source check obstetrix", errors.SourceError, ("bytes like cp850", CODE_PAGE)),
    Case("an unknown code page", edit("mappings/obstetrix/source.toml", '"cp850"', '"cp-svensk"'),
         "source check obstetrix", errors.ConfigError, ("cp-svensk", "utf-8")),
    Case("a header with other columns",
         content(MATERNITY, lambda data: data.replace(b"NR", b"", 1)),
         "source check obstetrix", errors.SourceError,
         ("'PATNR' in table 'patient' of obstetrix",)),
    Case("a ragged line", content(MATERNITY, lambda data: data + b"OB1;2;3\r\n"),
         "source check obstetrix", errors.SourceError, ("16 fields in line", "found 3")),
    Case("a truncated file", content(MATERNITY, lambda data: data[:-9]),
         "source check obstetrix", errors.SourceError, ("patient.csv", "fetch it again")),
    Case("a truncated file of fixed width", content(PATIENT, lambda data: data[:-9]), "run wave-1",
         errors.SourceError, ("PATIENT.TXT", "fetch it again")),
    Case("an empty file", content(PATIENT, lambda _: b""), "run wave-1",
         errors.SourceError, ("'patient' of elvis", "found none")),
    Case("an empty file that should have a header", content(MATERNITY, lambda _: b""),
         "source check obstetrix", errors.SourceError, ("patient.csv",)),
    Case("a missing file", gone(PATIENT), "run wave-1",
         errors.SourceError, ("PATIENT.TXT", "no such file")),
    Case("an unknown key in minns.toml", append("minns.toml", 'tagret = "x"\n'), "run wave-1",
         errors.ConfigError, ("'tagret'", "target")),
    Case("an unknown key in source.toml",
         edit("mappings/melior/source.toml", "title", "titel"), "run wave-1",
         errors.ConfigError, ("'titel'", "title")),
    Case("an unknown key of a table",
         edit("mappings/melior/source.toml", "may_be_empty", "may_be_emtpy"), "run wave-1",
         errors.ConfigError, ("may_be_emtpy", "source.toml", "may_be_empty")),
    Case("an unknown key of a wave", append("runbooks/wave-1.toml", "helt_max = 1\n"), "run wave-1",
         errors.ConfigError, ("helt_max", "wave-1.toml")),
    Case("no TOML", append("minns.toml", "work = = 1\n"), "run wave-1",
         errors.ConfigError, ("minns.toml", "TOML", "line")),
    Case("a gate out of range",
         edit("runbooks/wave-1.toml", "held_share_max = 0.005", "held_share_max = 2"), "run wave-1",
         errors.ConfigError, ("gates.held_share_max",)),
    Case("a literal password",
         append("minns.toml", f'target = "postgresql://minns:{SECRET}@db/record"\n'), "run wave-1",
         errors.ConfigError, ("no password in", "target", "${NAME}")),
    Case("a variable that is not set",
         append("minns.toml", 'target = "postgresql://minns:${NOT_SET}@db/record"\n'), "run wave-1",
         errors.ConfigError, ("variable NOT_SET", "Set NOT_SET")),
    Case("a url that is none", append("minns.toml", 'target = "record"\n'), "run wave-1",
         errors.ConfigError, ("target",)),
    Case("SQL that is not SQL", append("mappings/melior/alert.sql", "\nand and"), "run wave-1",
         errors.MappingError, ("alert.sql", "syntax error")),
    Case("an unknown column in SQL",
         edit("mappings/melior/alert.sql", "kommentar as comment", "komentar as comment"),
         "run wave-1", errors.MappingError, ("alert.sql", '"komentar"')),
    Case("a conversion that fails",
         edit("mappings/melior/patient.sql", "tidy(fornamn)",
              f"cast(cast(fornamn || '{SECRET}' as integer) as varchar)"),
         "run wave-1", errors.MappingError, ("patient.sql", "try_cast")),
    Case("SQL that drops rows",
         append("mappings/melior/alert.sql", "\nand typ <> 'O'"), "run wave-1",
         errors.MappingError, ("drops", "'varning'", "excluded.sql")),
    Case("SQL that multiplies rows",
         edit("mappings/melior/alert.sql", "from varning t", "from varning t cross join range(2)"),
         "run wave-1", errors.MappingError, ("alert.sql", "already named", "joins")),
    Case("a surplus column",
         edit("mappings/melior/alert.sql", "as comment", "as comment, 1 as extra"), "run wave-1",
         errors.MappingError, ("alert.sql", "extra")),
    Case("a column too few",
         edit("mappings/melior/alert.sql", ",\n    kommentar as comment", ""), "run wave-1",
         errors.MappingError, ("alert.sql", "without comment")),
    Case("a mapping for no table",
         append("mappings/melior/patients.sql", "select 1"),
         "run wave-1", errors.MappingError, ("'patients.sql'", "patient")),
    Case("an unknown wave", lambda _: None, "run wave-9", errors.ConfigError,
         ("wave-9", "wave-1, wave-2")),
    Case("an unknown source", lambda _: None, "source check malior", errors.ConfigError,
         ("malior", "melior")),
    Case("a wave before its time", lambda _: None, "run wave-2 --cutover", errors.ConfigError,
         ("wave-1", "minns run wave-1 --cutover")),
)  # fmt: skip
