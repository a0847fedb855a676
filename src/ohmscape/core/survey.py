"""Electrodes and the four-point readings between them. x, y, z in m, right-handed, z up."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ohmscape.core.types import Booleans, Floats, Integers
from ohmscape.errors import SurveyError

REMOTE = -1  #: electrode index that stands for "at infinity"


@dataclass(frozen=True, eq=False)
class Electrodes:
    """Places where current goes in or voltage is read.

    Parameters
    ----------
    positions : array, shape (n_electrodes, 3)
        x, y, z in m; two columns are taken as x and z.
    labels : sequence of str, optional
        One name per electrode, as the field crew calls it; 1, 2, ... if absent.
    buried : array of bool, shape (n_electrodes,), optional
        True where the electrode lies below the ground surface. Left out, it is
        worked out from the positions when a ground is needed (`ohmscape.arrays.ground`).

    Raises
    ------
    SurveyError
        No electrode, wrong shape, or a position that is not finite.
    """

    positions: Floats
    labels: tuple[str, ...] = ()
    buried: Booleans | None = None

    def __init__(
        self,
        positions: ArrayLike,
        labels: Sequence[str] = (),
        buried: ArrayLike | None = None,
    ) -> None:
        places = np.array(positions, dtype=np.float64)
        if places.ndim != 2 or places.shape[1] not in (2, 3) or len(places) == 0:
            raise SurveyError(
                f"electrode positions have shape {places.shape}", mend="give (n, 3): x, y, z in m"
            )
        if places.shape[1] == 2:
            places = np.column_stack([places[:, 0], np.zeros(len(places)), places[:, 1]])
        broken = np.flatnonzero(~np.isfinite(places).all(axis=1))
        if len(broken):
            raise SurveyError(
                "electrode position is not a number",
                where=f"electrodes {(broken[:5] + 1).tolist()}",
                mend="give finite x, y, z in m",
            )
        names = tuple(labels) or tuple(str(i + 1) for i in range(len(places)))
        if len(names) != len(places):
            raise SurveyError(
                f"{len(names)} labels for {len(places)} electrodes", mend="give one for each"
            )
        below = None if buried is None else np.array(buried, dtype=np.bool_)
        if below is not None and below.shape != (len(places),):
            raise SurveyError(
                f"`buried` has shape {below.shape} for {len(places)} electrodes",
                mend="give one flag for each",
            )
        for array in (places, below):
            if array is not None:
                array.setflags(write=False)
        object.__setattr__(self, "positions", places)
        object.__setattr__(self, "labels", names)
        object.__setattr__(self, "buried", below)

    def __len__(self) -> int:
        return len(self.positions)


@dataclass(frozen=True, eq=False)
class Survey:
    """Electrodes and the four-point readings between them; geometry only.

    Parameters
    ----------
    electrodes : Electrodes
    abmn : array of int, shape (n_data, 4)
        Rows of `electrodes.positions` for A, B (current) and M, N (potential), from 0,
        or `REMOTE`.

    Raises
    ------
    SurveyError
        Wrong shape, or an index that names no electrode.
    """

    electrodes: Electrodes
    abmn: Integers

    def __init__(self, electrodes: Electrodes, abmn: ArrayLike) -> None:
        rows = np.array(abmn)
        if rows.ndim != 2 or rows.shape[1] != 4:
            raise SurveyError(f"abmn has shape {rows.shape}", mend="give (n_data, 4)")
        if rows.dtype.kind not in "iu" and not np.array_equal(rows, np.round(rows)):
            raise SurveyError("abmn holds numbers that are not whole", mend="give indices from 0")
        rows = rows.astype(np.int64)
        unknown = np.flatnonzero(((rows < REMOTE) | (rows >= len(electrodes))).any(axis=1))
        if len(unknown):
            raise SurveyError(
                "unknown electrode in abmn",
                where=f"rows {unknown[:5].tolist()}",
                mend=f"count from 0 to {len(electrodes) - 1}; REMOTE is -1",
            )
        rows.setflags(write=False)
        object.__setattr__(self, "electrodes", electrodes)
        object.__setattr__(self, "abmn", rows)

    def __len__(self) -> int:
        return len(self.abmn)

    def __getitem__(self, rows: slice | Integers | Booleans) -> "Survey":
        """Return the survey with only these readings; electrodes stay."""
        return Survey(self.electrodes, self.abmn[rows])
