"""IRIS Syscal files of Prosys III (.binx): recognised, not read.

Their records have fifteen versions with strings of any length between the values; no open
description of them is complete enough to check a reader against. Prosys III exports the same
readings as .bin or .csv, which are read.
"""

from pathlib import Path
from typing import NoReturn

from ohmscape.formats._source import BINARY_LIMIT, Evidence, Format, Source
from ohmscape.formats._text import looks_like_text

NAME = "syscal-binx"


def evidence(head: bytes, path: Path) -> Evidence:
    """Judge whether a file is of this format: by its name, as nothing else is known for sure."""
    if path.suffix.lower() != ".binx":
        return Evidence(0.0, ("is not named .binx",))
    if looks_like_text(head):
        return Evidence(0.1, ("is named .binx, but holds text",))
    return Evidence(0.6, ("is named .binx and holds no text",))


def read(source: Source) -> NoReturn:
    """Refuse the file, and say what to do.

    Raises
    ------
    FormatError
        Always.
    """
    raise source.fault(
        ".binx files are not read: their layout is not published",
        mend="open it in Prosys III and export it as .bin or .csv",
    )


FORMAT = Format(
    NAME,
    "IRIS Syscal binx (refused: export .bin or .csv)",
    evidence,
    read,
    BINARY_LIMIT,
    readable=False,
)
