"""Doing a run again: the same numbers, or what differs and why."""

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from ohmscape.centre.catalogue import by_id
from ohmscape.centre.centre import Centre
from ohmscape.centre.database import reading
from ohmscape.centre.runs import outputs_of, run, task_of
from ohmscape.centre.schema import RUN

#: parts of a record that tell of the run, not of the ground
VOLATILE = ("seconds", "seconds_total", "peak_memory_mb", "outputs", "versions")


@dataclass(frozen=True)
class Difference:
    """An output that is not the same bytes."""

    name: str
    numbers: bool  #: whether numbers differ, or only how they are shown
    what: str


@dataclass(frozen=True)
class Again:
    """What came of a run that was done again."""

    run_id: str
    same: bool  #: no number differs
    differences: tuple[Difference, ...]
    reasons: tuple[str, ...]  #: what is not as it was then


def rerun(centre: Centre, author: str, run_id: str) -> Again:
    """Do a run again with the same step, parameters and bytes, and compare.

    Raises
    ------
    CentreError
        There is no such run, an input is damaged, or the step breaks.
    """
    with reading(centre.engine) as connection:
        task = task_of(connection, run_id)
    new_id = run(centre, author, task)
    with reading(centre.engine) as connection:
        then, here = by_id(connection, RUN, run_id), by_id(connection, RUN, new_id)
        old, new = outputs_of(connection, run_id), outputs_of(connection, new_id)
    found = tuple(_differences(centre, old, new))
    reasons = tuple(_reasons(centre, then, here))
    return Again(new_id, not any(d.numbers for d in found), found, reasons)


def _differences(
    centre: Centre, old: Mapping[str, str], new: Mapping[str, str]
) -> Iterator[Difference]:
    for name in sorted({*old, *new}):
        if name not in old or name not in new:
            yield Difference(name, numbers=True, what="is there only once")
        elif old[name] != new[name]:
            found = compared(name, centre.objects.read(old[name]), centre.objects.read(new[name]))
            if found is not None:
                yield found


def compared(name: str, old: bytes, new: bytes) -> Difference | None:
    """Return how two outputs of a name differ, None if only in what tells of the run itself."""
    if old == new:
        return None
    if name.endswith(".json"):
        pairs = _paired(dict(_flat(json.loads(old))), dict(_flat(json.loads(new))))
    elif name.endswith(".csv"):
        pairs = _paired(dict(_cells(old)), dict(_cells(new)))
    else:
        return Difference(name, numbers=False, what="other bytes, its numbers are elsewhere")
    if not pairs:
        return None
    worst = max(pairs, key=lambda place: _distance(*pairs[place]))
    was, now_is = pairs[worst]
    said = f"{len(pairs)} values, most {worst}: {was!r} was, {now_is!r} is"
    return Difference(name, numbers=True, what=said)


def _flat(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key not in VOLATILE:
                yield from _flat(item, f"{place}.{key}" if place else str(key))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _flat(item, f"{place}[{i}]")
    else:
        yield place, value


def _cells(content: bytes) -> Iterator[tuple[str, str]]:
    rows = csv.reader(io.StringIO(content.decode("utf-8")))
    header = next(rows, [])
    for number, row in enumerate(rows, start=1):
        for i, value in enumerate(row):
            yield f"{header[i] if i < len(header) else i}, row {number}", value


def _paired(old: dict[str, Any], new: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {
        key: (old.get(key), new.get(key)) for key in {**old, **new} if old.get(key) != new.get(key)
    }


def _distance(old: Any, new: Any) -> float:
    try:
        a, b = float(old), float(new)
    except (TypeError, ValueError):
        return math.inf
    return abs(a - b) / max(abs(a), abs(b), 1e-300)


def _reasons(centre: Centre, then: Row[Any], here: Row[Any]) -> Iterator[str]:
    for what in ("ohmscape", "step_version"):
        was, now_is = getattr(then, what), getattr(here, what)
        if was != now_is:
            yield f"{what.replace('_', ' ')} was {was}, is {now_is}"
    old, new = json.loads(then.machine), json.loads(here.machine)
    for key in ("processor", "cores"):
        if old[key] != new[key]:
            yield f"{key} was {old[key]}, is {new[key]}"
    if then.lock_sha256 != here.lock_sha256:
        was_there = set(centre.objects.read(then.lock_sha256).decode().splitlines())
        is_there = set(centre.objects.read(here.lock_sha256).decode().splitlines())
        gone, come = sorted(was_there - is_there), sorted(is_there - was_there)
        yield f"packages: {', '.join(gone) or 'nothing'} became {', '.join(come) or 'nothing'}"
