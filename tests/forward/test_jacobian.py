"""The derivative of readings by ln(resistivity): finite differences, sums and the adjoint."""

from dataclasses import dataclass

import numpy as np
import pytest

from ohmscape.arrays import designs
from ohmscape.core import Electrodes, Survey
from ohmscape.forward.dc25d import Resistivity25D, Section
from ohmscape.forward.setting import grid_of, setting_of, triangles_of
from ohmscape.inversion.transform import Transform
from ohmscape.mesh.model import locate
from ohmscape.mesh.parameters import FIXED, parameters
from ohmscape.mesh.section import SectionOptions

N = 10
X = np.arange(float(N))
FLAT = np.column_stack([X, 0 * X, 0 * X])
HILL = np.column_stack([X, 0 * X, np.sin(X / 2)])
WELL = np.vstack([FLAT, [[4.4, 0, -1.0], [4.4, 0, -2.0]]])
ABMN = np.vstack([designs.wenner(N), designs.dipole_dipole(N, 5), designs.pole_dipole(N, 4)])
IN_WELL = np.vstack([ABMN, [[10, -1, 11, -1], [0, 10, 4, 11], [2, 11, 10, 6]]])


@dataclass(frozen=True)
class Case:
    """A line, its readings, and how its section is cut."""

    positions: np.ndarray
    abmn: np.ndarray
    triangles: bool = False
    fixed: bool = False


CASES = {
    "quadrilaterals": Case(FLAT, ABMN),
    "hill": Case(HILL, ABMN),
    "well": Case(WELL, IN_WELL),
    "triangles": Case(HILL, ABMN, triangles=True),
    "fixed cells": Case(FLAT, ABMN, fixed=True),
    "triangles and fixed cells": Case(FLAT, ABMN, triangles=True, fixed=True),
}


def simulation_of(case, precision=np.float64):
    """Return a simulation with some hundred parameters, and a model with structure."""
    setting = setting_of(Survey(Electrodes(case.positions), case.abmn))
    grid = grid_of(setting, SectionOptions())
    key = grid.row * (grid.column.max() + 1) + grid.column
    mesh, core = grid.mesh, grid.core
    if case.triangles:
        mesh = triangles_of(setting, [np.array([[-1e4, -1.5], [1e4, -1.5]])])
        cell = locate(grid.mesh, mesh.centres())
        key, core = key[cell] * 2 + mesh.region, core[cell]
    fixed = np.full(len(mesh), np.nan)
    if case.fixed:
        x, z = mesh.centres().T
        known = (np.abs(x - 4.0) < 1.5) & (z > -1.5)
        fixed[known] = 300.0
        key = np.where(known, FIXED, key)
    group = parameters(mesh, key, core)
    section = Section.of(mesh, setting.abmn, precision=precision)
    simulation = Resistivity25D.of(section, group, setting.abmn, fixed)
    x, z = group.centres.T
    return simulation, np.log(100.0) + 0.8 * np.sin(x) * np.exp(z / 2) + 0.3 * z


@pytest.mark.parametrize(("precision", "close"), [(np.float32, 5e-4), (np.float64, 1e-4)])
@pytest.mark.parametrize("name", CASES)
def test_finite_differences(name, precision, close):
    simulation, model = simulation_of(CASES[name], precision)
    response = simulation.predict(model)
    data = response.data.copy()
    scale = 1.0 / np.abs(data)
    jacobian = simulation.jacobian(response, scale).astype(float)
    assert jacobian.shape == (len(model), len(data))
    rng = np.random.default_rng(2)
    strong = np.argsort(-np.abs(jacobian).max(axis=1))
    some = np.concatenate([strong[:12], rng.choice(strong[12:], 12, replace=False)])
    h, changed = 1e-4, None
    for p in some:
        step = np.zeros(len(model))
        step[p] = h
        up = simulation.predict(model + step, changed)
        higher = up.data.copy()
        changed = simulation.predict(model - step, up)
        slope = (higher - changed.data) / (2 * h) * scale
        np.testing.assert_allclose(jacobian[p], slope, atol=close * np.abs(slope).max() + 1e-9)


@pytest.mark.parametrize("name", ["quadrilaterals", "hill", "well", "triangles"])
def test_all_parameters_together_scale_the_readings(name):
    """``R`` is proportional to resistivity, so that ``sum of d R / d ln(rho) = R``."""
    simulation, model = simulation_of(CASES[name])
    response = simulation.predict(model)
    total = simulation.jacobian(response, 1.0 / response.data).sum(axis=0, dtype=float)
    np.testing.assert_allclose(total, 1.0, rtol=2e-4)
    np.testing.assert_allclose(simulation.jvp(response, np.ones(len(model))), response.data,
                               rtol=2e-4)  # fmt: skip


