"""Electrodes of a mapped text: numbered, placed in each row, or by an array's index."""

from dataclasses import dataclass

import numpy as np

from ohmscape.core import REMOTE, Booleans, Electrodes, Floats, Integers, Remark
from ohmscape.formats._companion import companion
from ohmscape.formats._electrodes import number_places
from ohmscape.formats._mapping import ARRAYS, LENGTH, LOCATIONS, Mapping
from ohmscape.formats._res2dinv_arrays import WITH_N, index_places
from ohmscape.formats._res2dinv_header import Header
from ohmscape.formats._source import Source

MOST = 1_000_000  #: electrodes of a numbered line


@dataclass(frozen=True, eq=False)
class Placed:
    """Electrodes, what each row uses of them, and which rows have theirs."""

    electrodes: Electrodes
    abmn: Integers
    known: Booleans
    remarks: tuple[Remark, ...] = ()


def placed_of(
    source: Source, mapping: Mapping, values: dict[str, Floats], lines: Integers
) -> Placed:
    """Return the electrodes of all rows.

    Raises
    ------
    FormatError
        A number that names no electrode, or an impossible spacing.
    """
    if "xa" in values:
        return _by_place(mapping, values)
    if "x" in values:
        return _by_index(source, mapping, values, lines)
    return _by_number(source, mapping, values, lines)


def _known(places: Floats, known: Booleans, remarks: tuple[Remark, ...] = ()) -> Placed:
    if not known.any():
        none = np.full((len(places), 4), REMOTE, dtype=np.int64)
        return Placed(Electrodes([[0.0, 0.0]]), none, known, remarks)
    positions, found = number_places(places[known])
    abmn = np.full((len(places), 4), REMOTE, dtype=np.int64)
    abmn[known] = found
    return Placed(Electrodes(positions), abmn, known, remarks)


def _by_place(mapping: Mapping, values: dict[str, Floats]) -> Placed:
    n = len(values["xa"])
    places = np.zeros((n, 4, 3))
    known, far = np.ones(n, dtype=np.bool_), np.zeros((n, 4), dtype=np.bool_)
    for i, electrode in enumerate("abmn"):
        if f"x{electrode}" not in values:
            far[:, i] = True
            continue
        for j, axis in enumerate("xyz"):
            name = f"{axis}{electrode}"
            if name not in values:
                continue
            stated = values[name]
            remote = np.isin(stated, mapping.remote)
            far[:, i] |= remote
            known &= np.isfinite(stated) | remote
            sign = -1.0 if axis == "z" and mapping.depth else 1.0
            places[:, i, j] = sign * LENGTH[mapping.columns[name].unit or "m"] * stated
    places[far] = np.nan
    return _known(places, known, _without(values, "x"))


def _without(values: dict[str, Floats], prefix: str) -> tuple[Remark, ...]:
    return tuple(
        Remark("warning", f"no column of {e.upper()}: at infinity in all rows")
        for e in "bn"
        if f"{prefix}{e}" not in values
    )


def _by_index(
    source: Source, mapping: Mapping, values: dict[str, Floats], lines: Integers
) -> Placed:
    code = ARRAYS[mapping.array]
    if code in WITH_N and "level" not in values:
        raise source.fault(
            f"array {mapping.array} without a column level (n)", mend="add level to the mapping"
        )
    x = values["x"] * LENGTH[mapping.columns["x"].unit or "m"]
    a = values["spacing"] * LENGTH[mapping.columns["spacing"].unit or "m"]
    n = values["level"] if code in WITH_N else np.ones(len(x))
    known = np.isfinite(x) & np.isfinite(a) & np.isfinite(n)
    wrong = known & ((a < 0.0) | ((n < 0.0) & (code != ARRAYS["pole-dipole"])))
    if wrong.any():
        line = int(lines[int(np.argmax(wrong))])
        raise source.fault(
            "negative spacing or level", line=line, mend="only pole-dipole may have a level < 0"
        )
    steps = a[known & (a > 0.0)]
    spacing = float(steps.min()) if len(steps) else 1.0
    header = Header(
        "", spacing, code, resistance=False, count=len(x), location=LOCATIONS[mapping.location],
        polarisation=None, errors=False, breadth=0.0, remotes=np.zeros((0, 3)), exact=True,
        general=False, holes=None, end=0,
    )  # fmt: skip
    places, remarks = index_places(header, x, a, n)
    return _known(places, known, remarks)


def _by_number(
    source: Source, mapping: Mapping, values: dict[str, Floats], lines: Integers
) -> Placed:
    size = len(values["a"])
    numbers = np.stack([values.get(e, np.full(size, np.inf)) for e in "abmn"], axis=1)
    far = np.isin(numbers, mapping.remote) | np.isinf(numbers)
    known: Booleans = np.all(np.isfinite(numbers) | far, axis=1)
    index = np.where(far | ~np.isfinite(numbers), 0.0, numbers - mapping.first_number)
    n, remarks = _count(source, mapping, index)
    wrong = known[:, None] & ~far & ((index < 0) | (index >= n) | (index != np.round(index)))
    if wrong.any():
        i, j = (int(v) for v in np.argwhere(wrong)[0])
        raise source.fault(
            f"electrode {numbers[i, j]:g} does not exist",
            line=int(lines[i]),
            mend=f"{n} electrodes from {mapping.first_number} on are known; if the number means"
            " at infinity, list it in remote of the mapping",
        )
    rows = index.astype(np.int64)
    more = (*remarks, *_without(values, ""))
    if mapping.spacing is not None:
        x = mapping.first_x + mapping.spacing * np.arange(n)
        line = Electrodes(np.column_stack([x, np.zeros(n)]))
        return Placed(line, np.where(far, REMOTE, rows), known, more)
    found = companion(source, "numbers of electrodes")
    abmn = np.where(far, REMOTE, found.index[rows])
    return Placed(found.electrodes, abmn, known, (*found.remarks, *more))


def _count(source: Source, mapping: Mapping, index: Floats) -> tuple[int, tuple[Remark, ...]]:
    """Return how many electrodes there are."""
    if mapping.spacing is None:
        return len(companion(source, "numbers of electrodes").index), ()
    most = float(index.max(initial=0.0))
    if not mapping.spacing > 0.0 or most >= MOST:
        raise source.fault(
            f"{most + 1:g} electrodes at {mapping.spacing:g} m", mend="check the mapping"
        )
    n = int(most) + 1
    text = f"{n} electrodes at {mapping.spacing:g} m along x, as the mapping says"
    return n, (Remark("kept", text, (), n),)
