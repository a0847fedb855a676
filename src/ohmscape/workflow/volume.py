"""What an inversion in three dimensions writes that one of a line does not."""

import csv
import io
from typing import TYPE_CHECKING, Any

import numpy as np

from ohmscape.core.types import Booleans, Floats
from ohmscape.inversion.appraisal import DOI_LIMIT
from ohmscape.inversion.result import InversionResult
from ohmscape.mesh.volume import VolumeMesh

if TYPE_CHECKING:
    from ohmscape.viz.slices import Body

QUADRATIC_TETRAHEDRON = 24  #: VTK's number
MODEL_COLUMNS = (
    "cell", "x_m", "y_m", "z_m", "depth_m", "volume_m3", "resistivity_ohm_m", "log10_resistivity",
    "depth_of_investigation", "coverage",
)  # fmt: skip


def body_of(result: InversionResult) -> "Body":
    """Return what pictures of a body are drawn from."""
    from ohmscape.viz.slices import Body  # loads matplotlib

    problem, group = result.prepared.volume, result.parameters
    return Body(
        mesh=problem.simulation.section.mesh,
        resistivity=group.to_cells(result.resistivity, problem.simulation.fixed),
        investigation=group.to_cells(result.depth_of_investigation, 0.0),
        electrodes=problem.setting.places,
        ground=problem.setting.ground,
        depth=problem.depth,
    )


def body_table(result: InversionResult) -> bytes:
    """Return model.csv: for each parameter its centre, depth below ground, volume and values."""
    group, ground = result.parameters, result.prepared.volume.setting.ground
    depth = ground(np.ascontiguousarray(group.centres[:, :2])) - group.centres[:, 2]
    lengths = np.column_stack([group.centres, depth])
    values = np.column_stack(
        [group.areas, result.resistivity, np.log10(result.resistivity),
         result.depth_of_investigation, result.coverage]
    )  # fmt: skip
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(MODEL_COLUMNS)
    for i, (where, what) in enumerate(zip(lengths.tolist(), values.tolist(), strict=True)):
        writer.writerow([i + 1, *(f"{v + 0.0:.4f}" for v in where), *(f"{v:.7g}" for v in what)])
    return text.getvalue().encode()


def body_vtu(result: InversionResult) -> bytes:
    """Return the cells that carry parameters of their own as quadratic tetrahedra."""
    from ohmscape.workflow.vtu import unstructured  # loads matplotlib

    group = result.parameters
    mesh: VolumeMesh = result.prepared.volume.simulation.section.mesh
    cells = group.core
    used, packed = np.unique(mesh.cells[cells], return_inverse=True)
    body = body_of(result)
    count = int(cells.sum())
    return unstructured(
        mesh.nodes[used],
        packed.ravel(),
        10 * np.arange(1, count + 1),
        np.full(count, QUADRATIC_TETRAHEDRON, dtype=np.uint8),
        {
            "resistivity": body.resistivity[cells],
            "depth_of_investigation": body.investigation[cells],
            "coverage": group.to_cells(result.coverage)[cells],
            "parameter": group.of_cell[cells],
        },
    )


def body_record(result: InversionResult) -> dict[str, Any]:
    """Return the parts of result.json that are special to a body."""
    group, problem = result.parameters, result.prepared.volume
    mesh = problem.simulation.section.mesh
    depth = problem.setting.ground(np.ascontiguousarray(group.centres[:, :2])) - group.centres[:, 2]
    carried = result.depth_of_investigation <= DOI_LIMIT
    return {
        "forward": {"nodes": len(mesh.nodes), "cells": len(mesh), "wavenumbers": None},
        "model": {
            "cells": len(group),
            "resistivity_min": float(result.resistivity.min()),
            "resistivity_max": float(result.resistivity.max()),
            **{
                f"{name}_m": [float(values.min()), float(values.max())]
                for name, values in zip("xyz", group.centres.T, strict=True)
            },
        },
        "depth_of_investigation": {
            "limit": DOI_LIMIT,
            "area_percent": 100.0 * float(group.areas[carried].sum() / group.areas.sum()),
            "depth_m": _reach(depth, carried, group.areas),
        },
    }


def _reach(depth: Floats, carried: Booleans, size: Floats) -> dict[str, float]:
    """Return the smallest, median and largest depth of the ground that the readings carry."""
    if not carried.any():
        return {}
    order = np.argsort(depth[carried], kind="stable")
    deep, weight = depth[carried][order], np.cumsum(size[carried][order])
    middle = deep[np.searchsorted(weight, 0.5 * weight[-1])]
    return {"min": float(deep[0]), "median": float(middle), "max": float(deep[-1])}
