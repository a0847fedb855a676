"""Catalogues of any size, made by chance, without their objects: for search and its benchmark."""

import json
import math
import random

from sqlalchemy import insert

from ohmscape.centre.audit import begin_chain
from ohmscape.centre.places import bounds, geojson
from ohmscape.centre.schema import (
    CAMPAIGN,
    DATASET,
    ENTRY,
    OBJECT,
    ORGANISATION,
    PROJECT,
    SITE,
    STATES,
    TAG,
    VERSION,
)
from ohmscape.centre.words import words_of

AT = "2026-01-01T00:00:00.000000Z"
SHA = "0" * 64
WORDS = ("slag heap", "karst", "pond", "leak", "dam", "landfill", "fault", "tunnel", "钢厂", "rail",
         "pipe", "quarry", "brine", "ore", "coast", "hearth")  # fmt: skip
TAGS = ("cave", "leak", "monitoring", "3d", "borehole")
INSTRUMENTS = ("Syscal", "Terrameter", "SuperSting", "ARES", "DAS-1")
ARRAYS = ("wenner", "schlumberger", "dipole-dipole", "gradient", "mixed")
BATCH = 5_000


def fill(connection, count, seed=1, sites=20):
    """Insert data sets with one version each; return their entries, with tags."""
    chance = random.Random(seed)
    places = _above(connection, chance, sites)
    out = []
    for first in range(1, count + 1, BATCH):
        numbers = range(first, min(first + BATCH, count + 1))
        entries = [_entry(number, chance, places) for number in numbers]
        connection.execute(insert(DATASET), [
            {"number": e["number"], "id": f"dataset-{e['number']}", "at": AT,
             "campaign_id": e["campaign_id"], "name": e["name"]} for e in entries])  # fmt: skip
        connection.execute(insert(VERSION), [
            {"id": e["version_id"], "dataset_id": f"dataset-{e['number']}", "ordinal": 1,
             "filename": "f", "raw_sha256": SHA, "record_sha256": SHA, "readings_sha256": None,
             "format": "f", "facts": "{}", "footprint": None, "verdict": "", "author": "g",
             "at": AT} for e in entries])  # fmt: skip
        tags = [{"number": e["number"], "tag": t} for e in entries for t in e["tags"]]
        connection.execute(insert(ENTRY), [
            {k: v for k, v in e.items() if k != "tags"} for e in entries])  # fmt: skip
        if tags:
            connection.execute(insert(TAG), tags)
        out += entries if count <= 1_000 else []
    return out


def _above(connection, chance, sites):
    connection.execute(insert(OBJECT), {"sha256": SHA, "size": 0, "at": AT})
    places = []
    for i in range(3):
        connection.execute(insert(ORGANISATION), {"id": f"org-{i}", "name": f"o{i}", "kind": "",
                                                  "at": AT})  # fmt: skip
        begin_chain(connection, f"org-{i}")
        connection.execute(insert(PROJECT), {"id": f"project-{i}", "name": f"p{i}", "purpose": "",
                                             "at": AT})  # fmt: skip
    for i in range(sites):
        connection.execute(insert(SITE), {
            "id": f"site-{i}", "project_id": f"project-{i % 3}", "organisation_id": f"org-{i % 3}",
            "name": f"s{i}", "crs": "", "outline": None, "at": AT})  # fmt: skip
        connection.execute(insert(CAMPAIGN), {
            "id": f"campaign-{i}", "site_id": f"site-{i}", "name": "c", "purpose": "",
            "geometry": "", "instrument": "", "instrument_serial": "", "crew": "", "began": None,
            "ended": None, "at": AT})  # fmt: skip
        places.append((chance.uniform(-170, 170), chance.uniform(-60, 70)))
    return places


def _entry(number, chance, places):
    site = chance.randrange(len(places))
    lon, lat = (c + chance.gauss(0, 5.0) for c in places[site])
    lon, lat = max(-179, min(179, lon)), max(-88, min(88, lat))
    turn, size = chance.uniform(0, math.tau), chance.uniform(0.001, 0.01)
    line = geojson("LineString", [(lon, lat), (lon + size * math.cos(turn),
                                               lat + size * math.sin(turn))])  # fmt: skip
    west, south, east, north = bounds(line)
    began = chance.uniform(1.3e9, 1.8e9)
    return {
        "number": number, "version_id": f"version-{number}", "organisation_id": f"org-{site % 3}",
        "project_id": f"project-{site % 3}", "site_id": f"site-{site}",
        "campaign_id": f"campaign-{site}", "name": f"line {number}",
        "state": chance.choice(STATES), "method": chance.choice(("resistivity", "IP", "SP")),
        "instrument": chance.choice(INSTRUMENTS), "electrode_array": chance.choice(ARRAYS),
        "electrodes": 64, "readings": chance.randrange(100, 5000),
        "quality": round(chance.random(), 3), "verdict": "", "depth": chance.uniform(2, 120),
        "began": began, "ended": began + 7200.0, "footprint": json.loads(json.dumps(line)),
        "west": west, "south": south, "east": east, "north": north,
        "words": words_of(f"line {number}", *chance.sample(WORDS, 3)),
        "tags": chance.sample(TAGS, chance.randrange(3)),
    }  # fmt: skip
