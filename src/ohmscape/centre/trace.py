"""Back from a figure or report to the instrument's file, row and byte; what is out of date."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select

from ohmscape.centre.catalogue import by_id
from ohmscape.centre.centre import Centre
from ohmscape.centre.database import reading
from ohmscape.centre.datasets import current, state_of
from ohmscape.centre.objects import NAME, copied
from ohmscape.centre.schema import (
    CAMPAIGN,
    DATASET,
    REPORT,
    RUN,
    RUN_INPUT,
    RUN_OUTPUT,
    SITE,
    VERSION,
)
from ohmscape.errors import CentreError


def trace(centre: Centre, thing: str, reading_number: int | None = None) -> dict[str, Any]:
    """Return where a figure, a report, a run or any file comes from.

    Parameters
    ----------
    centre : Centre
    thing : str
        Path of a file, the hash of one, or the id of a report or a run.
    reading_number : int, optional
        Number of a reading, from 1, that is traced to row and bytes of the instrument's file.

    Returns
    -------
    dict
        ``sha256``, ``runs`` with their inputs, those with their versions and runs before, and
        ``reading`` with file, row, first and last byte.
    """
    with reading(centre.engine) as connection:
        sha256, run_ids = _found(connection, thing)
        told: dict[str, Any] = {
            "sha256": sha256,
            "runs": [_run(connection, run_id) for run_id in run_ids],
            "versions": [] if sha256 is None else _versions(connection, sha256),
        }
        if not told["runs"] and not told["versions"]:
            raise CentreError(f"nothing is known of {thing}", mend="is it of this centre?")
        if reading_number is not None:
            told["reading"] = _reading(centre, connection, run_ids, reading_number)
    return told


def stale(connection: Connection) -> dict[str, str]:
    """Return the runs whose inputs are out of date, with the reason."""
    out: dict[str, str] = {}
    rows = connection.execute(select(RUN_INPUT).order_by(RUN_INPUT.c.run_id)).all()
    for row in rows:
        if row.version_id is not None and (why := _superseded(connection, row.version_id)):
            out[row.run_id] = f"{row.name}: {why}"
    made = {
        row.sha256: row.run_id
        for row in connection.execute(select(RUN_OUTPUT))
        if row.run_id in out
    }
    for row in rows:  # ids grow with time: what a run made is used by later ones only
        if row.run_id not in out and row.sha256 in made:
            out[row.run_id] = f"{row.name}: was made by {made[row.sha256]}, which is out of date"
            later = select(RUN_OUTPUT.c.sha256).where(RUN_OUTPUT.c.run_id == row.run_id)
            made |= dict.fromkeys(connection.execute(later).scalars(), row.run_id)
    return out


def byte_range(content: bytes, row: int) -> tuple[int, int]:
    """Return the first byte of a line (from 1) of a text and the one behind its last.

    Raises
    ------
    CentreError
        There are fewer lines.
    """
    lines = content.splitlines(keepends=True)
    if not 1 <= row <= len(lines):
        raise CentreError(f"the file has no line {row}", mend="is it a text?")
    first = sum(map(len, lines[: row - 1]))
    return first, first + len(lines[row - 1])


def _found(connection: Connection, thing: str) -> tuple[str | None, list[str]]:
    """Return the hash and the runs that a name stands for."""
    if thing.startswith("run-"):
        return None, [by_id(connection, RUN, thing).id]
    if thing.startswith("report-"):
        row = by_id(connection, REPORT, thing)
        return row.sha256, [row.run_id]
    if NAME.fullmatch(thing):
        sha256 = thing
    else:
        try:
            with Path(thing).open("rb") as stream:
                sha256 = copied(stream).sha256
        except OSError as error:
            mend = "give a file, a hash, or the id of a report or run"
            raise CentreError(
                f"cannot be read: {error.strerror}", where=thing, mend=mend
            ) from error
    made = select(RUN_OUTPUT.c.run_id).where(RUN_OUTPUT.c.sha256 == sha256)
    return sha256, sorted(set(connection.execute(made).scalars()))


def _run(connection: Connection, run_id: str) -> dict[str, Any]:
    row = by_id(connection, RUN, run_id)
    inputs = connection.execute(select(RUN_INPUT).where(RUN_INPUT.c.run_id == run_id)).all()
    return {
        "run": run_id, "step": row.step, "step_version": row.step_version,
        "ohmscape": row.ohmscape, "parameters": row.parameters, "author": row.author,
        "began": row.began, "seconds": row.seconds,
        "inputs": [_input(connection, one, run_id) for one in inputs],
    }  # fmt: skip


def _input(connection: Connection, row: Row[Any], run_id: str) -> dict[str, Any]:
    told = {"name": row.name, "sha256": row.sha256, "filename": row.filename}
    if row.version_id is not None:
        return {**told, **_version(connection, row.version_id)}
    before = select(RUN_OUTPUT.c.run_id).where(
        (RUN_OUTPUT.c.sha256 == row.sha256) & (RUN_OUTPUT.c.run_id < run_id)
    )
    makers = sorted(set(connection.execute(before).scalars()))
    return {**told, "runs": [_run(connection, maker) for maker in makers]}


def _versions(connection: Connection, sha256: str) -> list[dict[str, Any]]:
    rows = connection.execute(select(VERSION.c.id).where(VERSION.c.raw_sha256 == sha256)).scalars()
    return [_version(connection, one) for one in rows]


def _version(connection: Connection, version_id: str) -> dict[str, Any]:
    row = by_id(connection, VERSION, version_id)
    dataset = by_id(connection, DATASET, row.dataset_id)
    campaign = by_id(connection, CAMPAIGN, dataset.campaign_id)
    site = by_id(connection, SITE, campaign.site_id)
    return {
        "version": version_id, "ordinal": row.ordinal, "format": row.format,
        "filename": row.filename, "sha256": row.raw_sha256,
        "state": state_of(connection, version_id).state, "author": row.author, "at": row.at,
        "dataset": dataset.name, "campaign": campaign.name, "site": site.name,
        "instrument": campaign.instrument, "instrument_serial": campaign.instrument_serial,
    }  # fmt: skip


def _superseded(connection: Connection, version_id: str) -> str:
    version = by_id(connection, VERSION, version_id)
    last = current(connection, version.dataset_id)
    if state_of(connection, version_id).state == "withdrawn":
        return f"version {version.ordinal} of {version.filename} is withdrawn"
    if last.id != version_id:
        return f"version {last.ordinal} of {version.filename} is there, {version.ordinal} was used"
    return ""


def _reading(
    centre: Centre, connection: Connection, run_ids: list[str], number: int
) -> dict[str, Any]:
    """Return file, row and bytes of a reading, by the table of data that the run wrote."""
    for run_id, table in _tables(connection, run_ids):
        rows = csv.DictReader(io.StringIO(centre.objects.read(table).decode("utf-8")))
        found = next((row for row in rows if row.get("reading") == str(number)), None)
        one = connection.execute(
            select(RUN_INPUT).where((RUN_INPUT.c.run_id == run_id) & (RUN_INPUT.c.name == "file"))
        ).one_or_none()
        if found and found.get("source_row") and one is not None:
            row = int(found["source_row"])
            content = centre.objects.read(one.sha256)
            first, behind = byte_range(content, row)
            text = content[first:behind].decode("utf-8", "replace").rstrip("\r\n")
            return {"file": one.filename, "sha256": one.sha256, "row": row, "first_byte": first,
                    "last_byte": behind - 1, "text": text}  # fmt: skip
    raise CentreError(
        f"no run here has a reading {number}", mend="trace the result of an inversion"
    )


def _tables(connection: Connection, run_ids: list[str]) -> Iterator[tuple[str, str]]:
    for run_id in run_ids:
        wanted = (RUN_OUTPUT.c.run_id == run_id) & (RUN_OUTPUT.c.name == "out/data.csv")
        for sha256 in connection.execute(select(RUN_OUTPUT.c.sha256).where(wanted)).scalars():
            yield run_id, sha256
