"""A line on its ground and on the map: tables, rasters, GPS, tape."""

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine

from ohmscape.arrays.designs import wenner
from ohmscape.arrays.ground import line_of
from ohmscape.core import Data, Electrodes, Survey
from ohmscape.errors import FormatError, SurveyError
from ohmscape.joining.controls import read_controls, read_ground
from ohmscape.joining.coordinates import GPS, transformed
from ohmscape.joining.placing import localised, place
from ohmscape.joining.raster import heights

E0, N0 = 564_000.0, 5_709_000.0
MIDDLE = np.array([E0, N0])
SLOPE = np.array([0.25, -0.1])  # of the plane: metres up per metre east, north


def plane(xy):
    return 100.0 + (np.asarray(xy) - MIDDLE) @ SLOPE


def line(n=21, step=5.0, z=0.0, **more):
    x = step * np.arange(n)
    places = np.column_stack([x, 0 * x, np.broadcast_to(z, n)])
    return Data(Survey(Electrodes(places, **more), wenner(n)), np.ones(len(wenner(n))))


def positions(data):
    return data.survey.electrodes.positions


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def dem(path, *, cell=2.0, size=200, crs="EPSG:32632", driver="GTiff", function=plane, gap=None):
    """Write a raster whose cells hold the height at their centres; its middle is E0, N0."""
    left, top = E0 - 0.5 * size * cell, N0 + 0.5 * size * cell
    x = left + (np.arange(size) + 0.5) * cell
    y = top - (np.arange(size) + 0.5) * cell
    z = function(np.stack(np.meshgrid(x, y), axis=-1)).astype("float64")
    if gap is not None:
        z[gap] = -9999.0
    with rasterio.open(
        path, "w", driver=driver, width=size, height=size, count=1, dtype="float64", crs=crs,
        transform=Affine(cell, 0.0, left, 0.0, -cell, top), nodata=-9999.0,
    ) as out:  # fmt: skip
        out.write(z, 1)
    return path


# Heights along the line


def test_heights_from_a_table_and_the_ground_between(tmp_path):
    table = write(tmp_path / "z.csv", "distance;z\n0;100\n50;110,5\n52,5;108\n100;100\n")
    data = place(line(), ground=read_ground(table, line()))
    x, _, z = positions(data).T
    np.testing.assert_allclose(x, 5.0 * np.arange(21))
    np.testing.assert_allclose(z, np.interp(x, [0, 50, 52.5, 100], [100, 110.5, 108, 100]))
    found = line_of(data.survey.electrodes, data.terrain)
    assert not found.buried.any()
    np.testing.assert_allclose(np.interp(52.5, *found.surface.T), 108.0)


def test_tape_on_an_inclined_plane_by_three_kinds_of_table(tmp_path):
    rise, run = 3.0, 4.0  # 3-4-5
    for text in (
        "distance,z\n0,10\n80,70\n",
        "tape,z\n0,10\n100,70\n",
        "electrode,z\n1,10\n11,40\n21,70\n",
    ):
        table = write(tmp_path / "z.csv", text)
        data = place(line(), ground=read_ground(table, line(), along=True), along=True)
        x, _, z = positions(data).T
        np.testing.assert_allclose(x, 5.0 * np.arange(21) * run / 5.0, err_msg=text)
        np.testing.assert_allclose(z, 10.0 + 5.0 * np.arange(21) * rise / 5.0, err_msg=text)
        assert "20.00 less" in " ".join(r.what for r in data.report)


def test_buried_electrodes_keep_their_depth(tmp_path):
    places = [[x, 0.0, 0.0] for x in range(6)] + [[2.0, 0.0, -1.5], [2.0, 0.0, -3.0]]
    data = Data(Survey(Electrodes(places), wenner(6)), np.ones(len(wenner(6))))
    table = write(tmp_path / "z.csv", "distance,z\n0,50\n5,60\n")
    z = positions(place(data, ground=read_ground(table, data)))[:, 2]
    np.testing.assert_allclose(z[6:], [54.0 - 1.5, 54.0 - 3.0])
    np.testing.assert_allclose(z[:6], 50.0 + 2.0 * np.arange(6))


