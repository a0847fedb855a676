"""Where the electrodes of a Res2DInv file stand: on topography, in boreholes, far away."""

import numpy as np

from ohmscape.core import Floats, Integers, Remark, Terrain
from ohmscape.formats import _res2dinv_topography as topo
from ohmscape.formats._checks import listed
from ohmscape.formats._nominal import in_boreholes
from ohmscape.formats._res2dinv_header import ALONG, BOREHOLES, GENERAL, Header
from ohmscape.formats._res2dinv_values import Rows


def on_ground(
    header: Header, nominal: Floats, ground: topo.Ground | None
) -> tuple[Floats, list[Remark], Terrain | None]:
    """Return true places of the electrodes, what was done, and the terrain."""
    own = bool(np.any(nominal[:, 2]))
    terrain = None
    if ground is not None:
        terrain = Terrain(np.column_stack([ground.x, np.zeros(len(ground.x)), ground.z]))
    if ground is not None and not own:
        along = header.location == ALONG or (ground.kind == topo.ALONG and not _is_true(header))
        return *_raised(nominal, ground, along), terrain
    if not own:
        return nominal, [], terrain
    if header.code in BOREHOLES or in_boreholes(nominal):
        return *_boreholes(nominal), terrain
    if header.location != ALONG or np.any(nominal[:, 1]):
        return nominal, [Remark("kept", "heights of electrodes from the rows")], terrain
    mine = topo.polyline(nominal[:, 0], nominal[:, 2], topo.ALONG)
    if mine is None:
        text = "electrodes rise more than their distance along the ground: taken as horizontal"
        return nominal, [Remark("warning", text)], terrain
    x, z = mine.at_s(nominal[:, 0])
    text = "distances along the ground turned into true horizontal ones by the heights in the rows"
    return np.column_stack([x, nominal[:, 1], z]), [Remark("repaired", text)], terrain


def _is_true(header: Header) -> bool:
    """Whether a general array says that its distances are true horizontal ones."""
    return header.code == GENERAL and header.location == topo.HORIZONTAL


def _raised(nominal: Floats, ground: topo.Ground, along: bool) -> tuple[Floats, list[Remark]]:
    at = nominal[:, 0]
    x, z = ground.at_s(at) if along else ground.at_x(at)
    word = "distances along the ground" if along else "true horizontal distances"
    remarks = [Remark("repaired", f"electrodes raised onto the topography by {word}")]
    outside = ground.beyond(at, along)
    if outside.any():
        text = f"{int(outside.sum())} electrodes lie outside the topography: taken as level there"
        remarks.append(Remark("warning", text, (), int(outside.sum())))
    return np.column_stack([x, nominal[:, 1], z]), remarks


def _boreholes(nominal: Floats) -> tuple[Floats, list[Remark]]:
    z = nominal[:, 2]
    if z.min() >= 0.0:
        text = "electrodes in boreholes with positive z: taken as depths"
        return nominal * [1.0, 1.0, -1.0], [Remark("repaired", text)]
    return nominal, [Remark("kept", "electrodes in boreholes: z taken as elevation, up")]


def with_remotes(
    header: Header, nominal: Floats, placed: Floats, abmn: Integers
) -> tuple[Floats, Floats, Integers, Integers | None]:
    """Return places and indices with the far electrodes that the header states.

    The fourth value are the indices that the file's own rho_a stand for, if others.
    """
    if not len(header.remotes):
        return nominal, placed, abmn, None
    far = header.remotes.copy()
    with_all = abmn.copy()
    for i, column in zip(range(len(far)), (1, 3), strict=False):
        with_all[:, column] = len(nominal) + i
    level = far.copy()
    level[:, 2] = np.where(far[:, 2] == 0.0, placed[-1, 2], far[:, 2])
    nominal = np.vstack([nominal, far * [1.0, 1.0, 0.0]])
    return nominal, np.vstack([placed, level]), with_all, None if header.exact else abmn


def unlisted(header: Header, rows: Rows) -> list[Remark]:
    """Return what is said of readings whose electrodes are not in the lists before them."""
    if header.holes is None:
        return []
    listed_ones = {tuple(place) for place in np.round(header.holes.all, 3).tolist()}
    near = np.nan_to_num(np.round(rows.places[:, :, [0, 2]], 3), nan=np.inf)
    unknown = np.array([any(p[0] < np.inf and tuple(p) not in listed_ones for p in row)
                        for row in near.tolist()], dtype=np.bool_)  # fmt: skip
    text = f"{len(header.holes.boreholes)} boreholes with {len(header.holes.all)} electrodes listed"
    remarks = [Remark("kept", text)]
    if unknown.any():
        text = "readings at places that are not listed"
        rows_ = listed(rows.lines, unknown)
        remarks.append(Remark("warning", text, rows_, int(unknown.sum())))
    return remarks
