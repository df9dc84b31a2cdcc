"""Scaffold: a first mapping of a source that nobody has mapped, written from its profile.

Goes in: a profile. Comes out: the files of `mappings/<source>/`, by name. Sure columns are filled
in, doubtful ones are comments with reasons; no row is left without a fate.
"""

from collections.abc import Mapping
from typing import Any

from extract.scaffold.match import Match, matches, patient_column
from extract.scaffold.write import (
    codes_csv,
    excluded_sql,
    mapping_sql,
    source_toml,
    table_toml,
)

__all__ = ["Match", "matches", "scaffold"]


def scaffold(
    profile: Mapping[str, Any], reach: Mapping[str, str], settings: Mapping[str, Mapping[str, Any]]
) -> dict[str, str]:
    """The files by path below `mappings/<source>/`. `reach`: kind and url or folder; `settings`:
    what a table's section needs beside its key (file, encoding, delimiter, …).
    """
    source, tables = profile["source"], profile["tables"]
    found = matches(profile)
    sections = [table_toml(name, told, settings.get(name, {})) for name, told in tables.items()]
    files = {"source.toml": source_toml(source, source, reach, sections)}
    for kind in dict.fromkeys(match.feeds for match in found):
        feeding = [match for match in found if match.feeds == kind]
        files[f"{kind}.sql"] = mapping_sql(source, kind, feeding, profile)
        for match in feeding:
            codes = codes_csv(match, tables[match.table])
            if codes is not None:
                files[f"codes-to-map/{match.table}.csv"] = codes
    patients = next((match.table for match in found if match.feeds == "patient"), None)
    naming = {name for name in tables if patient_column(name, patients, profile) is not None}
    files["excluded.sql"] = excluded_sql(profile, [match.table for match in found], naming)
    return files
