"""Tables of text: whatever way they are read, the numbers are those of the cells."""

import numpy as np
import pytest

from ohmscape.errors import FormatError
from ohmscape.formats._delimited import columns_of
from ohmscape.formats._source import Source
from ohmscape.formats._text import PART, table

N = 3 * PART + 17


def rows_of(odd=None, at=0):
    rows = [f"{i} {i / 8} -{i}.5e-1 7" for i in range(N)]
    if odd is not None:
        rows[at] = odd
    return rows, list(range(10, 10 + N))


@pytest.fixture
def source(tmp_path):
    return Source(tmp_path / "x.dat", b"")


@pytest.mark.parametrize("at", [0, PART - 1, PART, 2 * PART + 3, N - 1])
def test_one_row_that_is_short_or_has_no_value_changes_no_other(source, at):
    whole = table(source, *rows_of()).values
    for odd, row, count in (
        ("1 -", [1, np.nan, np.nan, np.nan], 2),
        ("1 nan 3 4", [1, np.nan, 3, 4], 4),
    ):
        found = table(source, *rows_of(odd, at))
        np.testing.assert_array_equal(np.delete(found.values, at, 0), np.delete(whole, at, 0))
        np.testing.assert_array_equal(found.values[at], row)
        assert found.cells[at] == count
        some, short = columns_of(source, *rows_of(odd, at), [2, 0])
        np.testing.assert_array_equal(np.delete(some, at, 0), np.delete(whole, at, 0)[:, [2, 0]])
        assert short.tolist() == [i == at and count == 2 for i in range(N)]


@pytest.mark.parametrize("at", [3, 2 * PART + 3, N - 1])
def test_the_line_and_column_of_a_bad_cell_are_said(source, at):
    with pytest.raises(FormatError, match=rf"line {10 + at}, column 3: 'x' is not a number"):
        table(source, *rows_of("1 2 x 4", at))
    with pytest.raises(FormatError, match=rf"line {10 + at}, column 3: 'x' is not a number"):
        columns_of(source, *rows_of("1 2 x 4", at), [0, 2])
    with pytest.raises(FormatError, match="beyond what anyone measures"):
        table(source, *rows_of("1 2 1e101 4", at))


@pytest.mark.parametrize("at", [3, N - 1])
def test_one_row_that_is_far_too_wide_is_refused_before_a_table_is_made(source, at):
    with pytest.raises(FormatError, match=rf"line {10 + at}: 5000 values in one row"):
        table(source, *rows_of("1 " * 5000, at))
