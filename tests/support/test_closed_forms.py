"""The reference solutions against tabled values, each other, limits and the laws they obey."""

import numpy as np
import pytest

from ohmscape.arrays.geometry import geometric_factor
from ohmscape.core import REMOTE
from tests.support import closed_forms as forms

ARRAYS = {  # x of A, B, M, N
    "wenner a=2": (0, 6, 2, 4),
    "wenner a=10": (0, 30, 10, 20),
    "schlumberger": (-20, 20, -2, 2),
    "dipole-dipole": (2, 0, 14, 16),
    "pole-dipole": (0, REMOTE, 8, 10),
}
TABLE = {  # rho, h: apparent resistivities in the order of ARRAYS, from physics.md
    ((100, 10), (5,)): (96.9046, 33.8673, 17.3901, 58.5785, 58.9345),
    ((100, 1000), (5,)): (103.9554, 225.2950, 297.6279, 137.9538, 161.7337),
    ((10, 1000), (2,)): (14.8899, 64.9552, 90.9399, 34.4761, 42.8321),
    ((100, 20, 500), (3, 8)): (90.7262, 38.0158, 43.9914, 33.3734, 42.7980),
    ((50, 1000, 5), (2, 10)): (71.5054, 237.9266, 285.8530, 171.1680, 179.1903),
}
rng = np.random.default_rng(5)
BURIED = np.column_stack(
    [rng.uniform(-6, 6, 14), rng.uniform(-2, 2, 14), rng.uniform(-5, 0, 14) * (np.arange(14) > 4)]
)
BURIED[0, 0], BURIED[6, 0], BURIED[7, 2] = -1.0, 2.0, -3.0  # on contacts and on an interface


def line(x):
    x = np.asarray(x, dtype=float)
    return np.column_stack([x, 0 * x, 0 * x])


def apparent(ground, x, *options):
    remote = np.array([xi == REMOTE and len(x) == 4 and i == 1 for i, xi in enumerate(x)])
    abmn = np.where(remote, REMOTE, np.arange(4))[None]
    positions = line(np.where(remote, 99.0, x))
    k = geometric_factor(positions, abmn)
    return float(k[0] * forms.quadrupole(ground(positions, *options), abmn)[0])


def off_diagonal(G):
    return G[~np.eye(len(G), dtype=bool)]


@pytest.mark.parametrize("ground", TABLE)
@pytest.mark.parametrize("name", ARRAYS)
def test_apparent_resistivities_of_layers(ground, name):
    rho, h = ground
    expected = TABLE[ground][list(ARRAYS).index(name)]
    assert apparent(forms.layers, ARRAYS[name], rho, h) == pytest.approx(expected, abs=5.01e-5)
    if len(rho) == 2:
        value = apparent(forms.two_layers, ARRAYS[name], rho, h[0])
        assert value == pytest.approx(expected, abs=5.01e-5)


@pytest.mark.parametrize(
    ("x", "rho", "expected"),
    [
        ((-3.5, 2.5, -1.5, 0.5), (100, 10), 64.5455),
        ((-14, 16, -4, 6), (100, 10), 50.0826),
        ((-5, -7, 7, 9), (100, 10), 18.1818),
        ((-3.5, 2.5, -1.5, 0.5), (10, 1000), 340.6535),
        ((-14, 16, -4, 6), (10, 1000), 550.0990),
        ((-5, -7, 7, 9), (10, 1000), 19.8020),
    ],
)
def test_apparent_resistivities_of_a_contact(x, rho, expected):
    assert apparent(forms.contact, x, rho) == pytest.approx(expected, abs=5.01e-5)
    moved = apparent(forms.contact, np.array(x) + 7.0, rho, 7.0)
    assert moved == pytest.approx(expected, abs=5.01e-5)


def test_remote_poles_add_nothing():
    G = forms.half_space(line([0, 2, 5]), 2 * np.pi)
    assert forms.quadrupole(G, [[0, REMOTE, 1, REMOTE]]) == pytest.approx(1 / 2)
    assert forms.quadrupole(G, [[REMOTE, 0, 2, 1]]) == pytest.approx(1 / 2 - 1 / 5)


