"""Electrodes listed before the readings of Res2DInv's cross-borehole arrays 12 and 13.

Layout: ``Surface electrodes``, their number, rows ``x z``; ``Number of boreholes``, the number;
for each ``Borehole i electrodes``, their number, rows ``x z``; ``Measured data``. The readings are
rows of the general array.
"""

from dataclasses import dataclass

import numpy as np

from ohmscape.core import Floats
from ohmscape.formats._res2dinv_lines import Lines, cells_of, is_text
from ohmscape.formats._source import Source, quote
from ohmscape.formats._text import number

MOST = 100_000  #: electrodes of one list


@dataclass(frozen=True, eq=False)
class Holes:
    """Electrodes of a cross-borehole survey as listed, z as in the file."""

    surface: Floats  #: (n, 2) x, z in m
    boreholes: tuple[Floats, ...]  #: of shape (n, 2)

    @property
    def all(self) -> Floats:
        """All electrodes, shape (n, 2)."""
        return np.vstack([self.surface, *self.boreholes])


def holes_of(source: Source, it: Lines) -> Holes:
    """Return the electrodes that are listed up to ``Measured data``.

    Raises
    ------
    FormatError
        A list is missing or cannot be read.
    """
    surface = np.zeros((0, 2))
    boreholes: list[Floats] = []
    announced: int | None = None
    while is_text(it.text()) and not it.text().lower().startswith("measured"):
        line, text = it.at + 1, it.take("list of electrodes")
        word = text.lower()
        if word.startswith("surface"):
            surface = _list(source, it, "surface electrodes")
        elif word.startswith("number"):
            announced = it.whole("number of boreholes")
        elif word.startswith("borehole"):
            boreholes.append(_list(source, it, text[:30]))
        else:
            raise source.fault(
                f"{quote(text)} is not a list of electrodes", line=line,
                mend="give Surface electrodes, Number of boreholes, Borehole 1 electrodes ...",
            )  # fmt: skip
    line = it.at + 1
    if not boreholes or not it.text().lower().startswith("measured"):
        raise source.fault(
            "cross-borehole data without lists of electrodes and the line Measured data",
            line=line,
            mend="restore the lists, or export as general array (code 11)",
        )
    it.take("measured data")
    if announced is not None and announced != len(boreholes):
        raise source.fault(
            f"{announced} boreholes announced, {len(boreholes)} listed", line=line,
            mend="restore the file or correct the number",
        )  # fmt: skip
    return Holes(surface, tuple(boreholes))


def _list(source: Source, it: Lines, what: str) -> Floats:
    line = it.at + 1
    count = it.whole(f"number of {what}")
    if not 0 <= count <= MOST:
        raise source.fault(f"{count} {what}", line=line, mend="correct the number")
    out = []
    for _ in range(count):
        line = it.at + 1
        cells = cells_of(it.take(f"electrode of {what}"))
        values = [number(cell) for cell in cells]
        if len(values) != 2 or any(v is None or not np.isfinite(v) for v in values):
            raise source.fault(
                f"place of one of the {what} is not x z", line=line,
                mend=f"give both, or correct the number of {what} ({count})",
            )  # fmt: skip
        out.append([float(v) for v in values if v is not None])
    return np.array(out).reshape(-1, 2)
