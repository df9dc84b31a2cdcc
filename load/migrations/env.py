"""Alembic runs revisions here, on the connection and within the transaction that it is given."""

from alembic import context

from load.schema import target_metadata

_given = context.config.attributes
context.configure(
    connection=_given["connection"],
    target_metadata=target_metadata(
        _given["schema"], keys=_given["connection"].dialect.name == "postgresql"
    ),
    version_table_schema=_given["schema"],
    include_schemas=False,
)
context.run_migrations(schema=_given["schema"])
