"""Matrices of cells: exact where they can be, of the right order where not."""

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import k0, k1

from ohmscape.core import Electrodes, Survey
from ohmscape.forward.dc25d import Section
from ohmscape.forward.elements import cell_matrices
from ohmscape.forward.lanes import LANES
from ohmscape.forward.setting import grid_of, setting_of, triangles_of
from ohmscape.mesh.mesh import QUADRILATERAL, TRANSITION, TRIANGLE, Mesh
from ohmscape.mesh.refine import refine
from ohmscape.mesh.section import SectionOptions
from tests.mesh.test_parameters import plain
from tests.support import closed_forms as forms
from tests.support.meshes import RINGS, polygon_area

NO_EDGES = np.zeros((0, 3), dtype=np.int64)
AROUND = {  # corners around each kind; a transition's fourth is the kink of its top
    "triangle": [(0.3, 0.1), (2.0, -0.4), (1.2, 1.5)],
    "flat triangle": [(0, 0), (10, 0), (8, 0.3)],
    "square": [(0, 0), (1, 0), (1, 1), (0, 1)],
    "long parallelogram": [(0, 0), (5, 1), (5.5, 1.5), (0.5, 0.5)],
    "trapezium": [(0, 0), (3, 0.2), (2.1, 1.4), (0.3, 1)],
    "transition": [(0, 0), (2, 0), (2, 1), (1, 1), (0, 1)],
    "transition with a kink up": [(0, 0), (2, 0.3), (2.2, 1.1), (1.1, 1.5), (0, 1)],
    "transition with a kink down": [(0, 0), (2, 0), (2, 1), (0.9, 0.7), (0, 0.9)],
}
KIND = {3: TRIANGLE, 4: QUADRILATERAL, 5: TRANSITION}
FIELDS = {  # harmonic, with slopes
    "constant": (lambda x, z: 1 + 0 * x, lambda x, z: (0 * x, 0 * z)),
    "x": (lambda x, z: x, lambda x, z: (1 + 0 * x, 0 * z)),
    "z": (lambda x, z: z, lambda x, z: (0 * x, 1 + 0 * z)),
    "x z": (lambda x, z: x * z, lambda x, z: (z, x)),
    "x2 - z2": (lambda x, z: x**2 - z**2, lambda x, z: (2 * x, -2 * z)),
}


def single(around, outer=NO_EDGES, shift=(0.0, 0.0)):
    """Return the mesh of one cell, and the nodes around it."""
    corners = np.array(around, dtype=float) + shift
    kind = KIND[len(corners)]
    ring = np.array(RINGS[kind])
    nodes = np.empty((kind, 2))
    nodes[ring[::2]] = corners
    nodes[ring[1::2]] = (corners + np.roll(corners, -1, axis=0)) / 2
    zero = np.zeros(1, dtype=np.int64)
    return Mesh(nodes, np.array([0, kind]), np.arange(kind), zero, outer, zero), ring


def matrices(mesh, k, centre=(0.0, 0.0)):
    """Return the matrix of a mesh's only cell for one wavenumber."""
    wave = np.geomspace(k, 8 * k, LANES)
    out = cell_matrices(mesh, wave, np.array(centre))
    n = len(mesh.cell_nodes)
    values = out.values[out.offset[0] : out.offset[0] + n * n * LANES].reshape(n, n, LANES)
    return values, wave


@pytest.mark.kernel
@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND)
def test_symmetric_and_positive(around):
    values, _ = matrices(single(around)[0], 0.7)
    for lane in range(LANES):
        matrix = values[..., lane]
        np.testing.assert_allclose(matrix, matrix.T, rtol=1e-11, atol=1e-12 * abs(matrix).max())
        assert np.linalg.eigvalsh(matrix).min() > 0


@pytest.mark.kernel
@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND)
def test_constants_cost_nothing_without_wavenumber(around):
    values, _ = matrices(single(around)[0], 1e-9)
    matrix = values[..., 0]
    np.testing.assert_allclose(matrix.sum(axis=1), 0, atol=1e-12 * abs(matrix).max())
    size = np.linalg.eigvalsh(matrix)
    assert size[0] < 1e-12 * size[-1]
    assert size[1] > 1e-4 * size[-1]  # and nothing else does


@pytest.mark.kernel
@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND)
def test_exact_for_quadratic_fields(around, field):
    """``K u`` is the flux of u through the outline, against each shape function (Simpson)."""
    u, slope = field
    mesh, ring = single(around, shift=(0.7, -1.3))
    flux = np.zeros(len(mesh.nodes))
    for i in range(0, len(ring), 2):
        a, m, b = ring[i], ring[i + 1], ring[(i + 2) % len(ring)]
        along = mesh.nodes[b] - mesh.nodes[a]
        for node, weight in ((a, 1 / 6), (m, 4 / 6), (b, 1 / 6)):
            gx, gz = slope(*mesh.nodes[node])
            flux[node] += weight * (gx * along[1] - gz * along[0])
    matrix = matrices(mesh, 1e-9)[0][..., 0]
    found = matrix @ u(*mesh.nodes.T)
    np.testing.assert_allclose(found, flux, atol=1e-11 * abs(matrix).max())


@pytest.mark.kernel
@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND)
def test_wavenumber_weighs_the_area(around):
    mesh, ring = single(around)
    values, k = matrices(mesh, 1e-4)
    area = polygon_area(mesh.nodes[ring])
    np.testing.assert_allclose(values.sum(axis=(0, 1)) / k**2, area, rtol=1e-5)


