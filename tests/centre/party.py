"""Three organisations and a shared project with a site of the steel group."""

from functools import partial

import numpy as np

import ohmscape
from ohmscape.arrays.designs import dipole_dipole
from ohmscape.centre.catalogue import add_campaign, add_organisation, add_project, add_site
from ohmscape.centre.database import writing
from ohmscape.centre.ingest import Offer
from ohmscape.centre.places import box

ME = "tester"
offer = partial(Offer, judge=False)  #: quality control has tests of its own
CAMPAIGN = "slag/north works/2026-05"
OUTLINE = box(117.0, 39.0, 117.1, 39.1)


def founded(centre):
    """Fill an empty centre with those who use it; return it."""
    with writing(centre.engine) as c:
        for name in ("laboratory", "university", "steel group"):
            add_organisation(c, ME, name)
        add_project(c, ME, "slag", ["laboratory", "steel group"], "how much, and where it leaks")
        add_site(c, ME, "slag/north works", "steel group", crs="EPSG:32650", outline=OUTLINE)
        add_campaign(c, ME, CAMPAIGN, instrument="Syscal", instrument_serial="7")
    return centre


def line_file(path, value=100.0, electrodes=12):
    """Write a small line over a ground of one resistivity; return its path."""
    electrodes_ = ohmscape.Electrodes(np.column_stack([2.0 * np.arange(electrodes),
                                                       np.zeros(electrodes)]))  # fmt: skip
    abmn = dipole_dipole(electrodes, 4, (1,))
    from ohmscape.arrays.geometry import geometric_factor

    k = geometric_factor(electrodes_.positions, abmn)
    data = ohmscape.Data(ohmscape.Survey(electrodes_, abmn), value / k)
    ohmscape.write_bert(data, path)
    return path
