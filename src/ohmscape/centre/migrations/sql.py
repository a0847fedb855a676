"""Running the SQL file of a migration."""

from pathlib import Path

VERSIONS = Path(__file__).parent / "versions"


def run_sql(name: str) -> None:
    """Run ``versions/NAME.DIALECT.sql``; statements end with a semicolon and an empty line."""
    from alembic import op

    connection = op.get_bind()
    text = (VERSIONS / f"{name}.{connection.dialect.name}.sql").read_text(encoding="utf-8")
    for statement in text.strip().removesuffix(";").split(";\n\n"):
        connection.exec_driver_sql(statement)


def refuse_down() -> None:
    """Refuse to go back: data of a later version would be lost.

    Raises
    ------
    CentreError
        Always.
    """
    from ohmscape.errors import CentreError

    raise CentreError("migrations go forward only", mend="restore a backup of the older version")
