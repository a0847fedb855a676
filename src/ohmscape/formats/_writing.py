"""Writing by the name of a format, or by the name of a file."""

from pathlib import Path

from ohmscape.core import Data
from ohmscape.errors import FormatError
from ohmscape.formats._registry import formats, known_by
from ohmscape.formats._source import Format, fault


def write(
    data: Data,
    path: str | Path,
    *,
    format: str | None = None,  # noqa: A002 - the field's word
    epsg: int | None = None,
) -> tuple[str, ...]:
    """Write readings in a format, and say what it cannot carry.

    Parameters
    ----------
    data : Data
    path : path of the file; one that is there is replaced, and never left half-written
    format : str, optional
        Name of the format; `writable` lists them. Left out, the ending of `path` says it:
        ``.ohm``, ``.gpkg``, ``.parquet``, ``.nc`` ...; some, like ``.dat``, are those of several.
    epsg : int, optional
        Code of the coordinate system of the electrodes' places, a projected one in metres.

    Returns
    -------
    tuple of str
        What is not in the file, in words; empty if all is.

    Raises
    ------
    FormatError
        The format is not written, cannot hold these readings at all, or the file cannot be
        written.
    """
    place = Path(path)
    chosen = by_ending(place) if format is None else known_by(format)
    if chosen.write is None:
        known = ", ".join(f.name for f in writable())
        raise FormatError(f"format {chosen.name!r} is read only", mend=f"write one of {known}")
    if not len(data):
        raise fault(place, "no readings to write", mend="give at least one")
    if epsg is None:
        return chosen.write(data, place)
    if chosen.write_at is not None:
        return chosen.write_at(data, place, epsg)
    return (*chosen.write(data, place), f"coordinate system EPSG:{epsg}")


def writable() -> tuple[Format, ...]:
    """Return the formats that can be written, by name."""
    return tuple(f for f in formats() if f.write is not None)


def by_ending(path: Path) -> Format:
    """Return the format that is written to files with the ending of a path.

    Raises
    ------
    FormatError
        No format has that ending, or several could be meant.
    """
    ending = path.suffix.lower()
    for known in writable():
        if ending and ending in known.endings:
            return known
    names = ", ".join(f"{f.name} ({', '.join(f.endings) or 'by name only'})" for f in writable())
    raise fault(path, f"the ending {ending!r} does not say in which format to write",
                mend=f"name the format: {names}")  # fmt: skip
