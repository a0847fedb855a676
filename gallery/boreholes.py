"""Between two boreholes: electrodes below others are found to be buried, and see deeper."""

from pathlib import Path

import numpy as np

import ohmscape
from ohmscape.viz import png, section_figure
from ohmscape.viz.section import Known

depth = -np.arange(1.0, 13.0)
left = np.column_stack([np.full(12, 5.0), depth])
right = np.column_stack([np.full(12, 13.0), depth])
ground = np.column_stack([np.arange(0.0, 19.0), np.zeros(19)])
electrodes = ohmscape.Electrodes(np.vstack([left, right, ground]))  # x and z
line = ohmscape.line_of(electrodes)

across = [[i, 12 + i, j, 12 + j] for i in range(12) for j in range(12) if i != j]
along = [
    [hole + i, hole + i + 1, hole + j, hole + j + 1]
    for hole in (0, 12)
    for i in range(11)
    for j in range(11)
    if abs(i - j) > 1
]
surface = [
    [24 + i, 24 + i + 3 * a, 24 + i + a, 24 + i + 2 * a]
    for a in range(1, 7)
    for i in range(19 - 3 * a)
]
survey = ohmscape.Survey(electrodes, across + along + surface)

leak = np.array([[7.5, -5.5], [10.5, -5.5], [10.5, -9.0], [7.5, -9.0], [7.5, -5.5]])


def resistivity(points):
    """Return ohm m: a wet place at 7 m depth."""
    x, _, z = points.T
    return np.where((x > 7.5) & (x < 10.5) & (z < -5.5) & (z > -9.0), 15.0, 150.0)


data = ohmscape.simulate(survey, resistivity, [leak], noise="1%", seed=3)
weak = np.abs(data.resistance) < 0.02  # ohm; the field crew could not have read it
result = ohmscape.invert(data.without(weak, "below 20 mOhm"), depth=14.0)

inside, outside = result.model(np.array([[9.0, -7.25], [9.0, -2.5]]))
print(f"{line.buried.sum()} of {len(electrodes)} electrodes are found to be buried")
print(f"chi-squared {result.chi2:.2f}; leak {inside:.0f} (15) ohm m, above it {outside:.0f} (150)")

figure = section_figure(result, title="Between boreholes", known=(Known(leak, True, "leak"),))
Path("boreholes.png").write_bytes(png(figure))