@pytest.mark.kernel
def test_outer_edge_takes_the_field_of_a_source_far_away():
    edge = np.array([[0, 4, 1]])  # the foot of a quadrilateral, seen from above
    around = [(3.0, -7.0), (5.0, -7.5), (5.2, -6.0), (3.0, -6.0)]
    centre = np.array([0.5, -0.2])
    plain, k = matrices(single(around)[0], 0.05, centre)
    with_edge, _ = matrices(single(around, edge)[0], 0.05, centre)
    (a, b), length = np.array(around[:2]), np.hypot(2.0, 0.5)
    normal = np.array([-0.5, -2.0]) / length
    shape = [lambda t: (1 - t) * (1 - 2 * t), lambda t: t * (2 * t - 1), lambda t: 4 * t * (1 - t)]
    added = with_edge - plain
    for lane in (0, LANES - 1):

        def density(t, lane=lane):
            ray = a + t * (b - a) - centre
            r = np.hypot(*ray)
            return k[lane] * k1(k[lane] * r) / k0(k[lane] * r) * (ray @ normal) / r * length

        for i, p in ((0, 0), (1, 1), (2, 4)):
            for j, q in ((0, 0), (1, 1), (2, 4)):
                value = quad(lambda t, i=i, j=j: shape[i](t) * shape[j](t) * density(t), 0, 1)[0]
                assert added[p, q, lane] == pytest.approx(value, rel=1e-5, abs=1e-9)
    assert not added[2].any()
    assert not added[3].any()


N = 6
LINE = np.column_stack([np.arange(N), np.zeros(N), np.zeros(N)]).astype(float)
POLES = np.array([[i, -1, j, -1] for i in range(N) for j in range(N) if i != j])


@cache
def pole_potentials(kind, levels):
    """Return the potentials between all electrodes on a mesh and its refinements."""
    setting = setting_of(Survey(Electrodes(LINE), POLES))
    mesh = grid_of(setting, SectionOptions()).mesh if kind == "grid" else triangles_of(setting, ())
    found = []
    for level in range(levels):
        mesh = mesh if level == 0 else refine(mesh)[0]
        section = Section.of(mesh, setting.abmn, 16)
        found.append(section.potentials(np.ones(len(mesh))))
    return found


@pytest.mark.parametrize("kind", ["grid", "triangles"])
def test_potentials_converge_with_the_third_power_of_cell_size(kind):
    off = ~np.eye(N, dtype=bool)
    truth = forms.half_space(LINE, 1.0)[off]
    levels = 4 if kind == "grid" else 3
    found = [potential[off] for potential in pole_potentials(kind, levels)]
    changes = [np.abs((b - a) / truth).max() for a, b in pairwise(found)]
    rates = np.log2(np.divide(changes[:-1], changes[1:]))
    assert rates.min() > 2.5
    assert rates[-1] > 3.0  # the first mesh is coarse for the shortest distance
    errors = [np.abs(v / truth - 1).max() for v in found]
    assert errors[0] < 1e-3
    assert errors[1] < 1e-4
    assert errors[-1] < 1e-5


def test_triangles_and_quadrilaterals_agree():
    off = ~np.eye(N, dtype=bool)
    square, triangle = pole_potentials("grid", 4), pole_potentials("triangles", 3)
    for a, b in zip(square, triangle, strict=False):
        error = np.abs(a - square[-1]) + np.abs(b - triangle[-1]) + 1e-5 * np.abs(a)
        assert (np.abs(a - b)[off] <= 1.2 * error[off]).all()


def grid(columns, rows):
    """Return a mesh of rectangles with the outer edge of its lowest left one."""
    mesh = plain(np.asarray(columns, float), np.asarray(rows, float))
    return replace(mesh, outer_edges=mesh.cell_nodes[[0, 4, 1]][None])


@pytest.mark.kernel
def test_cells_of_one_shape_share_a_matrix_and_lose_nothing():
    mesh = grid([0, 1, 2, 3, 5], [-4.0, -3.0, -1.0, 0.0])
    shared = cell_matrices(mesh, np.geomspace(0.1, 3, LANES), np.array([1.0, 0.0]))
    # Shapes are (1, 1), (1, 2), (2, 1), (2, 2), and the cell with the outer edge.
    assert len(np.unique(shared.offset)) == 5
    for c in range(len(mesh)):
        own = slice(mesh.cell_pointer[c], mesh.cell_pointer[c + 1])
        edges = np.array([[0, 4, 1]]) if c == 0 else NO_EDGES
        zero = np.zeros(1, dtype=np.int64)
        alone = Mesh(
            mesh.nodes[mesh.cell_nodes[own]], np.array([0, 8]), np.arange(8), zero, edges, zero
        )
        expected = cell_matrices(alone, np.geomspace(0.1, 3, LANES), np.array([1.0, 0.0])).values
        found = shared.values[shared.offset[c] :][: 64 * LANES]
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9 * abs(expected).max())


@pytest.mark.kernel
def test_cells_that_differ_by_more_than_rounding_do_not_share():
    mesh = grid([0, 1, 2 + 1e-6, 3 + 1e-6], [-1.0, 0.0])
    assert len(np.unique(cell_matrices(mesh, np.ones(LANES), np.zeros(2)).offset)) == 3
