"""Several data sets as one: electrodes that are the same, readings that keep their origin."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np

from ohmscape.arrays.course import spacing_of
from ohmscape.arrays.ground import line_of
from ohmscape.core.data import Data, Origin, Remark, Terrain
from ohmscape.core.survey import REMOTE, Electrodes, Survey
from ohmscape.core.types import Booleans, Floats, Integers
from ohmscape.errors import SurveyError
from ohmscape.joining.columns import columns_joined

NEAR = 0.1  #: part of the smallest spacing within which electrodes of two files are one
AGAIN = 0.5  #: part of a file's readings, measured in other files as well, that is no overlap


@dataclass(frozen=True, eq=False)
class Shared:
    """Electrodes of several files, each place once."""

    electrodes: Electrodes
    index: tuple[Integers, ...]  #: of each file: its electrodes among these
    shared: int  #: places that more than one file uses
    apart: float  #: greatest distance in m, seen from above, between electrodes that became one
    remarks: tuple[Remark, ...]


def merge(parts: Sequence[Data], *, tolerance: float | None = None, repeats: bool = False) -> Data:
    """Return several data sets as one.

    Parameters
    ----------
    parts : sequence of Data
        In one system of coordinates, for example the files of a roll-along.
    tolerance : float, optional
        Electrodes of different files no further apart, in m, are one; it keeps the place that
        the first file gives. `NEAR` of the smallest spacing if left out.
    repeats : bool
        Allow files that measure the same arrays again.

    Returns
    -------
    Data
        All readings in the order of the files, each traced to its file and row by `origin`.
        What only some files have is NaN for the others. Gates and frequencies are those of all.

    Raises
    ------
    SurveyError
        Nothing to merge, the same file twice, a tolerance that makes two electrodes of one file
        one, or a file that repeats another: that is time-lapse, or a line in other coordinates.

    Notes
    -----
    Two electrodes that stand alone at their place, seen from above, are one even if the files
    disagree about its height (one of them may have none): the first file's height is kept, and a
    warning names them. In boreholes, where one file has several electrodes at a place, heights
    have to agree.
    """
    if not parts:
        raise SurveyError("nothing to merge", mend="give at least one data set")
    _refuse_twice(parts)
    names = _names(parts)
    found = electrodes_of(parts, names, tolerance)
    abmn = np.concatenate(
        [
            np.where(part.survey.abmn == REMOTE, REMOTE, index[part.survey.abmn])
            for part, index in zip(parts, found.index, strict=True)
        ]
    )
    size = [len(part) for part in parts]
    again = _measured_again(abmn, size, names, allowed=repeats)
    summary = Remark(
        "kept",
        f"{len(abmn)} readings of {len(found.electrodes)} electrodes from {len(parts)} files; "
        f"{found.shared} electrodes are in more than one, at most {found.apart:.3g} m apart",
        (),
        len(abmn),
    )
    return Data(
        survey=Survey(found.electrodes, abmn),
        **columns_joined(parts),  # type: ignore[arg-type]
        reasons=_reasons(parts, names),
        terrain=_terrain(parts),
        origin=_origin(parts, names),
        report=(summary, *found.remarks, *again, *_reports(parts, names)),
    )


def electrodes_of(
    parts: Sequence[Data], names: Sequence[str], tolerance: float | None = None
) -> Shared:
    """Return the electrodes of several data sets, each place once.

    Parameters
    ----------
    parts : sequence of Data
    names : sequence of str
        What each is called in remarks and errors.
    tolerance : float, optional
        As in `merge`.

    Returns
    -------
    Shared

    Raises
    ------
    SurveyError
        The tolerance is not positive, or makes two electrodes of one file one.
    """
    positions = np.concatenate([part.survey.electrodes.positions for part in parts])
    file = np.repeat(np.arange(len(parts)), [len(part.survey.electrodes) for part in parts])
    near = tolerance
    if near is None:
        near = NEAR * min(spacing_of(part.survey.electrodes.positions) for part in parts)
    if not near > 0.0:
        raise SurveyError(f"tolerance is {near}", mend="give m, above 0")
    buried = _buried(parts)
    group = _groups(positions, file, buried, near)
    _, first = np.unique(group, return_index=True)
    host = first[group]
    _refuse_neighbours(parts, names, file, host)
    kept = np.sort(first)
    index = np.searchsorted(kept, host)
    away = np.hypot(*(positions - positions[host])[:, :2].T)
    electrodes = Electrodes(
        positions[kept], _labels(parts, file, kept), None if buried is None else buried[kept]
    )
    ends = np.cumsum([len(part.survey.electrodes) for part in parts])[:-1]
    return Shared(
        electrodes,
        tuple(np.split(index, ends)),
        int((np.bincount(index) > 1).sum()),
        float(away.max()),
        _height_conflicts(electrodes, positions, host, index, near),
    )


def _groups(positions: Floats, file: Integers, buried: Booleans | None, near: float) -> Integers:
    """Return a number for each electrode, the same for those that are one."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import KDTree

    n = len(positions)
    close = KDTree(positions).query_pairs(near, output_type="ndarray")
    above = KDTree(positions[:, :2]).query_pairs(near, output_type="ndarray")
    same = file[above[:, 0]] == file[above[:, 1]]
    alone = np.ones(n, dtype=np.bool_)
    alone[above[same]] = False
    lonely = above[~same & alone[above].all(axis=1)]
    if buried is not None:
        lonely = lonely[buried[lonely[:, 0]] == buried[lonely[:, 1]]]
    i, j = np.concatenate([close, lonely]).T
    other = file[i] != file[j]
    i, j = i[other], j[other]
    graph = coo_array((np.ones(len(i)), (i, j)), shape=(n, n))
    group: Integers = connected_components(graph, directed=False)[1].astype(np.int64)
    return group


