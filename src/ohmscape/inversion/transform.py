"""From ln(resistivity) to what the descent varies, and back."""

from dataclasses import dataclass

import numpy as np

from ohmscape.core.types import Floats
from ohmscape.errors import InversionError


@dataclass(frozen=True)
class Transform:
    """Identity, or, with bounds, the logit of the place between them.

    Bounds are resistivities in ohm m.
    """

    lower: float | None = None
    upper: float | None = None

    def __post_init__(self) -> None:
        if (self.lower is None) != (self.upper is None):
            raise InversionError("one bound without the other", mend="give both, in ohm m")
        if self.lower is not None and self.upper is not None and not 0 < self.lower < self.upper:
            raise InversionError("bounds are not 0 < lower < upper", mend="give them in ohm m")

    @property
    def _limits(self) -> tuple[float, float] | None:
        if self.lower is None or self.upper is None:
            return None
        return float(np.log(self.lower)), float(np.log(self.upper))

    def to_log(self, model: Floats) -> Floats:
        """Return ln(resistivity) of a transformed model."""
        if self._limits is None:
            return model
        low, high = self._limits
        log: Floats = low + (high - low) / (1.0 + np.exp(-4.0 * model / (high - low)))
        return log

    def from_log(self, log: Floats) -> Floats:
        """Return the transformed model of ln(resistivity), drawn inside the bounds."""
        if self._limits is None:
            return log
        low, high = self._limits
        part = np.clip((log - low) / (high - low), 1e-3, 1 - 1e-3)
        model: Floats = np.log(part / (1.0 - part)) * (high - low) / 4.0
        return model

    def slope(self, model: Floats) -> Floats | None:
        """Return d ln(resistivity) / d model, or None where it is 1."""
        if self._limits is None:
            return None
        low, high = self._limits
        part = (self.to_log(model) - low) / (high - low)
        slope: Floats = 4.0 * part * (1.0 - part)
        return slope
