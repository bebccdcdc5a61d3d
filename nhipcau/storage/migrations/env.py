"""Alembic's entry point: runs migrations on the given connection, inside the caller's transaction."""

from alembic import context

from nhipcau.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
