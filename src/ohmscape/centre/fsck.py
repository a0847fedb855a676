"""Looking at everything: each byte, each reference, each row that is made from others."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select, text

from ohmscape.centre.audit import Fault, verify
from ohmscape.centre.centre import Centre
from ohmscape.centre.database import reading
from ohmscape.centre.datasets import entry_of
from ohmscape.centre.gc import needed
from ohmscape.centre.schema import AUDIT, DATASET, ENTRY, OBJECT, RUN_OUTPUT, STATE, VERSION
from ohmscape.errors import DamageError


def check(centre: Centre, *, quick: bool = False) -> list[Fault]:
    """Return everything in a centre that is not as it was written; nothing is changed.

    Parameters
    ----------
    centre : Centre
    quick : bool
        Look whether objects are there and have their size, do not read them.

    Notes
    -----
    An object that nothing refers to is no fault: it was left by a writer that was interrupted, and
    `ohmscape.centre.gc` removes it.
    """
    with reading(centre.engine) as connection:
        return [
            *_database(connection),
            *verify(connection),
            *_objects(centre, connection, quick=quick),
            *_told_by_audit(connection),
            *_entries(connection),
        ]


def _database(connection: Connection) -> Iterator[Fault]:
    if connection.dialect.name != "sqlite":
        return
    for row in connection.execute(text("PRAGMA integrity_check")):
        if row[0] != "ok":
            yield Fault("catalogue", str(row[0]))
    for row in connection.execute(text("PRAGMA foreign_key_check")):
        yield Fault(f"catalogue, {row[0]} {row[1]}", f"refers to a row of {row[2]} that is missing")


def _objects(centre: Centre, connection: Connection, *, quick: bool) -> Iterator[Fault]:
    known = {row.sha256: row.size for row in connection.execute(select(OBJECT))}
    there = {one.sha256: one.size for one in centre.objects.listed()}
    for name in sorted(needed(connection) | set(known)):
        if name not in known:
            yield Fault(f"object {name}", "is referred to and not known")
        elif name not in there:
            yield Fault(f"object {name}", "is missing")
        elif there[name] != known[name]:
            yield Fault(f"object {name}", f"has {there[name]} bytes instead of {known[name]}")
        elif not quick:
            try:
                centre.objects.read(name)
            except DamageError as error:
                yield Fault(f"object {name}", error.what)


def _told_by_audit(connection: Connection) -> Iterator[Fault]:
    """Compare versions, states and outputs with what the audit says was written."""
    versions = {row.id: row._asdict() for row in connection.execute(select(VERSION))}
    outputs: dict[str, dict[str, str]] = {}
    for row in connection.execute(select(RUN_OUTPUT)):
        outputs.setdefault(row.run_id, {})[row.name] = row.sha256
    states = {(s.version_id, s.state) for s in connection.execute(select(STATE))}
    told: set[str] = set()
    for row in connection.execute(select(AUDIT.c.action, AUDIT.c.subject, AUDIT.c.detail)):
        detail: dict[str, Any] = json.loads(row.detail)
        if row.action == "version added":
            told.add(row.subject)
            if versions.get(row.subject) != detail:
                yield Fault(row.subject, "is not what the audit says was added")
        elif row.action == "run":
            told.add(row.subject)
            if outputs.get(row.subject) != detail["outputs"]:
                yield Fault(row.subject, "has other outputs than the audit says")
        elif (became := row.action.removeprefix("version ")) != row.action and (
            row.subject, became
        ) not in states:  # fmt: skip
            yield Fault(row.subject, f"was {became}, is not")
    for name in sorted({*versions, *outputs} - told):
        yield Fault(name, "is not in the audit")


def _entries(connection: Connection) -> Iterator[Fault]:
    entries = {row.number: row._asdict() for row in connection.execute(select(ENTRY))}
    for row in connection.execute(select(DATASET)).all():
        found = entries.pop(row.number, None)
        if found != entry_of(connection, row.id):
            yield Fault(f"entry of {row.id}", "is not what the catalogue holds")
    for number in entries:
        yield Fault(f"entry {number}", "belongs to no data set")
    if connection.dialect.name == "sqlite":
        for index, what in (("entry_place", "west IS NOT NULL"), ("entry_words", "1")):
            key = "rowid" if index == "entry_words" else "number"
            wrong = text(f"SELECT number FROM entry WHERE {what} EXCEPT SELECT {key} FROM {index} ")
            for row in connection.execute(wrong):
                yield Fault(f"entry {row[0]}", f"is not in {index}")