def test_electrodes_beyond_the_topography_are_named(tmp_path):
    table = write(tmp_path / "z.csv", "distance,z\n0,50\n90,60\n")
    data = place(line(), ground=read_ground(table, line()))
    (warning,) = [r.what for r in data.report if r.kind == "warning"]
    assert "2 electrodes lie beyond the topography" in warning
    assert "electrode 20, electrode 21" in warning


# Rasters


@pytest.mark.parametrize(("name", "driver"), [("a.tif", "GTiff"), ("a.asc", "AAIGrid")])
def test_a_plane_is_read_exactly_between_the_cells(tmp_path, name, driver):
    if driver == "AAIGrid":  # GDAL writes it from another raster only
        from rasterio.shutil import copy

        copy(dem(tmp_path / "a.tif"), tmp_path / name, driver=driver)
    else:
        dem(tmp_path / name)
    xy = np.random.default_rng(1).uniform(-190, 190, (50, 2)) + MIDDLE
    z, cell = heights(tmp_path / name, xy, [str(i) for i in range(50)])
    np.testing.assert_allclose(z, plane(xy), rtol=1e-6 if driver == "AAIGrid" else 1e-12)
    assert cell == pytest.approx(2.0)


def test_bilinear_errors_shrink_with_the_square_of_the_cell(tmp_path):
    def wave(xy):
        return 10.0 * np.sin((xy[..., 0] - E0) / 9.0) * np.cos((xy[..., 1] - N0) / 7.0)

    xy = np.random.default_rng(2).uniform(-90, 90, (500, 2)) + MIDDLE
    errors = []
    for cell in (2.0, 1.0):
        dem(tmp_path / "w.tif", cell=cell, size=int(200 / cell), function=wave)
        errors.append(
            np.sqrt(np.mean((heights(tmp_path / "w.tif", xy, [""] * 500)[0] - wave(xy)) ** 2))
        )
    assert np.log2(errors[0] / errors[1]) == pytest.approx(2.0, abs=0.15)


def test_a_raster_that_is_turned(tmp_path):
    c, d = 2.0 * np.cos(0.5), 2.0 * np.sin(0.5)
    j, i = np.meshgrid(np.arange(80) + 0.5, np.arange(60) + 0.5)
    x, y = E0 + c * j + d * i, N0 + d * j - c * i
    with rasterio.open(
        tmp_path / "t.tif", "w", driver="GTiff", width=80, height=60, count=1, dtype="float64",
        transform=Affine(c, d, E0, d, -c, N0),
    ) as out:  # fmt: skip
        out.write(plane(np.stack([x, y], axis=-1)), 1)
    xy = np.column_stack([x[20:40, 30].ravel() + 0.7, y[20:40, 30].ravel() - 0.4])
    np.testing.assert_allclose(heights(tmp_path / "t.tif", xy, [""] * 20)[0], plane(xy), rtol=1e-9)


def test_places_without_a_height_are_named(tmp_path):
    dem(tmp_path / "a.tif", gap=(slice(95, 105), slice(110, 112)))
    on = np.array([[E0 + 21.0, N0 + 0.3], [E0 - 30.0, N0]])
    with pytest.raises(SurveyError, match=r"a\.tif: pole where the raster has no height"):
        heights(tmp_path / "a.tif", on, ["pole", "tree"])
    with pytest.raises(SurveyError, match=r"tree outside of the raster.*x 563800 to 564200"):
        heights(tmp_path / "a.tif", on + np.array([[0.0, 40.0], [-300.0, 0.0]]), ["pole", "tree"])
    centre = np.array([[E0 + 19.0, N0 + 0.3]])  # of the last column before the gap
    z, _ = heights(tmp_path / "a.tif", centre, ["x"])
    np.testing.assert_allclose(z, plane(centre))


