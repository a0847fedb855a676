"""From readings to a section: two blocks in the ground, simulated, made noisy and inverted."""

from pathlib import Path

import numpy as np

import ohmscape
from ohmscape.arrays.designs import dipole_dipole
from ohmscape.viz import png, section_figure
from ohmscape.viz.section import Known

electrodes = ohmscape.Electrodes([[float(x), 0.0, 0.0] for x in range(36)])
survey = ohmscape.Survey(electrodes, dipole_dipole(36))
clay = np.array([[9.0, -1.5], [14.0, -1.5], [14.0, -3.5], [9.0, -3.5], [9.0, -1.5]])
cave = np.array([[22.0, -1.5], [26.0, -1.5], [26.0, -3.5], [22.0, -3.5], [22.0, -1.5]])


def resistivity(points):
    """Return ohm m at points x, y, z in m, shape (n, 3)."""
    x, _, z = points.T
    deep = (z < -1.5) & (z > -3.5)
    values = np.full(len(points), 100.0)
    values[deep & (x > 9.0) & (x < 14.0)] = 10.0
    values[deep & (x > 22.0) & (x < 26.0)] = 1000.0
    return values


data = ohmscape.simulate(survey, resistivity, [clay, cave], noise="3%", seed=1)
result = ohmscape.invert(data)

in_clay, in_cave, between = result.model(np.array([[11.5, -2.2], [24.0, -2.2], [18.0, -2.2]]))
print(f"chi-squared {result.chi2:.2f} after {len(result.iterations)} iterations")
print(f"clay {in_clay:.0f} (10), cave {in_cave:.0f} (1000), between {between:.0f} (100) ohm m")

known = (Known(clay, True, "10 ohm m"), Known(cave, True, "1000 ohm m"))
figure = section_figure(result, title="Two blocks in 100 ohm m", known=known)
Path("invert_a_line.png").write_bytes(png(figure))
