"""Electrodes renamed, moved, switched off and rewired: readings stay, and say what happened."""

import numpy as np
import pytest

from ohmscape.arrays.designs import wenner
from ohmscape.arrays.geometry import geometric_factor
from ohmscape.core import REMOTE, Data, Electrodes, Survey
from ohmscape.errors import SurveyError
from ohmscape.joining.electrodes import (
    moved,
    renamed,
    rewired,
    rows_of,
    shifted,
    swapped,
    switched_off,
    turned,
)


def line(n=10, **more):
    x = np.arange(float(n))
    rows = wenner(n)
    k = geometric_factor(np.column_stack([x, 0 * x, 0 * x]), rows)
    return Data(
        Survey(Electrodes(np.column_stack([x, 0 * x])), rows), 100.0 / k,
        geometric_factor=k, apparent_resistivity=np.full(len(rows), 100.0), **more,
    )  # fmt: skip


def uses(data, *labels):
    return np.isin(data.survey.abmn, rows_of(data.survey.electrodes, labels)).any(axis=1)


def test_renamed():
    data = renamed(line(), {"1": "A1", "2": "1"})
    assert data.survey.electrodes.labels[:3] == ("A1", "1", "3")
    assert "1 is A1, 2 is 1" in data.report[-1].what
    with pytest.raises(SurveyError, match="two electrodes would be called '3'"):
        renamed(line(), {"1": "3"})
    with pytest.raises(SurveyError, match=r"no electrode '11'.*from 1 to 10"):
        renamed(line(), {"11": "x"})


def test_moved_electrodes_lose_what_the_file_said_of_their_old_place_and_nothing_else():
    old = line()
    data = moved(old, {"3": (2.5, 0.25), "7": (np.nan, 1.0, np.nan)})
    np.testing.assert_allclose(
        data.survey.electrodes.positions[[2, 6]], [[2.5, 0, 0.25], [6, 1, 0]]
    )
    stale = uses(old, "3", "7")
    assert 0 < stale.sum() < len(old)
    np.testing.assert_array_equal(np.isnan(data.geometric_factor), stale)
    np.testing.assert_array_equal(np.isnan(data.apparent_resistivity), stale)
    np.testing.assert_array_equal(data.resistance, old.resistance)
    assert "3 by 0.559 m, 7 by 1 m" in data.report[-1].what
    assert old.survey.electrodes.positions[2, 0] == 2.0
    with pytest.raises(SurveyError, match="1 numbers"):
        moved(old, {"3": (1.0,)})


def test_switched_off_readings_stay_with_their_reason_and_earlier_reasons_win():
    old = line().without(uses(line(), "5"), "spike")
    data = switched_off(old, ["3", "5"], "dead")
    np.testing.assert_array_equal(data.valid, ~uses(old, "3", "5"))
    assert len(data) == len(old)
    only = uses(old, "3") & ~uses(old, "5")
    assert {r for r, hit in zip(data.reasons, only, strict=True) if hit} == {"electrode 3 dead"}
    both = uses(old, "5")
    assert {r for r, hit in zip(data.reasons, both, strict=True) if hit} == {"spike"}
    assert data.report[-1].count == only.sum()


def test_a_swapped_pair_is_undone_by_swapping_again():
    old = line()
    wiring = swapped(old.survey.electrodes, "3", "8")
    data = rewired(old, wiring, "3 and 8 swapped")
    assert not np.array_equal(data.survey.abmn, old.survey.abmn)
    back = rewired(data, wiring, "and back")
    np.testing.assert_array_equal(back.survey.abmn, old.survey.abmn)
    np.testing.assert_array_equal(np.isnan(data.geometric_factor), uses(old, "3", "8"))


def test_a_turned_cable_on_even_ground_reads_the_same_from_the_other_end():
    old = line()
    data = rewired(old, turned(old.survey.electrodes), "cable turned")
    np.testing.assert_array_equal(data.survey.abmn, 9 - old.survey.abmn)
    k = geometric_factor(data.survey.electrodes.positions, data.survey.abmn)
    np.testing.assert_allclose(k, old.geometric_factor)
    part = turned(old.survey.electrodes, "2", "4")
    assert part.tolist() == [0, 3, 2, 1, 4, 5, 6, 7, 8, 9]


def test_shifted_take_outs():
    old = line()
    some = old[np.all(old.survey.abmn < 8, axis=1)]
    data = rewired(some, shifted(old.survey.electrodes, 2), "cable 2 take-outs on")
    np.testing.assert_array_equal(data.survey.abmn, some.survey.abmn + 2)
    with pytest.raises(SurveyError, match="take-outs 9, 10 would be beyond the last electrode"):
        rewired(old, shifted(old.survey.electrodes, 2), "cable 2 take-outs on")
    assert shifted(old.survey.electrodes, -1, "2", "4").tolist() == [0, 0, 1, 2, *range(4, 10)]
    with pytest.raises(SurveyError, match="comes after"):
        shifted(old.survey.electrodes, 1, "4", "2")


def test_remote_electrodes_have_no_take_out():
    data = Data(Survey(Electrodes([[0.0, 0], [1, 0], [2, 0]]), [[0, REMOTE, 1, 2]]), np.ones(1))
    back = rewired(data, turned(data.survey.electrodes), "turned")
    assert back.survey.abmn.tolist() == [[2, REMOTE, 1, 0]]