def test_places_in_another_system_than_the_raster(tmp_path):
    xy = np.random.default_rng(3).uniform(-150, 150, (20, 2)) + MIDDLE
    lonlat = transformed(np.column_stack([xy, np.zeros(20)]), "EPSG:32632", "EPSG:3035").points
    z, cell = heights(dem(tmp_path / "a.tif"), lonlat[:, :2], [""] * 20, crs="EPSG:3035")
    np.testing.assert_allclose(z, plane(xy), atol=1e-3)
    assert cell == pytest.approx(2.0, rel=0.01)


def test_rasters_that_are_none(tmp_path):
    write(tmp_path / "a.tif", "no raster")
    with pytest.raises(FormatError, match=r"a\.tif: is no raster that can be read"):
        heights(tmp_path / "a.tif", np.zeros((1, 2)), ["x"])
    write(tmp_path / "v.tif", '<VRTDataset rasterXSize="1" rasterYSize="1"></VRTDataset>')
    with pytest.raises(FormatError, match="no raster"):
        heights(tmp_path / "v.tif", np.zeros((1, 2)), ["x"])


# The map


def controls_of(tmp_path, text, data=None, crs=None):
    data = data or line()
    return read_controls(write(tmp_path / "gps.csv", text), data, crs)


def test_ends_of_the_line_and_a_raster(tmp_path):
    gps = controls_of(tmp_path, f"electrode,x,y\n1,{E0},{N0}\n21,{E0 + 60},{N0 + 80}\n")
    ground = read_ground(dem(tmp_path / "a.tif"), line())
    data = place(line(), controls=gps, ground=ground)
    want = np.column_stack([E0 + 3.0 * np.arange(21), N0 + 4.0 * np.arange(21)])
    np.testing.assert_allclose(positions(data)[:, :2], want)
    np.testing.assert_allclose(positions(data)[:, 2], plane(want))
    assert not line_of(data.survey.electrodes, data.terrain).buried.any()
    assert any("two control points only" in r.what for r in data.report)


def test_tape_over_a_slope_on_the_map(tmp_path):
    """100 m of tape up the slope of the plane reach less far on the map."""
    up = SLOPE / np.hypot(*SLOPE)
    steep = np.hypot(*SLOPE)
    run = 100.0 / np.hypot(1.0, steep)
    end = np.array([E0, N0]) + run * up
    gps = controls_of(tmp_path, f"tape,x,y\n0,{E0},{N0}\n100,{end[0]},{end[1]}\n")
    ground = read_ground(dem(tmp_path / "a.tif"), line())
    data = place(line(), controls=gps, ground=ground, along=True)
    step = np.linalg.norm(np.diff(positions(data), axis=0), axis=1)
    np.testing.assert_allclose(step, 5.0, rtol=1e-9)
    np.testing.assert_allclose(positions(data)[-1], [*end, plane(end)])


def test_gps_in_degrees_with_heights(tmp_path):
    true = np.array([[E0, N0, 200.0], [E0 + 50, N0, 205.0], [E0 + 100, N0, 200.0]])
    lon, lat, h = transformed(true, "EPSG:32632", GPS).points.T
    rows = "\n".join(f"{e};{la:.10f};{lo:.10f};{z:.3f}" for e, la, lo, z in
                     zip((1, 11, 21), lat, lon, h, strict=True))  # fmt: skip
    gps = controls_of(tmp_path, f"electrode;lat;lon;h\n{rows}\n")
    assert gps.crs == "EPSG:32632"
    data = place(line(), controls=gps)
    np.testing.assert_allclose(positions(data)[[0, 10, 20]], true, atol=1e-3)
    np.testing.assert_allclose(positions(data)[5], [E0 + 25, N0, 202.5], atol=1e-3)
    said = " ".join(r.what for r in data.report)
    assert "EPSG:32632" in said
    assert "above the ellipsoid" in said
    assert "missed by 0.00 m" in said


