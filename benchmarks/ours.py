"""What Ohmscape is asked to do, in a process of its own."""

from pathlib import Path
from time import perf_counter, process_time

import numpy as np
from tests.support import closed_forms

import ohmscape
from ohmscape.forward.dc25d import Section, quadrupole
from ohmscape.forward.setting import grid_of, setting_of
from ohmscape.mesh.section import SectionOptions

ERROR = "3%"
LAYERS = (100.0, 10.0)  #: ohm m, of the two-layer ground for the forward error

DEEP = {"gallery": 18.0}  #: m; readings reach 6 m, but the peer's section goes deeper

_data: dict[str, ohmscape.Data] = {}


def load(path: Path) -> dict[str, float]:
    """Read a file and keep its data; return seconds and number of readings."""
    began = perf_counter()
    data = ohmscape.read(path)
    seconds = perf_counter() - began
    _data[str(path)] = data
    return {"seconds": seconds, "readings": int(data.valid.sum())}


def invert(path: Path) -> dict[str, float | str]:
    """Invert data in memory with the lambda search and the check on a refined mesh."""
    began, cpu = perf_counter(), process_time()
    result = ohmscape.invert(_data[str(path)], error=ERROR, depth=DEEP.get(Path(path).stem))
    seconds, cpu = perf_counter() - began, process_time() - cpu
    error = result.check.error_percent
    return {
        "seconds": seconds,
        "cpu_seconds": cpu,
        "chi2": result.chi2,
        "chi2_refined": result.check.chi2,
        "parameters": len(result.resistivity),
        "nodes": len(result.parameters.mesh.nodes),
        "readings": int(np.isfinite(result.predicted).sum()),
        "iterations": len(result.iterations),
        "lam": float(result.lam or np.nan),
        "stop_reason": result.stop_reason.name,
        **_spread(error),
    }


def layer_depth(path: Path) -> float:
    """Return a row boundary of the inversion's mesh at about 1.5 electrode spacings, in m."""
    depths, spacing = _rows(_grid(path)[1])
    return float(depths[np.abs(depths - 1.5 * spacing).argmin()])


def forward_error(path: Path, depth: float) -> dict[str, float]:
    """Return the error in percent of the inversion's forward calculation on two layers."""
    setting, grid = _grid(path)
    mesh = grid.mesh
    conductivity = 1.0 / np.where(mesh.centres()[:, 1] > -depth, *LAYERS)
    potential = Section.of(mesh, setting.abmn).potentials(conductivity)
    found = quadrupole(potential, setting.abmn)
    return _spread(100 * np.abs(found / layered(setting.places, setting.abmn, depth) - 1))


def layered(places: np.ndarray, abmn: np.ndarray, depth: float) -> np.ndarray:
    """Return transfer resistances in ohm over the two-layer ground, in closed form."""
    x = places[:, 0]
    positions = np.column_stack([x, np.zeros(len(x)), np.zeros(len(x))])
    potential = closed_forms.two_layers(positions, np.array(LAYERS), depth)
    return closed_forms.quadrupole(potential, abmn)


def _grid(path: Path):
    data = _data[str(path)]
    setting = setting_of(data.survey[data.valid], data.terrain)
    return setting, grid_of(setting, SectionOptions())


def _rows(grid) -> tuple[np.ndarray, float]:
    """Return the depths of row boundaries of a flat mesh, and the smallest electrode spacing."""
    corners = grid.mesh.corners()
    spacing = np.diff(np.sort(grid.mesh.nodes[grid.mesh.electrode_nodes, 0])).min()
    return np.unique(np.round(-corners[grid.core][:, :, 1].ravel(), 9))[1:], float(spacing)


def _spread(error: np.ndarray) -> dict[str, float]:
    return {
        "error_median": float(np.median(error)),
        "error_p95": float(np.percentile(error, 95)),
        "error_max": float(error.max()),
    }
