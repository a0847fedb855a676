"""Who did what, when: rows that hang on each other by hashes, one chain for each organisation."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from ohmscape.centre.ids import now
from ohmscape.centre.schema import AUDIT, AUDIT_HEAD, EVENT, ORGANISATION

START = "0" * 64  #: what the first row of a chain hangs on
FIELDS = ("organisation_id", "ordinal", "at", "author", "action", "subject", "detail", "previous")


@dataclass(frozen=True)
class Fault:
    """Something that is not as it was written."""

    where: str
    what: str


def canonical(value: Any) -> str:
    """Return a value as JSON that is the same bytes everywhere."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def row_hash(row: Mapping[str, Any]) -> str:
    """Return the hash of a row of the audit: over all of it and the hash of the one before."""
    text = canonical([row[name] for name in FIELDS])
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def begin_chain(connection: Connection, organisation_id: str) -> None:
    """Make the head of the chain of a new organisation."""
    connection.execute(
        insert(AUDIT_HEAD).values(organisation_id=organisation_id, ordinal=0, hash=START)
    )


def note(
    connection: Connection,
    organisation_id: str,
    author: str,
    action: str,
    subject: str,
    /,
    **detail: Any,
) -> None:
    """Append a row to an organisation's chain, and the event that others listen to.

    Belongs into the transaction of the change itself: both are there, or neither is.
    """
    here = AUDIT_HEAD.c.organisation_id == organisation_id
    head = connection.execute(select(AUDIT_HEAD).where(here).with_for_update()).one()
    row = {
        "organisation_id": organisation_id, "ordinal": head.ordinal + 1, "at": now(),
        "author": author, "action": action, "subject": subject, "detail": canonical(detail),
        "previous": head.hash,
    }  # fmt: skip
    row["hash"] = row_hash(row)
    connection.execute(insert(AUDIT), row)
    connection.execute(
        update(AUDIT_HEAD).where(here).values(ordinal=row["ordinal"], hash=row["hash"])
    )
    event = {"at": row["at"], "kind": action, "subject": subject, "detail": row["detail"]}
    connection.execute(insert(EVENT), event)


def heads(connection: Connection) -> dict[str, dict[str, Any]]:
    """Return the last row's number and hash of each chain, to be kept outside the centre."""
    rows = connection.execute(select(AUDIT_HEAD).order_by(AUDIT_HEAD.c.organisation_id))
    return {row.organisation_id: {"ordinal": row.ordinal, "hash": row.hash} for row in rows}


def verify(
    connection: Connection, against: Mapping[str, Mapping[str, Any]] | None = None
) -> list[Fault]:
    """Return every row that was altered, deleted or put elsewhere.

    Parameters
    ----------
    connection : Connection
    against : mapping, optional
        Earlier `heads`, kept elsewhere: what finds a chain that was made anew as a whole.
    """
    known = dict(against or {})
    organisations = list(connection.execute(select(ORGANISATION.c.id)).scalars())
    found = [
        Fault(f"audit of {gone}", "the whole chain is missing")
        for gone in known
        if gone not in organisations
    ]
    for organisation_id in sorted(organisations):
        found += _chain(connection, organisation_id, known.get(organisation_id))
    return found


def _chain(
    connection: Connection, organisation_id: str, old: Mapping[str, Any] | None
) -> list[Fault]:
    where = f"audit of {organisation_id}"
    found: list[Fault] = []
    rows = connection.execute(
        select(AUDIT).where(AUDIT.c.organisation_id == organisation_id).order_by(AUDIT.c.ordinal)
    )
    previous, expected = START, 1
    for row in rows:
        found += _row(row, where, previous, expected)
        previous, expected = row.hash, row.ordinal + 1
        if old is not None and row.ordinal == old["ordinal"] and row.hash != old["hash"]:
            found.append(Fault(f"{where}, row {row.ordinal}", "is not the one kept elsewhere"))
    if old is not None and expected <= old["ordinal"]:
        found.append(Fault(where, f"ends before row {old['ordinal']}, which is kept elsewhere"))
    head = connection.execute(
        select(AUDIT_HEAD).where(AUDIT_HEAD.c.organisation_id == organisation_id)
    ).one_or_none()
    if head is None:
        found.append(Fault(where, "has no head"))
    elif (head.ordinal, head.hash) != (expected - 1, previous):
        found.append(Fault(where, f"ends at row {expected - 1}, its head says {head.ordinal}"))
    return found


def _row(row: Row[Any], where: str, previous: str, expected: int) -> list[Fault]:
    found = []
    if row.ordinal != expected:
        found.append(Fault(where, f"rows {expected} to {row.ordinal - 1} are missing"))
    elif row.previous != previous:
        found.append(Fault(f"{where}, row {row.ordinal}", "does not hang on the row before"))
    if row_hash(row._asdict()) != row.hash:
        found.append(Fault(f"{where}, row {row.ordinal}", "was altered"))
    return found
