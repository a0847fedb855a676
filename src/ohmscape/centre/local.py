"""Objects in a folder: written beside, flushed to the disk, then moved to their name."""

import io
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ohmscape.centre.objects import Stored, copied, damaged, key_of, missing, name_of
from ohmscape.errors import CentreError

PART = "part"  #: folder of unfinished objects


@dataclass(frozen=True)
class LocalObjects:
    """A store in a folder.

    Parameters
    ----------
    root : Path
        Made when the first object comes.
    """

    root: Path

    def put(self, source: Path | bytes) -> Stored:
        """Store a file or bytes.

        The bytes are complete and flushed before the object has its name, and the folder is
        flushed before this returns: power may fail at any time.

        Raises
        ------
        CentreError
            The source cannot be read, or the folder not be written.
        """
        try:
            return self._put(source)
        except OSError as error:
            raise CentreError(
                f"object cannot be stored: {error.strerror or error}",
                where=str(self.root),
                mend="check permissions and the space on the disk",
            ) from error

    def _put(self, source: Path | bytes) -> Stored:
        (self.root / PART).mkdir(parents=True, exist_ok=True)
        part = self.root / PART / secrets.token_hex(12)
        try:
            with opened(source) as stream, part.open("xb") as target:
                stored = copied(stream, target)
                target.flush()
                os.fsync(target.fileno())
            part.chmod(0o444)
            if not self._whole(stored):  # not there, or damaged: the good bytes take the place
                self._move(part, self.root / key_of(stored.sha256))
        finally:
            part.unlink(missing_ok=True)
        return stored

    def _whole(self, stored: Stored) -> bool:
        try:
            with (self.root / key_of(stored.sha256)).open("rb") as stream:
                return copied(stream) == stored
        except FileNotFoundError:
            return False

    def _move(self, part: Path, place: Path) -> None:
        new = not place.parent.is_dir()
        place.parent.mkdir(parents=True, exist_ok=True)
        part.replace(place)
        flush(place.parent)
        if new:
            flush(place.parent.parent)
            flush(self.root)

    def fetch(self, sha256: str, target: Path) -> None:
        """Write an object to a file, checked.

        Raises
        ------
        DamageError
            Missing, or not what its name says; then there is no file.
        """
        try:
            with (self.root / key_of(sha256)).open("rb") as stream, target.open("xb") as copy:
                found = copied(stream, copy).sha256
        except FileNotFoundError:
            raise missing(sha256) from None
        if found != sha256:
            target.unlink()
            raise damaged(sha256)

    def read(self, sha256: str) -> bytes:
        """Return an object, checked.

        Raises
        ------
        DamageError
            Missing, or not what its name says.
        """
        try:
            content = (self.root / key_of(sha256)).read_bytes()
        except FileNotFoundError:
            raise missing(sha256) from None
        if copied(io.BytesIO(content)).sha256 != sha256:
            raise damaged(sha256)
        return content

    def has(self, sha256: str) -> bool:
        """Return whether there is an object of this name."""
        return (self.root / key_of(sha256)).is_file()

    def remove(self, sha256: str) -> None:
        """Remove an object if it is there."""
        (self.root / key_of(sha256)).unlink(missing_ok=True)

    def listed(self) -> Iterator[Stored]:
        """Yield all objects, in no order."""
        for path in (self.root / "sha256").glob("??/*"):
            name = name_of(path.relative_to(self.root).as_posix())
            if name is not None:
                yield Stored(name, path.stat().st_size)

    def sweep(self, seconds: float) -> int:
        """Remove what broken writes left, if older than this; return how many."""
        count = 0
        for part in (self.root / PART).glob("*"):
            with suppress(FileNotFoundError):  # its writer may just be done
                if time.time() - part.stat().st_mtime > seconds:
                    part.unlink()
                    count += 1
        return count


def opened(source: Path | bytes) -> BinaryIO:
    """Return a stream over a file or bytes."""
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def flush(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    if os.name == "nt":  # folders cannot be opened there; renames are journalled
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
