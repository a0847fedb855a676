"""Surveys that are not on a line: closed forms, the error that is told, what is refused."""

import numpy as np
import pytest

from ohmscape.core import REMOTE, Electrodes, Survey, Water
from ohmscape.errors import SimulationError
from ohmscape.forward.simulate import simulate
from tests.support import closed_forms as forms
from tests.support.volumes import grid, on_ground

ELECTRODES = np.concatenate([on_ground(grid(6, 1)), on_ground(grid(6, 1) + np.array([0.3, 2.0]))])
ABMN = np.array(
    [
        *([i, i + 3, i + 1, i + 2] for i in range(3)),  # Wenner
        *([i + 1, i, i + 2, i + 3] for i in range(3)),  # dipole-dipole
        *([i, i + 1, i + 6, i + 7] for i in range(5)),  # between the lines
        *([i, REMOTE, i + 1, i + 2] for i in range(4)),
        [0, 5, 2, 3],
        [0, 11, 4, 8],
    ]
)
GROUNDS = {
    "half-space": (30.0, forms.half_space(ELECTRODES, 30.0)),
    "10 over 1": (
        lambda p: np.where(p[:, 2] > -0.8, 10.0, 1.0),
        forms.layers(ELECTRODES, [10.0, 1.0], [0.8]),
    ),
    "1 over 100": (
        lambda p: np.where(p[:, 2] > -0.8, 1.0, 100.0),
        forms.layers(ELECTRODES, [1.0, 100.0], [0.8]),
    ),
    "contact": (
        lambda p: np.where(p[:, 0] < 2.5, 10.0, 100.0),
        forms.contact(ELECTRODES, [10.0, 100.0], 2.5),
    ),
}


@pytest.mark.parametrize("name", GROUNDS)
def test_closed_forms(name):
    ground, potential = GROUNDS[name]
    data = simulate(Survey(Electrodes(ELECTRODES), ABMN), ground)
    expected = forms.quadrupole(potential, ABMN)
    error = np.abs(data.resistance - expected)
    assert (error / np.abs(expected)).max() < 0.01
    assert np.mean(error <= data.numerical_error) > 0.8
    assert "estimated error" in data.report[0].what


def test_what_needs_a_line_is_refused():
    survey = Survey(Electrodes(ELECTRODES), ABMN)
    with pytest.raises(SimulationError, match="resistivity function"):
        simulate(survey, 10.0, water=Water(level=1.0, resistivity=20.0))
    with pytest.raises(SimulationError, match=r"z .* m: resistivity is not positive"):
        simulate(survey, lambda p: p[:, 2])
    with pytest.raises(SimulationError, match="one value in ohm m per point"):
        simulate(survey, lambda p: p)
    with pytest.raises(SimulationError, match="accuracy"):
        simulate(survey, 10.0, accuracy=0.0)
