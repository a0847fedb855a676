"""Public field files: counts of the list in shared/data/README.md, and each file's own oracle."""

import hashlib

import numpy as np
import pytest

from ohmscape import formats

pytestmark = pytest.mark.realdata

#: file -> format, electrodes, readings, valid
FILES = {
    "bert/gallery.dat": ("bert", 21, 116, 116),
    "bert/slagdump.ohm": ("bert", 38, 222, 222),
    "bert/slagdump3d.ohm": ("bert", 577, 4245, 4239),
    "bert/bedrock.dat": ("bert", 64, 1223, 1223),
    "bert/crosshole3d.dat": ("bert", 36, 753, 753),
    "bert/reciprocal.ohm": ("bert", 516, 16476, 16476),
    "ip/schleizFDIP.dat": ("bert", 42, 522, 522),
    "ip/schleizTDIP.dat": ("bert", 42, 835, 835),
    **{f"timelapse/alert/0{i}.dat": ("bert", 144, 1256, 1256) for i in range(8)},
    "timelapse/steelcase/muellrose-2013-06-15.dat": ("bert", 19, 446, 446),
    "timelapse/steelcase/muellrose-2014-06-15.dat": ("bert", 19, 446, 446),
    "res2dinv/res2dinv-dd.dat": ("res2dinv", 61, 591, 591),
    "res2dinv/res2dinv-ga.dat": ("res2dinv", 47, 540, 540),
    "res2dinv/res2dinv-ipgeneral.dat": ("res2dinv", 35, 228, 228),
    "res2dinv/res2dinv_PoleDipole.DAT": ("res2dinv", 19, 162, 162),
    "prime/primeFile.dat": ("res2dinv", 32, 438, 438),
    "r2/dc2d/protocol.dat": ("r2", 24, 140, 140),
    "r2/dc3d/protocol.dat": ("r2", 75, 644, 644),
    "e4d/baseline.sig.srv": ("e4d", 48, 2070, 2070),
    "e4d/sig_2.sig.srv": ("e4d", 48, 2070, 2070),
    "e4d/sig_5.sig.srv": ("e4d", 48, 2070, 2070),
    "syscal/syscal-bin.bin": ("syscal-bin", 16, 68, 68),
    "syscal/syscal-bin.csv": ("syscal-text", 16, 68, 68),
    "syscal/syscal-new-format.csv": ("syscal-text", 24, 142, 142),
    "syscal/syscal.csv": ("syscal-text", 24, 636, 636),
    "syscal/pro/data_normal.bin": ("syscal-bin", 48, 1249, 1249),
    "syscal/pro/data_normal.txt": ("syscal-text", 48, 990, 990),
    "syscal/bad/data_normal.bin": ("syscal-bin", 40, 328, 325),
}
#: tables and notes that no reader may claim
OTHERS = ("syscal/elec.csv", "syscal/pro/elec.dat", "bert/bedrock.txt")


@pytest.mark.parametrize("name", FILES)
def test_counts_origin_and_cross_checks(field_data, name):
    path = field_data / name
    data = formats.read(path)
    found = (data.origin.format, len(data.survey.electrodes), len(data), int(data.valid.sum()))
    assert found == FILES[name]
    assert data.origin.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert len(data.origin.rows) == len(data)
    assert np.all(np.diff(data.origin.rows) > 0)
    assert np.isfinite(data.resistance[data.valid]).all()
    for remark in data.report:
        if remark.kind == "checked" and "steelcase" not in name:  # long electrodes: another k
            assert remark.count == 0, remark.what


@pytest.mark.parametrize("name", OTHERS)
def test_files_of_other_formats_are_not_claimed(field_data, name):
    assert not formats.inspect(field_data / name)[0][1].enough


def test_values_are_traced_to_line_and_column(field_data):
    path = field_data / "bert/bedrock.dat"
    data = formats.read(path)
    lines = path.read_text().splitlines()
    where = {c.name: c.index - 1 for c in data.origin.columns}
    for i in (0, 500, len(data) - 1):
        cells = lines[data.origin.rows[i] - 1].split()
        assert float(cells[where["apparent_resistivity"]]) == data.apparent_resistivity[i]
        assert int(cells[where["a"]]) - 1 == data.survey.abmn[i, 0]


