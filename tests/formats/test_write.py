"""Writers by name: what each loses is said, and its files are found to be of its format."""

import numpy as np
import pytest

from ohmscape import formats
from ohmscape.core import Data, Electrodes, Gates, Survey, Terrain
from ohmscape.errors import FormatError, SurveyError
from ohmscape.formats._write import WORDS
from tests.formats.exchange import places, the_same

WRITTEN = ["bert", "e4d", "geopackage", "gs", "parquet", "r2", "res2dinv", "syscal-text",
           "ubc-dcip2d", "ubc-dcip3d"]  # fmt: skip
N = 3


def line(**more):
    x = np.arange(6.0)
    positions = np.column_stack([x, 0 * x, 10 + 0.1 * np.sin(x)])
    survey = Survey(Electrodes(positions), [[0, 3, 1, 2], [1, 4, 2, 3], [2, 5, 3, 4]])
    return Data(survey, np.array([2.0, -3.5, 0.25]), **more)


def full():
    per_reading = {
        name: np.full(N, 0.01)
        for name in ("standard_deviation", "apparent_resistivity", "geometric_factor", "phase",
                     "phase_deviation", "chargeability", "chargeability_deviation", "current",
                     "voltage", "self_potential", "stacks", "contact_resistance", "time",
                     "numerical_error")
    }  # fmt: skip
    per_reading["time"] = np.full(N, 1.7e9)
    return line(
        **per_reading, decay=np.full((N, 2), 0.01), decay_deviation=np.full((N, 2), 0.001),
        gates=Gates(np.array([0.1, 0.2]), np.array([0.1, 0.1])), frequencies=np.array([1.0]),
        impedance=np.full((N, 1), 1 + 1j), modulus_deviation=np.full((N, 1), 0.1),
        angle_deviation=np.full((N, 1), 0.1), terrain=Terrain(np.array([[-5.0, 0, 9], [9, 0, 9]])),
    )  # fmt: skip


def test_names_of_formats_that_are_written():
    assert [f.name for f in formats.writable()] == WRITTEN
    with pytest.raises(FormatError, match=r"read only.*bert, e4d"):
        formats.write(line(), "x.dat", format="syscal-bin")
    with pytest.raises(FormatError, match="not known"):
        formats.write(line(), "x.dat", format="docx")


@pytest.mark.parametrize("name", WRITTEN)
def test_a_plain_line_comes_back_and_nothing_is_lost(tmp_path, name):
    data = line(standard_deviation=np.array([0.1, 0.2, 0.01]))
    notes = formats.write(data, tmp_path / "line.dat", format=name)
    assert notes == (("no current was measured: written as 1 A",) if name == "syscal-text" else ())
    back = formats.read(tmp_path / "line.dat")
    assert back.origin.format == name
    assert back.valid.all()
    if name == "syscal-text":
        np.testing.assert_allclose(places(back), places(data), atol=1e-6)
        np.testing.assert_allclose(back.resistance, data.resistance)
    else:
        the_same(back, data)


@pytest.mark.parametrize("name", WRITTEN)
def test_every_field_comes_back_or_is_said_to_be_lost(tmp_path, name):
    data = full()
    notes = " | ".join(formats.write(data, tmp_path / "line.dat", format=name))
    back = formats.read(tmp_path / "line.dat")
    for field, words in WORDS.items():
        if words in notes:
            continue
        kept = getattr(back, field)
        assert kept is not None, f"{field} is neither in the file nor said to be lost: {notes}"
        if isinstance(kept, np.ndarray) and field not in ("voltage", "chargeability"):
            np.testing.assert_allclose(kept, getattr(data, field), err_msg=field)


@pytest.mark.parametrize("name", WRITTEN)
def test_nothing_is_left_half_written(tmp_path, name):
    target = tmp_path / "line.dat"
    target.write_text("old")
    formats.write(line(), target, format=name)
    assert not target.read_bytes().startswith(b"old")
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]
    with pytest.raises(FormatError, match="cannot be written"):
        formats.write(line(), tmp_path / "no" / "folder.dat", format=name)
    empty = line()[np.zeros(N, dtype=bool)]
    with pytest.raises(FormatError, match="no readings"):
        formats.write(empty, target, format=name)


def test_decays_and_spectra_are_as_wide_as_gates_and_frequencies():
    gates = Gates(np.array([0.1]), np.array([0.1]))
    with pytest.raises(SurveyError, match="gates number 1"):
        line(decay=np.ones((N, 2)), gates=gates)
    with pytest.raises(SurveyError, match="frequencies number 1"):
        line(impedance=np.ones((N, 2), dtype=complex), frequencies=np.ones(1))
    with pytest.raises(SurveyError, match="decay has shape"):
        line(decay=np.ones(N))
    data = line(impedance=np.full((N, 2), 2 + 1j), frequencies=np.array([1.0, 10]))
    assert data[1:].impedance.shape == (N - 1, 2)
    assert data[1:].frequencies.tolist() == [1, 10]
