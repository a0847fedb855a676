"""Connections to the catalogue: SQLite in a file, or PostgreSQL with PostGIS."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from ohmscape.centre.places import meets
from ohmscape.errors import CentreError

HEAD = "0001"  #: the migration that this version works with
WAIT = 60.0  #: s that a writer waits for another one
PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")


def connected(url: str) -> Engine:
    """Return an engine for ``sqlite:///FILE`` or ``postgresql://...``; connects when first used.

    Raises
    ------
    CentreError
        Another kind of database.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _sqlite(url)
        if parsed.get_backend_name() == "postgresql":
            wanted = parsed.set(drivername="postgresql+psycopg")
            return create_engine(wanted, pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError) as error:
        raise CentreError(
            f"no database: {error}", mend="sqlite:///FILE or postgresql://"
        ) from error
    raise CentreError(
        f"{parsed.get_backend_name()} is no database for a centre",
        mend="sqlite:///FILE or postgresql://",
    )


def _sqlite(url: str) -> Engine:
    # isolation_level None: the driver begins nothing by itself, `_begin` does
    engine = create_engine(url, connect_args={"timeout": WAIT, "isolation_level": None})

    @event.listens_for(engine, "connect")
    def _prepare(raw: Any, record: Any) -> None:
        for pragma in PRAGMAS:
            raw.execute(f"PRAGMA {pragma}")
        raw.create_function("meets", 2, meets, deterministic=True)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Return a connection in a transaction that is committed at the end, or not at all.

    Raises
    ------
    CentreError
        The database refuses, or cannot be reached.
    """
    with told(), engine.connect().execution_options(writes=True) as connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Return a connection that sees the catalogue as it is at one moment.

    Raises
    ------
    CentreError
        The database refuses, or cannot be reached.
    """
    with told(), engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


@contextmanager
def told() -> Iterator[None]:
    """Turn what a database says into an error of the centre."""
    try:
        yield
    except DBAPIError as error:
        what = str(error.orig).splitlines()[0] if str(error.orig) else type(error.orig).__name__
        raise CentreError(f"database: {what}", mend=_mend(what)) from error


def _mend(what: str) -> str:
    if "UNIQUE" in what or "unique" in what:
        return "there is one of this name already"
    if "locked" in what:
        return "another process is writing for long; try again"
    return "check that it runs, can be reached and has space"


def migrate(engine: Engine) -> None:
    """Bring the tables to this version, in one transaction: all or nothing.

    Raises
    ------
    CentreError
        The database is of a later version, or cannot be written.
    """
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "ohmscape.centre:migrations")
    config.set_main_option("path_separator", "os")
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":  # two at once: the second waits
            connection.execute(text("SELECT pg_advisory_xact_lock(726010)"))
        found = revision_of(connection)
        if found is not None and found > HEAD:
            raise _later(found)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def revision_of(connection: Connection) -> str | None:
    """Return the migration that a database is at, None if it has no tables of ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def check_revision(engine: Engine) -> None:
    """Refuse a database that is not at this version.

    Raises
    ------
    CentreError
        It is not; says how to bring it there.
    """
    with reading(engine) as connection:
        found = revision_of(connection)
    if found is None:
        raise CentreError("there is no catalogue in the database", mend="ohmscape init")
    if found > HEAD:
        raise _later(found)
    if found < HEAD:
        raise CentreError(f"catalogue is of version {found}", mend="ohmscape init --migrate")


def _later(found: str) -> CentreError:
    return CentreError(
        f"catalogue is of version {found}, this program knows {HEAD}",
        mend="use a later Ohmscape",
    )
