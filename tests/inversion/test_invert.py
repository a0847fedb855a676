"""Options of `invert`, and inverting again: what must hold of every result."""

from dataclasses import replace

import numpy as np
import pytest

from ohmscape.core import Data, Electrodes, Survey, Water
from ohmscape.errors import InversionError
from ohmscape.forward.simulate import simulate
from ohmscape.inversion.gauss_newton import StopReason
from ohmscape.inversion.invert import invert, preview, reinvert
from ohmscape.inversion.options import InversionOptions, Region
from ohmscape.inversion.setup import prepare
from ohmscape.mesh.parameters import FIXED
from tests.support.lines import ABMN, BLOCK, FLAT, LINE, MIDDLE, N, block, in_block, layer


@pytest.fixture(scope="module")
def result():
    return invert(block(1000.0), error="2%")


def log_distance(one, other):
    return np.abs(np.log(one / other)).max()


def test_the_same_call_gives_the_same_section(result):
    again = invert(block(1000.0), error="2%")
    assert np.array_equal(again.resistivity, result.resistivity)
    assert np.array_equal(again.predicted, result.predicted)
    assert [step.chi2 for step in again.iterations] == [step.chi2 for step in result.iterations]


def test_what_a_result_holds(result):
    data = block(1000.0)
    n = len(result.parameters)
    assert result.resistivity.shape == result.coverage.shape == (n,)
    assert (result.resistivity > 0).all()
    residual = (data.resistance - result.predicted) / result.standard_deviation
    assert np.mean(residual**2) == pytest.approx(result.chi2)
    assert result.rrms_percent == pytest.approx(2.0 * np.sqrt(result.chi2), rel=1e-6)
    assert result.start_chi2 > 20 * result.chi2
    assert result.iterations[-1].chi2 == result.chi2
    assert result.lam == result.iterations[-1].strength
    assert ((result.depth_of_investigation >= 0) & (result.depth_of_investigation <= 1)).all()
    z = result.parameters.centres[:, 1]
    shallow, deep = result.depth_of_investigation[z > -2], result.depth_of_investigation[z < -6]
    assert np.median(shallow) < 0.05 < np.median(deep)
    assert np.median(result.coverage[z > -1]) > 20 * np.median(result.coverage[z < -6])
    assert result.geometric_factor[0] == pytest.approx(2 * np.pi, rel=2e-3)  # Wenner, a = 1
    cells = result.model(result.parameters.centres)
    assert (cells > 0).all()


def test_the_prediction_is_that_of_the_section(result):
    followed = simulate(LINE, result.model)
    error = result.check.error_percent.max() / 100 + 0.01  # triangles of simulate are other cells
    np.testing.assert_allclose(result.predicted, followed.resistance, rtol=error)


@pytest.mark.parametrize("factor", [0.3, 3.0])
def test_another_lambda(result, factor):
    lam = factor * result.lam
    again, fresh = reinvert(result, lam=lam), invert(block(1000.0), error="2%", lam=lam)
    assert again.stop_reason is fresh.stop_reason is StopReason.SETTLED
    assert again.lam == fresh.lam == lam
    assert log_distance(again.resistivity, fresh.resistivity) < 0.1
    assert again.chi2 == pytest.approx(fresh.chi2, rel=0.02)
    shown, chi2 = preview(result, lam)
    assert np.median(np.abs(np.log(shown / fresh.resistivity))) < 0.1
    assert log_distance(shown, fresh.resistivity) < 0.5
    assert chi2 == pytest.approx(fresh.chi2, rel=0.25)


def test_a_result_is_not_spoilt_by_those_made_from_it(result):
    before = result.resistivity.copy(), result.predicted.copy(), preview(result, 50.0)
    reinvert(result, lam=300.0)
    reinvert(result, leave_out=np.arange(len(ABMN)) % 7 == 0)
    assert np.array_equal(result.resistivity, before[0])
    assert np.array_equal(result.predicted, before[1])
    shown = preview(result, 50.0)
    assert np.array_equal(shown[0], before[2][0])
    assert shown[1] == before[2][1]