def _refuse_neighbours(
    parts: Sequence[Data], names: Sequence[str], file: Integers, host: Integers
) -> None:
    """Refuse a tolerance that makes two electrodes of one file one."""
    code = host * len(parts) + file
    order = np.argsort(code, kind="stable")
    twin = np.flatnonzero(np.diff(code[order]) == 0)
    if len(twin) == 0:
        return
    i, j = sorted(order[twin[0] : twin[0] + 2].tolist())
    part = parts[file[i]]
    start = int(np.flatnonzero(file == file[i])[0])
    labels, places = part.survey.electrodes.labels, part.survey.electrodes.positions
    raise SurveyError(
        f"electrodes {labels[i - start]} and {labels[j - start]}, "
        f"{np.linalg.norm(places[i - start] - places[j - start]):.3g} m apart, would become one",
        where=names[file[i]],
        mend="give a smaller tolerance",
    )


def _height_conflicts(
    electrodes: Electrodes, positions: Floats, host: Integers, index: Integers, near: float
) -> tuple[Remark, ...]:
    apart = np.abs(positions[:, 2] - positions[host, 2])
    wrong = apart > near
    if not wrong.any():
        return ()
    each = np.zeros(len(electrodes))
    np.maximum.at(each, index[wrong], apart[wrong])
    where = np.flatnonzero(each)
    first = ", ".join(f"{electrodes.labels[i]} by {each[i]:.3g} m" for i in where[:8])
    more = f" and {len(where) - 8} more" if len(where) > 8 else ""
    text = (
        f"files disagree about the heights of {len(where)} electrodes ({first}{more}): "
        "those of the first file are kept"
    )
    return (Remark("warning", text, (), len(where)),)


def _buried(parts: Sequence[Data]) -> Booleans | None:
    """Return which electrodes are buried, worked out for files that do not mark them."""
    if all(part.survey.electrodes.buried is None for part in parts):
        return None
    marks = [
        line_of(part.survey.electrodes, part.terrain).buried
        if part.survey.electrodes.buried is None
        else part.survey.electrodes.buried
        for part in parts
    ]
    return np.concatenate(marks)


def _labels(parts: Sequence[Data], file: Integers, kept: Integers) -> tuple[str, ...]:
    """Return labels: numbers from 1 if the files only number; else their own, made unique."""
    own = [part.survey.electrodes.labels for part in parts]
    if all(labels == tuple(str(i + 1) for i in range(len(labels))) for labels in own):
        return ()
    every = [label for labels in own for label in labels]
    seen: dict[str, int] = {}
    out = []
    for i in kept.tolist():
        label = every[i]
        if label in seen:
            label = f"{file[i] + 1}:{label}"
        seen[label] = i
        out.append(label)
    return tuple(out)


