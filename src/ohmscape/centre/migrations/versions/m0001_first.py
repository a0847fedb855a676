"""The first tables."""

from ohmscape.centre.migrations.sql import refuse_down, run_sql

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make them."""
    run_sql("0001_first")


downgrade = refuse_down
