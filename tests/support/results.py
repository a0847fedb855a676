"""Small inversions that several tests look at, each made once."""

from functools import cache

import numpy as np

import ohmscape
from ohmscape.arrays.designs import dipole_dipole, schlumberger


@cache
def hill():
    """A line of 16 electrodes over a hill, two readings not valid; cells are a grid."""
    x = np.arange(16) * 2.0
    electrodes = ohmscape.Electrodes(np.column_stack([x, 3.0 * np.exp(-(((x - 15) / 6) ** 2))]))
    abmn = np.concatenate([dipole_dipole(16, 5, (1, 2)), schlumberger(16, 4, (1, 2))])
    data = ohmscape.simulate(
        ohmscape.Survey(electrodes, abmn),
        lambda p: np.where(p[:, 2] < -3.0, 300.0, 50.0), noise="3%", seed=5,
    )  # fmt: skip
    bad = np.zeros(len(data), dtype=bool)
    bad[[3, 8]] = True
    return ohmscape.invert(data.without(bad, "tests, <b>say</b> so"))


@cache
def boreholes():
    """Two boreholes of 8 electrodes each."""
    z = -np.arange(1.0, 9.0)
    places = [[x, depth] for x in (0.0, 4.0) for depth in z]
    abmn = [[i, i + 1, 8 + j, 9 + j] for i in range(7) for j in range(7)]
    abmn += [[i, 8 + i, i + 1, 9 + i] for i in range(7)]
    survey = ohmscape.Survey(ohmscape.Electrodes(places), abmn)
    data = ohmscape.simulate(survey, 100.0, noise="3%+0.1mV", seed=6)
    return ohmscape.invert(data, error="3%+0.5mV")


@cache
def lake():
    """A line that crosses a lake; cells are triangles, those of the water are fixed."""
    x = np.arange(16) * 2.0
    z = 1.0 - 4.0 * np.exp(-(((x - 15) / 6) ** 2))
    water = ohmscape.Water(0.0, 25.0)
    survey = ohmscape.Survey(
        ohmscape.Electrodes(np.column_stack([x, z])), dipole_dipole(16, 5, (1, 2))
    )
    data = ohmscape.simulate(survey, 100.0, water=water, noise="3%", seed=7)
    return ohmscape.invert(data, water=water)
