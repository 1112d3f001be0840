"""Runs the revisions on the connection that monitor.store.database hands over, in one transaction."""

from alembic import context

from monitor.store.schema import metadata

connection = context.config.attributes["connection"]
# SQLite can roll back CREATE and ALTER; a kill in the middle must leave the old schema whole.
context.configure(
    connection=connection, target_metadata=metadata, transactional_ddl=True, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
