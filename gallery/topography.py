"""On a hill the geometric factor of flat ground is wrong; the numeric one leaves no trace."""

from pathlib import Path

import numpy as np

import ohmscape
from ohmscape.arrays.designs import schlumberger
from ohmscape.arrays.geometry import geometric_factor
from ohmscape.viz import png, section_figure

x = np.arange(36.0)
z = 6.0 * np.exp(-(((x - 17.5) / 6.0) ** 2))  # a heap with slopes of up to 40 degrees
survey = ohmscape.Survey(ohmscape.Electrodes(np.column_stack([x, z])), schlumberger(36))
data = ohmscape.simulate(survey, 100.0, noise="1%", seed=9)  # the same ground everywhere

flat = geometric_factor(np.column_stack([x, 0 * x, 0 * x]), survey.abmn)
by_flat_factor = flat * data.resistance
result = ohmscape.invert(data)
by_own_factor = result.geometric_factor * data.resistance
artefact = 100 * np.abs(result.resistivity / 100.0 - 1).max()

print(
    f"apparent resistivity by the flat factor: {by_flat_factor.min():.0f} to "
    f"{by_flat_factor.max():.0f} ohm m, by the numeric one: {by_own_factor.min():.0f} to "
    f"{by_own_factor.max():.0f} (100 is true, with 1 % noise)"
)
print(f"largest artefact of the inverted section: {artefact:.2f} %")

figure = section_figure(result, title="Nothing but a hill")
Path("topography.png").write_bytes(png(figure))
