"""Laws that readings obey whatever the ground, and what the door of `simulate` refuses."""

import numpy as np
import pytest

from ohmscape.arrays import designs
from ohmscape.core import REMOTE, Electrodes, Survey, Water
from ohmscape.errors import MeshError, SimulationError, SurveyError
from ohmscape.forward.simulate import simulate
from ohmscape.mesh.model import Model
from ohmscape.mesh.section import section_mesh
from tests.support import closed_forms as forms

N = 16
X = np.arange(float(N))
FLAT = np.column_stack([X, 0 * X, 0 * X])
HILL = np.column_stack([X, 0 * X, 1.5 * np.sin(X / 2.5) + 0.2 * X])
WELL = np.vstack([FLAT, [[7.3, 0, -d] for d in (1.0, 2.0, 3.0)]])
ABMN = np.concatenate([designs.wenner(N), designs.dipole_dipole(N, 6), designs.pole_dipole(N, 6)])


def ground(p):
    """Return a ground with a gradient along the line and with depth."""
    return 100.0 * np.exp(0.15 * (p[:, 0] - 7.0) - 0.3 * p[:, 2])


LINES = {"flat": FLAT, "hill": HILL, "well": WELL}


def read(positions, abmn, resistivity=ground, **options):
    return simulate(Survey(Electrodes(positions), abmn), resistivity, **options).resistance


@pytest.mark.parametrize("name", LINES)
def test_reciprocity(name):
    positions, rng = LINES[name], np.random.default_rng(3)
    abmn = np.array([rng.choice(len(positions), 4, replace=False) for _ in range(300)])
    both = read(positions, np.vstack([abmn, abmn[:, [2, 3, 0, 1]]]))
    np.testing.assert_allclose(both[:300], both[300:], atol=1e-9 * np.abs(both).max())
    swapped = read(positions, np.vstack([abmn[:, [1, 0, 2, 3]], abmn[:, [0, 1, 3, 2]]]))
    np.testing.assert_allclose(swapped[:300], -both[:300], atol=1e-9 * np.abs(both).max())
    np.testing.assert_allclose(swapped[300:], -both[:300], atol=1e-9 * np.abs(both).max())


def test_superposition():
    rows = np.array([[0, 9, 3, 5], [0, 9, 5, 8], [0, 9, 3, 8], [0, 4, 6, 7], [4, 9, 6, 7],
                     [0, 9, 6, 7], [0, REMOTE, 6, REMOTE], [0, REMOTE, 7, REMOTE],
                     [9, REMOTE, 6, REMOTE], [9, REMOTE, 7, REMOTE]])  # fmt: skip
    r = read(HILL, rows)
    assert r[0] + r[1] == pytest.approx(r[2], rel=1e-9)
    assert r[3] + r[4] == pytest.approx(r[5], rel=1e-9)
    assert r[6] - r[7] - r[8] + r[9] == pytest.approx(r[5], rel=1e-9)


@pytest.mark.parametrize("positions", LINES.values(), ids=LINES)
def test_scaling(positions):
    here = read(positions, ABMN)
    np.testing.assert_allclose(
        read(positions, ABMN, lambda p: 7.0 * ground(p)), 7 * here, rtol=1e-9
    )
    larger = read(8.0 * positions, ABMN, lambda p: ground(p / 8.0))
    np.testing.assert_allclose(larger, here / 8.0, rtol=1e-6)


@pytest.mark.parametrize("positions", LINES.values(), ids=LINES)
def test_mirrored(positions):
    mirror = np.array([-1.0, 1.0, 1.0])
    here = simulate(Survey(Electrodes(positions), ABMN), ground)
    there = simulate(Survey(Electrodes(positions * mirror), ABMN), lambda p: ground(p * mirror))
    assert_same(here, there)
    if positions is FLAT:  # grids mirror to the last digit
        np.testing.assert_allclose(there.resistance, here.resistance, rtol=1e-6)


