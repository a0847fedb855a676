"""Exact potentials of homogeneous grounds with topography, and solid angles."""

from dataclasses import replace

import numpy as np
import pytest

from ohmscape.forward.dc3d import Volume
from ohmscape.forward.sources import Primary, Surroundings, exact_potentials, surface_loads
from tests.support.boxes import below, graded, planes_box
from tests.support.closed_forms import half_space, ridge
from tests.support.volumes import grid, on_ground

PLACES = np.concatenate([on_ground(grid(3, 3) * 1.0) - [1.0, 1.0, 0.0], [[0.5, -0.5, -0.5]]])


def ground(shape=None):
    """Return a box of planes whose z is lowered by `shape(nodes)`."""
    x = graded(np.arange(-1.5, 1.6, 0.5), 40.0, 1.7)
    mesh = planes_box(x, x, below(np.arange(-1.5, 0.1, 0.5), 40.0, 1.7), PLACES)
    if shape is None:
        return mesh
    return replace(mesh, nodes=mesh.nodes - np.outer(shape(mesh.nodes), [0.0, 0.0, 1.0]))


def exact(mesh):
    volume = Volume.of(mesh, np.float64, corrected=False)
    fields = volume.fields(np.ones(len(mesh)))
    primary = Primary.of(mesh, Surroundings.of(mesh).angle)
    found = exact_potentials(mesh, primary, fields, np.empty(0, np.int64))
    return found, volume.potentials(np.ones(len(mesh)))


def apart(mesh):
    places = mesh.nodes[mesh.electrode_nodes]
    return places, ~np.eye(len(places), dtype=bool)


def test_solid_angles():
    around = Surroundings.of(ground())
    np.testing.assert_allclose(around.angle[:9], 2 * np.pi, rtol=1e-12)
    np.testing.assert_allclose(around.angle[9], 4 * np.pi, rtol=1e-12)
    steep = Surroundings.of(ground(lambda p: np.abs(p[:, 0])))  # a crest of 90 degrees at x = 0
    crest = np.isclose(PLACES[:9, 0], 0.0)
    np.testing.assert_allclose(steep.angle[:9][crest], np.pi, rtol=1e-12)
    np.testing.assert_allclose(steep.angle[:9][~crest], 2 * np.pi, rtol=1e-12)
    np.testing.assert_allclose(np.bincount(steep.electrode, steep.share), 1.0, rtol=1e-12)


def test_flat_ground_is_exact():
    mesh = ground()
    found, _ = exact(mesh)
    places, pairs = apart(mesh)
    np.testing.assert_allclose(found[pairs], half_space(places, 1.0)[pairs], rtol=1e-12)


def test_a_ridge():
    """Four images make the potentials under a ridge of 90 degrees; flat factors are far off."""
    mesh = ground(lambda p: np.abs(p[:, 0]))
    found, plain = exact(mesh)
    places, pairs = apart(mesh)
    expected = ridge(places, 1.0)[pairs]
    error = np.abs(found[pairs] / expected - 1.0)
    assert error.max() < 0.03
    assert np.median(error) < 0.006
    assert np.median(np.abs(plain[pairs] / expected - 1.0)) > 2 * np.median(error)
    flat = np.abs(half_space(places, 1.0, surface=0.0)[pairs] / expected - 1.0)
    assert np.median(flat) > 0.2


@pytest.mark.parametrize("height", [0.0, 0.4])
def test_all_current_leaves_a_closed_domain(height):
    side = np.arange(0.0, 3.1, 0.5)
    tank = planes_box(side, side, side - 3.0, np.array([[1.5, 1.5, 0], [1, 1, -1.5], [0, 1, -1]]),
                      closed=True)  # fmt: skip
    nodes = tank.nodes + np.outer(height * np.sin(tank.nodes[:, 0]), [0.0, 0.0, 1.0])
    tank = replace(tank, nodes=nodes)
    primary = Primary.of(tank, Surroundings.of(tank).angle)
    _, load = surface_loads(tank, primary, scaled=False)
    np.testing.assert_allclose(load.sum(axis=1), 1.0, rtol=0.02)
