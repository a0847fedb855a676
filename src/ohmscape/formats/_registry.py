"""All formats: each public module of this package that offers a `FORMAT`."""

import importlib
import pkgutil
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from ohmscape.core import Data, Electrodes
from ohmscape.errors import FormatError
from ohmscape.formats._source import Evidence, Format, fault, head_of, load

if TYPE_CHECKING:
    from ohmscape.formats._mapping import Mapping

GUESSES = 3  #: formats that an error names at most
GUESS = 70  #: characters of the reasons of each


@cache
def formats() -> tuple[Format, ...]:
    """Return the formats that can be read, by name."""
    found = []
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if not module.name.startswith("_"):
            part = importlib.import_module(f"{__package__}.{module.name}")
            offered = getattr(part, "FORMAT", None)
            if isinstance(offered, Format):
                found.append(offered)
    return tuple(sorted(found, key=lambda f: f.name))


def inspect(path: str | Path) -> tuple[tuple[Format, Evidence], ...]:
    """Return what speaks for each format, the best first.

    Parameters
    ----------
    path : path of a file

    Returns
    -------
    tuple of (Format, Evidence)

    Raises
    ------
    FormatError
        Nothing there, or not readable.

    Notes
    -----
    Only the first 64 kB are looked at. Equal scores are ordered by name: one winner, always
    the same.
    """
    head, _ = head_of(Path(path))
    return _ranked(head, Path(path))


def read(
    path: str | Path,
    *,
    format: str | None = None,  # noqa: A002 - the field's word
    electrodes: ArrayLike | Electrodes | str | Path | None = None,
    mapping: "Mapping | str | Path | None" = None,
) -> Data:
    """Read a field file.

    Parameters
    ----------
    path : path of a file
    format : str, optional
        Name of its format; found from the content if left out. A name that ends in ``.toml`` is
        the file of a mapping.
    electrodes : array, shape (n_electrodes, 2 or 3), Electrodes or path, optional
        x, z or x, y, z in m in the order of the electrodes' numbers, or a file with a header
        ``x,y,z``: for files that hold no positions. Left out, ``NAME.elec.csv``, ``elec.csv``
        or ``elec.dat`` beside the file is taken. Files that hold positions do not look at it.
    mapping : Mapping or path, optional
        Which column of a delimited text is what; left out, ``NAME.columns.toml`` beside the file.

    Returns
    -------
    Data
        With the origin of each value and a report of what was found.

    Raises
    ------
    FormatError, SurveyError
        The file cannot be read; says where and how to mend it.
    """
    place = Path(path)
    head, size = head_of(place)
    if format is not None and format.endswith(".toml"):
        chosen, mapping = known_by("columns"), format
    elif format is None:
        chosen = known_by("columns") if mapping is not None else _best(head, place)
    else:
        chosen = known_by(format)
    places = Path(electrodes) if isinstance(electrodes, str) else electrodes
    source = load(place, size, chosen.limit)
    return chosen.read(replace(source, electrodes=places, mapping=mapping))


def _ranked(head: bytes, path: Path) -> tuple[tuple[Format, Evidence], ...]:
    judged = [(f, f.evidence(head, path)) for f in formats()]
    # a mapping that somebody put beside the file (columns, score 1) wins over all others
    return tuple(sorted(judged, key=lambda p: (-p[1].score, p[0].name != "columns", p[0].name)))


def _best(head: bytes, path: Path) -> Format:
    ranked = _ranked(head, path)
    chosen, found = ranked[0]
    if not found.enough:
        raise fault(
            path,
            f"no format fits; {_nearest(ranked)}",
            mend="name it by format=, or say what its columns are (ohmscape map); ohmscape inspect"
            " --evidence shows what speaks for each",
        )
    return chosen


def _nearest(ranked: Sequence[tuple[Format, Evidence]]) -> str:
    """Return the best guesses and why, short enough for one line."""
    some = [
        f"{known.name} ({', '.join(found.reasons)[:GUESS] or f'score {found.score:.2f}'})"
        for known, found in ranked[:GUESSES]
        if found.score > 0.0
    ]
    return f"nearest: {', '.join(some)}" if some else "nothing speaks for any of them"


def known_by(name: str) -> Format:
    """Return the format of a name.

    Raises
    ------
    FormatError
        There is none.
    """
    for known in formats():
        if known.name == name:
            return known
    names = ", ".join(f.name for f in formats())
    raise FormatError(f"format {name!r} is not known", mend=f"one of {names}")
