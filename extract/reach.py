"""Which reader reaches a source."""

from contextlib import AbstractContextManager
from pathlib import Path

from extract.delimited import open_csv
from extract.documents import Kind, open_documents
from extract.fixed import open_fixed
from extract.hl7v2 import Messages
from extract.odbc import open_odbc
from extract.postgres import open_postgres
from extract.rows import open_rows
from extract.source import Opener, Reader
from extract.sqlite import open_sqlite
from minns.config import Source, expand, refuse_no_url
from minns.errors import ConfigError

FILES: dict[str, Opener] = {"csv": open_csv, "fixed": open_fixed}
DATABASES: dict[str, Opener] = {
    "sqlite": open_sqlite,
    "postgresql": open_postgres,
    "odbc": open_odbc,
}


#: Kinds of documents: how each is found in files and taken apart.
DOCUMENTS: dict[str, Kind] = {"hl7v2": Messages()}


def open_source(
    source: Source, root: Path, scratch: Path | None = None
) -> AbstractContextManager[Reader]:
    """Open a source by the fastest way that is exact for it; `scratch` is a folder for what must
    lie on disk meanwhile (without it the system's).
    """
    if source.kind in DOCUMENTS:
        return open_documents(source, root, DOCUMENTS[source.kind], scratch)
    if source.kind in FILES:
        return FILES[source.kind](source, root)
    if not source.url:
        raise ConfigError(
            f"a url for the source {source.name}",
            found="none",
            do=f"Set it in source.toml or in [sources.{source.name}] of minns.toml.",
        )
    url = expand(source.url)
    refuse_no_url(url, f"the url of the source {source.name}")
    dialect = url.split(":", 1)[0].split("+", 1)[0]
    return DATABASES.get(dialect, open_rows)(source, root)
