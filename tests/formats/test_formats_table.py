"""The table in the docs says what the readers do with the public samples today."""

import pytest
from tools.formats_table import AGREE, CARRIES, HEAD, PAGE, WHY, samples, table, written

from ohmscape import formats


@pytest.mark.realdata
def test_the_table_is_current(field_data):
    said, found = written(PAGE.read_text(encoding="utf-8")), table(field_data)
    assert said.splitlines() == found.splitlines(), "run python -m tools.formats_table"


@pytest.mark.realdata
def test_what_a_file_states_twice_agrees_in_999_of_1000_readings_or_is_known(field_data):
    """... and every reading that does not is in the report."""
    checks = 0
    for path, data in samples(field_data):
        for remark in (r for r in data.report if r.kind == "checked"):
            said = AGREE.match(remark.what)
            off = int(said["all"]) - int(said["good"])
            assert len(remark.rows) == remark.count == off
            assert set(remark.rows) <= set(data.origin.rows.tolist())
            assert off <= 1e-3 * int(said["all"]) or any(part in str(path) for part, _ in WHY)
            checks += 1
    assert checks > 20


def test_the_table_knows_every_format_and_no_other():
    known = {f.name for f in formats.formats()}
    assert set(CARRIES) <= known
    rows = [line.split("|")[1].strip(" `") for line in
            written(PAGE.read_text(encoding="utf-8")).splitlines()[2:]]  # fmt: skip
    assert rows == sorted(rows)
    assert HEAD.splitlines()[0] in PAGE.read_text(encoding="utf-8")
