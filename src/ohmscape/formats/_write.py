"""What writers share: whole files or none, numbers that come back the same, what is lost."""

import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from ohmscape.core import REMOTE, Data, Floats, Integers
from ohmscape.errors import FormatError

#: field of `Data` -> what is lost where a format has no place for it
WORDS = {
    "standard_deviation": "errors of the resistances",
    "apparent_resistivity": "apparent resistivities as the source states them",
    "geometric_factor": "geometric factors as the source states them",
    "phase": "phases",
    "phase_deviation": "errors of the phases",
    "chargeability": "chargeabilities",
    "chargeability_deviation": "errors of the chargeabilities",
    "decay": "decays",
    "decay_deviation": "errors of the decays",
    "gates": "times of the gates",
    "impedance": "spectra",
    "modulus_deviation": "errors of the spectra's moduli",
    "angle_deviation": "errors of the spectra's phases",
    "current": "currents",
    "voltage": "voltages",
    "self_potential": "self-potentials",
    "stacks": "numbers of stacks",
    "contact_resistance": "contact resistances",
    "time": "times of the readings",
    "numerical_error": "numerical errors",
    "terrain": "ground points beyond the electrodes",
}


def save(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all, text as UTF-8.

    Raises
    ------
    FormatError
        It cannot be written.
    """
    try:
        _replace(path, content.encode() if isinstance(content, str) else content)
    except (OSError, ValueError) as error:
        raise FormatError(
            f"cannot be written: {error}", where=str(path), mend="check folder and permissions"
        ) from error


def _replace(place: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.chmod(0o644)
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)


def figure(value: float) -> str:
    """Return a number in the shortest form that comes back the same."""
    if np.isfinite(value) and value == round(value) and abs(value) < 1e15:
        return str(round(value))
    return repr(float(value))


def rows_of(values: Floats, separator: str = " ") -> list[str]:
    """Return one line of text per row."""
    return [separator.join(figure(v) for v in row) for row in values.tolist()]


def usable(data: Data, path: Path) -> tuple[Data, list[str]]:
    """Return the valid readings, and what is said of the others.

    Raises
    ------
    FormatError
        There is no valid reading.
    """
    if data.valid.all():
        return data, []
    if not data.valid.any():
        raise FormatError(
            "no valid reading to write", where=str(path), mend="write as bert, which keeps them"
        )
    gone = int((~data.valid).sum())
    return data[data.valid], [f"{gone} readings that are not valid"]


def as_poles(data: Data) -> tuple[Integers, Floats, list[str]]:
    """Return electrodes and resistances so that only B and N are at infinity.

    Where A is, A and B change places and R its sign; so for M and N.
    """
    abmn, r = data.survey.abmn.copy(), data.resistance.copy()
    notes = []
    for first, second in ((0, 1), (2, 3)):
        turned = (abmn[:, first] == REMOTE) & (abmn[:, second] != REMOTE)
        if turned.any():
            abmn[turned, first], abmn[turned, second] = abmn[turned, second], REMOTE
            r = np.where(turned, -r, r)
            pair = "AB" if first == 0 else "MN"
            text = f"which of {pair} was at infinity in {int(turned.sum())} readings"
            notes.append(text + " (written as B or N, the sign of R turned)")
    return abmn, r, notes


def lost(data: Data, carried: Iterable[str]) -> list[str]:
    """Return in words what `data` holds beyond the fields that a format carries."""
    kept = set(carried)
    return [
        words
        for name, words in WORDS.items()
        if name not in kept and getattr(data, name) is not None
    ]


def lost_names(data: Data, *, buried: bool = False) -> list[str]:
    """Return what is lost of the electrodes but their places."""
    electrodes, notes = data.survey.electrodes, []
    if electrodes.labels != tuple(str(i + 1) for i in range(len(electrodes))):
        notes.append("labels of the electrodes")
    if electrodes.buried is not None and not buried:
        notes.append("which electrodes are buried")
    return notes


def lost_unused(data: Data) -> list[str]:
    """Return what is lost of electrodes where a format knows only those of its readings."""
    gone = len(data.survey.electrodes) - len(np.unique(data.survey.abmn[data.survey.abmn >= 0]))
    return [f"{gone} electrodes that no reading uses"] if gone else []


def flat_line(data: Data) -> bool:
    """Whether all electrodes stand on one line along x."""
    return not np.any(data.survey.electrodes.positions[:, 1])


def lines(*parts: Sequence[str]) -> str:
    """Return a text of all these lines."""
    return "\n".join([line for part in parts for line in part]) + "\n"
