"""How a record made by an earlier version becomes one of this version: Alembic's revisions, which
belong to the package.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from minns.errors import TargetError

#: Alembic's own table, which holds the revision of a record.
VERSION = "alembic_version"
_FIRST = "0001"


def settings(connection: sa.Connection, schema: str | None) -> Config:
    """Alembic's settings for the record that a connection leads to."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes.update(connection=connection, schema=schema)
    return config


def revision(connection: sa.Connection, schema: str | None) -> str | None:
    """The revision of a record, None when none is noted."""
    options = {"version_table_schema": schema}
    return MigrationContext.configure(connection, opts=options).get_current_revision()


def upgrade(connection: sa.Connection, schema: str | None, place: str) -> None:
    """Bring a record, or an empty place, to this version's revision, within the connection's
    transaction. Raises `TargetError` for a record of another revision than those known here.
    """
    config = settings(connection, schema)
    known = ScriptDirectory.from_config(config)
    found = revision(connection, schema)
    if found is not None and found not in {script.revision for script in known.walk_revisions()}:
        raise TargetError(
            f"a record at {place} that this version of minns or an earlier one made",
            found="one of another version (its revision is unknown here)",
            do="Use the minns that made it, or a newer one.",
        )
    if found == known.get_current_head():
        return
    inspector = sa.inspect(connection)
    there = [inspector.has_table(name, schema=schema) for name in ("load", VERSION)]
    if there == [True, False]:
        # A record from before revisions were noted. (Where what defines tables cannot be undone,
        # the first revision may have been broken off: then the list of revisions is there, empty.)
        command.stamp(config, _FIRST)
    command.upgrade(config, "head")


def is_current(connection: sa.Connection, schema: str | None) -> bool:
    """Whether a record is of this version's revision."""
    head = ScriptDirectory.from_config(settings(connection, schema)).get_current_head()
    return revision(connection, schema) == head


__all__ = ["VERSION", "is_current", "revision", "settings", "upgrade"]
