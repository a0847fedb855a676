"""Electrodes renamed, moved, switched off, and take-outs that were plugged in elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ohmscape.arrays.quality import touching
from ohmscape.core.data import Data, Remark
from ohmscape.core.survey import REMOTE, Electrodes, Survey
from ohmscape.core.types import Booleans, Floats, Integers
from ohmscape.errors import SurveyError


def rows_of(electrodes: Electrodes, labels: Sequence[str]) -> Integers:
    """Return the rows of electrodes by their labels.

    Parameters
    ----------
    electrodes : Electrodes
    labels : sequence of str

    Raises
    ------
    SurveyError
        A label that no electrode has, or several have.
    """
    found: dict[str, list[int]] = {}
    for i, label in enumerate(electrodes.labels):
        found.setdefault(label, []).append(i)
    for label in labels:
        if len(found.get(label, ())) != 1:
            count = len(found.get(label, ()))
            first, last = electrodes.labels[0], electrodes.labels[-1]
            raise SurveyError(
                f"{count} electrodes are called {label!r}" if count else f"no electrode {label!r}",
                mend=f"labels go from {first} to {last}",
            )
    return np.array([found[label][0] for label in labels], dtype=np.int64)


def renamed(data: Data, names: Mapping[str, str]) -> Data:
    """Return data whose electrodes have other labels.

    Parameters
    ----------
    data : Data
    names : mapping
        Old labels to new ones.

    Raises
    ------
    SurveyError
        An unknown label, or two electrodes of one name.
    """
    electrodes = data.survey.electrodes
    labels = list(electrodes.labels)
    for i, name in zip(rows_of(electrodes, list(names)), names.values(), strict=True):
        labels[i] = name
    twice = [name for name in names.values() if labels.count(name) > 1]
    if twice:
        raise SurveyError(f"two electrodes would be called {twice[0]!r}", mend="choose another")
    said = ", ".join(f"{old} is {new}" for old, new in names.items())
    changed = Electrodes(electrodes.positions, labels, electrodes.buried)
    return _changed(data, Survey(changed, data.survey.abmn), f"electrodes renamed: {said}", None)


def moved(data: Data, places: Mapping[str, Sequence[float]]) -> Data:
    """Return data whose electrodes are elsewhere.

    Parameters
    ----------
    data : Data
    places : mapping
        Labels to x, z or x, y, z in m; NaN keeps what is there.

    Raises
    ------
    SurveyError
        An unknown label, or a place of another form.

    Notes
    -----
    The geometric factors and apparent resistivities that the file states belong to the old
    places: they become NaN for readings that use a moved electrode. Resistances stay.
    """
    electrodes = data.survey.electrodes
    positions = electrodes.positions.copy()
    rows = rows_of(electrodes, list(places))
    for i, place in zip(rows, places.values(), strict=True):
        if len(place) not in (2, 3):
            raise SurveyError(f"a place has {len(place)} numbers", mend="give x,z or x,y,z in m")
        axes = [0, 2] if len(place) == 2 else [0, 1, 2]
        given = np.asarray(place, dtype=np.float64)
        positions[i, axes] = np.where(np.isnan(given), positions[i, axes], given)
    step = np.linalg.norm(positions[rows] - electrodes.positions[rows], axis=1)
    said = ", ".join(f"{label} by {s:.3g} m" for label, s in zip(places, step, strict=True))
    survey = Survey(Electrodes(positions, electrodes.labels, electrodes.buried), data.survey.abmn)
    return _changed(data, survey, f"electrodes moved: {said}", _marked(len(electrodes), rows))


def switched_off(data: Data, labels: Sequence[str], reason: str = "switched off") -> Data:
    """Return data whose readings with these electrodes are no longer valid.

    Parameters
    ----------
    data : Data
    labels : sequence of str
    reason : str
        What their reasons say.

    Raises
    ------
    SurveyError
        An unknown label.
    """
    electrodes = data.survey.electrodes
    count = int(data.valid.sum())
    for label, row in zip(labels, rows_of(electrodes, labels), strict=True):
        hit = touching(data.survey.abmn, _marked(len(electrodes), row[None]))
        data = data.without(hit, f"electrode {label} {reason}")
    count -= int(data.valid.sum())
    text = f"electrodes {', '.join(labels)} {reason}: {count} readings no longer valid"
    return replace(data, report=(*data.report, Remark("repaired", text, (), count)))


def rewired(data: Data, wiring: Integers, what: str) -> Data:
    """Return data whose take-outs were plugged into other electrodes than the file says.

    Parameters
    ----------
    data : Data
    wiring : array of int, shape (n_electrodes,)
        The electrode that each take-out was really at; -1 where there is none. See `shifted`,
        `swapped` and `turned`.
    what : str
        What was wrong, for the report.

    Raises
    ------
    SurveyError
        A reading uses a take-out that was at no electrode.
    """
    electrodes, abmn = data.survey.electrodes, data.survey.abmn
    lost = _marked(len(electrodes), np.flatnonzero(wiring == REMOTE))
    if (rows := np.flatnonzero(touching(abmn, lost))).size:
        used = [electrodes.labels[i] for i in np.unique(abmn[rows]) if i != REMOTE and lost[i]]
        raise SurveyError(
            f"{what}: take-outs {', '.join(used[:5])} would be beyond the last electrode",
            mend="add the missing electrodes to the file, or name the take-outs that were shifted",
        )
    changed = wiring != np.arange(len(wiring))
    survey = Survey(electrodes, np.where(abmn == REMOTE, REMOTE, wiring[abmn]))
    return _changed(data, survey, what, changed)


def shifted(electrodes: Electrodes, by: int, first: str = "", last: str = "") -> Integers:
    """Return the wiring of a cable that was plugged in `by` take-outs further on.

    Parameters
    ----------
    electrodes : Electrodes
    by : int
        1: what the file calls electrode 1 was electrode 2. Negative: backwards.
    first, last : str, optional
        Labels of the take-outs concerned; all if left out.

    Returns
    -------
    array of int, shape (n_electrodes,)
    """
    which, n = _range(electrodes, first, last), len(electrodes)
    wiring = np.arange(n)
    wiring[which] += by
    return np.where((wiring < 0) | (wiring >= n), REMOTE, wiring)


def swapped(electrodes: Electrodes, one: str, other: str) -> Integers:
    """Return the wiring where two take-outs, given by label, are exchanged, (n_electrodes,)."""
    i, j = rows_of(electrodes, [one, other])
    wiring = np.arange(len(electrodes))
    wiring[[i, j]] = j, i
    return wiring


def turned(electrodes: Electrodes, first: str = "", last: str = "") -> Integers:
    """Return the wiring of a cable that was laid the other way round.

    Parameters
    ----------
    electrodes : Electrodes
    first, last : str, optional
        Labels of the take-outs concerned; all if left out.

    Returns
    -------
    array of int, shape (n_electrodes,)
    """
    which = _range(electrodes, first, last)
    wiring = np.arange(len(electrodes))
    wiring[which] = which[::-1]
    return wiring


def _range(electrodes: Electrodes, first: str, last: str) -> Integers:
    i = int(rows_of(electrodes, [first])[0]) if first else 0
    j = int(rows_of(electrodes, [last])[0]) if last else len(electrodes) - 1
    if i > j:
        raise SurveyError(f"take-out {first} comes after {last}", mend="give the first one first")
    return np.arange(i, j + 1)


def _marked(n: int, rows: Integers) -> Booleans:
    marks = np.zeros(n, dtype=np.bool_)
    marks[rows] = True
    return marks


def _changed(data: Data, survey: Survey, what: str, electrodes: Booleans | None) -> Data:
    """Return the data with another survey; what the file says of changed electrodes is dropped."""
    stale = np.zeros(len(data), dtype=np.bool_)
    if electrodes is not None:
        stale = touching(data.survey.abmn, electrodes)

    def kept(values: Floats | None) -> Floats | None:
        return values if values is None or not stale.any() else np.where(stale, np.nan, values)

    count = int(stale.sum())
    return replace(
        data,
        survey=survey,
        apparent_resistivity=kept(data.apparent_resistivity),
        geometric_factor=kept(data.geometric_factor),
        report=(*data.report, Remark("repaired", what, (), count)),
    )
