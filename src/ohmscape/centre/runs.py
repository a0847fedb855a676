"""Runs: a step on inputs named by their hashes, with all that is needed to do it again."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from ohmscape._version import __version__
from ohmscape.centre.audit import canonical, note
from ohmscape.centre.catalogue import by_id
from ohmscape.centre.centre import Centre
from ohmscape.centre.database import reading, writing
from ohmscape.centre.datasets import site_of
from ohmscape.centre.environment import environment_lock, machine_record
from ohmscape.centre.ids import new_id, now
from ohmscape.centre.objects import Stored, copied
from ohmscape.centre.rows import give_back, hold, register
from ohmscape.centre.schema import REPORT, RUN, RUN_INPUT, RUN_OUTPUT, SITE, VERSION
from ohmscape.centre.steps import OUT, known, version_of
from ohmscape.errors import CentreError


@dataclass(frozen=True)
class Input:
    """A file that a step reads."""

    sha256: str
    filename: str
    version_id: str | None = None


@dataclass(frozen=True)
class Task:
    """What is to be run: a step, its parameters, its inputs by the parameter that names each."""

    site_id: str
    step: str
    parameters: Mapping[str, Any]
    inputs: Mapping[str, Input]
    rerun_of: str | None = None


def task_on(
    connection: Connection, step: str, version_id: str, parameters: Mapping[str, Any]
) -> Task:
    """Return the task of a step on a version, given as its parameter ``file``.

    Raises
    ------
    CentreError
        No such version, or a step that reads no file.
    """
    version = by_id(connection, VERSION, version_id)
    if "file" not in {f.name for f in fields(known(step))}:
        raise CentreError(f"{step} reads no file", mend="choose another step")
    one = Input(version.raw_sha256, version.filename, version_id)
    site = site_of(connection, version.dataset_id)
    return Task(site.id, step, dict(parameters), {"file": one})


def run(centre: Centre, author: str, task: Task) -> str:
    """Run a step in a process of its own and record it; return the run's id.

    Raises
    ------
    CentreError
        The step refused, or broke; nothing is recorded then.
    """
    began, start = now(), time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="ohmscape-") as folder:
        work = Path(folder)
        outputs = _executed(centre, task, work)
        seconds = time.perf_counter() - start
        lock = work / "environment.txt"
        lock.write_bytes(environment_lock())
        paths = {**outputs, "": lock}
        names = [_name(path) for path in paths.values()]
        leases = hold(centre, names)
        stored = {name: centre.objects.put(path) for name, path in paths.items()}
    locked = stored.pop("")
    row = {
        "id": new_id("run"), "site_id": task.site_id, "step": task.step,
        "step_version": version_of(task.step), "ohmscape": __version__,
        "parameters": canonical(dict(task.parameters)), "machine": canonical(machine_record()),
        "lock_sha256": locked.sha256, "rerun_of": task.rerun_of, "author": author,
        "began": began, "seconds": seconds,
    }  # fmt: skip
    with writing(centre.engine) as connection:
        register(connection, [*stored.values(), locked])
        _record(connection, row, task, stored)
        give_back(connection, leases)
    return str(row["id"])


def task_of(connection: Connection, run_id: str) -> Task:
    """Return the task that a run did, to do it again."""
    row = by_id(connection, RUN, run_id)
    inputs = {
        one.name: Input(one.sha256, one.filename, one.version_id)
        for one in connection.execute(select(RUN_INPUT).where(RUN_INPUT.c.run_id == run_id))
    }
    return Task(row.site_id, row.step, json.loads(row.parameters), inputs, rerun_of=run_id)


def outputs_of(connection: Connection, run_id: str) -> dict[str, str]:
    """Return names and hashes of what a run made."""
    by_id(connection, RUN, run_id)
    rows = connection.execute(
        select(RUN_OUTPUT).where(RUN_OUTPUT.c.run_id == run_id).order_by(RUN_OUTPUT.c.name)
    )
    return {row.name: row.sha256 for row in rows}


def add_report(
    connection: Connection, author: str, run_id: str, title: str, output: str = "out/report.html"
) -> str:
    """Make a report of an output of a run; return its id.

    Raises
    ------
    CentreError
        The run made no such output.
    """
    made = outputs_of(connection, run_id)
    if output not in made:
        raise CentreError(f"the run made no {output!r}", mend=f"one of {', '.join(made)}")
    row = {"id": new_id("report"), "run_id": run_id, "title": title, "sha256": made[output],
           "author": author, "at": now()}  # fmt: skip
    connection.execute(insert(REPORT), row)
    site = by_id(connection, SITE, by_id(connection, RUN, run_id).site_id)
    note(connection, site.organisation_id, author, "report added", row["id"], **row)
    return str(row["id"])


def _executed(centre: Centre, task: Task, work: Path) -> dict[str, Path]:
    """Run the step in a folder; return what it made. Paths in it are the same every time."""
    parameters = dict(task.parameters)
    for name, one in task.inputs.items():
        (work / name).mkdir()
        centre.objects.fetch(one.sha256, work / name / one.filename)
        parameters[name] = f"{name}/{one.filename}"
    if OUT in {f.name for f in fields(known(task.step))}:
        parameters[OUT] = OUT
    told = json.dumps({"step": task.step, "parameters": parameters})
    done = subprocess.run(
        [sys.executable, "-P", "-m", "ohmscape.centre.execute", told],
        cwd=work, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    if (work / "refused.json").exists():
        said = json.loads((work / "refused.json").read_text(encoding="utf-8"))["reason"]
        raise CentreError(f"{task.step} refused: {said}", mend="change the parameters or the file")
    if done.returncode != 0:
        last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or [""]
        raise CentreError(f"{task.step} broke with {done.returncode}: {last[0][:500]}")
    files = [work / "record.json"]
    files += [p for p in sorted((work / OUT).rglob("*")) if p.is_file()]
    files += [work / OUT] if (work / OUT).is_file() else []
    return {path.relative_to(work).as_posix(): path for path in files}


def _name(path: Path) -> str:
    with path.open("rb") as stream:
        return copied(stream).sha256


def _record(
    connection: Connection, row: dict[str, Any], task: Task, stored: Mapping[str, Stored]
) -> None:
    connection.execute(insert(RUN), row)
    inputs = [
        {"run_id": row["id"], "name": name, "sha256": one.sha256, "filename": one.filename,
         "version_id": one.version_id}
        for name, one in task.inputs.items()
    ]  # fmt: skip
    outputs = [
        {"run_id": row["id"], "name": name, "sha256": one.sha256} for name, one in stored.items()
    ]
    for table, rows in ((RUN_INPUT, inputs), (RUN_OUTPUT, outputs)):
        if rows:
            connection.execute(insert(table), rows)
    site: Row[Any] = by_id(connection, SITE, row["site_id"])
    hashes = {one["name"]: one["sha256"] for one in outputs}
    note(connection, site.organisation_id, row["author"], "run", row["id"], step=task.step,
         parameters=row["parameters"], outputs=hashes,
         inputs={name: one.sha256 for name, one in task.inputs.items()})  # fmt: skip


def fetch_outputs(centre: Centre, run_id: str, folder: Path) -> None:
    """Write what a run made into a folder that is not there yet."""
    with reading(centre.engine) as connection:
        made = outputs_of(connection, run_id)
    folder.mkdir(parents=True)
    try:
        for name, sha256 in made.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            centre.objects.fetch(sha256, folder / name)
    except CentreError:
        shutil.rmtree(folder)
        raise
