"""Grouping cells: counts by hand on a plain grid, sums that must come out on any."""

import numpy as np
import pytest

from ohmscape.mesh.mesh import QUADRILATERAL, TRANSITION, Mesh
from ohmscape.mesh.parameters import FIXED, parameters
from ohmscape.mesh.triangles import conforming_mesh
from tests.support.meshes import GRIDS, areas, grid


def plain(x, z):
    """Return a grid of quadrilaterals with lines at x and z (both growing), row after row."""
    n, m = len(x), len(z)

    def number(i, j):  # of the lattice of corners, middles and unused centres
        return j * (2 * n - 1) + i

    lattice = np.stack(
        np.meshgrid(np.interp(np.arange(2 * n - 1) / 2, np.arange(n), x),
                    np.interp(np.arange(2 * m - 1) / 2, np.arange(m), z)), axis=2,
    ).reshape(-1, 2)  # fmt: skip
    cells = [
        [number(2 * i + a, 2 * j + b) for a, b in
         ((0, 0), (2, 0), (2, 2), (0, 2), (1, 0), (2, 1), (1, 2), (0, 1))]
        for j in range(m - 1) for i in range(n - 1)
    ]  # fmt: skip
    return Mesh(
        lattice, QUADRILATERAL * np.arange(len(cells) + 1), np.ravel(cells),
        np.zeros(len(cells), int), np.zeros((0, 3), int), np.zeros(0, int),
    )  # fmt: skip


X, Z = np.array([0.0, 1.0, 3.0, 4.0]), np.array([-5.0, -2.0, 0.0])


def test_by_hand_one_parameter_per_cell():
    group = parameters(plain(X, Z), np.arange(6), np.ones(6, bool))
    assert len(group) == 6
    np.testing.assert_allclose(group.areas, [3, 6, 3, 2, 4, 2])
    np.testing.assert_allclose(group.centres[:2], [[0.5, -3.5], [2.0, -3.5]])
    by_pair = {tuple(p): s for p, s in zip(group.neighbours.tolist(), group.shared, strict=True)}
    expected = {  # shared length along x and along z, over the distance of the centres
        (0, 1): [0, 3 / 1.5], (1, 2): [0, 3 / 1.5], (3, 4): [0, 2 / 1.5], (4, 5): [0, 2 / 1.5],
        (0, 3): [1 / 2.5, 0], (1, 4): [2 / 2.5, 0], (2, 5): [1 / 2.5, 0],
    }  # fmt: skip
    assert by_pair.keys() == expected.keys()
    for pair, shared in expected.items():
        np.testing.assert_allclose(by_pair[pair], shared, atol=1e-14)


def test_by_hand_grouped_with_fixed_and_padding():
    core = np.array([True, True, False, True, True, True])
    group = parameters(plain(X, Z), np.array([7, 7, 7, 3, -1, 9]), core)
    assert group.of_cell.tolist() == [1, 1, 1, 0, FIXED, 2]
    np.testing.assert_allclose(group.areas, [2, 9, 2])
    np.testing.assert_allclose(group.centres[1], [(3 * 0.5 + 6 * 2.0) / 9, -3.5])
    assert group.neighbours.tolist() == [[0, 1]]  # fixed and padding cells part the others
    np.testing.assert_allclose(group.shared[0], [1 / np.hypot(1.0, 2.5), 0], rtol=1e-12)
    assert [group.group_cells[a:b].tolist() for a, b in
            zip(group.group_pointer[:-1], group.group_pointer[1:], strict=True)] == [
        [3], [0, 1, 2], [5],
    ]  # fmt: skip
    values = group.to_cells(np.array([10.0, 20.0, 30.0]), 5.0)
    assert values.tolist() == [20.0, 20.0, 20.0, 10.0, 5.0, 30.0]
    per_cell = group.to_cells(np.array([10.0, 20.0, 30.0]), np.arange(6.0))
    assert per_cell.tolist() == [20.0, 20.0, 20.0, 10.0, 4.0, 30.0]


def own_keys(section):
    return section.row * (section.column.max() + 1) + section.column


@pytest.mark.parametrize("name", GRIDS)
def test_every_parameter_of_a_section_has_ground(name):
    section = grid(name)
    group = parameters(section.mesh, own_keys(section), section.core)
    assert (group.of_cell >= 0).all()
    counted = np.bincount(group.of_cell[section.core], minlength=len(group))
    assert (counted > 0).all()
    assert (group.areas > 0).all()
    own = areas(section.mesh)
    np.testing.assert_allclose(group.areas.sum(), own[section.core].sum(), rtol=1e-10)
    np.testing.assert_allclose(
        group.areas, np.bincount(group.of_cell[section.core], own[section.core]), rtol=1e-10
    )
    assert np.array_equal(np.sort(group.group_cells), np.arange(len(section.mesh)))
    for p in (0, len(group) // 2, len(group) - 1):
        mine = group.group_cells[group.group_pointer[p] : group.group_pointer[p + 1]]
        assert (group.of_cell[mine] == p).all()


def test_shared_lengths_make_up_the_inner_lines_of_a_section():
    section = grid("flat")
    group = parameters(section.mesh, own_keys(section), section.core)
    length = (
        group.shared
        * np.hypot(
            *(group.centres[group.neighbours[:, 0]] - group.centres[group.neighbours[:, 1]]).T
        )[:, None]
    )
    corners = section.mesh.corners()[section.core]
    low, high = corners[:, 0, 1].min(), 0.0
    rows = np.unique(np.round(corners[:, 0, 1], 9))
    # Horizontal lines between rows go through; the upright ones are counted in each row.
    np.testing.assert_allclose(length[:, 0].sum(), 11.0 * (len(rows) - 1), rtol=1e-10)
    upright = sum(
        (len(np.unique(section.column[section.core & (section.row == r)])) - 1)
        * np.ptp(section.mesh.corners()[section.core & (section.row == r)][:, :, 1])
        for r in range(section.row.max() + 1)
    )
    np.testing.assert_allclose(length[:, 1].sum(), upright, rtol=1e-10)
    assert low < high
    assert (np.diff(section.mesh.cell_pointer)[section.core] == TRANSITION).any()


def test_triangles_of_one_row_of_keys():
    surface, electrodes, _ = GRIDS["flat"]
    line = np.array([[-1e4, -2.0], [1e4, -2.0]])
    mesh = conforming_mesh(surface, electrodes, [line], size_at_electrodes=0.4, margin=30.0)
    x = mesh.nodes[:, 0]
    group = parameters(mesh, mesh.region, np.ones(len(mesh), bool))
    assert group.neighbours.tolist() == [[0, 1]]
    away = np.hypot(*(group.centres[0] - group.centres[1]))
    np.testing.assert_allclose(group.shared[0] * away, [np.ptp(x), 0.0], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(group.areas, [2.0 * np.ptp(x), 28.0 * np.ptp(x)], rtol=1e-9)