def test_fewer_readings(result):
    out = np.random.default_rng(3).random(len(ABMN)) < 0.1
    again = reinvert(result, leave_out=out)
    fresh = invert(block(1000.0).without(out, "test"), error="2%")
    assert again.stop_reason is fresh.stop_reason is StopReason.FITTED
    assert 1 <= len(again.iterations) < len(fresh.iterations)
    assert np.array_equal(np.isnan(again.predicted), out)
    assert np.array_equal(np.isnan(fresh.predicted), out)
    assert again.chi2 == pytest.approx(fresh.chi2, abs=0.06)
    # Both fit to the same chi-squared; lambda may differ by what its tolerance allows.
    assert np.median(np.abs(np.log(again.resistivity / fresh.resistivity))) < 0.05
    assert log_distance(again.resistivity, fresh.resistivity) < 0.5
    with pytest.raises(InversionError, match="no reading is left"):
        reinvert(result, leave_out=np.ones(len(ABMN), bool))


def test_leaving_out_bad_readings_makes_the_section_smoother():
    data = block(1000.0)
    bad = np.arange(len(data)) % 40 == 0
    spoilt = replace(data, resistance=np.where(bad, 1.3 * data.resistance, data.resistance))
    first = invert(spoilt, error="4%")
    again = reinvert(first, leave_out=bad)
    assert again.stop_reason is StopReason.FITTED
    assert again.chi2 == pytest.approx(1.0, abs=0.05)
    norm = first.state.regularization
    assert norm.value(again.state.model) < 0.6 * norm.value(first.state.model)


@pytest.mark.parametrize("options", [
    {"regions": [Region(BLOCK)]}, {"regions": [Region(BLOCK, 10.0)]},
    {"interfaces": [[[-1e4, -2.5], [1e4, -2.5]]]}, {"interfaces": [[[5.2, 1.0], [9.0, -30.0]]]},
], ids=["region", "known region", "interface", "slanting line"])  # fmt: skip
def test_every_parameter_has_ground_and_neighbours(options):
    prepared = prepare(block(1000.0), InversionOptions(error="2%", **options))
    group, norm = prepared.simulation.parameters, prepared.problem.regularization
    assert (group.areas > 0).all()
    counted = np.bincount(group.of_cell[group.core & (group.of_cell != FIXED)])
    assert (counted > 0).all()
    assert len(counted) == len(group)
    assert np.array_equal(np.unique(norm.pairs), np.arange(len(group)))  # none hangs on nothing


def test_given_lambda_is_a_stationary_point():
    result = invert(block(1000.0), error="2%", lam=20.0)
    problem, state = result.prepared.problem, result.state
    simulation = result.prepared.simulation

    def objective(model):
        data = simulation.predict(model).data
        return problem.misfit.objective(data) + 20.0 * state.regularization.value(model)

    best, rng = objective(state.model), np.random.default_rng(0)
    start = objective(result.prepared.first)
    assert best < 0.1 * start
    for size in (0.1, 0.3):
        for _ in range(5):
            away = size * rng.standard_normal(len(state.model))
            assert objective(state.model + away) > best
    slope = (objective(state.model * 1.01) - objective(state.model * 0.99)) / (0.02 * best)
    assert abs(slope) < 0.05


def test_more_lambda_is_smoother_and_fits_less():
    results = [invert(block(1000.0), error="2%", lam=lam, check=False) for lam in (5, 50, 500)]
    chi2 = [r.chi2 for r in results]
    rough = [r.state.regularization.value(r.state.model) for r in results]
    assert (np.diff(chi2) > 0).all()
    assert (np.diff(rough) < 0).all()
    assert all(r.check is None for r in results)