def test_fixed_cells_have_no_part_in_it():
    simulation, model = simulation_of(CASES["fixed cells"])
    response = simulation.predict(model)
    assert (simulation.parameters.of_cell == FIXED).any()
    fixed = simulation.parameters.of_cell == FIXED
    np.testing.assert_allclose(response.conductivity[fixed], 1 / 300.0)
    moved = simulation.predict(model + 1.0)
    np.testing.assert_allclose(moved.conductivity[fixed], 1 / 300.0)
    total = simulation.jacobian(moved, 1.0 / moved.data).sum(axis=0, dtype=float)
    assert (total < 0.99).any()  # part of each reading is the fixed cells'


@pytest.mark.parametrize("precision", [np.float32, np.float64])
def test_row_factors_scale_rows(precision):
    simulation, model = simulation_of(CASES["quadrilaterals"], precision)
    response = simulation.predict(model)
    factor = np.random.default_rng(1).standard_normal(simulation.n_data)
    plain = simulation.jacobian(response, np.ones(simulation.n_data)).astype(float)
    scaled = simulation.jacobian(response, factor).astype(float)
    np.testing.assert_allclose(scaled, plain * factor, rtol=1e-5, atol=1e-30)


@pytest.mark.parametrize("bounds", [(20.0, 1e3), (1.0, 1e5)])
def test_chain_with_bounds(bounds):
    simulation, log = simulation_of(CASES["quadrilaterals"])
    transform = Transform(*bounds)
    model = transform.from_log(np.clip(log, *np.log(bounds)))
    response = simulation.predict(transform.to_log(model))
    jacobian = simulation.jacobian(response, 1.0 / response.data).astype(float)
    chained = jacobian * transform.slope(model)[:, None]
    before = response.data.copy()
    for p in np.argsort(-np.abs(chained).max(axis=1))[:6]:
        step = np.zeros(len(model))
        step[p] = 1e-4
        up = simulation.predict(transform.to_log(model + step)).data
        down = simulation.predict(transform.to_log(model - step)).data
        slope = (up - down) / 2e-4 / before
        np.testing.assert_allclose(chained[p], slope, atol=1e-4 * np.abs(slope).max() + 1e-9)


def products(case, precision):
    """Return ``<J v, w>``, ``<v, J' w>`` and the size of both."""
    simulation, model = simulation_of(CASES[case], precision)
    response = simulation.predict(model)
    rng = np.random.default_rng(8)
    v, w = rng.standard_normal(len(model)), rng.standard_normal(simulation.n_data)
    w = w / np.abs(response.data)
    forward = simulation.jvp(response, v)
    backward = simulation.vjp(response, w)
    size = np.linalg.norm(forward * w)
    return forward @ w, v @ backward, size


@pytest.mark.parametrize("name", CASES)
def test_adjoint(name):
    one, other, size = products(name, np.float64)
    assert abs(one - other) <= 1e-9 * size


@pytest.mark.parametrize("name", CASES)
def test_adjoint_in_single_precision(name):
    one, other, size = products(name, np.float32)
    assert abs(one - other) <= 1e-4 * size


@pytest.mark.parametrize("precision", [np.float32, np.float64])
def test_products_are_those_of_the_matrix(precision):
    simulation, model = simulation_of(CASES["hill"], precision)
    response = simulation.predict(model)
    rng = np.random.default_rng(9)
    v, w = rng.standard_normal(len(model)), rng.standard_normal(simulation.n_data)
    forward, backward = simulation.jvp(response, v), simulation.vjp(response, w)
    jacobian = simulation.jacobian(response, np.ones(simulation.n_data)).astype(float)
    np.testing.assert_allclose(forward, v @ jacobian, atol=1e-5 * np.abs(forward).max())
    np.testing.assert_allclose(backward, jacobian @ w, atol=1e-5 * np.abs(backward).max())


def test_old_memory_may_be_taken_without_harm():
    simulation, model = simulation_of(CASES["quadrilaterals"])
    fresh = simulation.fresh()
    assert fresh.scratch is not simulation.scratch
    expected = fresh.predict(model).data
    spare = simulation.predict(model + 1.0)
    again = simulation.predict(model, spare)
    assert np.array_equal(again.data, expected)
    one = simulation.jacobian(again, np.ones(simulation.n_data)).copy()
    two = fresh.jacobian(fresh.predict(model), np.ones(simulation.n_data))
    np.testing.assert_array_equal(one, two)
