"""HDF5 files from strangers: only plain arrays at known places, nothing outside the file.

HDF5 can point to other files (external links, external storage, virtual datasets) and keeps texts
of variable length in a heap that a damaged file can make endless: neither is looked at.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from ohmscape.core import Floats, Integers
from ohmscape.formats._needs import needed
from ohmscape.formats._source import Source
from ohmscape.formats._unpacked import most_unpacked

if TYPE_CHECKING:
    import h5py

MAGIC = b"\x89HDF\r\n\x1a\n"
LONGEST = 4096  #: bytes of a fixed-length text
#: what a damaged file may raise
ERRORS = (OSError, KeyError, ValueError, TypeError, OverflowError, RuntimeError, MemoryError,
          AttributeError, IndexError)  # fmt: skip


class Arrays:
    """The arrays of a file, asked for by their place."""

    def __init__(self, source: Source, file: "h5py.File", mend: str) -> None:
        self._source = source
        self._file = file
        self._mend = mend
        self._left = most_unpacked(len(source.content))

    def names(self, group: str) -> tuple[str, ...]:
        """Return what is in a group; nothing if there is no such group."""
        import h5py

        found = self._find(group)
        return tuple(found) if isinstance(found, h5py.Group) else ()

    def text(self, place: str, attribute: str) -> str:
        """Return an attribute that is a text of fixed length, "" where there is none."""
        import h5py

        found = self._find(place)
        try:
            if found is None or attribute not in found.attrs:
                return ""
            known = h5py.h5a.open(found.id, attribute.encode())
            if known.shape not in ((), (1,)) or known.dtype.kind != "S":
                return ""
            if known.dtype.itemsize > LONGEST:
                return ""
            return bytes(np.asarray(found.attrs[attribute]).item()).decode("utf-8", "replace")
        except ERRORS as error:
            raise self._fault(error) from error

    def integer(self, place: str, attribute: str) -> int | None:
        """Return an attribute that is one whole number, None where it is not."""
        import h5py

        found = self._find(place)
        try:
            if found is None or attribute not in found.attrs:
                return None
            known = h5py.h5a.open(found.id, attribute.encode())
            if known.shape not in ((), (1,)) or known.dtype.kind not in "iu":
                return None
            return int(np.asarray(found.attrs[attribute]).item())
        except ERRORS as error:
            raise self._fault(error) from error

    def floats(self, place: str) -> Floats | None:
        """Return an array as floating-point numbers, None where there is none."""
        found = self._array(place, "fiu")
        return None if found is None else found.astype(np.float64)

    def integers(self, place: str) -> Integers | None:
        """Return an array of whole numbers, None where there is none."""
        found = self._array(place, "iu")
        return None if found is None else found.astype(np.int64)

    def texts(self, place: str) -> tuple[str, ...] | None:
        """Return rows of characters (n, length) as texts, None where there are none."""
        found = self._array(place, "S")
        if found is None:
            return None
        if found.ndim == 2 and found.dtype.itemsize == 1:
            width = found.shape[1]
            found = np.ascontiguousarray(found).view(f"S{width}")[:, 0] if width else found[:, :0]
        if found.ndim != 1:
            raise self._fault(f"{place} is no list of texts")
        return tuple(bytes(row).decode("utf-8", "replace") for row in found.tolist())

    def _array(self, place: str, kinds: str) -> Any:
        import h5py

        found = self._find(place)
        if found is None:
            return None
        try:
            if not isinstance(found, h5py.Dataset) or found.dtype.kind not in kinds:
                raise self._fault(f"{place} is no array of the kind it has to be")
            if found.external or found.is_virtual:
                raise self._fault(f"{place} is kept in another file")
            chunk = int(np.prod(found.chunks or (1,), dtype=np.float64))
            size = max(found.size, chunk) * max(found.dtype.itemsize, 8)
            if size > self._left:
                raise self._fault(f"{place} unpacks to {size / 1e6:.0f} MB")
            self._left -= size
            return found[()]
        except ERRORS as error:
            raise self._fault(error) from error

    def _find(self, place: str) -> Any:
        """Return what is at a place by hard links only, None if nothing is."""
        import h5py

        here: Any = self._file
        try:
            for part in [name for name in place.split("/") if name]:
                if not isinstance(here, h5py.Group) or part not in here:
                    return None
                if not isinstance(here.get(part, getlink=True), h5py.HardLink):
                    raise self._fault(f"{place} is a link")
                here = here[part]
        except ERRORS as error:
            raise self._fault(error) from error
        return here

    def _fault(self, error: object) -> Exception:
        return self._source.fault(f"HDF5: {str(error)[:120]}", mend=self._mend)


@contextmanager
def opened(source: Source, mend: str) -> Iterator[Arrays]:
    """Return the arrays of a file.

    Raises
    ------
    FormatError
        Not an HDF5 file, damaged, unpacks to too much, or h5py is not installed.
    """
    if not source.content.startswith(MAGIC):
        raise source.fault("is no HDF5 file", mend=mend)
    needed("h5py")
    import h5py

    try:
        file = h5py.File(io.BytesIO(source.content), "r")
    except ERRORS as error:
        raise source.fault(f"HDF5: {str(error)[:120]}", mend=mend) from error
    with file:
        yield Arrays(source, file, mend)


def named(head: bytes, names: Sequence[str]) -> list[str]:
    """Return which names are in the head of a file."""
    return [name for name in names if name.encode() in head]
