"""Normal and reciprocal files as one data set, and how far each pair disagrees."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ohmscape.arrays.designs import reciprocal_pairs
from ohmscape.arrays.noise import ErrorModel, fit_reciprocals
from ohmscape.core.data import Data, Remark
from ohmscape.core.types import Floats, Integers
from ohmscape.errors import SurveyError
from ohmscape.joining.merging import merge

#: fields whose mean over a pair is what both measured
MEANS = ("chargeability", "phase", "decay", "impedance")
#: fields that belong to one of the two readings, or contradict the mean
ONES = ("voltage", "apparent_resistivity", "geometric_factor")


@dataclass(frozen=True, eq=False)
class Paired:
    """All readings of two files, and which of them are pairs."""

    data: Data  #: every reading of both files
    normal: Integers  #: (n_pairs,) readings of `data`
    reciprocal: Integers  #: (n_pairs,) their reciprocals
    sign: Floats  #: (n_pairs,) 1 or -1: without noise, R[normal] == sign * R[reciprocal]
    mean: Floats  #: (n_pairs,) ohm, with the sign of the normal reading
    difference: Floats  #: (n_pairs,) ohm, normal - reciprocal
    model: ErrorModel | None  #: a + b |R| fitted to the pairs, None where they are too few

    @property
    def relative(self) -> Floats:
        """Reciprocal error: difference over the size of the mean, shape (n_pairs,)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            error: Floats = np.abs(self.difference) / np.abs(self.mean)
        return error


def pair(normal: Data, reciprocal: Data, *, tolerance: float | None = None) -> Paired:
    """Return the readings of a normal and of a reciprocal file, and their pairs.

    Parameters
    ----------
    normal, reciprocal : Data
        Pairs inside one of the files count as well.
    tolerance : float, optional
        Of the electrodes' places in m, see `ohmscape.joining.merging.merge`.

    Returns
    -------
    Paired
        Pairs of valid readings only.

    Raises
    ------
    SurveyError
        There is no pair.
    """
    data = merge([normal, reciprocal], tolerance=tolerance, repeats=True)
    i, j, sign = reciprocal_pairs(data.survey.abmn)
    good = data.valid[i] & data.valid[j]
    i, j, sign = i[good], j[good], sign[good]
    if len(i) == 0:
        raise SurveyError(
            "no reading has its reciprocal",
            mend="check that A, B and M, N are exchanged and that electrodes agree in place",
        )
    one, other = data.resistance[i], sign * data.resistance[j]
    model, _ = fit_reciprocals(data)
    paired = Paired(data, i, j, sign, 0.5 * (one + other), one - other, model)
    alone = int(data.valid.sum()) - 2 * len(i)
    text = (
        f"{len(i)} reciprocal pairs differ by {np.nanmedian(paired.relative):.2%} in the median; "
        f"{alone} valid readings have no partner"
    )
    return replace(paired, data=_told(data, text, len(i)))


def averaged(paired: Paired) -> Data:
    r"""Return one reading for each pair: the mean, and how sure it is; others as they are.

    Parameters
    ----------
    paired : Paired

    Returns
    -------
    Data
        Readings of the normal file's electrodes, traced to the normal file's rows.

    Notes
    -----
    The standard deviation of a mean is half the pair's difference, but not less than
    \(s/\sqrt 2\) of the fitted model s = a + b \|R\|: two readings may agree by chance. Readings
    without partner have the model's, where there is one, else what their file states.
    """
    data, i, j = paired.data, paired.normal, paired.reciprocal
    changes: dict[str, Any] = dict.fromkeys(ONES)
    resistance = data.resistance.copy()
    resistance[i] = paired.mean
    stated = data.standard_deviation
    deviation = np.full(len(data), np.nan) if stated is None else stated.copy()
    half = 0.5 * np.abs(paired.difference)
    if paired.model is not None:
        floor = paired.model.relative * np.abs(resistance) + paired.model.resistance_floor
        deviation = floor.copy()
        half = np.maximum(half, floor[i] / np.sqrt(2.0))
    deviation[i] = half
    for name in MEANS:
        values = getattr(data, name)
        if values is not None:
            values = values.copy()
            turn = paired.sign if name == "impedance" else np.ones(len(i))
            values[i] = 0.5 * (values[i] + turn.reshape(-1, *[1] * (values.ndim - 1)) * values[j])
            changes[name] = values
    keep = np.ones(len(data), dtype=np.bool_)
    keep[j] = False
    mean = replace(data, resistance=resistance, standard_deviation=deviation, **changes)[keep]
    return _told(mean, f"{len(i)} readings are the mean of a reciprocal pair", len(i))


def _told(data: Data, text: str, count: int) -> Data:
    return replace(data, report=(*data.report, Remark("kept", text, (), count)))
