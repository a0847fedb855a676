"""What the catalogue knows of a data set: found in its readings, checked before it is believed."""

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Le, MaxLen

from ohmscape.arrays.pseudosection import median_depths
from ohmscape.core.data import Data
from ohmscape.core.survey import REMOTE
from ohmscape.core.types import Floats, Integers
from ohmscape.errors import CentreError

MAJORITY = 0.8  #: share of readings that gives an array its name
SEEN = 20_000  #: readings of which depths are worked out

Word = Annotated[str, MaxLen(100)]
Count = Annotated[int, Ge(0), Le(10**9)]
Second = Annotated[float, Ge(-1e10), Le(1e10)]


@dataclass(frozen=True)
class Facts:
    """What can be searched for."""

    format: Word
    method: Word
    electrode_array: Word
    electrodes: Count
    readings: Count
    quality: Annotated[float, Ge(0.0), Le(1.0)]  #: share of readings that can be used
    depth: Annotated[float, Ge(0.0), Le(1e5)] | None = None  #: m, reached by nine tenths
    began: Second | None = None  #: s since 1970
    ended: Second | None = None


def facts_of(data: Data) -> Facts:
    """Return what is to be known of readings."""
    times = np.empty(0) if data.time is None else data.time[np.isfinite(data.time)]
    return Facts(
        format="" if data.origin is None else data.origin.format,
        method=_method(data),
        electrode_array=array_name(data.survey.electrodes.positions, data.survey.abmn[data.valid]),
        electrodes=len(data.survey.electrodes),
        readings=len(data),
        quality=float(data.valid.mean()) if len(data) else 0.0,
        depth=_depth(data),
        began=float(times.min()) if len(times) else None,
        ended=float(times.max()) if len(times) else None,
    )


def checked_facts(told: Any) -> Facts:
    """Return facts that another process tells, if they can be.

    Raises
    ------
    CentreError
        Wrong kinds or beyond all limits.
    """
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(Facts).validate_python(told)
    except ValidationError as error:
        raise CentreError(f"facts cannot be: {error.errors()[0]['msg']}") from error


def array_name(positions: Floats, abmn: Integers) -> str:
    """Return the name of the array that most readings have, "mixed" if none, "" without any.

    Parameters
    ----------
    positions : array, shape (n_electrodes, 3)
    abmn : array of int, shape (n_data, 4)
    """
    if len(abmn) == 0:
        return ""
    far = (abmn == REMOTE).sum(axis=1)
    offset = positions - positions.mean(axis=0)
    along = offset @ np.linalg.svd(offset, full_matrices=False)[2][0]
    x = along[abmn]
    low, high = np.minimum(x[:, ::2], x[:, 1::2]), np.maximum(x[:, ::2], x[:, 1::2])
    apart = (high[:, 0] < low[:, 1]) | (high[:, 1] < low[:, 0])
    inside = (low[:, 0] < low[:, 1]) & (high[:, 1] < high[:, 0])
    inside |= (low[:, 1] < low[:, 0]) & (high[:, 0] < high[:, 1])
    middles = np.abs((low + high)[:, 0] - (low + high)[:, 1]) < 1e-3 * np.ptp(x, axis=1)
    lengths = np.abs(3.0 * (high - low).min(axis=1) - (high - low).max(axis=1))
    wenner = inside & middles & (lengths < 1e-3 * np.ptp(x, axis=1))
    names = {
        "pole-pole": far == 2, "pole-dipole": far == 1, "dipole-dipole": (far == 0) & apart,
        "wenner": (far == 0) & wenner, "schlumberger": (far == 0) & inside & middles,
        "gradient": (far == 0) & inside,
    }  # fmt: skip
    return next((name for name, is_it in names.items() if is_it.mean() >= MAJORITY), "mixed")


def _method(data: Data) -> str:
    if data.impedance is not None:
        return "SIP"
    if any(v is not None for v in (data.decay, data.chargeability, data.phase)):
        return "IP"
    if not np.isfinite(data.resistance).any() and data.self_potential is not None:
        return "SP"
    return "resistivity"


def _depth(data: Data) -> float | None:
    """Return the median depth that nine tenths of the readings do not pass, on flat ground."""
    abmn = data.survey.abmn[data.valid]
    abmn = abmn[:: max(1, len(abmn) // SEEN)]
    if len(abmn) == 0:
        return None
    offset = data.survey.electrodes.positions - data.survey.electrodes.positions.mean(axis=0)
    along = offset @ np.linalg.svd(offset, full_matrices=False)[2][0]
    depths = median_depths(along, np.zeros(len(along)), abmn)
    good = depths[np.isfinite(depths) & (depths >= 0.0)]
    return float(np.quantile(good, 0.9)) if len(good) else None
