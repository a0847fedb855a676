"""What is wrong in one row stays in that row: an error names its line, or all others stay."""

import numpy as np
import pytest

from ohmscape import formats
from ohmscape.errors import FormatError, SurveyError
from tests.formats.seeds import seeds

TEXT = [s for s in seeds() if b"\0" not in s.content and not s.refused]
DAMAGE = {
    "words": lambda line: b"spam and eggs",
    "cut": lambda line: line[: len(line) // 2],
    "no digits": lambda line: line.translate(bytes.maketrans(b"0123456789", b"xxxxxxxxxx")),
    "gone": lambda line: b"",
    "doubled": lambda line: line + b"\n" + line,
}
LINES = ("gone", "doubled", "cut")  #: may show where the next part of the file is missed


def answers(data):
    """Return row -> resistance."""
    return dict(zip(data.origin.rows.tolist(), data.resistance.tolist(), strict=True))


@pytest.mark.parametrize("seed", TEXT, ids=lambda seed: seed.name)
@pytest.mark.parametrize("how", DAMAGE)
def test_damage_of_a_row_stays_in_the_row(tmp_path, seed, how):
    path = tmp_path / "field.dat"
    path.write_bytes(seed.content)
    options = {**seed.options, "format": seed.format}
    whole = answers(formats.read(path, **options))
    lines = seed.content.split(b"\n")
    for row in whole:
        damaged = DAMAGE[how](lines[row - 1])
        path.write_bytes(b"\n".join([*lines[: row - 1], damaged, *lines[row:]]))
        try:
            left = answers(formats.read(path, **options))
        except (FormatError, SurveyError) as error:
            assert error.mend
            assert str(path) in error.where
            counted = any(word in str(error) for word in ("announced", "holds", "ends", "count"))
            assert f"line {row}" in str(error) or counted or how in LINES, str(error)
            continue
        shift = {"gone": 0, "doubled": 1}.get(how, 0)
        for other, ohm in whole.items():
            if other != row:
                at = other + shift * (other > row)
                assert at in left, f"line {other} lost with line {row}"
                np.testing.assert_equal(left[at], ohm)


@pytest.mark.parametrize("seed", TEXT, ids=lambda seed: seed.name)
def test_a_file_that_ends_early_has_no_other_readings(tmp_path, seed):
    """Cut at each line end: an error, or the first of the same readings."""
    path = tmp_path / "field.dat"
    path.write_bytes(seed.content)
    options = {**seed.options, "format": seed.format}
    whole = answers(formats.read(path, **options))
    lines = seed.content.split(b"\n")
    for n in range(1, len(lines)):
        path.write_bytes(b"\n".join(lines[:n]) + b"\n")
        try:
            left = answers(formats.read(path, **options))
        except (FormatError, SurveyError) as error:
            assert error.mend
            continue
        assert all(repr(ohm) == repr(whole[row]) for row, ohm in left.items())
        assert max(left) <= n
