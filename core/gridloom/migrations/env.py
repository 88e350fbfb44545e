"""Alembic's environment: it runs on the connection it is handed, as the owner."""

from alembic import context

from gridloom.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, version_table="alembic_version")
with context.begin_transaction():
    context.run_migrations()
