"""The steps, each an Alembic script and its SQL for SQLite and PostgreSQL."""