def assert_same(one, other):
    """Check that two results differ by no more than the errors they claim, and not by 1 %."""
    allowed = one.numerical_error + other.numerical_error
    assert np.mean(np.abs(one.resistance - other.resistance) <= allowed) > 0.9
    np.testing.assert_allclose(one.resistance, other.resistance, rtol=0.01)


@pytest.mark.parametrize("positions", LINES.values(), ids=LINES)
def test_moved_far_away(positions):
    offset = np.array([345_678.0, 5_678_901.0, 1_234.0])
    buried = np.arange(len(positions)) >= N
    here = simulate(Survey(Electrodes(positions, buried=buried), ABMN), ground)
    survey = Survey(Electrodes(positions + offset, buried=buried), ABMN)
    there = simulate(survey, lambda p: ground(p - offset))
    assert_same(here, there)


def test_turned_line():
    turn = np.radians(37.0)
    rotation = np.array(
        [[np.cos(turn), np.sin(turn), 0], [-np.sin(turn), np.cos(turn), 0], [0, 0, 1.0]]
    )
    here = simulate(Survey(Electrodes(HILL), ABMN), ground)
    survey = Survey(Electrodes(HILL @ rotation), ABMN)
    assert_same(here, simulate(survey, lambda p: ground(p @ rotation.T)))


@pytest.mark.parametrize("positions", LINES.values(), ids=LINES)
def test_order_of_electrodes_unused_ones_and_doubles(positions):
    here = simulate(Survey(Electrodes(positions), ABMN), ground)
    order = np.random.default_rng(5).permutation(len(positions))
    number = np.argsort(order)
    permuted = np.where(ABMN == REMOTE, REMOTE, number[ABMN])
    assert_same(simulate(Survey(Electrodes(positions[order]), permuted), ground), here)
    doubled = np.vstack([positions, positions[4]])
    other = np.where(ABMN[::2] == 4, len(positions), ABMN[::2])
    twice = read(doubled, np.vstack([ABMN, other]))
    np.testing.assert_allclose(twice[: len(ABMN)], here.resistance, rtol=1e-9)
    np.testing.assert_allclose(twice[len(ABMN) :], here.resistance[::2], rtol=1e-9)


def test_unused_electrodes():
    """They draw the ground, and nothing else where they are level with the last one in use."""
    few = ABMN[(ABMN < 10).all(axis=1)]
    beyond = np.column_stack([np.arange(12, 15), np.zeros(3), np.full(3, HILL[9, 2])])
    alone = simulate(Survey(Electrodes(HILL[:10]), few), ground)
    assert_same(alone, simulate(Survey(Electrodes(np.vstack([HILL[:10], beyond])), few), ground))
    flat = read(FLAT[:10], few)
    np.testing.assert_allclose(read(FLAT, few), flat, rtol=1e-9)


def test_a_model_is_a_ground():
    section = section_mesh(FLAT[:, [0, 2]], FLAT[:, [0, 2]], np.zeros(N, bool), 4.0)
    mesh = section.mesh
    corners = mesh.corners()
    assert ((corners[..., 0].min(axis=1) >= 8.0) | (corners[..., 0].max(axis=1) <= 8.0)).all()
    model = Model(mesh, np.where(mesh.centres()[:, 0] < 8.0, 10.0, 300.0))
    data = simulate(Survey(Electrodes(FLAT), ABMN), model)
    exact = forms.quadrupole(forms.contact(FLAT, (10.0, 300.0), 8.0), ABMN)
    np.testing.assert_allclose(data.resistance, exact, rtol=5e-3)


def test_lines_without_contrast_change_nothing():
    line = [np.array([[-1e4, -1.2], [1e4, -1.2]]), np.array([[5.2, 1.0], [9.1, -3.0]])]
    survey = Survey(Electrodes(FLAT), ABMN)
    one, other = simulate(survey, 50.0), simulate(survey, 50.0, line)
    allowed = one.numerical_error + other.numerical_error
    assert np.mean(np.abs(one.resistance - other.resistance) <= allowed) > 0.95