def test_bounds_are_kept():
    result = invert(block(1000.0), error="2%", bounds=(80.0, 400.0))
    assert result.resistivity.min() >= 80.0
    assert result.resistivity.max() <= 400.0
    assert result.resistivity.max() > 300.0
    assert result.chi2 < 0.2 * result.start_chi2


def test_closeness_pulls_to_the_reference():
    far = [invert(block(1000.0), error="2%", lam=20.0, reference=300.0, closeness=c)
           for c in (1e-6, 1e-2, 1.0)]  # fmt: skip
    deep = far[0].parameters.centres[:, 1] < -6
    away = [np.median(np.abs(np.log(r.resistivity[deep] / 300.0))) for r in far]
    assert (np.diff(away) < 0).all()
    assert away[2] < 0.75 * away[0]
    stiff = invert(block(1000.0), error="2%", lam=1e5, reference=300.0, closeness=10.0)
    np.testing.assert_allclose(stiff.resistivity, 300.0, rtol=0.25)


def test_a_reference_with_structure_is_free():
    truth = invert(block(1000.0), error="2%")
    x, z = truth.parameters.centres.T
    known = np.where(in_block(x, z), 1000.0, 100.0)
    plain = invert(block(1000.0), error="2%", lam=100.0)
    helped = invert(block(1000.0), error="2%", lam=100.0, reference=known)
    assert helped.chi2 < 0.75 * plain.chi2
    assert helped.model(MIDDLE[None])[0] > plain.model(MIDDLE[None])[0]


def test_a_fixed_region_keeps_its_value():
    region = Region(BLOCK, 1000.0)
    result = invert(block(1000.0), error="2%", regions=[region])
    assert result.stop_reason is StopReason.FITTED
    group = result.parameters
    inside = region.holds(group.mesh.centres())
    assert inside.any()
    assert (group.of_cell[inside] == FIXED).all()
    assert (group.of_cell[~inside] != FIXED).all()
    assert (result.model.resistivity[inside] == 1000.0).all()
    jacobian = result.state.linearized.jacobian
    assert len(jacobian) == len(group) == group.of_cell.max() + 1
    np.testing.assert_allclose(result.resistivity[group.centres[:, 1] > -4.0], 100.0, rtol=0.15)


def test_a_free_region_has_sharp_edges():
    free = invert(block(1000.0), error="2%", regions=[Region(BLOCK)])
    smooth = invert(block(1000.0), error="2%")

    def step(result):
        pair = result.model(np.array([[17.7, -1.5], [18.3, -1.5]]))
        return np.log(pair[0] / pair[1])

    assert free.stop_reason is StopReason.FITTED
    assert step(free) > 1.5 * step(smooth)
    assert step(free) > 0.7 * np.log(10.0)


def test_interfaces_decouple():
    line = np.array([[-1e4, -2.5], [1e4, -2.5]])
    result = invert(layer(20.0), error="1%", interfaces=[line])
    z = result.parameters.centres[:, 1]
    i, j = result.prepared.problem.regularization.pairs.T
    assert ((z[i] > -2.5) == (z[j] > -2.5)).all()
    assert result.chi2 < 1.1
    x = np.arange(8.0, 24.0)
    above = result.model(np.column_stack([x, np.full(16, -2.3)]))
    below = result.model(np.column_stack([x, np.full(16, -2.7)]))
    np.testing.assert_allclose(np.median(above), 100.0, rtol=0.1)
    np.testing.assert_allclose(np.median(below), 20.0, rtol=0.1)


def test_known_water_is_not_inverted():
    bed = FLAT - [0, 0, 1.5]
    survey = Survey(Electrodes(bed, buried=np.zeros(N, bool)), ABMN)
    water = Water(0.0, 20.0)
    data = simulate(survey, lambda p: np.where(p[:, 0] < 15.5, 100.0, 300.0),
                    [np.array([[15.5, 1.0], [15.5, -1e4]])], water=water, noise="1%")  # fmt: skip
    result = invert(data, error="1%", water=water)
    assert result.stop_reason is StopReason.FITTED
    group = result.parameters
    wet = group.mesh.centres()[:, 1] > -1.5
    assert (group.of_cell[wet] == FIXED).all()
    assert (result.model.resistivity[wet] == 20.0).all()
    sides = result.model(np.array([[6.0, -3.0], [25.0, -3.0]]))
    np.testing.assert_allclose(sides, [100.0, 300.0], rtol=0.2)