GROUNDS = {
    "half_space": lambda p: forms.half_space(p, 50.0),
    "two_layers": lambda p: forms.two_layers(p, (100.0, 5.0), 3.0),
    "two_layers, resistive below": lambda p: forms.two_layers(p, (5.0, 500.0), 3.0),
    "contact": lambda p: forms.contact(p, (100.0, 5.0), -1.0),
    "dyke": lambda p: forms.dyke(p, (100.0, 5.0, 100.0), -1.0, 2.0),
    "dyke, resistive": lambda p: forms.dyke(p, (10.0, 1000.0, 30.0), -1.0, 2.0),
    "dyke, a staircase": lambda p: forms.dyke(p, (10.0, 50.0, 900.0), -1.0, 2.0),
    "ridge": lambda p: forms.ridge(p - [0, 0, 1] * np.abs(p[:, :1]), 50.0),
}


@pytest.mark.parametrize("name", GROUNDS)
def test_reciprocity_sign_and_scale(name):
    G = GROUNDS[name](BURIED)
    np.testing.assert_allclose(G, G.T, rtol=1e-9)
    assert np.isinf(np.diag(G)).all()
    assert (off_diagonal(G) > 0).all()


def test_buried_electrodes_in_a_half_space():
    positions = np.array([[0.0, 0, -2], [3, 0, -6], [0, 0, -1e9], [3, 4, -1e9]])
    G = forms.half_space(positions, 4 * np.pi)
    assert G[0, 1] == pytest.approx(1 / 5 + 1 / np.sqrt(9 + 64))
    assert G[2, 3] == pytest.approx(1 / 5)
    lifted = forms.half_space(positions + np.array([0, 0, 7]), 4 * np.pi, 7.0)
    np.testing.assert_allclose(off_diagonal(lifted), off_diagonal(G))


@pytest.mark.parametrize("rho", [(100.0, 0.1), (1.0, 1000.0), (30.0, 30.0), (7.0, 20.0)])
@pytest.mark.parametrize("h", [0.05, 0.7, 5.0, 60.0])
def test_quadrature_equals_the_image_series(rho, h):
    positions = line(np.r_[0.0, 0.5, 1.0, 1.7, 3.0, 10, 30, 100, 200])
    series = forms.two_layers(positions, rho, h)
    np.testing.assert_allclose(forms.layers(positions, rho, [h]), series, rtol=1e-9)
    np.testing.assert_allclose(  # a layer cut in three, the lower half-space in two
        forms.layers(positions, (rho[0],) * 3 + (rho[1],) * 2, [h / 4, h / 4, h / 2, 3.0]),
        series,
        rtol=1e-9,
    )


def test_many_layers_obey_the_limits_of_distance():
    positions = line([0.0, 1e-3, 2e5])
    G = forms.layers(positions, (20.0, 3000.0, 2.0, 400.0, 70.0), [1.0, 0.3, 2.0, 8.0])
    assert G[0, 1] == pytest.approx(20.0 / (2 * np.pi * 1e-3), rel=1e-2)
    assert G[0, 2] == pytest.approx(70.0 / (2 * np.pi * 2e5), rel=1e-2)


def test_layers_are_scale_free():
    rho, h = (20.0, 3000.0, 2.0), np.array([1.0, 0.3])
    G = forms.layers(line(np.arange(6.0)), rho, h)
    bigger = forms.layers(10 * line(np.arange(6.0)), rho, 10 * h)
    np.testing.assert_allclose(off_diagonal(bigger), off_diagonal(G) / 10, rtol=1e-11)


def test_grounds_of_one_resistivity_are_the_half_space():
    G = off_diagonal(forms.half_space(BURIED, 30.0))
    same = {
        "two_layers": forms.two_layers(BURIED, (30.0, 30.0), 3.0),
        "contact": forms.contact(BURIED, (30.0, 30.0), -1.0),
        "dyke": forms.dyke(BURIED, (30.0, 30.0, 30.0), -1.0, 2.0),
    }
    for name, ground in same.items():
        np.testing.assert_allclose(off_diagonal(ground), G, rtol=1e-12, err_msg=name)


def test_a_dyke_becomes_a_contact():
    wide = off_diagonal(forms.dyke(BURIED, (100.0, 5.0, 80.0), -1.0, 1e7))
    np.testing.assert_allclose(wide, off_diagonal(forms.contact(BURIED, (100.0, 5.0), -1.0)), 1e-5)
    far = off_diagonal(forms.dyke(BURIED, (80.0, 100.0, 5.0), -1e7, -1.0))
    np.testing.assert_allclose(far, off_diagonal(forms.contact(BURIED, (100.0, 5.0), -1.0)), 1e-5)
    for rho in ((100.0, 100.0, 5.0), (100.0, 5.0, 5.0)):
        edge = 2.0 if rho[1] == 100.0 else -1.0
        one = off_diagonal(forms.dyke(BURIED, rho, -1.0, 2.0))
        two = off_diagonal(forms.contact(BURIED, (100.0, 5.0), edge))
        np.testing.assert_allclose(one, two, rtol=1e-12)


