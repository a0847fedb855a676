"""Public files of instruments: counts, values read off the files by eye, their own oracles."""

import hashlib

import numpy as np
import pytest

from ohmscape import formats

pytestmark = pytest.mark.realdata

#: file -> format, electrodes, readings, valid
FILES = {
    "sting/sting_2D_noIP.stg": ("sting", 32, 712, 712),
    "lippmann/Lippmann_1.tx0": ("lippmann", 40, 808, 808),
    "lippmann/Lippmann_De_CommaSep.tx0": ("lippmann", 100, 1617, 1617),
    "ares/ARESII.2dm": ("ares", 24, 247, 247),
    "das1/DAS-1_2D_DC.data": ("das1", 280, 960, 925),
    "das1/TD_500ms.Data": ("das1", 32, 513, 513),
    "das1/SIP2.Data": ("das1", 32, 204, 204),
    "prime/bgs-prime2.tab": ("prime", 16, 15, 0),
    "ohmpi/ohmpi.csv": ("ohmpi", 30, 128, 128),
    "electra/electraWenner.ele": ("electra", 24, 168, 168),
}


@pytest.mark.parametrize("name", FILES)
def test_counts_origin_and_cross_checks(field_data, name):
    path = field_data / name
    data = formats.read(path)
    found = (data.origin.format, len(data.survey.electrodes), len(data), int(data.valid.sum()))
    assert found == FILES[name]
    assert data.origin.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert np.all(np.diff(data.origin.rows) > 0)
    checks = [r for r in data.report if r.kind == "checked"]
    assert bool(checks) != ("SIP" in name)  # spectra state nothing twice
    for remark in checks:
        if name != "ohmpi/ohmpi.csv":  # its r is a mean of ratios
            assert remark.count == 0, remark.what


def places(data, i):
    return data.survey.electrodes.positions[data.survey.abmn[i], 0].tolist()


def test_sting_by_eye(field_data):
    data = formats.read(field_data / "sting/sting_2D_noIP.stg")
    assert places(data, 0) == [3.0, 0.0, 6.0, 9.0]
    np.testing.assert_allclose(data.resistance[23], -3.40418e-5)  # row 24, of 712: sign kept
    assert (data.resistance < 0).sum() == (data.apparent_resistivity < 0).sum() > 0
    np.testing.assert_allclose(data.current[0], 0.3)


def test_lippmann_by_eye(field_data):
    data = formats.read(field_data / "lippmann/Lippmann_De_CommaSep.tx0")
    assert places(data, -1) == [2.5, 49.0, 18.0, 33.5]  # 6 99 37 68, half a metre apart
    np.testing.assert_allclose(data.resistance[0], 0.2253035 / 0.005)
    np.testing.assert_allclose(data.phase[0], -0.181e-3)
    np.testing.assert_allclose(data.standard_deviation[-1], 1e-3 * data.resistance[-1])
    data = formats.read(field_data / "lippmann/Lippmann_1.tx0")
    np.testing.assert_allclose(data.apparent_resistivity[:2], [42.589, 51.311])
    assert data.time is None


def test_ares_by_eye(field_data):
    data = formats.read(field_data / "ares/ARESII.2dm")
    assert places(data, 0) == [0.5, 0.0, 1.0, 1.5]
    np.testing.assert_allclose(data.voltage[0], 2.045713)
    np.testing.assert_allclose(data.self_potential[1], -0.414)


def test_das1_by_eye(field_data):
    data = formats.read(field_data / "das1/DAS-1_2D_DC.data")
    np.testing.assert_allclose(data.resistance[0], 344.0836)
    np.testing.assert_allclose(data.apparent_resistivity[0], 3242.914)
    np.testing.assert_allclose(data.standard_deviation[0], 1.080994)
    assert np.isnan(data.resistance[28])
    assert "out of range" in data.reasons[28]
    assert len(np.unique(data.survey.electrodes.positions[:, 1])) > 10  # 3-D
    data = formats.read(field_data / "das1/TD_500ms.Data")
    np.testing.assert_allclose(data.decay[0, :2], [9.012171e-3, 6.935261e-3])
    np.testing.assert_allclose(data.decay_deviation[0, 0], 0.1114071e-3)
    np.testing.assert_allclose(data.gates.start[:2], [0.01, 0.03])
    data = formats.read(field_data / "das1/SIP2.Data")
    np.testing.assert_allclose(data.frequencies[[0, -1]], [225.0, 0.5])
    np.testing.assert_allclose(np.abs(data.impedance[0, 0]), 24.32907)
    np.testing.assert_allclose(np.angle(data.impedance[0, 0]), -0.2007874)
    np.testing.assert_allclose(data.resistance[-1], 2.699684)


def test_prime_ohmpi_and_electra_by_eye(field_data):
    data = formats.read(field_data / "prime/bgs-prime2.tab")
    np.testing.assert_allclose(data.standard_deviation[0], 0.363706 * 40133.8)  # 363.7 tenths of %
    assert "error 0x06" in data.reasons[6]
    data = formats.read(field_data / "ohmpi/ohmpi.csv")
    np.testing.assert_allclose(data.voltage[0], 2.834374972985606)
    np.testing.assert_allclose(data.standard_deviation[-1], 0.02222946520042160 * 110.5189497)
    data = formats.read(field_data / "electra/electraWenner.ele")
    np.testing.assert_allclose(data.resistance[0], 660.9 / 49.18)
    np.testing.assert_allclose(data.geometric_factor[0], np.pi)
