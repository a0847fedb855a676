"""Reading a section anywhere, against asking every cell."""

import numpy as np
import pytest

from ohmscape.mesh.model import Model, locate, sample_points
from ohmscape.mesh.refine import refine
from ohmscape.mesh.triangles import conforming_mesh
from tests.support.meshes import GRIDS, areas, grid, rings


def meshes(name):
    surface, electrodes, _ = GRIDS[name]
    line = np.array([[-1e4, -1.3], [1e4, -1.3]])
    return {
        "grid": grid(name).mesh,
        "triangles": conforming_mesh(
            surface, electrodes, [line], size_at_electrodes=0.3, margin=50.0
        ),
    }


def winding(polygons, point):
    """Return how often each polygon, shape (n, k, 2), goes around a point; 0 is outside."""
    x, z = np.moveaxis(polygons - point, -1, 0)
    x1, z1 = np.roll(x, -1, axis=1), np.roll(z, -1, axis=1)
    turn = np.arctan2(x * z1 - x1 * z, x * x1 + z * z1)
    return np.rint(turn.sum(axis=1) / (2 * np.pi)).astype(int)


def brute_force(mesh, point):
    """Return the cells whose outline holds a point."""
    return np.concatenate([
        cells[winding(mesh.nodes[ring[:, ::2]], point) != 0] for cells, ring in rings(mesh)
    ])  # fmt: skip


@pytest.mark.parametrize("kind", ["grid", "triangles"])
@pytest.mark.parametrize("name", ["flat", "hill", "borehole at an electrode of a hill"])
def test_the_cell_that_holds_a_point(name, kind):
    mesh = meshes(name)[kind]
    rng = np.random.default_rng(4)
    low, high = mesh.nodes.min(axis=0), mesh.nodes.max(axis=0)
    points = np.vstack([
        rng.uniform([-2, -6], [13, 1.4], (300, 2)), rng.uniform(low, high, (100, 2)),
    ])  # fmt: skip
    found = locate(mesh, points)
    inside = 0
    for point, cell in zip(points, found, strict=True):
        holders = brute_force(mesh, point)
        inside += len(holders) > 0
        assert len(holders) == 0 or cell in holders
    assert inside > 300


@pytest.mark.parametrize("name", ["flat", "hill"])
def test_cells_hold_their_own_centres_and_samples(name):
    for mesh in meshes(name).values():
        assert np.array_equal(locate(mesh, mesh.centres()), np.arange(len(mesh)))
        samples = sample_points(mesh)
        assert samples.shape == (len(mesh), 4, 2)
        found = locate(mesh, samples.reshape(-1, 2)).reshape(-1, 4)
        assert (found == np.arange(len(mesh))[:, None]).all()


def test_samples_average_linear_functions_exactly_over_parallelograms_and_triangles():
    for mesh in meshes("flat").values():
        mean = sample_points(mesh).mean(axis=1)
        np.testing.assert_allclose(mean, mesh.centres(), atol=1e-9)


def test_outside_the_nearest_cell_counts():
    mesh = grid("flat").mesh
    low, high = mesh.nodes.min(axis=0), mesh.nodes.max(axis=0)
    middle = (low + high) / 2 + 0.05  # on no line of the grid
    beyond = [[middle[0], 5.0], [low[0] - 9, middle[1]], [high[0] + 9, -0.05], [3.1, low[1] - 9]]
    edge = np.clip(beyond, low + 1e-6, high - 1e-6)
    assert np.array_equal(locate(mesh, np.array(beyond)), locate(mesh, edge))


@pytest.mark.parametrize("kind", ["grid", "triangles"])
def test_model_reads_values_of_sections_and_of_places(kind):
    mesh = meshes("hill")[kind]
    model = Model(mesh, 1.0 + np.arange(len(mesh)))
    centres = mesh.centres()
    assert np.array_equal(model(centres), model.resistivity)
    sideways = np.column_stack([centres[:, 0], np.full(len(mesh), 77.0), centres[:, 1]])
    assert np.array_equal(model(sideways), model.resistivity)
    assert np.array_equal(model([[3.0, -1.0]]), model([[3.0, 5.0, -1.0]]))


def test_a_refined_model_is_the_same_ground():
    mesh = grid("hill").mesh
    fine, parent = refine(mesh)
    values = np.exp(np.random.default_rng(2).standard_normal(len(mesh)))
    points = fine.centres()
    assert np.array_equal(locate(mesh, points), parent)
    np.testing.assert_array_equal(Model(mesh, values)(points), Model(fine, values[parent])(points))
    assert areas(fine).min() > 0
