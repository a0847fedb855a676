"""A simulation prints its own error: a layer, followed by the mesh, against its closed form."""

import numpy as np

import ohmscape
from ohmscape.arrays.designs import dipole_dipole, wenner
from ohmscape.arrays.geometry import geometric_factor

THICKNESS, ABOVE, BELOW = 5.0, 100.0, 10.0  # m, ohm m

x = np.arange(32.0)
positions = np.column_stack([x, 0 * x, 0 * x])
abmn = np.vstack([wenner(32), dipole_dipole(32)])
survey = ohmscape.Survey(ohmscape.Electrodes(positions), abmn)
interface = np.array([[-1e4, -THICKNESS], [1e4, -THICKNESS]])  # it goes on to far outside
data = ohmscape.simulate(
    survey, lambda p: np.where(p[:, 2] > -THICKNESS, ABOVE, BELOW), [interface]
)


def potential(r):
    """Return V/I in ohm at a distance in m: the source and its images in surface and layer."""
    q = (BELOW - ABOVE) / (BELOW + ABOVE)
    n = np.arange(1, 400)
    images = (q**n / np.hypot(r[:, None], 2 * n * THICKNESS)).sum(axis=1)
    return ABOVE / (2 * np.pi) * (1 / r + 2 * images)


a, b, m, n = (x[column] for column in survey.abmn.T)
exact = (
    potential(abs(a - m)) - potential(abs(a - n)) - potential(abs(b - m)) + potential(abs(b - n))
)
clear = abs(geometric_factor(positions, survey.abmn)) < 2000.0  # m; beyond it noise would rule
error = 100 * abs(data.resistance / exact - 1)[clear]
estimate = (100 * data.numerical_error / abs(data.resistance))[clear]
covered = 100 * np.mean(estimate >= error)

print(f"true error: {np.median(error):.4f} % in the median, {error.max():.3f} % at most")
print(
    f"estimated:  {np.median(estimate):.4f} % and {estimate.max():.3f} %; "
    f"it bounds {covered:.0f} % of the readings"
)