def test_what_gps_is_worth_is_reported(tmp_path):
    gps = controls_of(tmp_path, "distance,x,y\n0,0,0\n50,50,1.5\n100,97,0\n")
    said = {r.kind: r.what for r in place(line(), controls=gps).report}
    assert "missed by 2.12 m" in said["checked"]  # (48.5, 0) instead of (50, 1.5)
    assert "between control points at 50 and 100 m the map has 47.02 m (-5.95%)" in said["warning"]


def test_line_coordinates_and_back(tmp_path):
    text = f"electrode,x,y\n1,{E0},{N0}\n8,{E0 + 28},{N0 + 21}\n21,{E0 + 90},{N0 + 41}\n"
    data = place(line(), controls=controls_of(tmp_path, text))
    back = localised(data, controls_of(tmp_path, text))
    np.testing.assert_allclose(positions(back)[:, 0], 5.0 * np.arange(21), atol=1e-6)
    np.testing.assert_allclose(positions(back)[:, 1], 0.0, atol=1e-6)
    alone = localised(data)
    step = np.hypot(*np.diff(positions(data)[:, :2], axis=0).T)
    np.testing.assert_allclose(np.diff(positions(alone)[:, 0]), step, rtol=1e-3)


def test_points_of_the_map_for_an_area_and_for_a_line(tmp_path):
    grid = np.array([[x, y] for x in range(0, 101, 20) for y in range(0, 101, 20)], dtype=float)
    rows = "\n".join(f"{x},{y},{plane([x + E0, y + N0])}" for x, y in grid)
    table = write(tmp_path / "points.csv", f"x,y,z\n{rows}\n")
    x, y = np.meshgrid(np.arange(5.0, 95.0, 10.0), np.arange(5.0, 95.0, 10.0))
    places = np.column_stack([x.ravel(), y.ravel(), 0 * x.ravel()])
    area = Data(Survey(Electrodes(places), [[0, 1, 2, 3]]), np.ones(1))
    found = positions(place(area, ground=read_ground(table, area)))
    np.testing.assert_allclose(found[:, 2], plane(found[:, :2] + MIDDLE), rtol=1e-12)
    out = Data(Survey(Electrodes(places + np.array([20.0, 0, 0])), [[0, 1, 2, 3]]), np.ones(1))
    with pytest.raises(SurveyError, match=r"electrode 9, electrode 18.* outside of the points"):
        place(out, ground=read_ground(table, out))
    data = line()
    found = positions(place(data, ground=read_ground(table, data)))
    np.testing.assert_allclose(found[:, 2], plane(found[:, :2] + MIDDLE), atol=20 * 0.25)


# What is refused


def test_what_makes_no_sense_is_refused_with_a_way_out(tmp_path):
    with pytest.raises(SurveyError, match="give --gps, --topography or both"):
        place(line())
    gps = controls_of(tmp_path, "electrode,x,y\n1,0,0\n21,100,0\n")
    with pytest.raises(SurveyError, match="need a line in its own coordinates and its ground"):
        place(line(), controls=gps, along=True)
    with pytest.raises(SurveyError, match=r"no electrode '99'.*labels go from 1 to 21"):
        controls_of(tmp_path, "electrode,x,y\n1,0,0\n99,100,0\n")
    with pytest.raises(SurveyError, match="electrode 1 stands twice"):
        controls_of(tmp_path, "electrode,x,y\n1,0,0\n1,100,0\n")
    with pytest.raises(FormatError, match=r"line 3: x is 'abc'"):
        controls_of(tmp_path, "electrode,x,y\n1,0,0\n2,abc,0\n")
    with pytest.raises(FormatError, match=r"header names electrode, x .*electrode,x,y or"):
        controls_of(tmp_path, "electrode,x\n1,0\n")
    with pytest.raises(FormatError, match="is in ft"):
        controls_of(tmp_path, "electrode,x (ft),y (ft)\n1,0,0\n")
    with pytest.raises(SurveyError, match="outside of the raster"):
        place(line(), ground=read_ground(dem(tmp_path / "a.tif"), line()))
