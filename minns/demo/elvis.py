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
#: Files in which the export now and then writes a line twice.
REPEATING = ("kontakt", "diagnos")


def write(folder: Path, region: duckdb.DuckDBPyConnection) -> None:
    """Write the export's files into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for table, name in FILES.items():
        twice = "+ if(chance('line_repeated', key), 1, 0)" if table in REPEATING else ""
        cursor = region.cursor()
        cursor.execute(
            f"select line from elvis.{table}, range(2) t(n) where n < 1 {twice} order by key, n"  # noqa: S608
        )
        with (folder / name).open("wb") as out:
            while rows := cursor.fetchmany(20_000):
                out.write("".join(line + "\r\n" for (line,) in rows).encode("iso-8859-1"))
