"""How Alembic reaches the books: the connection comes from ``flows.upgrade_db``."""

from alembic import context

from billing_core.records.tables import meta

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=meta,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
