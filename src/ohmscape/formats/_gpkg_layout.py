"""The tables of a GeoPackage: what the standard asks for, and what ours hold.

Source: OGC GeoPackage Encoding Standard 1.3 (12-128r17), clauses 1 and 2.1 and annex C.
"""

import struct
from dataclasses import dataclass

import numpy as np

from ohmscape.core import Floats

APPLICATION = 0x47504B47  #: "GPKG"
USER_VERSION = 10300
CARTESIAN, GEOGRAPHIC = -1, 0  #: the standard's own codes where no system is known
POINT_Z, LINE_Z = 1001, 1002  #: ISO well-known binary
EWKB_Z = 0x80000000
ENVELOPES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}  #: bytes, by the flag

STANDARD = """
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY,
  organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL,
  definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL,
  identifier TEXT UNIQUE, description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL,
  m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
INSERT INTO gpkg_spatial_ref_sys VALUES
  ('Undefined cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined cartesian'),
  ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic'),
  ('WGS 84 geodetic', 4326, 'EPSG', 4326, 'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",'
   || '6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM['
   || '"Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG",'
   || '"9122"]],AUTHORITY["EPSG","4326"]]', 'longitude and latitude');
"""


@dataclass(frozen=True)
class Layer:
    """A table with its place in the contents: points or lines, or attributes only."""

    name: str
    columns: str  #: as SQL, after the primary key
    description: str
    geometry: str = ""  #: "POINT", "LINESTRING", or none


ELECTRODES = Layer("electrodes", "label TEXT, elevation DOUBLE, buried BOOLEAN",
                   "electrodes; fid is the number that readings name", "POINT")  # fmt: skip
PROFILES = Layer("profiles", "electrodes INTEGER, length DOUBLE",
                 "lines through the electrodes, from above", "LINESTRING")  # fmt: skip
TERRAIN = Layer("terrain", "elevation DOUBLE", "points of the ground", "POINT")
GATES = Layer("gates", "start_s DOUBLE, width_s DOUBLE", "time windows of the decays, fid in order")
FREQUENCIES = Layer("frequencies", "frequency_hz DOUBLE", "frequencies of the spectra, in order")
SOURCES = Layer("sources", "name TEXT, sha256 TEXT, format TEXT", "files the readings are from")
ABOUT = Layer("about", "key TEXT, value TEXT", "version of the layout, units of the columns")


def point(place: Floats, srs: int) -> bytes:
    """Return a point as GeoPackage binary."""
    head = struct.pack("<2sBBi", b"GP", 0, 1, srs)
    return head + struct.pack("<BI3d", 1, POINT_Z, *place.tolist())


def line(places: Floats, srs: int) -> bytes:
    """Return a line as GeoPackage binary, with the box around it."""
    low, high = places.min(axis=0), places.max(axis=0)
    box = struct.pack("<4d", low[0], high[0], low[1], high[1])
    head = struct.pack("<2sBBi", b"GP", 0, 3, srs) + box
    points = np.ascontiguousarray(places, dtype="<f8").tobytes()
    return head + struct.pack("<BII", 1, LINE_Z, len(places)) + points


def place_of(blob: object) -> tuple[float, float, float] | None:
    """Return x, y, z of a point (z NaN where it has none), None where it is no point."""
    if not isinstance(blob, bytes) or len(blob) < 8 or blob[:2] != b"GP":
        return None
    at = 8 + ENVELOPES.get((blob[3] >> 1) & 7, len(blob))
    if len(blob) < at + 5 or blob[at] not in (0, 1):
        return None
    order = "<" if blob[at] == 1 else ">"
    (kind,) = struct.unpack_from(f"{order}I", blob, at + 1)
    axes = {1: 2, POINT_Z: 3, EWKB_Z + 1: 3}.get(kind, 0)
    if not axes or len(blob) < at + 5 + 8 * axes:
        return None
    x, y, *rest = struct.unpack_from(f"{order}{axes}d", blob, at + 5)
    return x, y, rest[0] if rest else float("nan")
