"""Files of instruments that number electrodes and do not know their places."""

from dataclasses import dataclass

import numpy as np

from ohmscape.core import REMOTE, Electrodes, Floats, Integers, Remark
from ohmscape.formats._companion import beside, companion
from ohmscape.formats._source import Source

MOST = 100_000  #: the greatest number that an electrode may have


@dataclass(frozen=True, eq=False)
class Placed:
    """Electrodes and readings between them."""

    electrodes: Electrodes
    abmn: Integers
    remarks: tuple[Remark, ...]


def placed(source: Source, ids: Floats, lines: Integers, column: int) -> Placed:
    """Return electrodes for numbers that count from 1.

    Parameters
    ----------
    source : Source
        With electrodes that were given, or a list of them beside the file; electrode 1 is the
        first of them. Without any, electrode i is put at x = i - 1 m, with a warning.
    ids : array, shape (n_data, 4)
        Numbers of A, B, M, N; NaN where remote.
    lines : array of int, shape (n_data,)
        Line of each row.
    column : int
        Column of A, from 1, for errors.

    Raises
    ------
    FormatError
        A number that is none, or that the list does not have.
    """
    near = np.isfinite(ids)
    if not near.any():
        raise source.fault("no row names an electrode", line=int(lines[0]), mend="export it again")
    given = source.electrodes is not None or beside(source) is not None
    found = companion(source, "numbers of electrodes") if given else None
    most = len(found.index) if found is not None else MOST
    wrong = near & ((ids < 1) | (ids > most) | (ids != np.round(ids)))
    if wrong.any():
        i, j = (int(k) for k in np.argwhere(wrong)[0])
        raise source.fault(
            f"electrode {ids[i, j]:g} does not exist", line=int(lines[i]), column=column + j,
            mend=f"count from 1 to {most}, or list more electrodes",
        )  # fmt: skip
    rows = np.where(near, ids, 1.0).astype(np.int64) - 1
    if found is not None:
        return Placed(found.electrodes, np.where(near, found.index[rows], REMOTE), found.remarks)
    used, index = np.unique(rows[near], return_inverse=True)
    abmn = np.full(ids.shape, REMOTE, dtype=np.int64)
    abmn[near] = index.reshape(-1)
    line = np.column_stack([used, np.zeros((len(used), 2))]).astype(np.float64)
    text = (
        "the file has no positions: electrode i is put at x = i - 1 m. Resistances are right,"
        " distances are not, unless they are 1 m: put elec.csv (x,y,z) beside the file, or give"
        " read(path, electrodes=...)"
    )
    return Placed(
        Electrodes(line, [str(i + 1) for i in used]), abmn, (Remark("warning", text, (), len(ids)),)
    )
