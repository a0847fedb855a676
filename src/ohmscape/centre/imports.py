"""Taking an export back: into an empty centre as it was, or a project into one that has others."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, insert, select

from ohmscape.centre.audit import begin_chain, note
from ohmscape.centre.centre import Centre, init_centre
from ohmscape.centre.database import HEAD, writing
from ohmscape.centre.datasets import index
from ohmscape.centre.export import ENCODING, LEFT_OUT, VERIFY, Rows
from ohmscape.centre.objects import Stored
from ohmscape.centre.rows import give_back, hold, register
from ohmscape.centre.schema import (
    AUDIT_HEAD,
    DATASET,
    EVENT,
    METADATA,
    OBJECT,
    ORGANISATION,
    TAG,
)
from ohmscape.errors import CentreError, DamageError

NUMBERED = (DATASET, EVENT)  #: tables whose numbers are given anew


@dataclass(frozen=True)
class Imported:
    """What came in."""

    rows: int  #: that were not there
    objects: int
    scope: str


def restore(backup: Path, folder: Path, *, database: str = "", objects: str = "") -> Centre:
    """Make a centre of a backup, with the same ids and hashes.

    Raises
    ------
    CentreError
        There is a centre already, or the backup is not whole.
    """
    about = checked_export(backup)
    if about["scope"] != "whole":
        raise CentreError("this is one project", where=str(backup), mend="import it")
    centre = init_centre(folder, database=database, objects=objects)
    import_export(centre, "restore", backup)
    return centre


def import_export(centre: Centre, author: str, folder: Path) -> Imported:
    """Take an export in: all of it or nothing.

    Raises
    ------
    CentreError
        It is not whole, of a later version, or has other rows under ids that are here.
    """
    about = checked_export(folder)
    rows = _rows(folder)
    names = [row["sha256"] for row in rows["object"]]
    leases = hold(centre, names) if names else []
    stored = [centre.objects.put(folder / "data" / "objects" / name) for name in names]
    with writing(centre.engine) as connection:
        whole = about["scope"] == "whole"
        if whole and connection.execute(select(ORGANISATION.c.id)).first() is not None:
            raise CentreError("the centre is not empty", mend="restore a backup into a new one")
        count = _insert(connection, rows, stored)
        if not whole:
            _note(connection, author, rows, about)
        give_back(connection, leases)
    return Imported(count, len(stored), about["scope"])


def checked_export(folder: Path) -> dict[str, Any]:
    """Return what an export says of itself, after each byte of it was checked.

    Raises
    ------
    DamageError
        Something is missing, changed, or too much.
    CentreError
        It is none, or of a later version.
    """
    if not (folder / "data" / "centre.json").is_file():
        raise CentreError("this is no export", where=str(folder), mend="name its folder")
    if any(path.is_symlink() for path in folder.rglob("*")):
        raise DamageError("has links in it", where=str(folder), mend="export it again")
    with tempfile.TemporaryDirectory(prefix="ohmscape-") as own:
        script = Path(own) / "verify.py"  # ours, not the one that came with it
        script.write_text(VERIFY.read_text(encoding="utf-8"), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-I", script, folder.absolute()],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip().splitlines()
        what = "; ".join(said[:3] if done.stdout else said[-1:])
        raise DamageError(f"is not whole: {what}", where=str(folder), mend="take another copy")
    about: dict[str, Any] = json.loads((folder / "data" / "centre.json").read_text("utf-8"))
    if {key: about.get(key) for key in ENCODING} != ENCODING or str(about["schema"]) > HEAD:
        raise CentreError("is of a later version", where=str(folder), mend="use a later Ohmscape")
    return about


def _rows(folder: Path) -> Rows:
    out: Rows = {}
    for table in METADATA.sorted_tables:
        path = folder / "data" / "catalogue" / f"{table.name}.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        out[table.name] = [json.loads(line) for line in lines]
        for row in out[table.name]:
            if set(row) != set(table.c.keys()):
                raise CentreError(f"a row of {table.name} has other columns", where=str(path))
    return out


def _insert(connection: Connection, rows: Rows, stored: list[Stored]) -> int:
    """Insert what is not there; return how many rows that were."""
    register(connection, stored)
    count = 0
    renumbered: dict[int, int] = {}
    changed: set[str] = set()
    for table in METADATA.sorted_tables:
        if table in LEFT_OUT or table is OBJECT:
            continue
        for row in rows[table.name]:
            number = row.get("number", 0)
            if table is TAG:
                row = {**row, "number": renumbered[number]}
            if _new(connection, table, row):
                values = {k: v for k, v in row.items() if table not in NUMBERED or k != "number"}
                connection.execute(insert(table), values)
                count += 1
            if table is DATASET:
                mine = select(DATASET.c.number).where(DATASET.c.id == row["id"])
                renumbered[number] = connection.execute(mine).scalar_one()
                changed.add(row["id"])
    for organisation in rows["organisation"]:
        head = select(AUDIT_HEAD).where(AUDIT_HEAD.c.organisation_id == organisation["id"])
        if connection.execute(head).one_or_none() is None:
            begin_chain(connection, organisation["id"])
    for dataset_id in sorted(changed):
        index(connection, dataset_id)
    return count


def _new(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Return whether a row is not there.

    Raises
    ------
    CentreError
        Another one is there under its id.
    """
    if table is EVENT:
        return True
    keys = (table.c.id,) if table is DATASET else tuple(table.primary_key)
    found = connection.execute(
        select(table).where(*(key == row[key.name] for key in keys))
    ).one_or_none()
    if found is None:
        return True
    there = {k: v for k, v in found._mapping.items() if table not in NUMBERED or k != "number"}
    if there != {k: row[k] for k in there}:
        name = "/".join(str(row[key.name]) for key in keys)
        raise CentreError(f"{table.name} {name} is here with other content", mend="compare them")
    return False


def _note(connection: Connection, author: str, rows: Rows, about: Mapping[str, Any]) -> None:
    """Append what came in to the chains of those whose ground it is."""
    sites = {row["id"]: row for row in rows["site"]}
    owner = {row["id"]: sites[row["site_id"]]["organisation_id"] for row in rows["campaign"]}
    of_set = {row["id"]: owner[row["campaign_id"]] for row in rows["dataset"]}
    for row in rows["project"]:
        for member in rows["member"]:
            note(connection, member["organisation_id"], author, "project imported", row["id"],
                 source=about["centre"], at=about["at"])  # fmt: skip
    for row in rows["version"]:
        note(connection, of_set[row["dataset_id"]], author, "version added", row["id"], **row)
    for row in rows["run"]:
        made = {o["name"]: o["sha256"] for o in rows["run_output"] if o["run_id"] == row["id"]}
        note(connection, sites[row["site_id"]]["organisation_id"], author, "run", row["id"],
             step=row["step"], parameters=row["parameters"], outputs=made)  # fmt: skip
