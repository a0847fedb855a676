"""Water above the ground."""

from dataclasses import dataclass

from ohmscape.errors import SurveyError


@dataclass(frozen=True)
class Water:
    """A lake, river or sea: everything above the ground and below a level.

    Parameters
    ----------
    level : float
        Elevation of the water's surface in m.
    resistivity : float
        ohm m.
    """

    level: float
    resistivity: float

    def __post_init__(self) -> None:
        if not self.resistivity > 0:
            raise SurveyError("water resistivity is not positive", mend="give ohm m")
