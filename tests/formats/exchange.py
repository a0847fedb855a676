"""Surveys for round trips, and damage that ends in data or in an error."""

import random

import numpy as np
import pytest
from hypothesis import strategies as st

from ohmscape import formats
from ohmscape.core import Data, Electrodes, Survey
from ohmscape.errors import FormatError, OhmscapeError, SurveyError
from tests.formats.mutate import mutate
from tests.formats.promises import promises

decimetres = st.integers(-5000, 5000).map(lambda i: i / 10)
values = st.floats(1e-4, 1e4).flatmap(lambda v: st.sampled_from([v, -v]))


@st.composite
def surveys(draw, *, spatial=True, buried=True, remote=True, error=True, phase=False):
    """Readings between electrodes on one line or in space, each four of them once."""
    n = draw(st.integers(4, 9))
    xs = draw(st.lists(decimetres, min_size=n, max_size=n, unique=True))
    across = spatial and draw(st.booleans())
    deep = buried and draw(st.booleans())
    ys = draw(st.lists(decimetres, min_size=n, max_size=n)) if across else [0.0] * n
    zs = draw(st.lists(decimetres, min_size=n, max_size=n)) if deep else [0.0] * n
    places = np.column_stack([xs, ys, zs])
    first = -1 if remote else 0
    rows = draw(
        st.lists(
            st.permutations(range(first, n)).map(lambda p: p[:4]), min_size=1, max_size=12,
            unique_by=tuple,
        )
    )  # fmt: skip
    r = np.array(draw(st.lists(values, min_size=len(rows), max_size=len(rows))))
    extra = {}
    if error and draw(st.booleans()):
        extra["standard_deviation"] = np.abs(r) * draw(st.floats(1e-3, 0.4))
    if phase:
        extra["phase"] = -np.arange(1.0, len(r) + 1) * 1e-3
    return Data(Survey(Electrodes(places), np.array(rows)), r, **extra)


def places(data):
    """Return x, y, z of A, B, M, N of each reading; NaN where remote."""
    out = data.survey.electrodes.positions[data.survey.abmn]
    out[data.survey.abmn < 0] = np.nan
    return out


def the_same(back, data, *, error=True):
    """Assert that readings, places and errors are those that were written."""
    np.testing.assert_allclose(places(back), places(data), atol=1e-9)
    np.testing.assert_array_equal(back.resistance, data.resistance)
    if error and data.standard_deviation is not None:
        np.testing.assert_allclose(back.standard_deviation, data.standard_deviation, rtol=1e-12)


def endure(path, content: bytes, name: str, *, times=200, read=formats.read):
    """Damage a file beside a field file many times: data keep their promises, or an error."""
    dice = random.Random(name)
    whole = 0
    for _ in range(times):
        path.write_bytes(mutate(content, dice))
        try:
            data = read(path)
        except (FormatError, SurveyError) as error:
            assert error.mend
            continue
        whole += 1
        assert not list(promises(data))
    assert 0 < whole < times


def words(data, kind):
    return " | ".join(r.what for r in data.report if r.kind == kind)


def fails(path, message, **options):
    with pytest.raises(OhmscapeError, match=message) as caught:
        formats.read(path, **options)
    assert caught.value.mend
    return caught.value