def test_gallery_by_hand(field_data):
    data = formats.read(field_data / "bert/gallery.dat")
    a, b, m, n = data.survey.electrodes.positions[data.survey.abmn[-1], 0]
    inverse = 1 / abs(m - a) - 1 / abs(m - b) - 1 / abs(n - a) + 1 / abs(n - b)
    np.testing.assert_allclose(data.resistance[-1], 284.10 * inverse / (2 * np.pi))
    np.testing.assert_allclose(data.standard_deviation[-1], 0.0179618 * abs(data.resistance[-1]))


def test_half_of_the_pole_dipole_sample_is_reverse(field_data):
    data = formats.read(field_data / "res2dinv/res2dinv_PoleDipole.DAT")
    x = data.survey.electrodes.positions[:, 0]
    a, m, n = x[data.survey.abmn[:, [0, 2, 3]]].T
    reverse = a > m
    assert reverse.sum() == 81
    assert np.array_equal(reverse, m > n)
    assert data.resistance.min() > 0.0


def test_topography_along_the_ground_keeps_distances(field_data):
    data = formats.read(field_data / "res2dinv/res2dinv-dd.dat")
    step = np.diff(data.survey.electrodes.positions, axis=0)
    np.testing.assert_allclose(np.linalg.norm(step, axis=1), 3.0, rtol=1e-9)
    data = formats.read(field_data / "res2dinv/res2dinv-ga.dat")
    step = np.diff(data.survey.electrodes.positions, axis=0)
    np.testing.assert_allclose(np.linalg.norm(step, axis=1), 10.0, rtol=1e-9)


def test_errors_of_res2dinv_are_read(field_data):
    data = formats.read(field_data / "prime/primeFile.dat")
    np.testing.assert_allclose(data.resistance[:2], [-3.295345, -0.850158])
    np.testing.assert_allclose(data.standard_deviation[:2], [0.002494, 0.000236])


@pytest.mark.parametrize(
    ("binary", "text"),
    [
        ("syscal/syscal-bin.bin", "syscal/syscal-bin.csv"),
        ("syscal/pro/data_normal.bin", "syscal/pro/data_normal.txt"),
    ],
)
def test_binary_and_text_of_one_survey_agree(field_data, binary, text):
    text = formats.read(field_data / text)
    binary = formats.read(field_data / binary)[: len(text)]

    def places(data):
        return data.survey.electrodes.positions[data.survey.abmn]

    np.testing.assert_allclose(places(binary), places(text), atol=1e-6)
    np.testing.assert_allclose(binary.voltage, text.voltage, atol=5.1e-7)
    np.testing.assert_allclose(binary.current, text.current, atol=5.1e-7)
    np.testing.assert_allclose(binary.resistance, text.resistance, rtol=2e-2)
    np.testing.assert_allclose(binary.self_potential, text.self_potential, atol=5.1e-5)
    np.testing.assert_allclose(binary.time, text.time, atol=1.0)
    if text.decay is not None:
        np.testing.assert_allclose(binary.decay, text.decay, atol=5.1e-6)
        np.testing.assert_allclose(binary.chargeability, text.chargeability, atol=5.1e-6)


def test_foreign_records_are_marked(field_data):
    data = formats.read(field_data / "syscal/bad/data_normal.bin")
    assert data.origin.rows[~data.valid].tolist() == [1, 327, 328]
    assert all("another survey" in data.reasons[i] for i in np.flatnonzero(~data.valid))


def test_long_electrodes_keep_the_factor_of_the_file(field_data):
    data = formats.read(field_data / "timelapse/steelcase/muellrose-2013-06-15.dat")
    np.testing.assert_allclose(data.resistance, data.apparent_resistivity / data.geometric_factor)
    assert any("long electrodes" in r.what for r in data.report if r.kind == "warning")
