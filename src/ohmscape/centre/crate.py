"""RO-Crate 1.1 and PROV-JSON of what an export holds."""

from collections.abc import Mapping
from typing import Any

CONTEXT = "https://w3id.org/ro/crate/1.1/context"
CONFORMS = {"@id": "https://w3id.org/ro/crate/1.1"}
PREFIX = "ohmscape"

Rows = Mapping[str, list[dict[str, Any]]]


def crate(rows: Rows, about: Mapping[str, Any]) -> dict[str, Any]:
    """Return ro-crate-metadata.json: what each object is called and belongs to.

    Parameters
    ----------
    rows : mapping
        Rows of each table.
    about : mapping
        Of the export: centre, at, scope.
    """
    names = _names(rows)
    objects = [
        {"@id": f"objects/{row['sha256']}", "@type": "File", "contentSize": str(row["size"]),
         "sha256": row["sha256"], "name": names.get(row["sha256"], row["sha256"])}
        for row in rows["object"]
    ]  # fmt: skip
    tables = [
        {"@id": f"catalogue/{name}.jsonl", "@type": "File", "encodingFormat": "application/jsonl",
         "name": f"rows of {name}"}
        for name in rows
    ]  # fmt: skip
    organisations = [
        {"@id": f"#{row['id']}", "@type": "Organization", "name": row["name"]}
        for row in rows["organisation"]
    ]
    actions = [
        {"@id": f"#{row['id']}", "@type": "CreateAction", "name": row["step"],
         "startTime": row["began"], "agent": row["author"],
         "instrument": {"@id": "#ohmscape"},
         "object": _refs(rows["run_input"], row["id"]),
         "result": _refs(rows["run_output"], row["id"])}
        for row in rows["run"]
    ]  # fmt: skip
    parts = [*objects, *tables]
    titles = ", ".join(row["name"] for row in rows["project"]) or "a centre"
    root = {
        "@id": "./", "@type": "Dataset", "name": titles, "datePublished": about["at"],
        "description": f"Geo-electrical data of {titles}, exported by Ohmscape",
        "license": "as agreed between the organisations",
        "hasPart": [{"@id": one["@id"]} for one in parts],
        "mentions": [{"@id": one["@id"]} for one in (*organisations, *actions)],
    }  # fmt: skip
    software = {"@id": "#ohmscape", "@type": "SoftwareApplication", "name": "Ohmscape",
                "version": about["ohmscape"]}  # fmt: skip
    descriptor = {"@id": "ro-crate-metadata.json", "@type": "CreativeWork",
                  "conformsTo": CONFORMS, "about": {"@id": "./"}}  # fmt: skip
    graph = [descriptor, root, software, *organisations, *actions, *parts]
    return {"@context": CONTEXT, "@graph": graph}


def provenance(rows: Rows) -> dict[str, Any]:
    """Return prov.json (W3C PROV-JSON): objects, what made them of what, and who did it."""

    def name(text: str) -> str:
        return f"{PREFIX}:{text}"

    authors = {row["author"] for table in ("version", "run") for row in rows[table]}
    derived = {
        f"_:d{i}": {"prov:generatedEntity": name(row["record_sha256"]),
                    "prov:usedEntity": name(row["raw_sha256"])}
        for i, row in enumerate(rows["version"])
    }  # fmt: skip
    used, made = (
        {
            f"_:{sign}{i}": {"prov:activity": name(row["run_id"]),
                             "prov:entity": name(row["sha256"]),
                             "prov:role": row["name"]}
            for i, row in enumerate(rows[table])
        }
        for sign, table in (("u", "run_input"), ("g", "run_output"))
    )  # fmt: skip
    return {
        "prefix": {PREFIX: "urn:ohmscape:", "prov": "http://www.w3.org/ns/prov#"},
        "entity": {name(row["sha256"]): {} for row in rows["object"]},
        "activity": {
            name(row["id"]): {"prov:startTime": row["began"], "ohmscape:step": row["step"],
                              "ohmscape:parameters": row["parameters"],
                              "ohmscape:version": row["ohmscape"]}
            for row in rows["run"]
        },
        "agent": {name(f"person/{author}"): {} for author in sorted(authors)},
        "used": used,
        "wasGeneratedBy": made,
        "wasDerivedFrom": derived,
        "wasAssociatedWith": {
            f"_:a{i}": {"prov:activity": name(row["id"]),
                        "prov:agent": name(f"person/{row['author']}")}
            for i, row in enumerate(rows["run"])
        },
    }  # fmt: skip


def _names(rows: Rows) -> dict[str, str]:
    names = {row["record_sha256"]: f"{row['filename']}: record" for row in rows["version"]}
    names |= {
        row["readings_sha256"]: f"{row['filename']}: readings"
        for row in rows["version"]
        if row["readings_sha256"]
    }
    names |= {row["sha256"]: row["name"] for row in rows["run_output"]}
    names |= {row["raw_sha256"]: row["filename"] for row in (*rows["rejected"], *rows["version"])}
    return names


def _refs(rows: list[dict[str, Any]], run_id: str) -> list[dict[str, str]]:
    return [{"@id": f"objects/{row['sha256']}"} for row in rows if row["run_id"] == run_id]
