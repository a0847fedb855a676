r"""Point electrodes in a mesh of tetrahedra, and what the mesh makes of them.

A current of 1 A into a node is the load of one node, but its potential is singular there, and
elements show it too round. What is wrong in a homogeneous ground is known, and is taken off
pairs that are near each other: the potential of electrode j for a current into i becomes

.. math:: G_{ij} + \frac{2}{s_i + s_j}\,w_{ij}\,[G^{exact}_{ij} - G_{ij}]_{\sigma = 1}

with s the conductivity at an electrode and w of `nearness`. It stays symmetric.

The exact potential of a homogeneous ground is :math:`u_0 + u_s`. :math:`u_0 = 1/(\Omega r)`,
:math:`\Omega` the solid angle of the ground at the electrode (for buried ones :math:`4\pi`, and an
image where the surface is near) has the right singularity; :math:`u_s` is smooth and carries away
the current that :math:`u_0` sends through the insulating faces:
:math:`u_s(x_i) = -\int \partial_n u_0\, G_{i}\,dS` by reciprocity (Lowry, Allen and Shive, 1989).
On flat ground nothing goes through and :math:`u_0` is all.
"""

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from ohmscape.core.types import Floats, Integers
from ohmscape.forward.tetrahedra import FacePoints
from ohmscape.forward.threads import in_threads
from ohmscape.kernels import kernel
from ohmscape.mesh.volume import EDGES, VolumeMesh

FLAT = 1e-9  #: of the surface's extent: ground that rises less is level
NEAR = 2.0  #: faces' sizes from the surface up to which a buried electrode gets an image
REACH = 2.0  #: see `nearness`
WHOLE = 4.0 * np.pi  #: solid angle of everything around
ROUND = 1e-6  #: of `WHOLE`: solid angles that miss less are whole


@dataclass(frozen=True, eq=False)
class Surroundings:
    """The cells around each electrode."""

    angle: Floats  #: (n_electrodes,) solid angle of the ground
    electrode: Integers  #: (n_pairs,)
    cell: Integers  #: (n_pairs,) one that the electrode is a corner of
    share: Floats  #: (n_pairs,) its part of the solid angle

    @classmethod
    def of(cls, mesh: VolumeMesh) -> "Surroundings":
        """Find the cells around the electrodes of a mesh."""
        index = np.full(len(mesh.nodes), -1)
        index[mesh.electrode_nodes] = np.arange(len(mesh.electrode_nodes))
        cell, corner = np.nonzero(index[mesh.cells[:, :4]] >= 0)
        node = mesh.cells[cell, corner]
        angle = corner_angles(mesh, cell, corner)
        at_node = np.bincount(node, angle, len(mesh.nodes)).astype(np.float64)
        electrodes, of_pair = [], []
        for e, own in enumerate(mesh.electrode_nodes):  # electrodes may share a node
            pairs = np.flatnonzero(node == own)
            electrodes.append(np.full(len(pairs), e))
            of_pair.append(pairs)
        pairs = np.concatenate(of_pair)
        return cls(
            at_node[mesh.electrode_nodes],
            np.concatenate(electrodes),
            cell[pairs],
            angle[pairs] / at_node[node[pairs]],
        )

    def conductivity(self, of_cells: Floats) -> Floats:
        """Return the mean conductivity in S/m around each electrode, shape (n_electrodes,)."""
        weighted = self.share * of_cells[self.cell]
        return np.bincount(self.electrode, weighted, len(self.angle)).astype(np.float64)


def corner_angles(mesh: VolumeMesh, cell: Integers, corner: Integers) -> Floats:
    """Return the solid angles of curved cells at their corners, both (n,).

    By the tangents of the three edges there (van Oosterom and Strackee, 1983).
    """
    slot = np.zeros((4, 4), dtype=np.int64)
    for middle, (i, j) in enumerate(EDGES):
        slot[i, j] = slot[j, i] = 4 + middle
    others = np.array([[j for j in range(4) if j != i] for i in range(4)])[corner]
    here = mesh.nodes[mesh.cells[cell, corner]][:, None]
    ends = mesh.nodes[mesh.cells[cell[:, None], others]]
    middles = mesh.nodes[mesh.cells[cell[:, None], slot[corner[:, None], others]]]
    tangent = 4.0 * middles - 3.0 * here - ends
    tangent /= np.linalg.norm(tangent, axis=2)[:, :, None]
    a, b, c = tangent.transpose(1, 0, 2)
    triple = np.abs((a * np.cross(b, c)).sum(axis=1))
    below = 1.0 + (a * b).sum(axis=1) + (b * c).sum(axis=1) + (c * a).sum(axis=1)
    angles: Floats = 2.0 * np.arctan2(triple, below)
    return angles


