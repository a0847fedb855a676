"""Bad and exchanged electrodes, found in surveys of which all faults are known."""

import numpy as np
import pytest

from ohmscape.arrays.designs import dipole_dipole, reciprocal, wenner
from ohmscape.core import Survey
from ohmscape.quality.electrodes import condemned, judge_electrodes, neighbours, set_off
from ohmscape.quality.exchanges import order_of
from tests.quality.faults import line, spoil

LIMIT = 2.5


def survey(kinds, array="dipole-dipole", seed=1, reciprocals=False):
    rng = np.random.default_rng(seed)
    return spoil(24, 0, array, kinds, rng, reciprocals=reciprocals)


@pytest.mark.parametrize("array", ["wenner", "schlumberger", "dipole-dipole"])
def test_nothing_is_wrong_with_a_clean_survey(array):
    found = judge_electrodes(survey((), array).data, LIMIT)
    assert not found.bad.any()
    assert found.exchanged == ()
    assert (found.stray > 5.0).mean() < 0.01


@pytest.mark.parametrize("kind", ["dead", "loose"])
def test_a_bad_contact_is_found_and_no_other(kind):
    one = survey((kind,))
    found = judge_electrodes(one.data, LIMIT)
    assert set(np.flatnonzero(found.bad)) == set(one.dead)
    assert found.exchanged == ()


def test_exchanged_take_outs_are_found_and_put_right():
    one = survey(("swapped",))
    found = judge_electrodes(one.data, LIMIT)
    assert found.exchanged == one.swapped
    assert not found.bad.any()
    assert found.gain[0] > 3.0
    np.testing.assert_array_equal(found.order, order_of(24, one.swapped))
    right = judge_electrodes(one.clean, LIMIT)
    np.testing.assert_allclose(found.predicted, _swapped(right, one), rtol=0.25, atol=0.02)


def _swapped(found, one):
    """Return what the section of the clean data predicts for the rows as they were connected."""
    del found
    from tests.quality.faults import readings

    return readings(one.ground.potential, order_of(24, one.swapped)[one.data.survey.abmn])


def test_unless_exchanges_are_not_tried():
    one = survey(("swapped",))
    found = judge_electrodes(one.data, LIMIT, exchange=False)
    assert found.exchanged == ()
    assert found.bad[list(one.swapped[0])].any()


def test_the_worst_electrode_takes_its_readings_along():
    abmn = dipole_dipole(12, 4, (1, 2))
    touches = (abmn == 4).any(axis=1)
    misfit = np.where(touches, 9.0, 0.5)
    bad, judged = condemned(abmn, misfit, 12, LIMIT, 12)
    assert np.flatnonzero(bad).tolist() == [4]
    assert judged[4] == 9.0
    others = np.delete(judged, 4)
    assert np.nanmax(others) == 0.5, "readings with the bad one do not count for the others"
    assert not condemned(abmn, misfit, 12, LIMIT, 0)[0].any()


def test_who_stands_beside_a_bad_electrode_is_not_blamed():
    with_bad = np.array([[4, 5, x, x + 1] for x in range(6, 18, 2)])
    only_bad = np.array([[4, 3, x, x + 1] for x in range(6, 18, 2)])
    without = np.array([[5, 3, x, x + 1] for x in range(6, 18, 2)])
    abmn = np.concatenate([with_bad, only_bad, without])
    misfit = np.repeat([9.0, 9.0, 0.5], 6)
    bad, judged = condemned(abmn, misfit, 18, LIMIT, 18)
    assert np.flatnonzero(bad).tolist() == [4]
    assert judged[5] == judged[3] == 0.5


def test_a_survey_that_is_bad_all_over_has_no_bad_electrode():
    abmn = dipole_dipole(12, 4, (1, 2))
    assert not condemned(abmn, np.full(len(abmn), 9.0), 12, LIMIT, 12)[0].any()


def test_a_reading_and_its_reciprocal_are_next_to_each_other():
    abmn = wenner(10)
    both = Survey(line(10), np.concatenate([abmn, reciprocal(abmn)]))
    near = neighbours(both)
    n = len(abmn)
    assert all((i + n) % (2 * n) in near[i] for i in range(2 * n))
    assert all(i not in near[i] for i in range(n))


def test_what_is_off_like_its_neighbours_is_not_stray():
    near = np.array([[1, 2], [0, 2], [0, 1], [0, 1]])
    residual = np.array([6.0, 6.5, 5.5, -6.0])
    np.testing.assert_allclose(set_off(residual, near), [0.0, 0.75, 0.75, 6.0])
    np.testing.assert_allclose(set_off(residual, near[:, :0]), np.abs(residual))
