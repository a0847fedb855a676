"""All formats: each public module of this package that offers a `FORMAT`."""

import importlib
import pkgutil
from functools import cache
from pathlib import Path

from ohmscape.core import Data
from ohmscape.errors import FormatError
from ohmscape.formats._source import Evidence, Format, fault, head_of, load


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


def read(path: str | Path, *, format: str | None = None) -> Data:  # noqa: A002 - the field's word
    """Read a field file.

    Parameters
    ----------
    path : path of a file
    format : str, optional
        Name of its format; found from the content if left out.

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
    chosen = _best(head, place) if format is None else _named(format)
    return chosen.read(load(place, size, chosen.limit))


def _ranked(head: bytes, path: Path) -> tuple[tuple[Format, Evidence], ...]:
    judged = [(f, f.evidence(head, path)) for f in formats()]
    return tuple(sorted(judged, key=lambda pair: (-pair[1].score, pair[0].name)))


def _best(head: bytes, path: Path) -> Format:
    ranked = _ranked(head, path)
    chosen, found = ranked[0]
    if not found.enough:
        seen = "; ".join(f"{f.name}: {', '.join(e.reasons) or 'nothing'}" for f, e in ranked)
        raise fault(
            path,
            f"no format fits ({seen})",
            mend=f"name it by format=, one of {', '.join(f.name for f in formats())}",
        )
    return chosen


def _named(name: str) -> Format:
    for known in formats():
        if known.name == name:
            return known
    names = ", ".join(f.name for f in formats())
    raise FormatError(f"format {name!r} is not known", mend=f"one of {names}")
