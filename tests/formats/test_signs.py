"""Res2DInv resistances without signs take those of their electrodes' order; others keep them."""

import numpy as np
import pytest

from ohmscape.formats import read

N = 12


def general(tmp_path, resistances, order=(0, 1, 2, 3)):
    """A general array of dipole-dipole readings; in the order a b m n all k are negative."""
    rows = []
    for i, value in enumerate(resistances):
        x = [float(i + k) for k in order]
        rows.append("4 " + " ".join(f"{v:.1f} 0.0" for v in x) + f" {value}")
    head = "a line\n1.0\n11\n3\nType of measurement (0=app. resistivity,1=resistance)\n1\n"
    path = tmp_path / "line.dat"
    path.write_text(f"{head}{len(rows)}\n0\n0\n" + "\n".join(rows) + "\n0\n0\n0\n0\n")
    return read(path)


def test_magnitudes_take_the_sign_of_k(tmp_path):
    data = general(tmp_path, np.arange(1.0, N + 1))
    np.testing.assert_array_equal(data.resistance, -np.arange(1.0, N + 1))
    (remark,) = [r for r in data.report if "magnitudes" in r.what]
    assert (remark.kind, remark.count) == ("repaired", N)


@pytest.mark.parametrize(
    ("resistances", "order"),
    [
        pytest.param(-np.arange(1.0, N + 1), (0, 1, 2, 3), id="signs as physics has them"),
        pytest.param(np.r_[-1.0, np.arange(2.0, N + 1)], (0, 1, 2, 3), id="one negative reading"),
        pytest.param(np.arange(1.0, N + 1), (0, 1, 3, 2), id="k positive"),
    ],
)
def test_signs_that_may_be_true_are_kept(tmp_path, resistances, order):
    data = general(tmp_path, resistances, order)
    np.testing.assert_array_equal(data.resistance, resistances)
    assert not any("magnitudes" in r.what for r in data.report)