@dataclass(frozen=True, eq=False)
class Primary:
    """The potentials ``u_0`` of all electrodes in a ground of 1 S/m: poles and their images."""

    places: Floats  #: (n_electrodes, 3) m
    strength: Floats  #: (n_electrodes,) 1 / solid angle
    images: Floats  #: (n_electrodes, 3) m; the place itself where there is none
    image_strength: Floats  #: (n_electrodes,) 0 where there is none
    flat: bool  #: whether no current goes through the surface

    @classmethod
    def of(cls, mesh: VolumeMesh, angle: Floats) -> "Primary":
        """Choose poles and images for the electrodes of a mesh; `angle` as in `Surroundings`."""
        from scipy.spatial import KDTree  # takes longer to import than a small inversion

        places = mesh.nodes[mesh.electrode_nodes]
        buried = angle > WHOLE * (1.0 - ROUND)
        images, strength = places.copy(), np.zeros(len(places))
        surface = np.unique(mesh.surface_faces)
        height = mesh.nodes[surface, 2]
        level = (
            len(mesh.outer_faces) > 0
            and np.ptp(height) <= FLAT * np.ptp(mesh.nodes[surface], axis=0).max()
        )
        if level:
            images[:, 2] = 2.0 * height.max() - places[:, 2]
            strength[buried] = 1.0 / WHOLE
        elif buried.any():
            points = FacePoints.of(mesh.nodes, mesh.surface_faces)
            size = np.sqrt(np.linalg.norm(points.normals.sum(axis=1), axis=1))
            flat = points.places.reshape(-1, 3)
            distance, nearest = KDTree(flat).query(places)
            near = buried & (distance < NEAR * size[nearest // points.places.shape[1]])
            normal = points.normals.reshape(-1, 3)[nearest]
            normal /= np.linalg.norm(normal, axis=1)[:, None]
            off = ((flat[nearest] - places) * normal).sum(axis=1)
            images += 2.0 * off[:, None] * normal
            strength[near] = 1.0 / WHOLE
        return cls(places, 1.0 / angle, images, strength, level)

    def at(self, places: Floats) -> Floats:
        """Return the potentials in V/A at places (n, 3), shape (n_electrodes, n); 0 at a pole."""
        r = np.linalg.norm(self.places[:, None] - places[None], axis=2)
        other = np.linalg.norm(self.images[:, None] - places[None], axis=2)
        with np.errstate(divide="ignore", invalid="ignore"):
            direct = np.where(r > 0.0, self.strength[:, None] / r, 0.0)
            image = np.where(other > 0.0, self.image_strength[:, None] / other, 0.0)
        total: Floats = direct + image
        return total


def exact_potentials(
    mesh: VolumeMesh, primary: Primary, fields: NDArray[Any], earthed: Integers
) -> Floats:
    """Return the potentials between electrodes in a homogeneous ground of 1 S/m, (n, n).

    Parameters
    ----------
    mesh : VolumeMesh
    primary : Primary
    fields : array, shape (n_nodes, n_electrodes)
        Potentials of the electrodes on this mesh for 1 S/m everywhere.
    earthed : array of int, shape (0,) or (1,)
        Node through which the current of a closed domain leaves: it is the zero of potentials.
    """
    exact = primary.at(primary.places)
    exact -= primary.at(mesh.nodes[earthed]).sum(axis=1)[:, None]
    if not primary.flat:
        nodes, load = surface_loads(mesh, primary)
        exact = exact + load @ fields[nodes]
    symmetric: Floats = (exact + exact.T) / 2.0
    return symmetric


def surface_loads(
    mesh: VolumeMesh, primary: Primary, *, scaled: bool = True
) -> tuple[Integers, Floats]:
    r"""Return nodes of the surface (n,) and their loads :math:`-\int \partial_n u_0 N dS`.

    Loads have shape (n_electrodes, n), in A for a current of 1 A. In a closed domain they add up to
    1: all that ``u_0`` carries out through the walls is sent back, and leaves at the earthed node;
    `scaled` makes it so to the last digit.
    """
    nodes, faces = np.unique(mesh.surface_faces, return_inverse=True)
    faces = np.ascontiguousarray(faces.reshape(-1, 6))
    own = np.searchsorted(nodes, mesh.electrode_nodes)
    own = np.where(np.append(nodes, -1)[own] == mesh.electrode_nodes, own, -1)
    load = np.zeros((len(own), len(nodes)))
    points = FacePoints.of(mesh.nodes, mesh.surface_faces)

    def fill(e: int) -> None:
        for place, strength in (
            (primary.places[e], primary.strength[e]),
            (primary.images[e], primary.image_strength[e]),
        ):
            if strength > 0.0:
                _flux(
                    points.places,
                    points.normals,
                    points.shapes,
                    faces,
                    own[e],
                    place.copy(),
                    strength,
                    load[e],
                )

    in_threads(fill, len(own), numba.get_num_threads())
    _add_own_faces(mesh, primary, nodes, load)
    if scaled and len(mesh.outer_faces) == 0:
        load /= load.sum(axis=1)[:, None]
    return nodes, load


@kernel
def _flux(
    places: Floats,
    normals: Floats,
    shapes: Floats,
    faces: Integers,
    own: int,
    source: Floats,
    strength: float,
    load: Floats,
) -> None:
    """Add the loads of one pole from all faces but those that it is a corner of."""
    for f in range(len(faces)):
        if faces[f, 0] == own or faces[f, 1] == own or faces[f, 2] == own:
            continue
        for q in range(places.shape[1]):
            x = places[f, q, 0] - source[0]
            y = places[f, q, 1] - source[1]
            z = places[f, q, 2] - source[2]
            square = x * x + y * y + z * z
            through = x * normals[f, q, 0] + y * normals[f, q, 1] + z * normals[f, q, 2]
            through *= strength / (square * np.sqrt(square))
            for i in range(6):
                load[faces[f, i]] += through * shapes[q, i]


def _add_own_faces(mesh: VolumeMesh, primary: Primary, nodes: Integers, load: Floats) -> None:
    """Add the loads from faces with an electrode at a corner: points crowd towards that corner."""
    gauss, weight = np.polynomial.legendre.leggauss(4)
    from_corner, weight = (gauss + 1.0) / 2.0, weight / 2.0
    s, t = (g.ravel() for g in np.meshgrid(from_corner, from_corner, indexing="ij"))
    rule = np.stack([1.0 - s, s * (1.0 - t), s * t], axis=1), s * np.outer(weight, weight).ravel()
    for corner in range(3):
        turn = np.roll(np.arange(3), -corner)
        faces = mesh.surface_faces[:, np.append(turn, 3 + turn)]
        for e in range(len(load)):
            own = faces[faces[:, 0] == mesh.electrode_nodes[e]]
            points = FacePoints.of(mesh.nodes, own, rule)
            away = points.places - primary.places[e]
            r = np.linalg.norm(away, axis=2)
            through = primary.strength[e] * (away * points.normals).sum(axis=2) / r**3
            np.add.at(load[e], np.searchsorted(nodes, own), through @ points.shapes)


def nearness(places: Floats) -> Floats:
    """Return the weight with which the error of each pair of places is taken off, (n, n).

    1 for neighbours, 1/2 at `REACH` distances to the nearest electrode: the error at far pairs is
    not the electrodes', and conductive ground below a resistive surface would have it magnified.
    """
    from scipy.spatial import KDTree  # takes longer to import than a small inversion

    apart = np.linalg.norm(places[:, None] - places[None], axis=2)
    gap = np.asarray(KDTree(places).query(places, k=2)[0])[:, 1]
    gap = np.maximum(gap, np.finfo(np.float64).tiny)  # two may share a place
    weight: Floats = 1.0 / (1.0 + (2.0 * apart / (gap[:, None] + gap[None]) / REACH) ** 4)
    return weight


def symmetric(potential: NDArray[Any]) -> Floats:
    """Return the mean of potentials and their reciprocals, the diagonal 0."""
    mean: Floats = (potential.astype(np.float64) + potential.T) / 2.0
    np.fill_diagonal(mean, 0.0)
    return mean
