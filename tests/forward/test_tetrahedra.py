"""Matrices of curved tetrahedra by what they must give: energies of known fields, roots."""

import numpy as np
import pytest

from ohmscape.errors import SimulationError
from ohmscape.forward.tetrahedra import NODES, FacePoints, elements_of
from ohmscape.mesh.volume import VolumeMesh
from tests.support.boxes import planes_box

ROW, COLUMN = np.tril_indices(NODES)


def box(closed):
    x, z = np.array([0.0, 0.7, 1.0, 2.0]), np.array([-2.0, -0.5, 0.0])
    return planes_box(x, x, z, np.array([[0.7, 0.7, 0.0], [1.0, 1.0, 0.0]]), closed=closed)


def bent(mesh, by=0.15):
    """Return the mesh with all nodes moved smoothly: its edges are curved."""
    x, y, z = mesh.nodes.T
    moved = mesh.nodes + by * np.column_stack([np.sin(y), z * x / 2.0, np.cos(x) * np.sin(y)])
    return VolumeMesh(
        moved,
        mesh.cells,
        mesh.region,
        mesh.electrode_nodes,
        mesh.surface_faces,
        mesh.outer_faces,
        mesh.outer_cells,
    )


def dense(elements, sigma):
    matrix = np.zeros((len(elements.indptr) - 1,) * 2)
    row = np.repeat(np.arange(len(matrix)), np.diff(elements.indptr))
    matrix[row, elements.indices] = elements.assemble(sigma)
    return matrix + np.tril(matrix, -1).T


def test_energy_of_a_quadratic_field():
    """The integral of sigma |grad u|^2 is exact for quadratic u in straight cells."""
    mesh = box(closed=True)
    x, y, z = mesh.nodes.T
    u = x**2 + y * z
    matrix = dense(elements_of(mesh, np.zeros(3)), np.full(len(mesh), 3.0))
    # 4 x^2 + z^2 + y^2 over [0, 2] x [0, 2] x [-2, 0]
    np.testing.assert_allclose(u @ matrix @ u, 3.0 * 6 * (8 / 3) * 4, rtol=1e-12)


def test_curved_cells_know_linear_fields():
    """A linear field has the energy of its volume, and loads nodes on the boundary only."""
    mesh = bent(box(closed=True))
    matrix = dense(elements_of(mesh, np.zeros(3)), np.ones(len(mesh)))
    u = mesh.nodes @ [1.0, -2.0, 0.5]
    np.testing.assert_allclose(u @ matrix @ u, 5.25 * mesh.volumes().sum(), rtol=1e-4)
    inside = np.setdiff1d(np.arange(len(u)), mesh.surface_faces)
    assert np.abs((matrix @ u)[inside]).max() < 2e-3 * np.abs(matrix @ u).max()
    np.testing.assert_allclose(matrix.sum(axis=0), 0.0, atol=1e-12)


def test_assembly_adds_each_cell_by_its_own_conductivity():
    mesh = bent(box(closed=False))
    elements = elements_of(mesh, np.array([1.0, 1.0, 0.0]))
    sigma = np.random.default_rng(2).uniform(0.1, 10.0, len(mesh))
    expected = np.zeros((len(mesh.nodes),) * 2)
    for c, nodes in enumerate(mesh.cells):
        own = np.zeros((NODES, NODES))
        own[ROW, COLUMN] = own[COLUMN, ROW] = elements.matrices[c]
        expected[np.ix_(nodes, nodes)] += sigma[c] * own
    np.testing.assert_allclose(dense(elements, sigma), expected, atol=1e-12 * expected.max())


def test_outer_faces_let_current_out():
    """Of a constant field the mixed condition takes the integral of cos(theta) / r."""
    mesh, centre = box(closed=False), np.array([1.0, 1.0, 0.0])
    elements = elements_of(mesh, centre)
    taken = np.ones(len(mesh.nodes)) @ dense(elements, np.ones(len(mesh))).sum(axis=0)
    s = (np.polynomial.legendre.leggauss(60)[0] + 1.0) / 2.0
    w = np.polynomial.legendre.leggauss(60)[1] / 2.0
    across = np.outer(w, w) * 4.0  # every side is 2 m by 2 m
    side = (across / (1.0 + (2 * s[:, None] - 1) ** 2 + (2 * s - 2.0) ** 2)).sum()
    bottom = (across * 2.0 / (4.0 + (2 * s[:, None] - 1) ** 2 + (2 * s - 1) ** 2)).sum()
    np.testing.assert_allclose(taken, 4 * side + bottom, rtol=1e-3)


def test_roots_are_roots():
    mesh = bent(box(closed=False))
    elements = elements_of(mesh, np.array([1.0, 1.0, 0.0]))
    root = np.zeros((len(mesh), NODES, NODES))
    root[:, ROW, COLUMN] = elements.roots
    own = np.roll(root @ root.transpose(0, 2, 1), (1, 1), axis=(1, 2))  # node 0 is the last row
    np.testing.assert_allclose(own[:, ROW, COLUMN], elements.matrices, atol=1e-12)
    assert (elements.rank[mesh.outer_cells] == NODES).all()
    inner = elements.rank < NODES
    assert inner.any()
    assert np.abs(root[inner, -1, -1]).max() < 1e-6


def test_faces_have_their_areas():
    mesh = box(closed=True)
    normals = FacePoints.of(mesh.nodes, mesh.surface_faces).normals
    np.testing.assert_allclose(np.linalg.norm(normals, axis=2).sum(), 24.0, rtol=1e-12)
    np.testing.assert_allclose(normals.sum(axis=(0, 1)), 0.0, atol=1e-12)


def test_a_cell_inside_out_is_refused():
    mesh = box(closed=True)
    with pytest.raises(SimulationError, match="inside out"):
        elements_of(bent(mesh, by=20.0), np.zeros(3))
