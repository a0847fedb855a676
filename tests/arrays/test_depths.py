"""Which electrodes of a survey in three dimensions are buried."""

import numpy as np
import pytest

from ohmscape.arrays.depths import depths_of
from ohmscape.core.data import Terrain
from ohmscape.core.survey import Electrodes
from ohmscape.errors import SurveyError

GRID = np.stack(np.meshgrid(np.arange(4.0), np.arange(3.0)), axis=-1).reshape(-1, 2)
HILL = np.column_stack([GRID, 100.0 + 0.3 * GRID[:, 0] - 0.1 * GRID[:, 1] ** 2])
HOLE = np.array([[1.5, 1.5, z] for z in (99.0, 98.0, 97.0)])


def test_electrodes_draw_the_ground():
    found = depths_of(Electrodes(HILL))
    assert not found.buried.any()
    np.testing.assert_array_equal(found.stakes, HILL)


def test_under_another_electrode_is_buried_and_the_uppermost_is_ground():
    places = np.vstack([HILL, [[1.5, 1.5, 100.2]], HOLE])
    found = depths_of(Electrodes(places))
    np.testing.assert_array_equal(found.buried, [False] * 13 + [True] * 3)


def test_marks_are_believed():
    marked = np.zeros(12, dtype=bool)
    marked[5] = True
    assert np.array_equal(depths_of(Electrodes(HILL, buried=marked)).buried, marked)


@pytest.mark.parametrize("holes", [True, False])
def test_depths_alone_mean_flat_ground_at_zero(holes):
    places = np.array([[x, y, z] for x in (0.0, 5.0) for y in (0.0, 5.0) for z in (-4.0, -5.0)])
    places = places if holes else places[::2]
    found = depths_of(Electrodes(places))
    assert found.buried.all()
    np.testing.assert_allclose(found.stakes[:, 2], 0.0)


def test_terrain_tells_what_lies_below_it():
    x = np.linspace(-2, 6, 30)
    xy = np.stack(np.meshgrid(x, x), axis=-1).reshape(-1, 2)
    ground = np.column_stack([xy, 100.0 + 0.3 * xy[:, 0] - 0.1 * xy[:, 1] ** 2])
    places = HILL.copy()
    places[[2, 7], 2] -= 1.0
    found = depths_of(Electrodes(places), Terrain(ground))
    np.testing.assert_array_equal(np.flatnonzero(found.buried), [2, 7])


def test_all_marked_above_zero_need_terrain():
    with pytest.raises(SurveyError, match="terrain"):
        depths_of(Electrodes(HILL, buried=np.ones(12, dtype=bool)))
