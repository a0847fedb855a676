"""What a survey would read over a ground that changes in all three directions."""

from dataclasses import dataclass

import numpy as np

from ohmscape.core.types import Floats
from ohmscape.errors import SimulationError
from ohmscape.forward.dc3d import Volume
from ohmscape.forward.grounds import Ground, refuse_not_positive, values_at
from ohmscape.forward.volume_setting import VolumeSetting
from ohmscape.mesh.box import BoxOptions
from ohmscape.mesh.jumps import cut_at_jumps
from ohmscape.mesh.volume import EDGES, VolumeMesh

MESHES = (BoxOptions(1.0, 0.7), BoxOptions(2.0, 0.35), BoxOptions(4.0, 0.25))
"""From coarse to fine; the error on one is told by the one before. Sizes of cubes come in halves
only: options nearer to each other may give the same mesh, and no error."""


@dataclass(frozen=True, eq=False)
class Simulated:
    """Potentials of all electrodes on two meshes."""

    potential: Floats  #: (n_terminals, n_terminals) V/A
    coarser: Floats  #: (n_terminals, n_terminals) V/A, on the mesh that tells the error
    n_nodes: int


def potentials(setting: VolumeSetting, ground: Ground, level: int) -> Simulated:
    """Return the potentials of all electrodes on a mesh of `MESHES` and on the one before.

    Parameters
    ----------
    setting : VolumeSetting
    ground : float, callable or Model
        ohm m
    level : int
        Place in `MESHES`, at least 1.
    """
    (coarser, _), (finer, n_nodes) = (
        _on_mesh(setting.mesh(MESHES[at]), ground) for at in (level - 1, level)
    )
    return Simulated(finer, coarser, n_nodes)


def _on_mesh(mesh: VolumeMesh, ground: Ground) -> tuple[Floats, int]:
    """Return the potentials between electrodes and the number of nodes."""
    if callable(ground):

        def resistivity(places: Floats) -> Floats:
            values = values_at(ground, places)
            refuse_not_positive(values, places, "xyz")
            return values

        mesh = cut_at_jumps(mesh, resistivity)
    conductivity = cell_conductivity(mesh, ground)
    return Volume.of(mesh).potentials(conductivity), len(mesh.nodes)


def cell_conductivity(mesh: VolumeMesh, ground: Ground) -> Floats:
    """Return the mean conductivity in S/m of four points in each cell, shape (n_cells,).

    Raises
    ------
    SimulationError
        Resistivity that is not positive.
    """
    share = np.full((4, 4), 1.0 / 6.0) + np.eye(4) / 3.0
    i, j = np.array(EDGES).T
    shapes = np.hstack([share * (2 * share - 1), 4 * share[:, i] * share[:, j]])
    places = np.einsum("qi,cia->cqa", shapes, mesh.nodes[mesh.cells]).reshape(-1, 3)
    values = values_at(ground, places)
    refuse_not_positive(values, places, "xyz")
    mean: Floats = (1.0 / values).reshape(-1, 4).mean(axis=1)
    return mean


def level_for(accuracy: float) -> int:
    """Return the place in `MESHES` to begin with for a relative accuracy of readings.

    Raises
    ------
    SimulationError
        The accuracy is not above 0.
    """
    if not accuracy > 0:
        raise SimulationError("accuracy is not above 0", mend="give for instance 0.01 for 1 %")
    return 1 if accuracy >= 0.01 else 2
