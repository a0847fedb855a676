"""Merged files: electrodes that are one, readings that keep file and row, what is refused."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from time import process_time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohmscape.arrays.designs import dipole_dipole, wenner
from ohmscape.core import REMOTE, Data, Electrodes, Gates, Origin, Remark, Survey, Terrain
from ohmscape.errors import SurveyError
from ohmscape.joining.merging import merge


def line(x, name="a.ohm", abmn=None, *, z=0.0, **more):
    x = np.asarray(x, dtype=float)
    places = np.column_stack([x, 0.0 * x, np.broadcast_to(z, x.shape)])
    rows = wenner(len(x)) if abmn is None else np.asarray(abmn)
    n = len(rows)
    return Data(
        Survey(more.pop("electrodes", Electrodes(places)), rows),
        more.pop("resistance", np.arange(1.0, n + 1.0)),
        origin=Origin(Path(name), sha256(name.encode()).hexdigest(), "bert", np.arange(n) + 11),
        **more,
    )


def places_of(data):
    """Return where A, B, M, N of each reading are; NaN where remote."""
    padded = np.vstack([data.survey.electrodes.positions, np.full(3, np.nan)])
    return padded[data.survey.abmn]


def test_roll_along_shares_its_overlap_and_every_reading_keeps_its_places_and_row():
    first, second = line(range(24)), line(range(12, 36), "b.ohm")
    data = merge([first, second])
    assert len(data.survey.electrodes) == 36
    assert len(data) == len(first) + len(second)
    np.testing.assert_array_equal(
        places_of(data), np.concatenate([places_of(first), places_of(second)])
    )
    np.testing.assert_array_equal(
        data.resistance, np.concatenate([first.resistance, second.resistance])
    )
    at = len(first) + 4
    assert data.origin.file_of(at).path == Path("b.ohm")
    assert data.origin.rows[at] == second.origin.rows[4]
    assert "12 electrodes are in more than one" in data.report[0].what


def test_origin_survives_a_choice_of_readings_and_a_second_merge():
    three = [line(range(k, k + 12), f"{k}.ohm") for k in (0, 8, 16)]
    data = merge([merge(three[:2]), three[2]])
    assert [p.path.name for p in data.origin.parts] == ["0.ohm", "8.ohm", "16.ohm"]
    chosen = data[np.array([len(data) - 1, 0, len(three[0])])]
    assert [chosen.origin.file_of(i).path.name for i in range(3)] == ["16.ohm", "0.ohm", "8.ohm"]
    assert chosen.origin.rows.tolist() == [11 + len(three[2]) - 1, 11, 11]
    assert data.origin.sha256 != merge(three[:2]).origin.sha256


def test_places_within_the_tolerance_are_one_and_the_first_file_is_believed():
    nudged = np.arange(12.0, 24.0) + 0.04
    data = merge([line(range(16)), line(nudged, "b.ohm")])
    assert len(data.survey.electrodes) == 16 + 8
    assert data.survey.electrodes.positions[12, 0] == 12.0
    apart = merge([line(range(16)), line(nudged, "b.ohm")], tolerance=0.03)
    assert len(apart.survey.electrodes) == 28


def test_a_tolerance_that_joins_neighbours_is_refused_by_name():
    with pytest.raises(SurveyError, match=r"would become one.*smaller tolerance"):
        merge([line(range(8)), line(np.arange(8) + 0.5, "b.ohm")], tolerance=0.6)


def test_heights_that_disagree_are_named_and_the_first_files_kept():
    data = merge([line(range(8), z=100.0), line(range(4, 12), "b.ohm", z=103.0)])
    assert len(data.survey.electrodes) == 12
    assert data.survey.electrodes.positions[:8, 2].tolist() == [100.0] * 8
    (warning,) = [r for r in data.report if r.kind == "warning"]
    assert warning.count == 4
    assert "5 by 3 m" in warning.what


def test_electrodes_of_a_borehole_stay_apart():
    hole = Electrodes([[3.0, 0.0, -z] for z in (0.0, 1.0, 2.0, 3.0)])
    data = merge([line(range(8)), line(range(4), "h.ohm", electrodes=hole)])
    assert len(data.survey.electrodes) == 8 + 3


def test_time_lapse_is_refused_unless_allowed():
    one, two = line(range(16)), line(range(16), "later.ohm")
    with pytest.raises(SurveyError, match=r"later\.ohm.*35 of its 35 arrays again.*a\.ohm"):
        merge([one, two])
    assert len(merge([one, two], repeats=True)) == 2 * len(one)
    with pytest.raises(SurveyError, match="the same file"):
        merge([one, one], repeats=True)


def test_the_order_of_a_and_b_does_not_hide_a_repeat():
    one = line(range(16))
    turned = line(range(16), "b.ohm", one.survey.abmn[:, [1, 0, 3, 2]])
    with pytest.raises(SurveyError, match="again"):
        merge([one, turned])


def test_what_one_file_lacks_is_nan_and_gates_are_those_of_both():
    n = len(wenner(8))
    early, late = (
        Gates(np.array([0.1, 0.2]), np.full(2, 0.1)),
        Gates(np.array([0.2, 0.4]), np.array([0.1, 0.2])),
    )
    one = line(range(8), current=np.full(n, 0.1), gates=early, decay=np.ones((n, 2)))
    two = line(
        range(6, 14), "b.ohm", gates=late, decay=2.0 * np.ones((n, 2)), time=np.arange(float(n))
    )
    data = merge([one, two])
    assert data.gates.start.tolist() == [0.1, 0.2, 0.4]
    np.testing.assert_array_equal(data.decay[0], [1.0, 1.0, np.nan])
    np.testing.assert_array_equal(data.decay[-1], [np.nan, 2.0, 2.0])
    np.testing.assert_array_equal(np.isfinite(data.current), [True] * n + [False] * n)
    np.testing.assert_array_equal(np.isfinite(data.time), [False] * n + [True] * n)
    assert data.chargeability is None


def test_gates_without_times_do_not_mix():
    n = len(wenner(8))
    one = line(range(8), decay=np.ones((n, 2)))
    two = line(range(6, 14), "b.ohm", decay=np.ones((n, 3)))
    with pytest.raises(SurveyError, match="without their times"):
        merge([one, two])


def test_spectra_stand_by_their_frequencies():
    n = len(wenner(8))
    one = line(range(8), frequencies=np.array([10.0, 1.0]),
               impedance=np.tile([10.0 + 1j, 1.0 + 1j], (n, 1)))  # fmt: skip
    two = line(range(6, 14), "b.ohm", frequencies=np.array([100.0]),
               impedance=np.full((n, 1), 100.0 + 0j))  # fmt: skip
    data = merge([one, two])
    assert data.frequencies.tolist() == [1.0, 10.0, 100.0]
    assert data.impedance[0, :2].tolist() == [1.0 + 1j, 10.0 + 1j]
    assert data.impedance[-1, 2] == 100.0
    assert np.isnan(data.impedance[0, 2])


def test_reasons_reports_and_terrain_name_their_file():
    one = line(range(8), terrain=Terrain(np.array([[0.0, 0, 1], [9.0, 0, 2]])),
               report=(Remark("kept", "something", (3,), 1),))  # fmt: skip
    one = one.without(np.arange(len(one)) == 1, "line 12: spike")
    data = merge([one, line(range(6, 14), "b.ohm")])
    assert data.reasons[1] == "a.ohm line 12: spike"
    assert data.valid.sum() == len(data) - 1
    assert data.report[-1] == Remark("kept", "a.ohm: something", (3,), 1)
    assert len(data.terrain.points) == 2


def test_remote_stays_remote_and_labels_stay_unique():
    named = Electrodes([[float(i), 0.0] for i in range(4)], ["N1", "N2", "N3", "N4"])
    other = Electrodes([[float(i), 0.0] for i in range(3, 7)], ["N1", "N2", "N3", "N4"])
    rows = [[0, REMOTE, 1, 2], [1, REMOTE, 2, 3]]
    data = merge([line(range(4), abmn=rows, electrodes=named),
                  line(range(4), "b.ohm", abmn=rows, electrodes=other)])  # fmt: skip
    assert data.survey.abmn[:, 1].tolist() == [REMOTE] * 4
    assert data.survey.electrodes.labels == ("N1", "N2", "N3", "N4", "2:N2", "2:N3", "2:N4")


@given(st.lists(st.integers(0, 60), min_size=2, max_size=4, unique=True), st.randoms())
def test_no_place_changes_whatever_the_files_and_their_order(starts, random):
    parts = [line(np.arange(k, k + 10) / 2.0, f"{k}.ohm") for k in starts]
    random.shuffle(parts)
    data = merge(parts, repeats=True)
    np.testing.assert_array_equal(
        places_of(data), np.concatenate([places_of(part) for part in parts])
    )
    assert len(np.unique(data.survey.electrodes.positions, axis=0)) == len(data.survey.electrodes)


def test_hundred_thousand_readings_within_a_second():
    rows = dipole_dipole(256, 62, (1, 2))
    parts = [
        replace(line(np.arange(k, k + 256), f"{k}.ohm", rows), stacks=np.ones(len(rows)))
        for k in range(0, 4 * 200, 200)
    ]
    assert sum(map(len, parts)) > 100_000
    taken = []
    for _ in range(3):
        began = process_time()
        merge(parts)
        taken.append(process_time() - began)
    assert min(taken) < 1.0