@pytest.mark.parametrize("name", ["dyke", "dyke, resistive", "dyke, a staircase"])
def test_a_dyke_seen_from_the_other_side(name):
    mirrored = BURIED * [-1, 1, 1]
    rho = {"dyke": (100, 5, 100), "dyke, resistive": (10, 1000, 30)}.get(name, (10, 50, 900))
    G = forms.dyke(mirrored, rho[::-1], -2.0, 1.0)
    np.testing.assert_allclose(G, GROUNDS[name](BURIED), rtol=1e-9)


def jump(ground, source, place, axis, rho):
    """Return potential and current density on both sides of a plane, by one-sided differences."""
    h = 1e-3
    steps = np.zeros((6, 3))
    steps[:, axis] = h * np.array([-2, -1, -0.0, 0.0, 1, 2])
    V = ground(np.vstack([source, place + steps]))[0, 1:]
    before = (1.5 * V[2] - 2 * V[1] + 0.5 * V[0]) / h / rho[0]
    after = (-1.5 * V[3] + 2 * V[4] - 0.5 * V[5]) / h / rho[1]
    return before, after


@pytest.mark.parametrize("source", [[-4.0, 0, -1.0], [0.5, 1.0, -2.0], [5.0, 0, -0.5]])
@pytest.mark.parametrize("edge", [-1.0, 2.0])
@pytest.mark.parametrize("rho", [(10.0, 400.0, 30.0), (10.0, 50.0, 900.0), (50.0, 2.0, 50.0)])
def test_current_is_continuous_through_the_sides_of_a_dyke(source, edge, rho):
    before, after = jump(
        lambda p: forms.dyke(p, rho, -1.0, 2.0),
        source,
        np.array([edge, -1.0, -1.5]),
        0,
        rho[:2] if edge < 0 else rho[1:],
    )
    assert before == pytest.approx(after, rel=1e-4)


@pytest.mark.parametrize("depth", [0.0, 1.0, 2.9, 3.1, 8.0])
@pytest.mark.parametrize("rho", [(10.0, 400.0), (90.0, 2.0)])
def test_current_is_continuous_through_an_interface_and_none_leaves_the_ground(depth, rho):
    def ground(p):
        return forms.two_layers(p, rho, 3.0)

    source = [0.0, 0, -depth]
    below, above = jump(ground, source, np.array([2.0, 1.0, -3.0]), 2, rho[::-1])
    assert below == pytest.approx(above, rel=1e-4)
    if depth > 0.0:
        h = 1e-3
        V = ground(np.array([source, [2.0, 0, 0], [2.0, 0, -h], [2.0, 0, -2 * h]]))[0, 1:]
        assert abs(1.5 * V[0] - 2 * V[1] + 0.5 * V[2]) < 1e-6 * V[0]


def test_a_ridge_is_tight_and_a_quarter_space_at_its_crest():
    crest = np.array([[0.0, 0, 5], [0, 3, 5], [2.0, 0, 3.0]])
    G = forms.ridge(crest, 10.0, crest=(0.0, 5.0))
    assert G[0, 1] == pytest.approx(10.0 / (np.pi * 3))
    h = 1e-3  # no current through the face: step in along its normal
    inward = np.array([[1.0, 0, -1], [4.0, 0, -6], *([3 - h * i, 0, -3 - h * i] for i in range(3))])
    V = forms.ridge(inward, 10.0)[1, 2:]
    assert abs(1.5 * V[0] - 2 * V[1] + 0.5 * V[2]) < 1e-6 * V[0]
    far = np.array([[1e6, 0, -1e6], [1e6 + 3, 4, -1e6 - 3]])  # far down a face: a half-space
    assert forms.ridge(far, 10.0)[0, 1] == pytest.approx(10 / (2 * np.pi * np.sqrt(34)), rel=1e-4)


def test_high_contrast_series_converge():
    positions = line(np.arange(12.0))
    G = forms.dyke(positions, (1e3, 1.0, 1e3), 3.2, 4.7)
    np.testing.assert_allclose(G, G.T, rtol=1e-9)
    inner = forms.dyke(positions, (1e3, 1.0, 1e3), 3.2, 4.7)[4]
    assert (np.diff(inner[4:][1:]) < 0).all()
    with pytest.raises(ValueError, match="does not converge"):
        forms.two_layers(positions, (1.0, np.inf), 2.0)
