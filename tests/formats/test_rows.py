"""The fast ways to number electrodes and to find repeats are those that anybody can follow."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ohmscape.arrays.geometry import geometric_factor, impossible
from ohmscape.core import Electrodes, Survey
from ohmscape.formats._dates import seconds_of
from ohmscape.formats._electrodes import number_places
from ohmscape.formats._nominal import nominal_factor
from ohmscape.formats._rows import absurdities, repeats_of

coordinates = st.sampled_from([np.nan, 0.0, -0.0, 0.1, 0.1 + 1e-9, 1.0, 2.5, -3.0, 1e6])


@given(arrays(float, st.tuples(st.integers(1, 6), st.just(4), st.just(3)), elements=coordinates))
def test_places_are_numbered_in_order_of_x_y_z(places):
    positions, abmn = number_places(places)
    assert sorted(map(tuple, positions)) == list(map(tuple, positions))
    assert len(set(map(tuple, positions))) == len(positions)
    near = np.isfinite(places).all(axis=2)
    assert np.array_equal(near, abmn >= 0)
    np.testing.assert_allclose(positions[abmn[near]], places[near], atol=1e-6)
    assert len(positions) == len({tuple(p) for p in np.round(places[near], 6) + 0.0})


def test_places_that_all_differ_in_each_axis():
    dice = np.random.default_rng(3)
    places = dice.uniform(-1e5, 1e5, (30_000, 4, 3))
    positions, abmn = number_places(places)
    assert len(positions) == 120_000
    np.testing.assert_allclose(positions[abmn], places, atol=5.1e-7)


rows = arrays(np.int16, st.tuples(st.integers(0, 30), st.just(3)), elements=st.integers(0, 2))


@given(rows)
def test_repeats_by_checksum_are_those_by_key(keys):
    by_key = repeats_of([row.tobytes() for row in keys])
    by_sum = repeats_of(keys)
    for mine, theirs in zip(by_sum, by_key, strict=True):
        assert np.array_equal(mine, theirs)
    assert np.array_equal(by_sum[0], by_sum[1] < np.arange(len(keys)))


@given(
    arrays(np.int64, st.tuples(st.integers(1, 12), st.just(4)), elements=st.integers(-1, 5)),
    st.sampled_from([0.0, 0.5]),
)
def test_absurd_rows_are_those_of_the_geometry(abmn, shift):
    x = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 3.0 + shift])  # the last may lie on the fourth
    survey = Survey(Electrodes(np.column_stack([x, x * 0, x * 0])), abmn)
    mask, reasons = impossible(survey)
    found, faults = absurdities(survey)
    assert np.array_equal(mask, found)
    said = ["; ".join(why for rows, why in faults if rows[i]) for i in range(len(abmn))]
    assert said == list(reasons)


@pytest.mark.parametrize("depth", [0.0, -2.0])
def test_factor_by_pairs_is_the_geometric_factor(depth):
    dice = np.random.default_rng(5)
    places = np.array(
        [[0, 0, 0], [1, 0, depth], [3, 1, 0], [4.5, 0, 0], [5, 5, depth], [9, 0, 0.0]]
    )
    abmn = np.array([dice.permutation(6)[:4] for _ in range(200)])
    abmn[::7, 1] = -1
    abmn[::5, 3] = -1
    many = nominal_factor(places, abmn, np.ones(200, dtype=bool))
    few = nominal_factor(places, abmn[:20], np.ones(20, dtype=bool))
    np.testing.assert_allclose(many[:20], few, rtol=1e-12)
    flat = places * [1.0, 1.0, 0.0]
    np.testing.assert_allclose(many, geometric_factor(flat, abmn), rtol=1e-12)


def test_factor_by_pairs_of_arrays_without_signal():
    x = [[0, 0, 0], [2, 0, 0], [1, 1, 0], [1, -1, 0], [2, 0, 0.4], [5, 0, 0], [7, 0, 0]]
    symmetric, above_each_other, sound = [0, 1, 2, 3], [0, 1, 4, 2], [0, 1, 5, 6]
    abmn = np.array([symmetric, above_each_other, sound] * 20)
    k = nominal_factor(np.array(x, dtype=float), abmn, np.ones(60, dtype=bool))
    assert np.isinf(k).tolist() == [True, True, False] * 20


@pytest.mark.parametrize(
    "form",
    ["%d/%m/%Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f", "%m/%d/%Y %H:%M", "%Y.%m.%d %H:%M:%S.46",
     "%d.%m.%y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p"],
)  # fmt: skip
def test_many_dates_are_read_as_few_are(form):
    dice = np.random.default_rng(2)
    stamps = dice.integers(0, 2**31, 2000)
    texts = [datetime.fromtimestamp(int(t), UTC).strftime(form) for t in stamps]
    many, why = seconds_of(texts)
    few = np.concatenate([seconds_of([*texts[i : i + 100], *texts])[0][:100]
                          for i in range(0, 200, 100)])  # fmt: skip
    np.testing.assert_array_equal(many[:200], few)
    one, single = seconds_of([*texts[:1], *texts[-40:], *texts[100:400]])
    if why == single:
        np.testing.assert_array_equal(one[0], many[0])
    if "%S" in form and "%y" not in form:
        np.testing.assert_allclose(many, stamps, atol=1.0)


def test_many_dates_with_some_that_are_none():
    good = [f"2020-01-{1 + i % 28:02d} {i % 24:02d}:{i % 60:02d}:07" for i in range(900)]
    assert np.isfinite(seconds_of(good)[0]).all()
    assert np.isnan(seconds_of([*good, "2020-02-30 10:00:00"])[0]).sum() == 1
    assert np.isnan(seconds_of([*good, "2020-13-01 10:00:00", "", "x" * 19])[0]).sum() == 3
