"""The same readings, smooth and blocky: both fit, they differ in how an edge is drawn."""

from pathlib import Path

import numpy as np

import ohmscape
from ohmscape.arrays.designs import dipole_dipole
from ohmscape.viz import png, section_figure
from ohmscape.viz.section import Known

x = np.arange(36.0)
survey = ohmscape.Survey(ohmscape.Electrodes(np.column_stack([x, 0 * x])), dipole_dipole(36))
fault = np.array([[18.0, 10.0], [18.0, -1e4]])
data = ohmscape.simulate(
    survey, lambda p: np.where(p[:, 0] < 18.0, 30.0, 300.0), [fault], noise="3%", seed=5
)

smooth = ohmscape.invert(data)
blocky = ohmscape.invert(data, blocky=True)


def width(result):
    """Return the width in m over which the resistivity at 2 m depth goes from 40 to 225 ohm m."""
    along = np.linspace(8.0, 28.0, 2001)
    values = result.model(np.column_stack([along, np.full(2001, -2.0)]))
    return 0.01 * np.count_nonzero((values > 40.0) & (values < 225.0))


smooth_width, blocky_width = width(smooth), width(blocky)
print(f"chi-squared: smooth {smooth.chi2:.2f}, blocky {blocky.chi2:.2f}")
print(f"width of the fault: smooth {smooth_width:.1f} m, blocky {blocky_width:.1f} m")

known = (Known(np.array([[18.0, 0.0], [18.0, -8.0]]), False, "fault"),)
for name, result in (("smooth", smooth), ("blocky", blocky)):
    figure = section_figure(result, title=f"A fault, {name}", known=known)
    Path(f"blocky_or_smooth_{name}.png").write_bytes(png(figure))
