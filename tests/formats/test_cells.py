"""Columns of decimals read many at a time are what ``float`` makes of each cell."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohmscape.formats._cells import CHUNK, table_at_once

decimals = st.integers(0, 4).flatmap(
    lambda places: st.lists(
        st.integers(-999_999, 9_999_999).map(
            lambda i: f"{i / 10**places:.{places}f}" if places else str(i)
        ),
        min_size=1, max_size=30,
    )
)  # fmt: skip
odd = st.sampled_from(
    ["", "-", "+", ".", "-.", "1e5", "1..2", "1.2.3", "abc", "/", "1/2", ":", "1:2", "5.", ".5",
     "+1.5", " 1.5", "1.5 ", "1 .5", "--1", "1-", "-0.0", "12345678", "123456789", "1_0", "nan",
     "inf", "0x1", "٣", "²", "1,5;", "99999.999", "12345678.9012345678"]
)  # fmt: skip


def one_column(cells):
    text = "\n".join(cells).encode("latin-1", "replace")
    found = table_at_once(text, ",", 1, [0], count=len(cells))
    return None if found is None else found[0][:, 0].tolist()


@given(decimals)
def test_plain_decimals(cells):
    assert one_column(cells) == [float(cell) for cell in cells]


@given(decimals, odd, st.integers(0, 30))
def test_with_something_odd_among_them(cells, cell, at):
    cells.insert(at, cell)
    found = one_column(cells)
    if found is not None:
        assert "_" not in cell
        assert found == [float(c) for c in cells]


@pytest.mark.parametrize("text", ["1,2\n3\n", "1,2\n3,4,5\n", "1,2\n\n3,4\n", "1\n2,3,4\n"])
def test_rows_of_another_width_are_left(text):
    assert table_at_once(text.encode(), ",", 2, [0]) is None


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_many_chunks_and_a_column_of_text(end):
    rows = [f"a{i % 7},{i / 8:.3f},{-i},x{i:07d},{0.25:.2f}" for i in range(90_000)]
    assert sum(map(len, rows)) > CHUNK
    text = ("header" + end + end.join(rows) + end).encode()
    first = len("header" + end)
    values, words = table_at_once(text, ",", 5, [1, 2, 4], 3, first=first)
    np.testing.assert_array_equal(values[:, 0], np.arange(90_000) / 8)
    np.testing.assert_array_equal(values[:, 1], -np.arange(90_000))
    np.testing.assert_array_equal(values[:, 2], 0.25)
    assert words == [f"x{i:07d}" for i in range(90_000)]
    assert table_at_once(text, ",", 5, [1], 0, first=first)[1][:3] == ["a0", "a1", "a2"]
    for count in (89_999, 90_001):
        assert table_at_once(text, ",", 5, [1], first=first, count=count) is None


def test_a_row_without_end_is_left():
    assert table_at_once(b"1," * CHUNK, ",", 2, [0]) is None
    assert table_at_once(b"1,2\n3,4", ",", 2, [1])[0].tolist() == [[2.0], [4.0]]
