"""What a reader is given, what it offers, and the limits that protect both."""

import hashlib
import stat
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from numpy.typing import ArrayLike

from ohmscape.core import Data, Electrodes
from ohmscape.errors import FormatError

HEAD_BYTES = 65_536  #: part of a file by which its format is judged
TEXT_LIMIT = 256_000_000  #: bytes of text read at most, some five million readings
BINARY_LIMIT = 1_000_000_000  #: bytes of binary records read at most, some three million
EXCERPT = 40  #: characters of a file that an error quotes


@dataclass(frozen=True)
class Evidence:
    """How well the head of a file fits a format.

    Parameters
    ----------
    score : float
        0 (cannot be) to 1 (certain); from `Evidence.ENOUGH` on the format may be read.
    reasons : tuple of str
        What was seen for and against it.
    """

    score: float
    reasons: tuple[str, ...] = ()

    ENOUGH = 0.5

    @property
    def enough(self) -> bool:
        """Whether the file may be read as this format."""
        return self.score >= Evidence.ENOUGH


@dataclass(frozen=True, eq=False)
class Source:
    """A file in memory, and what the caller gives besides."""

    path: Path
    content: bytes
    electrodes: ArrayLike | Electrodes | Path | None = None  #: or a file of them, if given
    mapping: object = None  #: of columns, for delimited text (`ohmscape.formats.columns`)

    @cached_property
    def sha256(self) -> str:
        """Hash of the file's bytes."""
        return hashlib.sha256(self.content).hexdigest()

    def fault(self, what: str, *, line: int = 0, column: int = 0, mend: str = "") -> FormatError:
        """Return the error that names this file, the line and the column (both from 1)."""
        return fault(self.path, what, line=line, column=column, mend=mend)


Carried = Literal["IP", "3-D", "topography"]


@dataclass(frozen=True)
class Format:
    """A file format that can be read: what each module of `ohmscape.formats` offers."""

    name: str  #: what `format=` and reports call it
    description: str
    evidence: Callable[[bytes, Path], Evidence]  #: of the head of a file
    read: Callable[[Source], Data]
    limit: int = TEXT_LIMIT  #: bytes that a file may have
    write: Callable[[Data, Path], tuple[str, ...]] | None = None  #: returns what it left out
    write_at: Callable[[Data, Path, int | None], tuple[str, ...]] | None = None  #: ... EPSG code
    endings: tuple[str, ...] = ()  #: of files that are written in it where no format is named
    carries: tuple[Carried, ...] = ()  #: what is read besides resistances on a flat line
    readable: bool = True  #: False where it is recognised only to say what to do instead


def fault(path: Path, what: str, *, line: int = 0, column: int = 0, mend: str = "") -> FormatError:
    """Return the error that names the file, the line and the column (both from 1)."""
    where = str(path)
    if line:
        where += f", line {line}"
    if column:
        where += f", column {column}"
    return FormatError(what, where=where, mend=mend)


def quote(text: str) -> str:
    """Return the start of a text in quotes, fit for one line of an error."""
    return repr(text[:EXCERPT]) + ("..." if len(text) > EXCERPT else "")


def head_of(path: Path) -> tuple[bytes, int]:
    """Return the first `HEAD_BYTES` and the size of a file.

    Raises
    ------
    FormatError
        Nothing there, not a file, not readable, or empty.
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise fault(path, "this is a directory", mend="name one file in it")
        if not stat.S_ISREG(status.st_mode):
            raise fault(path, "not a regular file", mend="save it as a file first")
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
    except FileNotFoundError as error:
        raise fault(path, "no such file", mend="check the name") from error
    except (OSError, ValueError) as error:
        what = f"cannot be opened: {error}"
        raise fault(path, what, mend="check name and permissions") from error
    if not head:
        raise fault(path, "the file is empty", mend="export it again")
    return head, status.st_size


def load(path: Path, size: int, limit: int) -> Source:
    """Return a whole file, if it is not bigger than the limit.

    Raises
    ------
    FormatError
        Too big, or not readable.
    """
    if size > limit:
        raise fault(
            path,
            f"{size / 1e6:.0f} MB; at most {limit / 1e6:.0f} MB of this format are read",
            mend="split the file by survey",
        )
    try:
        with path.open("rb", buffering=0) as stream:
            content = stream.read(size + 1) or b""
            while len(content) <= size and (more := stream.read(size + 1 - len(content))):
                content += more
    except (OSError, ValueError) as error:
        raise fault(path, f"cannot be read: {error}", mend="check permissions") from error
    if len(content) > size:
        raise fault(path, "the file grows while it is read", mend="wait until it is written")
    return Source(path, content)
