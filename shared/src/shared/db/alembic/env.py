"""Runs migrations on the connection that the `migrate` command opened."""

from alembic import context

attributes = context.config.attributes
context.configure(
    connection=attributes["connection"],
    target_metadata=attributes.get("target_metadata"),
    version_table=attributes["version_table"],
    include_object=attributes.get("include_object"),
    compare_type=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
