"""A foundation whose outline and resistivity are known is held fixed; what lies below shows up."""

from pathlib import Path

import numpy as np

import ohmscape
from ohmscape.arrays.designs import dipole_dipole, schlumberger
from ohmscape.viz import png, section_figure
from ohmscape.viz.section import Known

slab = np.array([[10.0, -0.5], [22.0, -0.5], [22.0, -2.0], [10.0, -2.0]])
wet = np.array([[13.0, -2.0], [19.0, -2.0], [19.0, -3.5], [13.0, -3.5]])
x = np.arange(32.0)
survey = ohmscape.Survey(
    ohmscape.Electrodes(np.column_stack([x, 0 * x])),
    np.vstack([schlumberger(32), dipole_dipole(32, max_n=6)]),
)
concrete = ohmscape.Region(slab, resistivity=2000.0)
washout = ohmscape.Region(wet)


def resistivity(points):
    """Return ohm m: concrete, and wet ground that hides below it."""
    values = np.full(len(points), 80.0)
    values[concrete.holds(points[:, [0, 2]])] = 2000.0
    values[washout.holds(points[:, [0, 2]])] = 15.0
    return values


data = ohmscape.simulate(
    survey, resistivity, [concrete.closed(), washout.closed()], noise="2%", seed=4
)
blind = ohmscape.invert(data)
told = ohmscape.invert(data, regions=[concrete])

below = np.array([[16.0, -2.6]])
found_blind, found_told = float(blind.model(below)[0]), float(told.model(below)[0])
print(f"chi-squared {blind.chi2:.2f} and {told.chi2:.2f}")
print(
    f"below the slab: {found_blind:.0f} ohm m if nothing is known, {found_told:.0f} with the slab "
    "held fixed (15 is true)"
)

known = (Known(concrete.closed(), True, "slab"), Known(washout.closed(), True, "wet"))
Path("known_region.png").write_bytes(png(section_figure(told, title="Below a slab", known=known)))
