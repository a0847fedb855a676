"""Parameters of a body: all of its volume, each in one piece of ground, neighbours that meet."""

import numpy as np
import pytest

from ohmscape.mesh.box import box_mesh
from ohmscape.mesh.volume_parameters import CubeOptions, volume_parameters

GRID = np.stack(np.meshgrid(np.arange(6.0), np.arange(5.0)), axis=-1).reshape(-1, 2)
PLACES = np.column_stack([GRID, np.zeros(len(GRID))])
MESH = box_mesh(PLACES)


def level(xy):
    return np.zeros(len(xy))


@pytest.fixture(scope="module")
def group():
    return volume_parameters(MESH, PLACES, level, 2.5)


def test_the_core_is_shared_without_rest(group):
    assert group.areas.sum() == pytest.approx(MESH.volumes()[group.core].sum())
    assert np.array_equal(np.unique(group.of_cell), np.arange(len(group)))
    assert (group.areas > 0).all()


def test_cells_are_listed_parameter_after_parameter(group):
    assert group.group_pointer[-1] == len(MESH)
    own = np.repeat(np.arange(len(group)), np.diff(group.group_pointer))
    np.testing.assert_array_equal(group.of_cell[group.group_cells], own)


def test_they_grow_with_depth(group):
    shallow, deep = (group.areas[d(-group.centres[:, 2])] for d in
                     (lambda z: z < 0.5, lambda z: z > 1.5))  # fmt: skip
    assert np.median(deep) > 1.5 * np.median(shallow)


def test_finer_cubes_are_more():
    fine = volume_parameters(MESH, PLACES, level, 2.5, CubeOptions(edge=0.5))
    coarse = volume_parameters(MESH, PLACES, level, 2.5, CubeOptions(edge=1.5))
    assert len(fine) > 2 * len(coarse)


def test_weights_are_those_of_a_gradient(group):
    """The roughness of a plane is its slope squared times the volume between the centres."""
    for axis in range(3):
        x = group.centres[:, axis]
        i, j = group.neighbours.T
        rough = (group.shared.sum(axis=1) * (x[i] - x[j]) ** 2).sum()
        assert 0.5 * group.areas.sum() < rough < 1.7 * group.areas.sum()


def test_neighbours_touch(group):
    i, j = group.neighbours.T
    assert (i < j).all()
    away = np.linalg.norm(group.centres[i] - group.centres[j], axis=1)
    size = np.cbrt(group.areas)
    assert (away < 2.5 * (size[i] + size[j])).all()
