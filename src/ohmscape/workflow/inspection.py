"""What is in a field file, and what is wrong with it."""

from pathlib import Path
from typing import Any

import numpy as np

from ohmscape._version import __version__
from ohmscape.arrays.designs import reciprocal_pairs
from ohmscape.arrays.ground import line_of
from ohmscape.arrays.noise import error_model
from ohmscape.core.data import Data
from ohmscape.core.survey import REMOTE
from ohmscape.errors import OhmscapeError
from ohmscape.formats import formats, inspect, read
from ohmscape.workflow.record import (
    origin_record,
    reasons_record,
    report_record,
    summary,
)

RANGES = {  # field of Data: unit in a record
    "resistance": "ohm", "standard_deviation": "ohm", "apparent_resistivity": "ohm m",
    "geometric_factor": "m", "phase": "rad", "chargeability": "V/V", "current": "A",
    "voltage": "V", "self_potential": "V", "contact_resistance": "ohm", "stacks": "",
}  # fmt: skip


def inspection(path: Path, format_name: str | None = None) -> dict[str, Any]:
    """Return the record of a file.

    Parameters
    ----------
    path : Path
    format_name : str, optional
        Found from the content if left out.

    Raises
    ------
    FormatError, SurveyError
        The file cannot be read.
    """
    evidence = evidence_of(path)
    data = read(path, format=format_name)
    columns = () if data.origin is None else data.origin.columns
    return {
        "ohmscape": __version__,
        **origin_record(data),
        "reasons": reasons_record(data.reasons),
        "evidence": evidence,
        "columns": [
            {"index": c.index, "token": c.token, "name": c.name, "unit": c.unit, "note": c.note}
            for c in columns
        ],
        "ranges": _ranges(data),
        "line": _line(data),
        "reciprocal_pairs": len(reciprocal_pairs(data.survey.abmn)[0]),
        "error_model": _error(data),
        "warnings": [r.what for r in data.report if r.kind == "warning"],
        "report": report_record(data),
    }


def evidence_of(path: Path) -> list[dict[str, Any]]:
    """Return what speaks for each format, the best first; also where none fits.

    Raises
    ------
    FormatError
        Nothing there, or not readable.
    """
    return [
        {"format": known.name, "score": found.score, "reasons": list(found.reasons)}
        for known, found in inspect(path)
    ]


def format_list() -> list[dict[str, Any]]:
    """Return the formats by name: described, whether read and written, what they carry."""
    return [
        {
            "format": known.name,
            "description": known.description,
            "read": known.readable,
            "write": known.write is not None,
            "carries": list(known.carries),
            "endings": list(known.endings),
        }
        for known in formats()
    ]


def _ranges(data: Data) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name, unit in RANGES.items():
        values = getattr(data, name)
        if values is not None and (numbers := summary(values[data.valid])):
            found[name] = {**numbers, "unit": unit}
    return found


def _line(data: Data) -> dict[str, Any]:
    """Return how the electrodes lie; where they are not a line, why."""
    remote = int((data.survey.abmn == REMOTE).any(axis=1).sum())
    try:
        line = line_of(data.survey.electrodes, data.terrain)
    except OhmscapeError as error:
        return {"problem": str(error), "readings_with_remote": remote}
    return {
        "length_m": float(np.ptp(line.along)),
        "spacing_m": line.spacing,
        "buried": int(line.buried.sum()),
        "elevation_m": summary(line.elevation),
        "readings_with_remote": remote,
    }


def _error(data: Data) -> str:
    if not data.valid.any():
        return "no valid reading"
    return error_model(data)[0].description