def test_watch_sees_every_step():
    seen = []
    result = invert(block(1000.0), error="2%", watch=seen.append)
    assert len(seen) == len(result.iterations)
    assert seen[-1].chi2 == result.chi2


def test_errors_too_small_are_told():
    result = invert(block(1000.0), error="0.2%")
    assert result.stop_reason in (StopReason.STALLED, StopReason.EXHAUSTED)
    assert any("errors are smaller" in w or "largest number" in w for w in result.warnings)
    assert result.chi2 > 2.0


def test_unused_and_flipped_readings_are_told():
    data = block(1000.0)
    flipped = data.resistance.copy()
    flipped[3] *= -1
    marked = replace(data, resistance=flipped).without(np.arange(len(data)) < 2, "test")
    result = invert(marked, error="2%", robust=True)
    assert f"2 of {len(data)} readings were not used" in result.warnings
    assert any("1 readings have the opposite sign" in w for w in result.warnings)
    assert np.isnan(result.predicted[:2]).all()


def test_all_signs_wrong_is_an_error():
    data = block(1000.0)
    with pytest.raises(InversionError, match=r"positive apparent resistivity.*sign"):
        invert(Data(LINE, -data.resistance), error="2%")


@pytest.mark.parametrize(("options", "what"), [
    ({"lam": 0.0}, "lam is 0"), ({"lam": -3}, "lam is -3"), ({"target": 0.0}, "target"),
    ({"vertical_weight": 0.0}, "vertical_weight"), ({"closeness": -1.0}, "closeness is negative"),
    ({"closeness": 1.0}, "closeness without a reference"), ({"max_iterations": 0}, "max_iter"),
    ({"depth": -2.0}, "depth"),
])  # fmt: skip
def test_options_out_of_range(options, what):
    with pytest.raises(InversionError, match=what):
        InversionOptions(**options)


@pytest.mark.parametrize(("options", "what"), [
    ({"start": -1.0}, "start is not above 0"), ({"bounds": (10.0, 1.0)}, "lower < upper"),
    ({"regions": [Region([[-1e5, 10], [1e5, 10], [1e5, -1e5], [-1e5, -1e5]], 5.0)]},
     "every cell is fixed"),
])  # fmt: skip
def test_problems_that_cannot_be_posed(options, what):
    with pytest.raises(InversionError, match=what):
        invert(block(1000.0), error="2%", **options)


def test_no_valid_reading():
    data = block(1000.0)
    with pytest.raises(InversionError, match="none of 533 readings is valid"):
        invert(data.without(np.ones(len(data), bool), "test"), error="2%")


def test_depth_is_as_asked():
    for depth in (3.0, 12.0):
        result = invert(block(1000.0), error="2%", depth=depth, check=False)
        low = result.parameters.centres[:, 1].min()
        assert 0.7 * depth < -low < 1.3 * depth


def test_preview_needs_a_step():
    result = invert(simulate(LINE, 100.0), error="3%")
    assert result.iterations == ()
    shown, chi2 = preview(result, 10.0)
    np.testing.assert_allclose(shown, 100.0, rtol=0.02)
    assert chi2 < 0.01


def test_region_holds_points_inside_only():
    shape = Region([[0, 0], [4, 0], [4, -2], [2, -1], [0, -2]])  # with a dent from below
    inside = shape.holds(np.array([[1.0, -0.5], [2.0, -1.5], [3.9, -1.8], [5, -1], [2, 0.5]]))
    assert inside.tolist() == [True, False, True, False, False]
    assert shape.closed().shape == (6, 2)
