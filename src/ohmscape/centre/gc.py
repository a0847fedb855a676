"""Removing what nothing refers to: objects of writers that were interrupted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, select, text, union

from ohmscape.centre.centre import Centre
from ohmscape.centre.database import reading, writing
from ohmscape.centre.objects import Stored
from ohmscape.centre.rows import GC_LOCK
from ohmscape.centre.schema import LEASE, METADATA, OBJECT

BATCH = 50  #: objects removed while writers wait
DAY = 86_400.0  #: s that a lease holds, and that an unfinished object may be at work

#: each column that refers to an object, found in the schema so that none is forgotten
REFERENCES = tuple(
    key.parent
    for table in METADATA.sorted_tables
    for key in table.foreign_keys
    if key.column.table is OBJECT
)


@dataclass(frozen=True)
class Collected:
    """What was removed, or would be."""

    objects: tuple[Stored, ...]
    unfinished: int = 0

    @property
    def size(self) -> int:
        """Bytes of all objects."""
        return sum(one.size for one in self.objects)


def collect(centre: Centre, *, dry: bool = False, lease_seconds: float = DAY) -> Collected:
    """Remove objects that nothing refers to and no writer holds.

    Parameters
    ----------
    centre : Centre
    dry : bool
        Only say what would be removed.
    lease_seconds : float
        After this time a writer that gave nothing back counts as dead.

    Notes
    -----
    Writers take a lease before they put (`ohmscape.centre.rows.hold`), under a lock that excludes
    this. Whether an object is free is asked again under that lock, right before it is removed: a
    writer comes either before, and then it is held, or after, and then it puts the bytes anew.
    """
    expired = _moment(-lease_seconds)
    with reading(centre.engine) as connection:
        kept = _needed(connection, expired)
    free = [one for one in centre.objects.listed() if one.sha256 not in kept]
    if dry:
        return Collected(tuple(free))
    gone: list[Stored] = []
    for start in range(0, len(free), BATCH):
        gone += _remove(centre, free[start : start + BATCH], expired)
    with writing(centre.engine) as connection:
        connection.execute(delete(LEASE).where(LEASE.c.at < expired))
    return Collected(tuple(gone), centre.objects.sweep(lease_seconds))


def needed(connection: Connection) -> set[str]:
    """Return all objects that anything refers to."""
    columns = [select(column.label("sha256")).where(column.is_not(None)) for column in REFERENCES]
    return set(connection.execute(union(*columns)).scalars())


def _remove(centre: Centre, some: Iterable[Stored], expired: str) -> list[Stored]:
    with writing(centre.engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({GC_LOCK})"))
        kept = _needed(connection, expired)
        free = [one for one in some if one.sha256 not in kept]
        names = [one.sha256 for one in free]
        connection.execute(delete(OBJECT).where(OBJECT.c.sha256.in_(names)))
        for name in names:
            centre.objects.remove(name)
    return free


def _needed(connection: Connection, expired: str) -> set[str]:
    held = select(LEASE.c.sha256).where(LEASE.c.at >= expired)
    return needed(connection) | set(connection.execute(held).scalars())


def _moment(seconds: float) -> str:
    then = datetime.now(UTC) + timedelta(seconds=seconds)
    return then.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
