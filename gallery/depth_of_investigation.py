"""How deep a section may be believed: the index at once, and by two inversions as of old."""

from pathlib import Path

import numpy as np

import ohmscape
from ohmscape.arrays.designs import schlumberger
from ohmscape.inversion.appraisal import REACH
from ohmscape.viz import png, section_figure

x = np.arange(32.0)
survey = ohmscape.Survey(ohmscape.Electrodes(np.column_stack([x, 0 * x])), schlumberger(32))
base = np.array([[-1e4, -2.0], [1e4, -2.0]])
data = ohmscape.simulate(
    survey, lambda p: np.where(p[:, 2] > -2.0, 100.0, 30.0), [base], noise="3%", seed=8
)
result = ohmscape.invert(data)
index = result.depth_of_investigation

# Oldenburg and Li (1999): invert with a reference below and one above, and see where it matters.
middle = float(np.median(result.geometric_factor * data.resistance))
group = result.parameters
closeness = group.areas.mean() / (REACH * np.ptp(group.centres[:, 1])) ** 2
low, high = (
    ohmscape.invert(data, reference=middle * factor, closeness=closeness, lam=result.lam)
    for factor in (10**-0.5, 10**0.5)
)
by_two = np.abs(np.log(high.resistivity / low.resistivity)) / np.log(10.0)
difference = np.abs(index - by_two)
same_side = group.areas[(index < 0.2) == (by_two < 0.2)].sum() / group.areas.sum()

print(
    f"index at once against two inversions: {np.median(difference):.3f} apart in the median, "
    f"{np.quantile(difference, 0.95):.2f} for 95 %"
)
print(f"both say the same of {100 * same_side:.0f} % of the section (limit 0.2)")

figure = section_figure(result, title="Two layers")
Path("depth_of_investigation.png").write_bytes(png(figure))
