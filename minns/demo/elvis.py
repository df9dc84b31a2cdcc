"""Elvis, patient administration: fixed-width files in ISO 8859-1, as its nightly export writes
them.
"""

from pathlib import Path

import duckdb

FILES = {
    "klinik": "KLINIK.TXT",
    "patient": "PATIENT.TXT",
    "kontakt": "KONTAKT.TXT",
    "diagnos": "DIAGNOS.TXT",
}


def write(folder: Path, region: duckdb.DuckDBPyConnection) -> None:
    """Write the export's files into `folder`; some lines stand there twice."""
    folder.mkdir(parents=True, exist_ok=True)
    for table, name in FILES.items():
        cursor = region.cursor()
        cursor.execute(
            f"select line from elvis.{table}, range(2) t(n) where n = 0 or key in "  # noqa: S608
            "(select key from elvis.repeated where file = ?) order by key, n",
            [table],
        )
        with (folder / name).open("wb") as out:
            while rows := cursor.fetchmany(20_000):
                out.write("".join(line + "\r\n" for (line,) in rows).encode("iso-8859-1"))
