"""Readers and files of other formats: one reader claims a file, all others refuse it in words."""

import pytest

from ohmscape import formats
from ohmscape.errors import FormatError, OhmscapeError, SurveyError
from tests.formats.seeds import seeds
from tests.formats.test_bert import OFFICIAL

NAMES = [f.name for f in formats.formats()]
CLAIMED = [seed for seed in seeds() if seed.claimed and seed.format != "columns"]
MARGIN = 0.2  #: between the score of the right format and the next
#: (seed, reader) of layouts that only their header tells apart: the user's word counts
ALIKE = {("e4d", "bert"), ("ubc flat", "ubc-dcip2d")}


@pytest.mark.parametrize("seed", CLAIMED, ids=lambda seed: seed.name)
def test_one_format_claims_a_file(written, seed):
    (best, evidence), (_, second), *_ = formats.inspect(written(seed.content))
    assert best.name == seed.format
    assert evidence.score > second.score + MARGIN


@pytest.mark.parametrize("seed", seeds(), ids=lambda seed: seed.name)
@pytest.mark.parametrize("wrong", NAMES)
def test_a_reader_forced_on_another_format_refuses_in_words(written, seed, wrong):
    if seed.format == wrong:
        return
    path = written(seed.content)
    if (seed.name, wrong) in ALIKE:
        report = formats.read(path, format=wrong).report
        assert any(remark.kind == "warning" or "format" in remark.what for remark in report)
        return
    with pytest.raises((FormatError, SurveyError)) as caught:
        formats.read(path, format=wrong)
    assert str(path) in caught.value.where
    assert caught.value.mend
    assert 10 < len(str(caught.value)) - len(str(path)) < 500


def test_a_row_of_a_million_values_does_not_fill_the_memory(written):
    text = OFFICIAL.replace("-0.5305165 99.9", "1 " * 1_000_000 + "99.9")
    with pytest.raises(OhmscapeError, match=r"line 12: .* values"):
        formats.read(written(text))
