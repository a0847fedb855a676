"""Rows that more than one part of the centre writes: objects, and who still needs them."""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite

from ohmscape.centre.centre import Centre
from ohmscape.centre.database import writing
from ohmscape.centre.ids import new_id, now
from ohmscape.centre.objects import Stored
from ohmscape.centre.schema import LEASE, OBJECT

GC_LOCK = 726011  #: of PostgreSQL; SQLite has one writer


def register(connection: Connection, objects: Iterable[Stored]) -> None:
    """Make objects known to the catalogue, once each."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    rows = [{"sha256": one.sha256, "size": one.size, "at": now()} for one in objects]
    if rows:
        connection.execute(dialect.insert(OBJECT).on_conflict_do_nothing(), rows)


def hold(centre: Centre, names: Iterable[str]) -> list[str]:
    """Keep objects, there or about to come, from `ohmscape.centre.gc`; return the leases.

    To be called before they are put; the transaction that refers to them gives the leases back.
    """
    rows = [{"id": new_id("lease"), "sha256": name, "at": now()} for name in names]
    with writing(centre.engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock_shared({GC_LOCK})"))
        connection.execute(insert(LEASE), rows)
    return [row["id"] for row in rows]


def give_back(connection: Connection, leases: Iterable[str]) -> None:
    """End leases."""
    connection.execute(delete(LEASE).where(LEASE.c.id.in_(list(leases))))


def size_of(connection: Connection, sha256: str) -> int | None:
    """Return the size of an object as the catalogue knows it, None if it does not."""
    return connection.execute(
        select(OBJECT.c.size).where(OBJECT.c.sha256 == sha256)
    ).scalar_one_or_none()
