"""Damaged files of instruments end in data or in an error; other readers leave them alone."""

import random
import time

import numpy as np
import pytest

from ohmscape import formats
from ohmscape.errors import OhmscapeError
from tests.formats import instruments as make
from tests.formats.test_hostile import damage

IP = ",IP:,130, 1," + ",".join(["1.3E-03"] * 6) + ", 7.8E-03"
SAMPLES = {
    "sting": make.wenner_stg(30).encode(),
    "sting ip": make.wenner_stg(30, "feet", ip=IP).encode(),
    "lippmann": make.tx0(30).encode("latin-1"),
    "lippmann comma": make.tx0(30, comma=True).encode("latin-1"),
    "ares": make.ares(windows=(20, 40)).encode(),
    "das1 tdip": make.tdip().encode(),
    "das1 sip": make.sip(make.SIP_ROWS).encode(),
    "prime": make.prime(make.PRIME_ROWS).encode(),
    "ohmpi": make.ohmpi().encode(),
    "electra": make.electra(status={3: "D"}).encode(),
}
MUTATIONS = 200


@pytest.mark.parametrize("name", SAMPLES)
def test_damaged_files(tmp_path, name):
    dice = random.Random(name)
    path = tmp_path / "damaged.dat"
    read = 0
    start = time.perf_counter()
    for _ in range(MUTATIONS):
        path.write_bytes(damage(SAMPLES[name], dice))
        try:
            data = formats.read(path)
        except OhmscapeError as error:
            assert error.mend or error.where
            continue
        read += 1
        assert np.isfinite(data.resistance[data.valid]).all()
        assert all(bool(reason) != ok for reason, ok in zip(data.reasons, data.valid, strict=True))
    assert 0 < read < MUTATIONS
    assert time.perf_counter() - start < 60.0


@pytest.mark.parametrize("name", SAMPLES)
def test_one_format_claims_a_file_and_no_other_reads_it(written, name):
    path = written(SAMPLES[name])
    ranked = formats.inspect(path)
    assert ranked[0][0].name == name.split()[0]
    assert ranked[0][1].score > ranked[1][1].score + 0.3
    for found, _ in ranked[1:]:
        with pytest.raises(OhmscapeError):
            formats.read(path, format=found.name)
