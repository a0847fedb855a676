"""On the bed of a lake: the water is known, so it is part of the mesh and not of the answer."""

from pathlib import Path

import numpy as np

import ohmscape
from ohmscape.arrays.designs import schlumberger
from ohmscape.viz import png, section_figure
from ohmscape.viz.section import Known

x = np.arange(0.0, 64.0, 2.0)
bed = 0.5 - 4.0 * np.exp(-(((x - 31.0) / 14.0) ** 2))  # m; the ends of the cable lie ashore
lake = ohmscape.Water(level=0.0, resistivity=25.0)
survey = ohmscape.Survey(ohmscape.Electrodes(np.column_stack([x, bed])), schlumberger(32))
channel = ohmscape.Region([[24.0, -4.0], [38.0, -4.0], [35.0, -8.0], [27.0, -8.0]])


def resistivity(points):
    """Return ohm m of the ground: an old channel in gravel; the water comes by itself."""
    return np.where(channel.holds(points[:, [0, 2]]), 40.0, 150.0)


data = ohmscape.simulate(survey, resistivity, [channel.closed()], water=lake, noise="2%", seed=2)
wet = ohmscape.invert(data, water=lake)
dry = ohmscape.invert(data)  # as if there were air above the cable


def below_bed(centres):
    """Return whether points x, z lie at most 5 m below the bed."""
    return np.interp(centres[:, 0], x, bed) - centres[:, 1] < 5.0


def misjudged(result):
    """Return by which factor the upper 5 m of ground are wrong, in the mean over cells."""
    group = result.parameters
    truth = resistivity(np.insert(group.centres, 1, 0.0, axis=1))
    wrong = np.abs(np.log(result.resistivity / truth))[below_bed(group.centres)]
    return float(np.exp(wrong.mean()))


with_water, without_water = misjudged(wet), misjudged(dry)
print(f"chi-squared {wet.chi2:.2f} with the water, {dry.chi2:.2f} without")
print(
    f"upper 5 m of the ground wrong by a factor of {with_water:.2f} with the water, "
    f"{without_water:.2f} without"
)

known = (Known(channel.closed(), True, "channel"),)
figure = section_figure(wet, title="Under a lake of 25 ohm m", known=known)
Path("under_water.png").write_bytes(png(figure))
