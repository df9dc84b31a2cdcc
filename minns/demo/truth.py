"""The region's truth on disk: who is who, which row states which fact, and how rows were made to
differ, and which doubts were planted.
"""

from pathlib import Path

import duckdb

from minns.engine import literal


def write(folder: Path, region: duckdb.DuckDBPyConnection) -> None:
    """Write identities.parquet, facts.parquet, told.parquet and planted.parquet into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table, order in (
        ("identities", "truth_identity", "source, local_patient_id"),
        ("facts", "truth_fact", "source, source_table, row_key, kind"),
        ("told", "told", "source, source_table, row_key, kind, field"),
        ("planted", "planted", "source, source_table, row_key, kind, rule"),
    ):
        path = literal(str(folder / f"{name}.parquet"))
        region.execute(
            f"copy (from {table} order by {order}) to {path} (format parquet, compression zstd)"
        )
