"""What can be asked of an inversion, each with its default."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ohmscape.arrays.noise import ErrorModel
from ohmscape.core.data import Terrain
from ohmscape.core.types import Booleans, Floats
from ohmscape.core.water import Water
from ohmscape.errors import InversionError
from ohmscape.inversion.logs import Log


@dataclass(frozen=True, eq=False)
class Region:
    """A part of the section with sharp edges, whose resistivity may be known.

    Parameters
    ----------
    outline : array, shape (n, 2)
        Corners x, z in m.
    resistivity : float, optional
        ohm m; the region keeps it. Left out, the region is inverted, free of its surroundings.
    """

    outline: ArrayLike
    resistivity: float | None = None

    def holds(self, points: Floats) -> Booleans:
        """Return whether points, x, z in m, shape (n, 2), lie inside."""
        corners = np.asarray(self.outline, dtype=np.float64)
        after = np.roll(corners, -1, axis=0)
        (x0, z0), (x1, z1) = corners.T[..., None], after.T[..., None]
        x, z = points.T
        with np.errstate(divide="ignore", invalid="ignore"):
            cut = x0 + (z - z0) / (z1 - z0) * (x1 - x0)
        crosses = ((z0 <= z) != (z1 <= z)) & (x < cut)
        inside: Booleans = crosses.sum(axis=0) % 2 == 1
        return inside

    def closed(self) -> Floats:
        """Return the outline with its first corner once more at the end."""
        corners = np.asarray(self.outline, dtype=np.float64)
        return np.concatenate([corners, corners[:1]])


@dataclass(frozen=True, eq=False)
class InversionOptions:
    """Options of `invert`; lengths in m, resistivities in ohm m.

    Raises
    ------
    InversionError
        An option outside its limits.
    """

    error: ErrorModel | str | None = None  #: stated error, e.g. "3%+1mV"; else the data's own
    lam: float | Literal["auto"] = "auto"  #: strength of regularisation; auto: chi-squared 1
    target: float = 1.0  #: chi-squared to reach with lam "auto"
    robust: bool = False  #: Huber norm of residuals instead of squares
    blocky: bool = False  #: sharp boundaries instead of smooth ones
    vertical_weight: float = 1.0  #: weight of smoothness in depth against along the line
    reference: float | Floats | None = None  #: resistivity or one per parameter to stay close to
    closeness: float = 0.0  #: weight of the distance from the reference
    start: float | Floats | None = None  #: first resistivity; the median of the data if None
    bounds: tuple[float, float] | None = None  #: lowest and highest resistivity allowed
    logs: Sequence[Log] = ()  #: resistivities known from boreholes; they make the reference
    interfaces: Sequence[ArrayLike] = ()  #: polylines (n, 2) that smoothness does not cross
    regions: Sequence[Region] = ()
    water: Water | None = None
    terrain: Terrain | None = None  #: ground points; the file's own if None
    depth: float | None = None  #: of the section
    max_iterations: int = 20
    check: bool = True  #: judge the result on a refined mesh

    def __post_init__(self) -> None:
        def refuse(bad: bool, what: str, mend: str) -> None:
            if bad:
                raise InversionError(what, mend=mend)

        refuse(
            self.lam != "auto" and not float(self.lam) > 0,
            f"lam is {self.lam}",
            'give a number above 0, or "auto"',
        )
        refuse(not self.target > 0, f"target is {self.target}", "chi-squared is above 0")
        refuse(not self.vertical_weight > 0, "vertical_weight is not above 0", "1 is isotropic")
        refuse(self.closeness < 0, "closeness is negative", "0 switches it off")
        refuse(
            self.closeness > 0 and self.reference is None,
            "closeness without a reference",
            "give reference in ohm m",
        )
        refuse(
            bool(self.logs) and self.reference is not None,
            "logs and a reference",
            "logs make the reference: give one of both",
        )
        refuse(self.max_iterations < 1, "max_iterations is below 1", "20 is usual")
        refuse(self.depth is not None and not self.depth > 0, "depth is not above 0", "give m")
