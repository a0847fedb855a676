"""A flat box bent up to the ground: curved quadratic tetrahedra.

Nodes move up or down only: by all of the height of the ground above its mean at the surface, by
nothing from some depth on. Nodes in the middle of edges move as well, so that cells are
curved and the surface is smooth to the order of the elements.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ohmscape.core.types import Booleans, Floats
from ohmscape.errors import MeshError
from ohmscape.mesh.box import BoxOptions, box_mesh
from ohmscape.mesh.volume import EDGES, VolumeMesh, determinants

FLAT = 4.0  #: depth from which on nodes stay, in differences of height of the ground
FLAT_EXTENT = 0.5  #: the same, at least, in extents of the electrodes
HALVINGS = 80  #: of the interval in which the flat depth of a buried electrode lies

STRAIGHTENED = 5  #: rounds in which cells that are bent too much lose their bend
LEAST = 0.1  #: part of the volume of the straight cell that a cell keeps everywhere

Ground = Callable[[Floats], Floats]  #: height in m at places x, y, shape (n, 2)


@dataclass(frozen=True, eq=False)
class Bend:
    """From depths below a flat surface to elevations below the ground, and back."""

    ground: Ground
    level: float  #: elevation in m of the flat surface
    flat: float  #: depth in m from which on nothing is moved

    @classmethod
    def of(cls, ground: Ground, electrodes: Floats) -> "Bend":
        """Return the bend that suits electrodes, shape (n, 3)."""
        low, high = electrodes.min(axis=0), electrodes.max(axis=0)
        extent = float((high - low).max())
        share = np.linspace(-1.0, 2.0, 46)
        around = np.stack(np.meshgrid(share, share), axis=-1).reshape(-1, 2)
        heights = ground(low[:2] + around * np.maximum(high - low, 0.2 * extent)[:2])
        level = float(ground(np.ascontiguousarray(electrodes[:, :2])).mean())
        rise = float(np.abs(heights - level).max())
        return cls(ground, level, max(2.0 * FLAT * rise, FLAT_EXTENT * extent))

    def elevate(self, points: Floats) -> Floats:
        """Return points, shape (n, 3), of the flat box (z is 0 at the surface) in their places."""
        rise = self.ground(np.ascontiguousarray(points[:, :2])) - self.level
        bent = points.copy()
        bent[:, 2] += self.level + rise * _share(points[:, 2] / self.flat)
        return bent

    def flatten(self, points: Floats, buried: Booleans) -> Floats:
        """Return where points are in the flat box; those not buried lie on its surface."""
        rise = self.ground(np.ascontiguousarray(points[:, :2])) - self.level
        wanted = points[:, 2] - self.level
        low, high = np.minimum(wanted - np.abs(rise), 0.0), np.zeros(len(points))
        for _ in range(HALVINGS):
            middle = (low + high) / 2.0
            above = middle + rise * _share(middle / self.flat) > wanted
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        return np.column_stack([points[:, :2], np.where(buried, (low + high) / 2.0, 0.0)])


def ground_mesh(
    electrodes: Floats, buried: Booleans, ground: Ground, options: BoxOptions | None = None
) -> VolumeMesh:
    """Return a mesh of the earth below the ground with electrodes as nodes.

    Parameters
    ----------
    electrodes : array, shape (n_electrodes, 3)
        x, y, z in m.
    buried : array of bool, shape (n_electrodes,)
        The others lie on the ground.
    ground : function
        Height in m of the ground at places x, y, shape (n, 2); see `ohmscape.mesh.relief`.
    options : BoxOptions, optional

    Raises
    ------
    MeshError
        A buried electrode above the ground, electrodes that cannot be meshed, or ground so
        rough that cells would be turned inside out.
    """
    height = ground(np.ascontiguousarray(electrodes[:, :2]))
    air = np.flatnonzero(buried & (electrodes[:, 2] >= height))
    if len(air):
        raise MeshError(
            "electrode marked as buried and not below the ground",
            where=f"electrodes {(air[:5] + 1).tolist()}",
            mend="check elevation and terrain",
        )
    bend = Bend.of(ground, electrodes)
    flat = box_mesh(bend.flatten(electrodes, buried), buried, options)
    nodes = bend.elevate(flat.nodes)
    nodes[flat.electrode_nodes[buried]] = electrodes[buried]
    mesh = _straightened(replace(flat, nodes=nodes))
    refuse_inverted(mesh)
    return mesh


def _straightened(mesh: VolumeMesh) -> VolumeMesh:
    """Make the edges straight of cells that are too small for the bend of the ground there."""
    for _ in range(STRAIGHTENED):
        wrong = ~(determinants(mesh) > LEAST * mesh.corner_determinants()[:, None]).all(axis=1)
        if not wrong.any():
            break
        cells = mesh.cells[wrong]
        nodes = mesh.nodes.copy()
        nodes[cells[:, 4:]] = nodes[cells[:, EDGES]].mean(axis=2)
        mesh = replace(mesh, nodes=nodes)
    return mesh


def refuse_inverted(mesh: VolumeMesh) -> None:
    """Raise a MeshError where the volume of a cell is not positive everywhere in it."""
    wrong = np.flatnonzero(~(determinants(mesh) > 0.0).all(axis=1))
    if len(wrong):
        x, y, z = mesh.centres()[wrong[0]]
        raise MeshError(
            f"{len(wrong)} cells are turned inside out by the ground's shape",
            where=f"near x = {x:.6g} m, y = {y:.6g} m, z = {z:.6g} m",
            mend="smooth the terrain there, or check the elevations of electrodes",
        )


def _share(depth: Floats) -> Floats:
    """Return which share of the ground's height counts at z over the flat depth: 1 to 0."""
    t = np.clip(-depth, 0.0, 1.0)
    share: Floats = (1.0 - t) ** 2 * (1.0 + 2.0 * t)
    return share
