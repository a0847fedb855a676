"""GeoPackage, Parquet and netCDF: all of `Data` goes in, and all of it comes out."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ohmscape import formats
from ohmscape.core import Data, Electrodes, Gates, Survey, Terrain
from ohmscape.core.data import PER_READING
from ohmscape.errors import FormatError
from ohmscape.formats._fields import QUANTITIES
from tests.formats.exchange import fails, surveys, words
from tests.formats.test_write import full, line

NAMES = {"geopackage": ".gpkg", "gs": ".nc", "parquet": ".parquet"}
POSITIVE = ("standard_deviation", "phase_deviation", "chargeability_deviation", "decay_deviation",
            "modulus_deviation", "angle_deviation", "numerical_error")  # fmt: skip
SCALARS = [n for n in PER_READING if n not in ("resistance", "valid")]
GATED, SPECTRAL = ("decay", "decay_deviation"), ("modulus_deviation", "angle_deviation")
finite = st.floats(allow_nan=False, allow_infinity=False, width=64)


@st.composite
def whole_data(draw, numbers_of=finite, *, spatial=True):
    """Readings with any of the fields that `Data` has, and gaps in them."""
    plain = draw(surveys(error=False, spatial=spatial))
    n, near = len(plain), len(plain.survey.electrodes)
    names = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6),
                     min_size=near, max_size=near)  # fmt: skip
    labels = draw(st.one_of(st.just(()), names))
    buried = draw(st.one_of(st.none(), st.lists(st.booleans(), min_size=near, max_size=near)))
    electrodes = Electrodes(plain.survey.electrodes.positions, labels, buried)
    gates, frequencies = draw(st.integers(0, 3)), draw(st.integers(0, 2))
    chosen = draw(st.sets(st.sampled_from(SCALARS)))
    more = {}
    for name in sorted(chosen):
        width = gates if name in GATED else frequencies if name in (*SPECTRAL, "impedance") else 1
        if not width:
            continue
        numbers = st.floats(1e-9, 1e9) if name in POSITIVE else numbers_of
        values = draw(st.lists(st.one_of(numbers, st.just(np.nan)), min_size=n * width,
                               max_size=n * width))  # fmt: skip
        array = np.array(values).reshape(n, width)
        if name == "impedance":
            more[name] = array * 1.0 + 1j * array[::-1]
        else:
            more[name] = array if name in (*GATED, *SPECTRAL) else array[:, 0]
    if "current" in more:
        more["current"] = np.where(more["current"] == 0.0, 1.0, more["current"])
    if not more.keys() & {"impedance"}:
        more = {k: v for k, v in more.items() if k not in SPECTRAL}
    if gates and draw(st.booleans()):
        more["gates"] = Gates(np.arange(gates) * 0.1, np.full(gates, 1 / 3))
    if "impedance" in more:
        more["frequencies"] = 10.0 ** np.arange(frequencies) / 3
    if draw(st.booleans()):
        more["terrain"] = Terrain(np.array([[-1e3, 1 / 3, 2.0], [1e3, 0.0, -1.0]]))
    data = Data(Survey(electrodes, plain.survey.abmn), plain.resistance, **more)
    out = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    return data.without(out, draw(st.sampled_from(["rain", "row 7: \u00e4\u4e2d"])))


def assert_equal(back, data):
    """Assert that each field is the same to the last bit."""
    for part in dataclasses.fields(Data):
        name = part.name
        if name in ("survey", "gates", "terrain", "origin", "report"):
            continue
        mine, other = getattr(data, name), getattr(back, name)
        assert (mine is None) == (other is None), name
        if mine is not None:
            np.testing.assert_array_equal(other, mine, err_msg=name)
    for part, names in (("gates", ("start", "width")), ("terrain", ("points",))):
        mine, other = getattr(data, part), getattr(back, part)
        assert (mine is None) == (other is None), part
        for name in names if mine is not None else ():
            np.testing.assert_array_equal(getattr(other, name), getattr(mine, name))
    mine, other = data.survey, back.survey
    np.testing.assert_array_equal(other.abmn, mine.abmn)
    np.testing.assert_array_equal(other.electrodes.positions, mine.electrodes.positions)
    assert other.electrodes.labels == mine.electrodes.labels
    assert (other.electrodes.buried is None) == (mine.electrodes.buried is None)
    if mine.electrodes.buried is not None:
        np.testing.assert_array_equal(other.electrodes.buried, mine.electrodes.buried)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40, deadline=None)
@given(data=whole_data())
def test_round_trip_to_the_last_bit(tmp_path_factory, name, data):
    path = tmp_path_factory.mktemp(name) / "line"
    assert formats.write(data, path, format=name) == ()
    back = formats.read(path)
    assert back.origin.format == name
    assert_equal(back, data)


def test_every_field_of_data_has_its_unit_and_meaning():
    known = set(QUANTITIES) - {"impedance_real", "impedance_imaginary"} | {"impedance", "valid"}
    assert known == set(PER_READING)


@pytest.mark.parametrize("name", NAMES)
def test_where_it_came_from_is_kept(tmp_path, name):
    formats.write(line(), tmp_path / "field.dat", format="bert")
    data = formats.read(tmp_path / "field.dat")
    formats.write(data, tmp_path / "a", format=name)
    kept = words(formats.read(tmp_path / "a"), "kept")
    for part in ("field.dat", "bert", data.origin.sha256):
        assert part in kept


@pytest.mark.parametrize("name", NAMES)
def test_content_decides_not_the_name_also_when_it_is_large(tmp_path, name):
    n = 20_000
    x = np.arange(n + 4.0)
    rows = np.arange(n)[:, None] + [0, 3, 1, 2]
    big = Data(Survey(Electrodes(np.column_stack([x, 0 * x])), rows), np.linspace(1, 2, n),
               decay=np.random.default_rng(1).random((n, 6)))  # fmt: skip
    formats.write(big, tmp_path / "a.dat", format=name)
    (best, evidence), *rest = formats.inspect(tmp_path / "a.dat")
    assert best.name == name
    assert evidence.score > max(e.score for _, e in rest) + 0.3
    assert_equal(formats.read(tmp_path / "a.dat"), big)


@pytest.mark.parametrize("name", NAMES)
def test_coordinate_system(tmp_path, name):
    pytest.importorskip("pyproj")
    formats.write(full(), tmp_path / "a", format=name, epsg=25832)
    assert "EPSG:25832" in words(formats.read(tmp_path / "a"), "kept")
    assert b"UTM zone 32N" in (tmp_path / "a").read_bytes()
    for code, why in ((4326, "not in metres"), (2264, "not in metres"), (999999, "no coordinate")):
        with pytest.raises(FormatError, match=f"EPSG:{code}.*{why}"):
            formats.write(full(), tmp_path / "b", format=name, epsg=code)
        assert not (tmp_path / "b").exists()


def test_a_format_that_knows_no_coordinate_system_says_so(tmp_path):
    notes = formats.write(line(), tmp_path / "a.dat", format="bert", epsg=25832)
    assert notes == ("coordinate system EPSG:25832",)


@pytest.mark.parametrize("name", NAMES)
def test_all_that_others_read_is_said_by_an_error(tmp_path, name):
    formats.write(full(), tmp_path / "whole", format=name)
    content = (tmp_path / "whole").read_bytes()
    for cut in (9, 100, len(content) // 2):
        (tmp_path / "cut").write_bytes(content[:cut])
        error = fails(tmp_path / "cut", ".", format=name)
        assert isinstance(error, FormatError)
        assert str(tmp_path / "cut") in error.where


def test_tables_of_others_are_refused_with_a_way_out(tmp_path):
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    pq.write_table(pa.table({"u": [1.0], "i": [0.1]}), tmp_path / "u.parquet")
    fails(tmp_path / "u.parquet", "names no electrodes.*map its columns")
    import sqlite3

    base = sqlite3.connect(tmp_path / "roads.gpkg")
    base.execute("CREATE TABLE gpkg_contents (table_name TEXT)")
    base.execute("PRAGMA application_id = 0x47504B47")
    base.commit()
    base.close()
    fails(tmp_path / "roads.gpkg", "no table electrodes.*name another file")
    h5netcdf = pytest.importorskip("h5netcdf")
    with h5netcdf.File(tmp_path / "aem.nc", "w") as file:
        file.create_group("survey/data/raw")
        file.attrs["x"] = np.bytes_(b"spatial_ref")
    fails(tmp_path / "aem.nc", "no group survey/data/readings")


def test_tables_that_grow_beyond_measure_are_refused(tmp_path):
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    table = pa.table({"a": pa.array(np.zeros(30_000_000, dtype=np.int32))})
    pq.write_table(table, tmp_path / "bomb.parquet")
    assert (tmp_path / "bomb.parquet").stat().st_size < 200_000
    fails(tmp_path / "bomb.parquet", "unpacks to 240 MB")
    h5py = pytest.importorskip("h5py")
    formats.write(full(), tmp_path / "bomb.nc", format="gs")
    with h5py.File(tmp_path / "bomb.nc", "r+") as file:
        group = file["survey/data/readings"]
        del group["phase"]
        group.create_dataset("phase", (10**12,), "f8", chunks=(10**6,), compression="gzip")
    fails(tmp_path / "bomb.nc", "phase unpacks to 8000000 MB")


def test_nothing_outside_the_file_is_looked_at(tmp_path):
    h5py = pytest.importorskip("h5py")
    formats.write(full(), tmp_path / "a.nc", format="gs")
    other = tmp_path / "other.nc"
    formats.write(full(), other, format="gs")
    secret = np.full(3, 7.0)
    secret.tofile(tmp_path / "secret.bin")

    def external(group):
        group["phase"] = h5py.ExternalLink(str(other), "survey/data/readings/phase")

    def soft(group):
        group["phase"] = h5py.SoftLink("/survey/data/readings/resistance")

    def storage(group):
        group.create_dataset("phase", (3,), "f8", external=[(str(tmp_path / "secret.bin"), 0, 24)])

    def virtual(group):
        layout = h5py.VirtualLayout((3,), "f8")
        layout[:] = h5py.VirtualSource(str(other), "survey/data/readings/phase", (3,))
        group.create_virtual_dataset("phase", layout)

    for change, what in ((external, "is a link"), (soft, "is a link"),
                         (storage, "in another file"), (virtual, "in another file")):  # fmt: skip
        path = tmp_path / f"{change.__name__}.nc"
        path.write_bytes((tmp_path / "a.nc").read_bytes())
        with h5py.File(path, "r+") as file:
            group = file["survey/data/readings"]
            del group["phase"]
            change(group)
        fails(path, what)


def test_a_value_in_another_unit_is_refused(tmp_path):
    h5py = pytest.importorskip("h5py")
    formats.write(full(), tmp_path / "a.nc", format="gs")
    with h5py.File(tmp_path / "a.nc", "r+") as file:
        file["survey/data/readings/voltage"].attrs["units"] = np.bytes_(b"mV")
    fails(tmp_path / "a.nc", "voltage is in 'mV'.*convert it to V")


def test_points_that_a_gis_moved_are_where_it_put_them(tmp_path):
    import sqlite3

    from ohmscape.formats._gpkg_layout import place_of, point

    formats.write(line(), tmp_path / "a.gpkg", format="geopackage")
    base = sqlite3.connect(tmp_path / "a.gpkg")
    moved = point(np.array([1.25, 2.5, 9.0]), -1)
    base.execute("UPDATE electrodes SET geom = ? WHERE fid = 2", (moved,))
    base.execute("UPDATE electrodes SET fid = 77 WHERE fid = 6")
    base.execute("UPDATE readings SET b = 77 WHERE b = 6")
    base.commit()
    base.close()
    back = formats.read(tmp_path / "a.gpkg")
    assert back.survey.electrodes.positions[1].tolist() == [1.25, 2.5, 9.0]
    np.testing.assert_array_equal(back.survey.abmn, line().survey.abmn)
    assert place_of(b"GP\0\1" + bytes(9)) is None
    big_endian = bytes.fromhex("0000000001") + np.array([3.0, 4.0], ">f8").tobytes()
    assert place_of(b"GP\0\0" + bytes(4) + big_endian)[:2] == (3.0, 4.0)


def test_profiles_are_the_lines_of_the_electrodes():
    from ohmscape.formats._gpkg_write import profiles_of

    x, y = np.meshgrid(np.arange(5.0), [0.0, 2.0])
    grid = np.column_stack([x.ravel(), y.ravel(), 0 * x.ravel()])
    assert [w.tolist() for w in profiles_of(grid)] == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]
    assert [w.tolist() for w in profiles_of(grid[[3, 1, 0]])] == [[2, 1, 0]]
    holes = np.array([[0.0, 0, -1], [0, 0, -2], [5, 0, -1], [5, 0, -3]])
    assert [w.tolist() for w in profiles_of(holes)] == [[0, 2]]
    assert profiles_of(grid[:1]) == []
    scattered = np.array([[0.0, 0, 0], [7, 3, 0], [2, 9, 0], [9, 8, 0]])
    assert profiles_of(scattered) == []
