"""Smoothness: gradient, Hessian, what costs nothing, blocky weights, regions, lengths."""

import numpy as np
import pytest

from ohmscape.inversion.regularization import BLOCK_CONTRAST, smoothness
from ohmscape.mesh.parameters import parameters
from tests.mesh.test_parameters import X, Z, own_keys, plain
from tests.support.meshes import grid

SECTION = grid("borehole at an electrode of a hill")
GROUP = parameters(SECTION.mesh, own_keys(SECTION), SECTION.core)
N = len(GROUP)
RNG = np.random.default_rng(6)
REFERENCE = RNG.standard_normal(N)
MODEL = RNG.standard_normal(N)

KINDS = {
    "plain": {},
    "vertical weight": {"vertical_weight": 0.2},
    "reference": {"reference": REFERENCE},
    "closeness": {"reference": REFERENCE, "closeness": 0.7},
    "regions": {"regions": np.arange(N) % 3},
    "blocky": {"blocky": True},
}


def made(name):
    return smoothness(GROUP, **KINDS[name]).reweighted(MODEL)


@pytest.mark.parametrize("name", KINDS)
def test_gradient(name):
    norm, h = made(name), 1e-5
    gradient = norm.gradient(MODEL)
    for p in RNG.choice(N, 20, replace=False):
        step = h * (np.arange(N) == p)
        slope = (norm.value(MODEL + step) - norm.value(MODEL - step)) / (2 * h)
        assert 2 * gradient[p] == pytest.approx(slope, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("name", KINDS)
def test_hessian_is_the_change_of_the_gradient(name):
    norm = made(name)
    matrix = np.zeros((N, N))
    norm.add_to(matrix, 3.0)
    assert not np.triu(matrix, 1).any()
    full = matrix + np.tril(matrix, -1).T
    step = RNG.standard_normal(N)
    change = norm.gradient(MODEL + step) - norm.gradient(MODEL)
    np.testing.assert_allclose(full @ step, 3.0 * change, atol=1e-9 * np.abs(full).max())
    assert norm.trace() == pytest.approx(np.trace(full) / 3.0)
    assert np.linalg.eigvalsh(full).min() > -1e-9 * np.abs(full).max()


@pytest.mark.parametrize("name", KINDS)
def test_the_reference_costs_nothing_and_all_else_does(name):
    norm = made(name)
    base = KINDS[name].get("reference", np.zeros(N))
    assert norm.value(base) == 0.0
    assert not norm.gradient(base).any()
    lifted = norm.value(base + 1.0)
    if name == "closeness":
        assert lifted == pytest.approx(0.7 * N)  # weight 1 per mean cell
    else:
        assert lifted == pytest.approx(0.0, abs=1e-12)
    assert norm.value(MODEL) > 0


def test_slopes_are_counted_as_the_integral_of_the_squared_gradient():
    fine = plain(np.linspace(0, 4, 41), np.linspace(-3, 0, 31))
    group = parameters(fine, np.arange(1200), np.ones(1200, bool))
    x, z = group.centres.T
    for weight in (1.0, 0.25):
        norm = smoothness(group, vertical_weight=weight)
        assert norm.value(2.0 * x) == pytest.approx(4.0 * 12.0, rel=0.05)
        assert norm.value(3.0 * z) == pytest.approx(weight * 9.0 * 12.0, rel=0.05)


def test_regions_are_free_of_each_other():
    group = parameters(plain(X, Z), np.arange(6), np.ones(6, bool))
    norm = smoothness(group, regions=np.array([0, 0, 0, 1, 1, 1]))
    assert norm.value(np.array([5.0, 5, 5, -7, -7, -7])) == 0.0
    assert norm.value(np.array([5.0, 5, 6, -7, -7, -7])) > 0.0


def test_blocky_weights_by_hand():
    group = parameters(plain(X, Z), np.arange(6), np.ones(6, bool))
    norm = smoothness(group, blocky=True)
    model = np.array([0, 0, 0, BLOCK_CONTRAST, 3 * BLOCK_CONTRAST, 0])
    soft = norm.reweighted(model)
    step = model[norm.pairs[:, 0]] - model[norm.pairs[:, 1]]
    np.testing.assert_allclose(soft.softening, 1 / np.sqrt(1 + (step / BLOCK_CONTRAST) ** 2))
    assert norm.reweighted(np.zeros(6)).softening.tolist() == [1.0] * len(norm.pairs)
    # For large steps the cost grows with the step, not with its square.
    big, bigger = (norm.reweighted(s * model).value(s * model) for s in (100.0, 200.0))
    assert bigger == pytest.approx(2 * big, rel=0.01)
    assert smoothness(group).reweighted(model).softening is None
