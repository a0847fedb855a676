"""What a writer does not list as lost comes back, to print precision."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ohmscape import formats
from ohmscape.formats._nominal import nominal_factor
from ohmscape.formats._write import WORDS
from tests.formats.exchange import places
from tests.formats.test_containers import NAMES, whole_data

TEXTS = [f.name for f in formats.writable() if f.name not in NAMES]
FLAT = ("res2dinv", "ubc-dcip2d")
moderate = st.floats(1e-6, 1e6).flatmap(lambda v: st.sampled_from([v, -v]))
#: what is said in other words than those of the field
OTHERWISE = {
    "voltage": "voltages that are not R I",
    "current": "without a current",
    "time": "parts of seconds",
    "apparent_resistivity": "had no apparent resistivity",
    "standard_deviation": "errors of the resistances",
    "phase": "phase: some", "chargeability": "chargeability: some", "decay": "decay: ",
}  # fmt: skip


def values(data, name):
    found = getattr(data, name)
    if name == "gates":
        return None if found is None else np.append(found.start, found.width)
    return found.points if name == "terrain" and found is not None else found


@pytest.mark.parametrize("name", TEXTS)
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_the_list_of_losses_is_true(tmp_path_factory, name, data):
    whole = data.draw(whole_data(moderate, spatial=name not in FLAT))
    k = nominal_factor(whole.survey.electrodes.positions, whole.survey.abmn,
                       np.ones(len(whole), dtype=bool))  # fmt: skip
    assume(whole.valid.any() and np.isfinite(k).all())
    if whole.contact_resistance is not None:
        assume(not (whole.contact_resistance < 0.0).any())
    path = tmp_path_factory.mktemp("lost") / "line.dat"
    said = " | ".join(formats.write(whole, path, format=name))
    back = formats.read(path, format=name)
    kept = whole if name == "bert" else whole[whole.valid]
    assert len(back) == len(kept)
    assert ("not valid" in said) == (not whole.valid.all())
    if not any(word in said for word in ("infinity", "reciprocals", "height")):
        np.testing.assert_allclose(places(back), places(kept), atol=2e-6)
    if "sign of R" not in said:
        np.testing.assert_allclose(back.resistance, kept.resistance, rtol=1e-9)
    if not any(word in said for word in ("infinity", "no reading uses")):
        assert len(back.survey.electrodes) == len(kept.survey.electrodes)
    for field, words in WORDS.items():
        mine, other = values(kept, field), values(back, field)
        missing = mine is None or (mine.dtype.kind == "f" and np.isnan(mine).all())
        if missing or words in said or OTHERWISE.get(field, words) in said:
            continue
        assert other is not None, f"{field} is neither there nor said to be lost: {said}"
        np.testing.assert_allclose(other, mine, rtol=1e-6, atol=1e-12, err_msg=field)