def _refuse_twice(parts: Sequence[Data]) -> None:
    seen: dict[str, str] = {}
    for part in parts:
        if part.origin is None:
            continue
        name = str(part.origin.path)
        if part.origin.sha256 in seen:
            raise SurveyError(
                f"the same file as {seen[part.origin.sha256]}", where=name, mend="give it once"
            )
        seen[part.origin.sha256] = name


def _names(parts: Sequence[Data]) -> list[str]:
    return [
        f"part {i + 1}" if part.origin is None else part.origin.path.name
        for i, part in enumerate(parts)
    ]


def _measured_again(
    abmn: Integers, size: Sequence[int], names: Sequence[str], *, allowed: bool
) -> tuple[Remark, ...]:
    """Refuse, or remark, readings that several files have."""
    code = _array_code(abmn)
    every = np.split(code, np.cumsum(size)[:-1])
    seen, total = np.unique(every[0]), 0
    for i, own in enumerate(every[1:], start=1):
        mine = np.unique(own)
        count = int(np.isin(mine, seen).sum())
        if count > AGAIN * min(len(mine), len(seen)) and not allowed:
            overlap = [np.isin(mine, earlier).sum() for earlier in every[:i]]
            raise SurveyError(
                f"measures {count} of its {len(mine)} arrays again that are in "
                f"{names[int(np.argmax(overlap))]}: time-lapse, or another line in coordinates "
                "of its own",
                where=names[i],
                mend="keep a time-lapse in files of its own; place lines on the map first "
                "(--lines, --step); or allow repeats",
            )
        seen, total = np.union1d(seen, mine), total + count
    if not total:
        return ()
    text = f"{total} arrays are measured in more than one file: all readings kept"
    return (Remark("kept", text, (), total),)


def _array_code(abmn: Integers) -> Integers:
    """Return one number per reading, the same where its A, B and its M, N are the same pairs."""
    low = np.minimum(abmn[:, [0, 2]], abmn[:, [1, 3]]) + 1
    high = np.maximum(abmn[:, [0, 2]], abmn[:, [1, 3]]) + 1
    pair = np.unique(low * (int(abmn.max(initial=0)) + 2) + high, return_inverse=True)[1]
    current, potential = pair.reshape(low.shape).T.astype(np.int64)
    code: Integers = current * (int(potential.max(initial=0)) + 1) + potential
    return code


def _reasons(parts: Sequence[Data], names: Sequence[str]) -> tuple[str, ...]:
    if len(parts) == 1:
        return parts[0].reasons
    return tuple(
        f"{name} {reason}" if reason else ""
        for part, name in zip(parts, names, strict=True)
        for reason in part.reasons
    )


def _reports(parts: Sequence[Data], names: Sequence[str]) -> list[Remark]:
    return [
        replace(remark, what=f"{name}: {remark.what}")
        for part, name in zip(parts, names, strict=True)
        for remark in part.report
    ]


def _terrain(parts: Sequence[Data]) -> Terrain | None:
    points = [part.terrain.points for part in parts if part.terrain is not None]
    return Terrain(np.unique(np.concatenate(points), axis=0)) if points else None


def _origin(parts: Sequence[Data], names: Sequence[str]) -> Origin:
    """Return the origin of joined data: parts that were joined before stand beside the others."""
    files: list[Origin] = []
    which, rows = [], []
    for part in parts:
        n = len(part)
        origin = part.origin or Origin(Path("memory"), "", "memory", np.arange(1, n + 1))
        own = origin.parts or (replace(origin, rows=np.zeros(0, dtype=np.int64)),)
        mine = np.zeros(n, dtype=np.int64) if origin.part is None else origin.part
        which.append(mine + len(files))
        rows.append(origin.rows)
        files += own
    title = " + ".join(names) if len(names) <= 3 else f"{names[0]} and {len(names) - 1} more"
    digest = sha256("".join(file.sha256 for file in files).encode()).hexdigest()
    return Origin(
        Path(title), digest, "joined", np.concatenate(rows), (), tuple(files), np.concatenate(which)
    )
