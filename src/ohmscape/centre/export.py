"""A centre, or one project of it, as a folder that others can open: BagIt, RO-Crate and PROV."""

import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, select

from ohmscape._version import __version__
from ohmscape.centre.audit import canonical
from ohmscape.centre.catalogue import located
from ohmscape.centre.centre import Centre
from ohmscape.centre.crate import crate, provenance
from ohmscape.centre.database import HEAD, reading
from ohmscape.centre.ids import now
from ohmscape.centre.local import flush
from ohmscape.centre.objects import copied
from ohmscape.centre.schema import (
    AUDIT,
    AUDIT_HEAD,
    ENTRY,
    EVENT,
    JOB,
    LEASE,
    MEMBER,
    METADATA,
    ORGANISATION,
    PROJECT,
)
from ohmscape.errors import CentreError

ENCODING = {"encoding-type": "ohmscape-export", "encoding-version": "1"}
ROWS = {"encoding-type": "ohmscape-rows", "encoding-version": "1"}
#: not in any export: made anew on import, or of no use elsewhere
LEFT_OUT = (ENTRY, LEASE)
#: of the whole centre only
WHOLE_ONLY = (AUDIT, AUDIT_HEAD, EVENT, JOB)
VERIFY = files("ohmscape.centre").joinpath("data/verify.py.txt")

Rows = dict[str, list[dict[str, Any]]]  #: by table


@dataclass(frozen=True)
class Exported:
    """What was written."""

    folder: Path
    rows: int
    objects: int
    size: int  #: bytes of the objects


def export(centre: Centre, folder: Path, project: str = "") -> Exported:
    """Write a centre as it is at this moment, while others go on writing.

    Parameters
    ----------
    centre : Centre
    folder : Path
        Not there yet; appears when all is written and flushed.
    project : str
        Name or id of the only project to write; without it, all, with the audit: a backup.

    Raises
    ------
    CentreError
        The folder is there, cannot be written, or an object is damaged.
    """
    if folder.exists():
        raise CentreError("is there already", where=str(folder), mend="name a new folder")
    part = folder.parent / f".ohmscape-{secrets.token_hex(6)}"
    try:
        (part / "data" / "objects").mkdir(parents=True)
        with reading(centre.engine) as connection:
            rows = _rows(connection, project)
        objects = _copy_objects(centre, rows, part / "data" / "objects")
        _write_data(centre, part, rows, project)
        _write_bag(part)
        part.rename(folder)
        flush(folder.parent)
    except OSError as error:
        what = f"cannot be written: {error.strerror or error}"
        raise CentreError(what, where=str(folder), mend="check permissions and space") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    count = sum(map(len, rows.values()))
    return Exported(folder, count, len(objects), sum(objects.values()))


def _rows(connection: Connection, project: str) -> Rows:
    """Return the rows to write, tables that others refer to first."""
    out: Rows = {}
    kept: dict[str, set[Any]] = {}
    root = located(connection, project).id if project else None
    left_out = LEFT_OUT + (WHOLE_ONLY if project else ())
    for table in METADATA.sorted_tables:
        if table not in left_out:
            found = _of_table(connection, table, root, kept)
            out[table.name] = found
            keys = [column.name for column in table.primary_key]
            kept[table.name] = {row[keys[0]] for row in found}
            if "id" in table.c:
                kept[table.name] |= {row["id"] for row in found}
    used = {
        value
        for name, rows in out.items() if name != "object"
        for row in rows
        for key, value in row.items() if key.endswith("sha256")
    }  # fmt: skip
    out["object"] = [row for row in out["object"] if row["sha256"] in used]
    return out


def _of_table(
    connection: Connection, table: Table, root: str | None, kept: Mapping[str, set[Any]]
) -> list[dict[str, Any]]:
    query = select(table).order_by(*table.primary_key)
    rows = [dict(row._mapping) for row in connection.execute(query)]
    if root is None:
        return rows
    if table is PROJECT:
        return [row for row in rows if row["id"] == root]
    if table is ORGANISATION:
        members = select(MEMBER.c.organisation_id).where(MEMBER.c.project_id == root)
        mine = set(connection.execute(members).scalars())
        return [row for row in rows if row["id"] in mine]
    refers = [(k.parent.name, k.column.table.name) for k in table.foreign_keys]
    own = kept.get(table.name, set())
    out = []
    for row in rows:  # a table may refer to its own earlier rows
        if all(
            row[name] is None or row[name] in (own if other == table.name else kept[other])
            for name, other in refers
        ):
            out.append(row)
            own = own | {row["id"]} if "id" in row else own
    return out


def _copy_objects(centre: Centre, rows: Rows, folder: Path) -> dict[str, int]:
    for row in rows["object"]:
        centre.objects.fetch(row["sha256"], folder / row["sha256"])
    return {row["sha256"]: row["size"] for row in rows["object"]}


def _write_data(centre: Centre, part: Path, rows: Rows, project: str) -> None:
    catalogue = part / "data" / "catalogue"
    catalogue.mkdir()
    for name, some in rows.items():
        text = "".join(canonical(row) + "\n" for row in some)
        (catalogue / f"{name}.jsonl").write_text(text, encoding="utf-8")
    about = {
        **ENCODING, "centre": centre.id, "at": now(), "ohmscape": __version__,
        "schema": HEAD, "scope": "project" if project else "whole",
        "tables": {name: {**ROWS, "rows": len(some)} for name, some in rows.items()},
    }  # fmt: skip
    for name, record in (
        ("centre.json", about), ("ro-crate-metadata.json", crate(rows, about)),
        ("prov.json", provenance(rows)),
    ):  # fmt: skip
        (part / "data" / name).write_text(canonical(record) + "\n", encoding="utf-8")


def _write_bag(part: Path) -> None:
    """Write BagIt's own files (RFC 8493) and flush everything."""
    payload = [p for p in sorted((part / "data").rglob("*")) if p.is_file()]
    size = sum(p.stat().st_size for p in payload)
    texts = {
        "bagit.txt": "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "bag-info.txt": f"Bagging-Date: {now()[:10]}\nPayload-Oxum: {size}.{len(payload)}\n"
        f"Bag-Software-Agent: Ohmscape {__version__}\n",
        "verify.py": VERIFY.read_text(encoding="utf-8"),
        "manifest-sha256.txt": _manifest(part, payload),
    }
    for name, text in texts.items():
        (part / name).write_text(text, encoding="utf-8")
    tags = [part / name for name in texts]
    (part / "tagmanifest-sha256.txt").write_text(_manifest(part, tags), encoding="utf-8")
    for path in part.rglob("*"):
        if path.is_file():
            with path.open("rb") as stream:
                os.fsync(stream.fileno())
        else:
            flush(path)
    flush(part)


def _manifest(part: Path, paths: list[Path]) -> str:
    return "".join(_line(part, path) for path in paths)


def _line(part: Path, path: Path) -> str:
    with path.open("rb") as stream:
        return f"{copied(stream).sha256}  {path.relative_to(part).as_posix()}\n"
