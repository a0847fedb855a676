"""Objects: bytes that are found by their SHA-256 and never change."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from ohmscape.errors import CentreError, DamageError

CHUNK = 1 << 20  #: bytes read at a time
NAME = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Stored:
    """One object of a store."""

    sha256: str
    size: int  #: bytes


class Objects(Protocol):
    """A store of objects. What `put` has returned is on disk and stays."""

    def put(self, source: Path | bytes) -> Stored:
        """Store a file or bytes; the same bytes twice are one object, a damaged one is mended."""
        ...

    def fetch(self, sha256: str, target: Path) -> None:
        """Write an object to a file, checked; `DamageError` if it is not what its name says."""
        ...

    def read(self, sha256: str) -> bytes:
        """Return an object, checked; `DamageError` if it is not what its name says."""
        ...

    def has(self, sha256: str) -> bool:
        """Return whether there is an object of this name."""
        ...

    def remove(self, sha256: str) -> None:
        """Remove an object if it is there; only `ohmscape.centre.gc` may."""
        ...

    def listed(self) -> Iterator[Stored]:
        """Yield all objects, in no order."""
        ...

    def sweep(self, seconds: float) -> int:
        """Remove what broken writes left, if older than this; return how many."""
        ...


def checked_name(sha256: str) -> str:
    """Return a name if it is one.

    Raises
    ------
    CentreError
        Not 64 hexadecimal digits in lower case.
    """
    if not NAME.fullmatch(sha256):
        raise CentreError(f"{sha256[:80]!r} names no object", mend="give 64 hexadecimal digits")
    return sha256


def key_of(sha256: str) -> str:
    """Return where an object lies below the root of its store: two levels, the first of 256."""
    checked_name(sha256)
    return f"sha256/{sha256[:2]}/{sha256[2:]}"


def name_of(key: str) -> str | None:
    """Return the object that lies there, None if the key is none of ours."""
    found = re.fullmatch(r"sha256/([0-9a-f]{2})/([0-9a-f]{62})", key)
    return found.group(1) + found.group(2) if found else None


def copied(source: BinaryIO, target: BinaryIO | None = None) -> Stored:
    """Read a stream to its end, copy it if a target is given, and return its name and size."""
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
        if target is not None:
            target.write(chunk)
    return Stored(digest.hexdigest(), size)


def missing(sha256: str) -> DamageError:
    """Return the error of an object that is not there."""
    return DamageError("object is missing", where=sha256, mend="restore it from a backup")


def damaged(sha256: str) -> DamageError:
    """Return the error of an object whose bytes are not what its name says."""
    return DamageError(
        "object is damaged: its bytes have another hash",
        where=sha256,
        mend="restore it from a backup, or ingest the same file again",
    )