def test_deep_water_over_the_line_is_half_of_a_whole_space():
    """Electrodes on the bed between water and ground of one resistivity, 60 m down."""
    bed = FLAT[:8] - [0, 0, 60.0]
    abmn = designs.wenner(8)
    data = simulate(Survey(Electrodes(bed, buried=np.zeros(8, bool)), abmn), 30.0,
                    water=Water(0.0, 30.0))  # fmt: skip
    a = (abmn[:, 2] - abmn[:, 0]).astype(float)
    np.testing.assert_allclose(data.resistance, 30.0 / (4 * np.pi * a), rtol=0.02)
    exact = forms.quadrupole(forms.half_space(bed, 30.0), abmn)
    np.testing.assert_allclose(data.resistance, exact, rtol=3e-3)


def test_water_of_another_resistivity_is_a_layer():
    bed = FLAT - [0, 0, 1.5]
    G = forms.two_layers(bed, (20.0, 200.0), 1.5)
    data = simulate(Survey(Electrodes(bed, buried=np.zeros(N, bool)), ABMN), 200.0,
                    water=Water(0.0, 20.0))  # fmt: skip
    np.testing.assert_allclose(data.resistance, forms.quadrupole(G, ABMN), rtol=5e-3)


def test_noise_has_its_size_and_its_seed():
    survey = Survey(Electrodes(FLAT), ABMN)
    clean = simulate(survey, 100.0)
    one, same, other = (simulate(survey, 100.0, noise="3%+1mV", seed=s) for s in (1, 1, 2))
    assert np.array_equal(one.resistance, same.resistance)
    assert not np.array_equal(one.resistance, other.resistance)
    pull = (one.resistance - clean.resistance) / one.standard_deviation
    assert abs(pull.mean()) < 4 / np.sqrt(len(pull))
    assert 0.85 < pull.std() < 1.15
    assert (one.standard_deviation > 0.03 * np.abs(clean.resistance)).all()
    assert clean.standard_deviation is None


def test_the_report_says_how_it_was_done():
    data = simulate(Survey(Electrodes(FLAT), ABMN), 100.0)
    assert len(data.report) == 1
    assert "nodes with 16 wavenumbers" in data.report[0].what
    assert (data.numerical_error > 0).all()
    assert data.valid.all()


@pytest.mark.parametrize(("resistivity", "options", "error", "what"), [
    (0.0, {}, SimulationError, r"x .* m, z .*not positive"),
    (lambda p: np.where(p[:, 0] > 5.0, -1.0, 1.0), {}, SimulationError, "not positive"),
    (lambda p: np.full(len(p), np.nan), {}, SimulationError, "not positive"),
    (lambda p: np.ones(3), {}, SimulationError, r"shape \(3,\)"),
    (1.0, {"interfaces": [[[0.0, 1.0]]]}, MeshError, "interface 0"),
    (1.0, {"noise": "three percent"}, SurveyError, "not understood"),
])  # fmt: skip
def test_what_is_refused(resistivity, options, error, what):
    with pytest.raises(error, match=what):
        simulate(Survey(Electrodes(FLAT), ABMN), resistivity, **options)


def test_distances_may_span_eight_thousand_but_not_more():
    x = np.array([0.0, 0.01, 0.02, 120.0])
    line = np.column_stack([x, 0 * x, 0 * x])
    with pytest.raises(SimulationError, match="split the survey"):
        simulate(Survey(Electrodes(line), [[0, -1, 1, -1], [0, -1, 3, -1]]), 1.0)
    x[1:3] = 0.1, 0.2
    line = np.column_stack([x, 0 * x, 0 * x])
    data = simulate(Survey(Electrodes(line), [[0, -1, 1, -1], [0, -1, 3, -1]]), 1.0)
    expected = 1 / (2 * np.pi * np.array([0.1, 120.0]))
    np.testing.assert_allclose(data.resistance, expected, rtol=2e-3)
