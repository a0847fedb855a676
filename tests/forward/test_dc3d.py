"""Potentials in three dimensions against closed forms; derivatives against differences."""

import numpy as np
import pytest

from ohmscape.core import REMOTE
from ohmscape.errors import SimulationError
from ohmscape.forward.dc3d import Resistivity3D, Volume
from ohmscape.forward.readings import quadrupole
from tests.support.boxes import below, graded, planes_box
from tests.support.closed_forms import half_space
from tests.support.groups import random_groups
from tests.support.volumes import grid, on_ground

ELECTRODES = np.concatenate([on_ground(grid(3, 3)) - [1.0, 1.0, 0.0], [[0.5, 0.0, -1.0]]])


@pytest.fixture(scope="module")
def small():
    """A mesh with surface electrodes and a buried one."""
    x = graded(np.arange(-1.5, 1.6, 0.5), 30.0, 2.0)
    z = below(np.arange(-1.5, 0.1, 0.5), 30.0, 2.0)
    return planes_box(x, x, z, ELECTRODES)


@pytest.fixture(scope="module")
def simulation(small):
    volume = Volume.of(small, np.float64)
    group = random_groups(small, 40, fixed=20)
    rng = np.random.default_rng(3)
    abmn = np.array([rng.choice(10, 4, replace=False) for _ in range(30)])
    abmn[0, 1] = abmn[1, 3] = abmn[2, 0] = REMOTE
    fixed = np.full(len(small), 7.0)
    return Resistivity3D.of(volume, group, abmn, fixed)


@pytest.fixture(scope="module")
def model(simulation):
    return np.random.default_rng(4).normal(3.0, 0.7, simulation.n_parameters)


def test_half_space_is_right_with_the_correction(small):
    volume = Volume.of(small, np.float64)
    pairs = ~np.eye(len(ELECTRODES), dtype=bool)
    expected = half_space(ELECTRODES, 50.0)[pairs]
    found = volume.potentials(np.full(len(small), 1 / 50.0))[pairs]
    np.testing.assert_allclose(found, expected, rtol=5e-3)


def test_half_space_is_nearly_right_without_it(small):
    volume = Volume.of(small, corrected=False)
    apart = np.linalg.norm(ELECTRODES[:, None] - ELECTRODES[None], axis=2) > 1.9
    expected = half_space(ELECTRODES, 50.0)[apart]
    found = volume.potentials(np.full(len(small), 1 / 50.0))[apart]
    np.testing.assert_allclose(found, expected, rtol=1e-2)


def test_jacobian_is_the_derivative(simulation, model):
    response = simulation.predict(model)
    jacobian = simulation.jacobian(response, np.ones(simulation.n_data)).copy()
    step = 1e-4
    for p in range(0, simulation.n_parameters, 5):
        moved = np.zeros_like(model)
        moved[p] = step
        up, down = simulation.predict(model + moved), simulation.predict(model - moved)
        slope = (up.data - down.data) / (2 * step)
        np.testing.assert_allclose(jacobian[p], slope, rtol=1e-4, atol=1e-6 * np.abs(slope).max())


def test_all_ground_by_a_factor_is_all_readings_by_it(small):
    group = random_groups(small, 40)
    abmn = np.array([[0, 1, 2, 3], [8, REMOTE, 9, 4], [5, 9, 1, REMOTE]])
    simulation = Resistivity3D.of(Volume.of(small), group, abmn, np.ones(len(small)))
    response = simulation.predict(np.random.default_rng(1).normal(0, 1, 40))
    total = simulation.jacobian(response, np.ones(3)).sum(axis=0)
    np.testing.assert_allclose(total, response.data, rtol=1e-4)


def test_products_are_those_of_the_jacobian_and_adjoint_to_each_other(simulation, model):
    response = simulation.predict(model)
    rng = np.random.default_rng(5)
    direction, weights = rng.normal(size=simulation.n_parameters), rng.normal(size=30)
    jacobian = simulation.jacobian(response, np.ones(30))
    forward, back = simulation.jvp(response, direction), simulation.vjp(response, weights)
    np.testing.assert_allclose(forward, direction @ jacobian, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(back, jacobian @ weights, rtol=1e-10, atol=1e-12)
    assert abs(weights @ forward - direction @ back) <= 1e-9 * abs(weights @ forward)
    weighted = simulation.jacobian(response, weights)
    np.testing.assert_allclose(weighted.sum(axis=1), back, rtol=1e-9, atol=1e-12)


def test_single_precision_is_enough(small, simulation, model):
    single = Resistivity3D.of(
        Volume.of(small), simulation.parameters, simulation.abmn, simulation.fixed
    )
    exact, quick = simulation.predict(model), single.predict(model)
    np.testing.assert_allclose(quick.data, exact.data, rtol=1e-4)
    ones = np.ones(30)
    difference = single.jacobian(quick, ones) - simulation.jacobian(exact, ones)
    assert np.abs(difference).max() <= 1e-4 * np.abs(exact.data).max()


def test_a_column_is_a_resistor():
    """Far from its ends the current in a long bar is even: R = rho l / A."""
    side, long = np.arange(0.0, 1.1, 0.25), np.arange(-6.0, 0.1, 0.25)
    places = np.array([[0.5, 0.5, 0.0], [0.5, 0.5, -6.0], [0, 0.5, -2.0], [1.0, 0, -4.0]])
    bar = planes_box(side, side, long, places, closed=True)
    resistance = quadrupole(
        Volume.of(bar).potentials(np.full(len(bar), 1 / 20.0)), np.array([[0, 1, 2, 3]])
    )
    np.testing.assert_allclose(resistance, 20.0 * 2.0 / 1.0, rtol=1e-3)
    with pytest.raises(SimulationError, match=r"remote.*rows \[0\]|rows \[0\].*remote"):
        Resistivity3D.of(
            Volume.of(bar), random_groups(bar, 3), np.array([[0, REMOTE, 2, 3]]), np.ones(len(bar))
        )
