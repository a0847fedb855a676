"""result.json: everything about an inversion that a reader or a program may ask."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from ohmscape._version import __version__
from ohmscape.core.data import Data
from ohmscape.core.types import Floats
from ohmscape.inversion.appraisal import DOI_LIMIT
from ohmscape.inversion.result import InversionResult
from ohmscape.workflow.machine import versions
from ohmscape.workflow.tables import unused_reasons
from ohmscape.workflow.volume import body_record


def result_record(
    result: InversionResult,
    *,
    options: Mapping[str, Any],
    reproduce: Mapping[str, str],
) -> dict[str, Any]:
    """Return the record of an inversion.

    Parameters
    ----------
    result : InversionResult
    options : mapping
        What was asked for, defaults included.
    reproduce : mapping
        How to get the same again: "command" and "python".

    Notes
    -----
    `ohmscape.workflow.outputs.write_outputs` adds what is known at the end only: title,
    ``seconds_total``, ``peak_memory_mb`` and the hashes of the other files.
    """
    shape = body_record(result) if result.is_volume else _section_record(result)
    return {
        "ohmscape": __version__,
        "input": _input(result),
        "options": dict(options),
        "error_model": _error_model(result),
        "forward": {**shape["forward"], **_forward_error(result)},
        "inversion": _inversion(result),
        "check": None
        if result.check is None
        else {"chi2": result.check.chi2, "nodes": result.check.nodes},
        "model": shape["model"],
        "depth_of_investigation": shape["depth_of_investigation"],
        "warnings": list(result.warnings),
        "versions": versions(),
        "reproduce": dict(reproduce),
    }


def origin_record(data: Data) -> dict[str, Any]:
    """Return where data come from and what the parser found."""
    origin = data.origin
    parts = () if origin is None else origin.parts
    files = [{"path": str(p.path), "sha256": p.sha256, "format": p.format} for p in parts]
    return {
        "path": None if origin is None else str(origin.path),
        "sha256": None if origin is None else origin.sha256,
        "format": None if origin is None else origin.format,
        **({"files": files} if files else {}),
        "electrodes": len(data.survey.electrodes),
        "readings": len(data),
        "valid": int(data.valid.sum()),
    }


def report_record(data: Data) -> list[dict[str, Any]]:
    """Return the parse report, line by line."""
    return [
        {"kind": r.kind, "what": r.what, "count": r.count, "rows": list(r.rows)}
        for r in data.report
    ]


def reasons_record(reasons: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return how many readings were put aside for each reason, the most frequent first."""
    return [
        {"reason": reason, "count": count}
        for reason, count in Counter(r for r in reasons if r).most_common()
    ]


def summary(values: Floats) -> dict[str, float]:
    """Return smallest, median and largest of the finite values; nothing if there are none."""
    good = values[np.isfinite(values)]
    if len(good) == 0:
        return {}
    return {"min": float(good.min()), "median": float(np.median(good)), "max": float(good.max())}


def _input(result: InversionResult) -> dict[str, Any]:
    data, used = result.prepared.data, result.prepared.used
    record = origin_record(data)
    record["used"] = int(used.sum())
    record["unused"] = reasons_record(unused_reasons(result))
    record["report"] = report_record(data)
    return record


def _error_model(result: InversionResult) -> dict[str, Any]:
    error = result.prepared.error
    with np.errstate(divide="ignore", invalid="ignore"):
        percent = 100.0 * result.standard_deviation / np.abs(result.prepared.data.resistance)
    return {
        "kind": error.kind,
        "description": error.description,
        "relative_percent": 100.0 * error.relative,
        "resistance_floor_ohm": error.resistance_floor,
        "voltage_floor_v": error.voltage_floor,
        "reciprocal_pairs": error.pairs,
        "percent": summary(percent),
    }


def _section_record(result: InversionResult) -> dict[str, Any]:
    """Return the parts that are special to a section."""
    section = result.prepared.simulation.section
    return {
        "forward": {
            "nodes": len(section.mesh.nodes),
            "cells": len(section.mesh),
            "wavenumbers": sum(len(batch.weight) for batch in section.batches),
        },
        "model": _model(result),
        "depth_of_investigation": _investigation(result),
    }


def _forward_error(result: InversionResult) -> dict[str, Any]:
    found = {} if result.check is None else summary(result.check.error_percent)
    return {
        "error_percent_median": found.get("median"),
        "error_percent_max": found.get("max"),
    }


def _inversion(result: InversionResult) -> dict[str, Any]:
    return {
        "chi2": result.chi2,
        "rrms_percent": result.rrms_percent,
        "lambda": result.lam,
        "start_chi2": result.start_chi2,
        "target": result.prepared.options.target,
        "iterations": [
            {
                "chi2": step.chi2,
                "lambda": step.strength,
                "seconds": step.seconds,
                "step_length": step.step_length,
            }
            for step in result.iterations
        ],
        "stop_reason": result.stop_reason.value,
        "converged": result.stop_reason.success,
        "seconds": result.seconds,
    }


def _model(result: InversionResult) -> dict[str, Any]:
    group = result.parameters
    centre = group.centres[group.areas > 0.0]
    return {
        "cells": len(group),
        "resistivity_min": float(result.resistivity.min()),
        "resistivity_max": float(result.resistivity.max()),
        "along_m": [float(centre[:, 0].min()), float(centre[:, 0].max())],
        "z_m": [float(centre[:, 1].min()), float(centre[:, 1].max())],
    }


def _investigation(result: InversionResult) -> dict[str, Any]:
    """Return how far down the data decide: depths along the line where the index first passes."""
    group, index = result.parameters, result.depth_of_investigation
    x, z = group.centres.T
    depth = np.interp(x, *result.prepared.setting.line.surface.T) - z
    carried = index <= DOI_LIMIT
    return {
        "limit": DOI_LIMIT,
        "area_percent": 100.0 * float(group.areas[carried].sum() / group.areas.sum()),
        "depth_m": summary(_depths(x, depth, carried)),
    }


def _depths(x: Floats, depth: Floats, carried: Any) -> Floats:
    """Return, column by column, the depth of the last cell above those not carried."""
    found = []
    bins = np.linspace(x.min(), x.max(), 41)
    column = np.clip(np.digitize(x, bins) - 1, 0, 39)
    for number in range(40):
        here = np.flatnonzero(column == number)
        here = here[np.argsort(depth[here], kind="stable")]
        if len(here):
            stop = np.flatnonzero(~carried[here])
            last = len(here) if len(stop) == 0 else stop[0]
            found.append(float(depth[here[last - 1]]) if last else 0.0)
    return np.array(found)
