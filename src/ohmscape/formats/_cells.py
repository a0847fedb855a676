"""Wide tables of text as numbers, many cells at a time.

Eight characters are one word; a few multiplications put the digits of all cells of a column
together. The result is that of ``float``: the digits make a whole number below 2**53, which is
divided by a power of ten once. This holds for plain decimals of at most eight characters with
the same number of decimals in all rows, as instruments print them; other columns are read one
cell at a time.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ohmscape.core import Floats, Integers
from ohmscape.formats._text import LONGEST_NUMBER, credible

Words = NDArray[np.uint64]
CHUNK = 1 << 21  #: bytes of text whose cells are taken together: they stay in the cache
PAD = 8  #: bytes before the text, so that a word can be read from any place
WORD = 8  #: characters in a word
NEWLINE, POINT, MINUS, PLUS = b"\n.-+"


def _every(byte: int) -> np.uint64:
    """Return a word of eight equal bytes."""
    return np.uint64(byte * 0x0101010101010101)


ALL = np.uint64(2**64 - 1)
ZEROS, HIGHS, LOWS = _every(0x30), _every(0x80), _every(0x76)
KEEP = np.array([0, *(2**64 - (1 << 8 * (8 - n)) for n in range(1, 9))], dtype=np.uint64)
PAIRS = np.uint64(0x000000FF000000FF)
TENS, UNITS = np.uint64(100 + (1_000_000 << 32)), np.uint64(1 + (10_000 << 32))
BYTE, EIGHT, TEN, SIXTEEN, THIRTY_TWO = map(np.uint64, (255, 8, 10, 16, 32))


class Grid(NamedTuple):
    """A part of a text whose rows all have the same number of cells."""

    text: NDArray[np.uint8]  #: with `PAD` bytes in front
    end: Integers  #: (n_cells, n_rows) where each cell ends

    def start(self, column: int) -> Integers:
        """Return where the cells of a column begin."""
        before: Integers = np.roll(self.end[-1], 1) if column == 0 else self.end[column - 1]
        begin = before + 1
        if column == 0:
            begin[0] = PAD
        return begin


def table_at_once(
    text: bytes,
    separator: str,
    width: int,
    columns: Sequence[int],
    word: int | None = None,
    *,
    first: int = 0,
    count: int | None = None,
) -> tuple[Floats, list[str]] | None:
    """Return columns of numbers and one of text, None if a row or a cell is not as expected.

    Parameters
    ----------
    text : bytes
        Rows, each ended by a newline; the last one need not be.
    separator : str
        One ASCII character between cells.
    width : int
        Cells of each row.
    columns : sequence of int
        Those with finite numbers in each row, from 0.
    word : int, optional
        The column of text.
    first : int
        Where the first row begins.
    count : int, optional
        How many rows there are; counted if left out.
    """
    end = len(text)
    while end > first and text[end - 1] in b" \t\r\n":
        end -= 1
    if count is None:
        count = text.count(b"\n", first, end) + 1
    values = np.empty((len(columns), count)).T  # each column in one piece
    words: list[str] = []
    row = 0
    for grid in grids(text, separator, width, first, end):
        n = 0 if grid is None else grid.end.shape[1]
        if grid is None or row + n > count:
            return None
        if not numbers_in(grid, columns, values[row : row + n]):
            return None
        words += [] if word is None else words_in(grid, word)
        row += n
    return (values, words) if row == count else None


def grids(text: bytes, separator: str, width: int, at: int, last: int) -> Iterator[Grid | None]:
    """Return a table in parts of whole rows; None for a part with rows of another width."""
    while at < last:
        end = last
        if last - at > CHUNK:
            end = text.rfind(b"\n", at, at + CHUNK) + 1
        if end <= at:
            yield None
            return
        part = text[at:end]
        if b"\r" in part:
            part = part.replace(b"\r\n", b"\n")
        yield _grid(part if end < last else part + b"\n", ord(separator), width)
        at = end


def _grid(text: bytes, separator: int, width: int) -> Grid | None:
    letters = np.frombuffer(bytes(PAD) + text, dtype=np.uint8)
    newline = letters == NEWLINE
    marks = np.flatnonzero(newline | (letters == separator))
    if len(marks) % width or np.count_nonzero(newline) * width != len(marks):
        return None
    end = marks.reshape(-1, width).T.copy()
    return Grid(letters, end) if newline[end[-1]].all() else None


def words_in(grid: Grid, column: int) -> list[str]:
    """Return the cells of a column as text."""
    start, end = grid.start(column), grid.end[column]
    long = int(end[0] - start[0])
    if long and np.all(end - start == long):
        letters = grid.text[start[:, None] + np.arange(long)]
        if letters.max() < 128:
            found: list[str] = letters.view(f"S{long}").ravel().astype(f"U{long}").tolist()
            return found
    whole = grid.text.tobytes().decode("latin-1")
    return [whole[a:b] for a, b in zip(start.tolist(), end.tolist(), strict=True)]


def numbers_in(grid: Grid, columns: Sequence[int], out: Floats) -> bool:
    """Put columns into an array, shape (n_rows, n_columns); False if a cell is no number."""
    windows: Words = np.ndarray((len(grid.text) - 7,), "<u8", grid.text, strides=(1,))
    for k, column in enumerate(columns):
        values = _decimals(grid, windows, column)
        if values is None:
            values = _one_by_one(words_in(grid, column))
        if values is None:
            return False
        out[:, k] = values
    return True


def _one_by_one(cells: Sequence[str]) -> Floats | None:
    if max(map(len, cells)) > LONGEST_NUMBER or any("_" in cell for cell in cells):
        return None
    try:
        values: Floats = np.array(cells).astype(np.float64)
    except ValueError:
        return None
    return values if credible(values) else None


def _decimals(grid: Grid, windows: Words, column: int) -> Floats | float | None:
    start, end = grid.start(column), grid.end[column]
    first = grid.text[start]
    long = end - start
    minus = None
    if first.min() < POINT:  # a sign, a blank
        minus = first == MINUS
        signed = minus | (first == PLUS)
        start, long = start + signed, long - signed
    shortest, longest = int(long.min()), int(long.max())
    if shortest < 1 or longest > WORD:
        return None
    word = windows[end - WORD]
    keep = KEEP[longest] if shortest == longest else KEEP[long]
    if minus is None and shortest == longest and np.all((word ^ word[0]) & keep == 0):
        word, keep = word[:1], KEEP[longest : longest + 1]  # as unused columns are
    digits = _without_point(word & keep, keep, shortest)
    if digits is None:
        return None
    values = digits[0] / 10.0 ** digits[1]
    if minus is not None:
        values = np.where(minus, -values, values)
    return values if len(values) > 1 or grid.end.shape[1] == 1 else float(values[0])


def _without_point(
    word: Words, keep: Words | np.uint64, shortest: int
) -> tuple[Floats, int] | None:
    """Return the whole numbers that the digits make, and how many digits follow the point."""
    text = int(word[0]).to_bytes(WORD, "little")
    behind = WORD - 1 - text.index(POINT) if POINT in text else 0
    word = word | (ZEROS & ~keep)
    if POINT in text:
        if shortest <= behind or (shortest == 1 and behind == 0):
            return None
        shift = np.uint64(8 * (WORD - 1 - behind))
        if np.any((word >> shift) & BYTE != POINT):
            return None
        before = (np.uint64(1) << shift) - np.uint64(1)
        after = ALL ^ before ^ (BYTE << shift)
        word = ((word & before) << EIGHT) | (word & after) | np.uint64(0x30)
    parts = word ^ ZEROS
    if np.any(((parts + LOWS) | parts) & HIGHS):
        return None
    parts = parts * TEN + (parts >> EIGHT)
    whole = ((parts & PAIRS) * TENS + ((parts >> SIXTEEN) & PAIRS) * UNITS) >> THIRTY_TWO
    return whole.astype(np.float64), behind
