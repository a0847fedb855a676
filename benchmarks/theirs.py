"""What pyGIMLi is asked to do, in a process of its own.

As installed from PyPI on a machine with two cores it computes a zero Jacobian and returns the
starting model. Three things mend that: `setUseOMP(False)`, and a thread count set by hand both on
the forward operator and on its core (``fop._core``; setting it on the operator alone, or with
`pygimli.setThreadCount`, changes nothing). Whether chi-squared falls is looked at in every run.
"""

import logging
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
import pygimli as pg
import pygimli.meshtools as mt
from pygimli.physics import ert

from benchmarks.ours import LAYERS, _spread, layered

THREADS = 2
ERROR = 0.03

pg.core.setUseOMP(False)
pg.setThreadCount(THREADS)
logging.getLogger("pyGIMLi").setLevel(logging.ERROR)

_data: dict[str, pg.DataContainerERT] = {}


def load(path: Path) -> dict[str, float]:
    """Read a file and keep its data; return seconds and number of readings.

    Geometric factors over topography, which it computes on a fine mesh, are not in the time:
    it stores them on disk.
    """
    began = perf_counter()
    data = ert.load(str(path))
    seconds = perf_counter() - began
    prepare(data)
    _data[str(path)] = data
    return {"seconds": seconds, "readings": data.size()}


def prepare(data: pg.DataContainerERT) -> None:
    """Give data their geometric factors, apparent resistivities and errors."""
    z = np.array([sensor[2] or sensor[1] for sensor in data.sensors()])
    data["k"] = ert.createGeometricFactors(data, numerical=bool(np.ptp(z) > 0))
    if not data.allNonZero("rhoa"):
        has_r = data.allNonZero("r")
        data["rhoa"] = (data["r"] if has_r else data["u"] / data["i"]) * data["k"]
    data["err"] = pg.Vector(data.size(), ERROR)


def run(data: pg.DataContainerERT, lam: float) -> ert.ERTManager:
    """Invert on its default mesh with its default stop: chi-squared 1, or a gain below 1 %."""
    manager = ert.ERTManager(data)
    manager.fop.setThreadCount(THREADS)
    manager.fop._core.setThreadCount(THREADS)
    manager.invert(lam=lam, verbose=False)
    return manager


def invert(path: Path, lam: float) -> dict[str, float]:
    """Invert data in memory at one lambda."""
    data = _data[str(path)]
    began, cpu = perf_counter(), process_time()
    manager = run(data, lam)
    seconds, cpu = perf_counter() - began, process_time() - cpu
    history = [float(value) for value in manager.inv.chi2History]
    observed, found = np.array(data["rhoa"]), np.array(manager.inv.response)
    if not history[-1] < history[0]:
        raise RuntimeError(f"chi-squared does not fall: {history}")
    return {
        "seconds": seconds,
        "cpu_seconds": cpu,
        "chi2": float(np.mean(((observed - found) / (ERROR * observed)) ** 2)),
        "chi2_own": history[-1],
        "parameters": len(manager.model),
        "nodes": manager.fop.mesh().nodeCount(),
        "readings": data.size(),
        "iterations": len(history) - 1,
        "lam": lam,
    }


def forward_error(path: Path, depth: float) -> dict[str, float]:
    """Return the error in percent of the inversion's forward calculation on two layers.

    On the default mesh of its inversion with a line at the interface, refined as its inversion
    does, singularity removed.
    """
    data = _data[str(path)]
    outline = mt.createParaMeshPLC(data.sensors())
    x = np.array(pg.x(outline))
    interface = mt.createLine(start=[x.min(), -depth], end=[x.max(), -depth])
    mesh = mt.createMesh(mt.mergePLC([outline, interface]), quality=34.0, area=0).createH2()
    deep = np.array([cell.center().y() for cell in mesh.cells()]) < -depth
    found = ert.simulate(
        mesh, scheme=data, res=np.where(deep, LAYERS[1], LAYERS[0]), returnArray=True, noiseLevel=0
    )
    places = np.array([[sensor[0], 0.0] for sensor in data.sensors()])
    abmn = np.array([np.array(data[name], dtype=int) for name in "abmn"]).T
    expected = np.array(data["k"]) * layered(places, abmn, depth)
    return _spread(100 * np.abs(np.array(found) / expected - 1))


def refined_error(path: Path, lam: float) -> dict[str, float]:
    """Return the error in percent of the final model's readings against quadratic shapes.

    For topography, where no closed form is at hand: the same cells and resistivities with
    quadratic shape functions, each normalised by its own response to a homogeneous ground.
    """
    data = _data[str(path)]
    manager = run(data, lam)
    found = np.array(manager.inv.response)
    manager.fop.response(manager.inv.model)
    mesh = manager.fop._core.mesh()  # the one that carries resistivities
    resistivity = np.array(mesh.cellAttributes())
    fine = mesh.createP2()
    truth, unit = (_resistances(fine, data, v) for v in (resistivity, np.ones(len(resistivity))))
    return _spread(100 * np.abs(found / (truth / unit) - 1))


def _resistances(mesh: pg.Mesh, data: pg.DataContainerERT, resistivity: np.ndarray) -> np.ndarray:
    """Return transfer resistances without removal of the singularity."""
    found = ert.simulate(mesh, scheme=data, res=resistivity, sr=False, calcOnly=True)
    return np.array(found["r"])  # a copy: its memory goes with `found`
