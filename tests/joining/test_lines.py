"""Lines placed on the map as a whole."""

import numpy as np
import pytest

from ohmscape.core import Data, Electrodes, Survey, Terrain
from ohmscape.errors import FormatError
from ohmscape.joining.lines import Place, on_map, read_places

PLACES = np.array([[0.0, 0.0, 1.0], [10.0, 0.0, 2.0], [20.0, 3.0, 0.0], [30.0, 0.0, 0.0]])
LINE = Data(Survey(Electrodes(PLACES), [[0, 1, 2, 3]]), np.ones(1), terrain=Terrain(PLACES))


def places_of(data):
    return data.survey.electrodes.positions


@pytest.mark.parametrize(("azimuth", "ahead", "left"), [
    (0.0, [0, 1], [-1, 0]), (90.0, [1, 0], [0, 1]), (180.0, [0, -1], [1, 0]),
    (270.0, [-1, 0], [0, -1]), (30.0, [0.5, 0.75**0.5], [-(0.75**0.5), 0.5]),
])  # fmt: skip
def test_azimuth_is_from_north_clockwise_and_offsets_are_to_the_left(azimuth, ahead, left):
    data = on_map(LINE, Place(100.0, 200.0, np.radians(azimuth), 5.0))
    want = (
        np.outer([0, 10, 20, 30], ahead) + np.outer([0, 0, 3, 0], left) + np.array([100.0, 200.0])
    )
    np.testing.assert_allclose(places_of(data)[:, :2], want, atol=1e-12)
    np.testing.assert_allclose(places_of(data)[:, 2], PLACES[:, 2] + 5.0)
    np.testing.assert_allclose(data.terrain.points, places_of(data))


def test_distances_stay():
    data = on_map(LINE, Place(5e5, 5.7e6, 1.234))
    apart = np.linalg.norm(places_of(data)[:, None] - places_of(data)[None], axis=-1)
    np.testing.assert_allclose(
        apart, np.linalg.norm(PLACES[:, None] - PLACES[None], axis=-1), atol=1e-8
    )


def test_two_ends_give_the_azimuth_and_a_warning_if_they_do_not_fit(tmp_path):
    table = tmp_path / "lines.csv"
    table.write_text("file;x0;y0;x1;y1;z0\na.ohm;0;0;30;0;7\nb.ohm;0;0;0;25,5;0\n")
    (first, right), (_, short) = read_places(table)
    assert first == tmp_path / "a.ohm"
    np.testing.assert_allclose(places_of(on_map(LINE, right))[3], [30.0, 0.0, 7.0])
    assert not any(r.kind == "warning" for r in on_map(LINE, right).report)
    data = on_map(LINE, short)
    np.testing.assert_allclose(places_of(data)[3], [0.0, 30.0, 0.0], atol=1e-12)
    assert "span 30.00 m, the ends on the map 25.50 m apart" in data.report[-1].what


@pytest.mark.parametrize(("text", "what"), [
    ("file,x0,y0,x1,y1\na.ohm,1,1,1,1\n", "line 2: both ends of the line are one place"),
    ("file,x0,y0\na.ohm,1,1\n", "name file,x0,y0,azimuth or file,x0,y0,x1,y1"),
    ("file,x0,y0,azimuth\na.ohm,1,1,east\n", "line 2: azimuth is 'east'"),
    ("# nothing\n", "holds nothing"),
    ("file,x0,y0,azimuth\n", "no row below"),
    ("file,x0,x0,y0,azimuth\na,1,1,1,1\n", "names x0 twice"),
])  # fmt: skip
def test_tables_that_cannot_be_read(tmp_path, text, what):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(FormatError, match=what):
        read_places(tmp_path / "t.csv")
