"""From surveys to sections: terminals, spreads, water and bad input."""

import numpy as np
import pytest

from ohmscape.arrays import designs
from ohmscape.core import Electrodes, Survey, Terrain, Water
from ohmscape.errors import SurveyError
from ohmscape.forward.setting import grid_of, in_water, setting_of, triangles_of
from ohmscape.mesh.section import SectionOptions
from tests.support.meshes import assert_sane, polygon_area, surface_of

X = np.arange(8.0)
FLAT = np.column_stack([X, 0 * X, 0 * X])


def test_terminals_are_the_places_in_use_each_once():
    positions = np.vstack([FLAT, FLAT[2], [50.0, 0, 0]])  # 8 is at 2 again, 9 is not in use
    abmn = np.array([[0, 3, 1, 8], [0, -1, 2, 3], [5, 1, 3, 2]])
    setting = setting_of(Survey(Electrodes(positions), abmn))
    assert setting.places[:, 0].tolist() == [0.0, 1.0, 2.0, 3.0, 5.0]
    assert setting.terminal_of.tolist() == [0, 1, 2, 3, -1, 4, -1, -1, 2, -1]
    assert setting.abmn.tolist() == [[0, 3, 1, 2], [0, -1, 2, 3], [4, 1, 3, 2]]
    assert not setting.buried.any()
    assert setting.length == 5.0
    assert setting.spread == 4.0


def test_spread_counts_depth_and_leaves_out_remote_poles():
    positions = np.vstack([FLAT, [3.0, 0, -4.0]])
    setting = setting_of(Survey(Electrodes(positions), [[0, -1, 8, -1], [0, -1, 1, 2]]))
    assert setting.spread == pytest.approx(5.0)
    assert setting.buried.tolist() == [False, False, False, True]


@pytest.mark.parametrize(("abmn", "what"), [
    (np.zeros((0, 4), int), "no reading"),
    ([[0, 1, 2, 3], [0, 0, 2, 3]], r"rows \[1\].*A and B share a place"),
    ([[0, 1, 2, 8]], "M and N share a place"),
    ([[-1, -1, 2, 3]], "both current electrodes are remote"),
])  # fmt: skip
def test_readings_that_physics_cannot_use(abmn, what):
    positions = np.vstack([FLAT, FLAT[2]])
    with pytest.raises(SurveyError, match=what):
        setting_of(Survey(Electrodes(positions), abmn))


def test_depth_follows_the_longest_reading_unless_given():
    setting = setting_of(Survey(Electrodes(FLAT), designs.wenner(8)))
    for given, depth in ((None, 0.3 * 6.0), (4.0, 4.0)):
        grid = grid_of(setting, SectionOptions(), given)
        lowest = -grid.mesh.corners()[grid.core][:, :, 1].min()
        assert depth <= lowest < 2.0 * depth


VALLEY = np.column_stack([X, 0 * X, np.abs(X - 3.5) - 2.0])  # -2 + 0.5 at the deepest
LAKE = Water(level=0.25, resistivity=20.0)


def lake():
    return setting_of(Survey(Electrodes(VALLEY), designs.wenner(8)), water=LAKE)


def test_water_fills_what_lies_below_its_level():
    setting = lake()
    points = np.array([[3.5, 0.0], [3.5, 0.3], [3.5, -1.6], [0.5, 0.5], [1.3, 0.24], [1.2, 0.24]])
    assert in_water(setting, points).tolist() == [True, False, False, False, True, False]
    dry = setting_of(Survey(Electrodes(VALLEY), designs.wenner(8)))
    assert not in_water(dry, points).any()


def test_mesh_of_a_lake_has_level_water_and_a_bed_through_the_electrodes():
    setting = lake()
    mesh = triangles_of(setting, ())
    assert_sane(mesh, setting.places)
    top = surface_of(mesh)
    expected = np.maximum(np.interp(top[:, 0], X, VALLEY[:, 2]), LAKE.level)
    np.testing.assert_allclose(top[:, 1], expected, atol=1e-9)
    wet = in_water(setting, mesh.centres())
    assert len(set(mesh.region[wet])) == 1
    assert not set(mesh.region[wet]) & set(mesh.region[~wet])
    corners = mesh.corners()[wet, :3]
    found = polygon_area(corners).sum()
    # A trapezium: 4.5 m wide at the level, 1 m at the bed (-1.5 m), 1.75 m deep.
    assert found == pytest.approx(0.5 * (4.5 + 1.0) * 1.75, rel=1e-9)


def test_water_below_all_ground_is_refused():
    with pytest.raises(SurveyError, match="below the ground everywhere"):
        setting_of(Survey(Electrodes(FLAT), [[0, 3, 1, 2]]), water=Water(-1.0, 10.0))


def test_terrain_beyond_the_electrodes_shapes_the_mesh():
    terrain = Terrain(np.array([[-4.0, 0, 3.0], [-1.0, 0, 0.0], [9.0, 0, 0.0], [12, 0, -2.0]]))
    setting = setting_of(Survey(Electrodes(FLAT), designs.wenner(8)), terrain)
    for mesh in (grid_of(setting, SectionOptions()).mesh, triangles_of(setting, ())):
        assert_sane(mesh, setting.places)
        top = surface_of(mesh)
        assert top[0, 1] == pytest.approx(top[:, 1].max())
        assert top[top[:, 0] < -4.0][:, 1] == pytest.approx(3.0)
        assert top[top[:, 0] > 12.0][:, 1] == pytest.approx(-2.0)
