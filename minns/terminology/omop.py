"""What the OMOP export needs of an Athena download beside its codes: domains, standards, maps."""

from collections.abc import Sequence
from pathlib import Path

from minns.engine import Engine
from minns.errors import ConfigError
from minns.store import Draft, Store
from minns.terminology.athena import OMOP
from minns.terminology.concept import Edition
from minns.terminology.shelf import editions

#: Further tables of an edition of the system `omop`.
CONCEPTS, MAPS = "omop_concept", "omop_map"
_CONCEPTS = """
    select cast(concept_id as integer) as concept_id, vocabulary_id, concept_code, domain_id,
        coalesce(standard_concept, '') = 'S' as standard, tidy(invalid_reason) is null as valid
    from athena_concept
    where try_cast(concept_id as integer) is not null and concept_code is not null
    order by concept_id"""
_MAPS = """
    select distinct cast(concept_id_1 as integer) as concept_id,
        cast(concept_id_2 as integer) as standard_id
    from athena_concept_relationship
    where relationship_id = 'Maps to' and tidy(invalid_reason) is null
        and try_cast(concept_id_1 as integer) is not null
        and try_cast(concept_id_2 as integer) is not null
    order by all"""


def write_tables(engine: Engine, draft: Draft) -> None:
    """Write both tables, of `athena_concept` and `athena_concept_relationship`."""
    for table, sql in ((CONCEPTS, _CONCEPTS), (MAPS, _MAPS)):
        draft.describe(table, rows=engine.copy(sql, draft.part(table)))


def parts(edition: Edition, table: str) -> Sequence[Path]:
    """The Parquet files of one of the tables."""
    return sorted((edition.folder / table).glob("*.parquet"))


def vocabulary(store: Store, version: str | None = None) -> Edition | None:
    """The edition of `omop` with this version, else the newest, if there is one.

    Raises `ConfigError` when the one that was named is not there, or lacks domains and maps.
    """
    known = editions(store, OMOP)
    chosen = [edition for edition in known if version in (None, edition.version)]
    if not chosen and version is None:
        return None
    if not chosen or not parts(chosen[-1], CONCEPTS):
        raise ConfigError(
            "an edition of 'omop' with domains and maps",
            found=", ".join(edition.version for edition in known) or "none",
            do="Run 'minns terminology import FOLDER --system omop' with Athena's download.",
        )
    return chosen[-1]
