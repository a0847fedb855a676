"""Taking a file in: its bytes first, then what they mean, read behind bars, then its version."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from ohmscape.centre import places
from ohmscape.centre.audit import note
from ohmscape.centre.catalogue import by_id, good_name, located
from ohmscape.centre.centre import Centre
from ohmscape.centre.database import reading, writing
from ohmscape.centre.datasets import Parsed, add_version, current, tag
from ohmscape.centre.facts import checked_facts
from ohmscape.centre.ids import new_id, now
from ohmscape.centre.jail import Limits
from ohmscape.centre.objects import Stored, copied
from ohmscape.centre.rows import give_back, hold, register
from ohmscape.centre.schema import CAMPAIGN, DATASET, REJECTED, SITE, VERSION
from ohmscape.errors import CentreError

LARGEST = 2 << 30  #: bytes of a file
LARGEST_RECORD = 64 << 20  #: bytes of what the child writes beside the readings


@dataclass(frozen=True)
class Ingested:
    """What became of a file."""

    sha256: str
    dataset_id: str = ""
    version_id: str = ""
    rejected_id: str = ""
    reason: str = ""  #: why it was rejected
    new: bool = True  #: False where the same bytes were there, and read the same


@dataclass(frozen=True)
class Offer:
    """A file as it is offered."""

    path: Path
    campaign: str  #: project/site/campaign
    name: str = ""  #: of the data set; the file's without its ending if empty
    format: str | None = None
    footprint: str = ""  #: GeoJSON, WGS 84
    tags: tuple[str, ...] = ()
    judge: bool = True  #: whether quality control says what it thinks; takes some seconds


def ingest(
    centre: Centre,
    author: str,
    offer: Offer,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> Ingested:
    """Take a file in. When this returns it is safe, with a version or as rejected.

    Parameters
    ----------
    centre : Centre
    author : str
    offer : Offer
    limits : Limits
        Of the process that reads it.

    Raises
    ------
    CentreError
        The file cannot be taken at all: no such campaign, no file, a name that no disk should see.
    """
    filename = safe_filename(offer.path.name)
    with reading(centre.engine) as connection:
        campaign_id = located(connection, offer.campaign).id
        by_id(connection, CAMPAIGN, campaign_id)
    footprint = places.checked(offer.footprint) if offer.footprint else None
    named = replace(offer, name=good_name(offer.name or Path(filename).stem))
    raw, leases = _kept(centre, offer.path)
    with tempfile.TemporaryDirectory(prefix="ohmscape-") as folder:
        out = _read_behind_bars(centre, raw, filename, Path(folder), offer, limits)
        if isinstance(out, str):
            return _reject(centre, author, campaign_id, filename, raw, out, leases)
        made = [p for p in (out / "record.json", out / "readings.parquet") if p.exists()]
        stored = {}
        for path in made:
            with path.open("rb") as stream:
                leases += hold(centre, [copied(stream).sha256])
            stored[path.name] = centre.objects.put(path)
        facts = checked_facts(_json(out / "facts.json"))
        judged = _json(out / "verdict.json") if (out / "verdict.json").exists() else {}
    parsed = Parsed(
        filename,
        raw,
        stored["record.json"],
        stored.get("readings.parquet"),
        facts,
        footprint,
        str(judged.get("word", ""))[:100],
    )
    return _accept(centre, author, campaign_id, named, parsed, leases)


def safe_filename(name: str) -> str:
    """Return a file's name if no disk, terminal or table can be hurt by it.

    Raises
    ------
    CentreError
        Empty, too long, hidden, with slashes, signs that do not print, or a formula.
    """
    good_name(name)
    bad = set('\\:*?"<>|') & set(name)
    if bad or name.startswith((".", "=", "+", "-", "@", "~")) or len(name.encode()) > 240:
        raise CentreError(
            f"{name[:80]!r} is no name for a file",
            mend="rename it: letters, digits, spaces, dots and dashes, 240 bytes at most",
        )
    return name


def _kept(centre: Centre, path: Path) -> tuple[Stored, list[str]]:
    """Store the bytes of a file, under a lease."""
    try:
        if path.is_symlink() or not path.is_file():
            raise CentreError("this is no file", where=str(path), mend="name a regular file")
        if path.stat().st_size > LARGEST:
            raise CentreError("the file is too big", where=str(path), mend="split it by survey")
        with path.open("rb") as stream:
            expected = copied(stream)
    except OSError as error:
        raise CentreError(f"cannot be read: {error.strerror}", where=str(path)) from error
    leases = hold(centre, [expected.sha256])
    stored = centre.objects.put(path)
    if stored != expected:
        raise CentreError("the file changes while it is read", where=str(path), mend="try again")
    return stored, leases


def _read_behind_bars(
    centre: Centre,
    raw: Stored,
    filename: str,
    folder: Path,
    offer: Offer,
    limits: Limits,
) -> Path | str:
    """Have a file read by a locked-up process; return what it wrote, or why it is rejected."""
    cell, out = folder / "in", folder / "out"
    cell.mkdir()
    out.mkdir()
    centre.objects.fetch(raw.sha256, cell / filename)
    told = {"file": str(cell / filename), "out": str(out), "format": offer.format,
            "judge": offer.judge, "limits": asdict(limits)}  # fmt: skip
    kept = {"PATH", "LANG", "SYSTEMROOT", "NUMBA_CACHE_DIR"}
    environment = {k: v for k, v in os.environ.items() if k in kept}
    environment |= {"HOME": str(out), "TMPDIR": str(out), "OPENBLAS_NUM_THREADS": "1",
                    "NUMBA_NUM_THREADS": "1", "ARROW_NUM_THREADS": "1"}  # fmt: skip
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "ohmscape.centre.parse", json.dumps(told)],
            cwd=out, env=environment, timeout=2.0 * limits.seconds, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        if (out / "facts.json").exists():
            return out  # it was read; only the verdict took too long
        return f"takes longer than {2.0 * limits.seconds:g} s to read"
    if done.returncode != 0 and not (out / "facts.json").exists():
        return _why(done, limits)
    if (out / "refused.json").exists():
        return str(_json(out / "refused.json").get("reason", "refused"))[:2000]
    return out


def _why(done: "subprocess.CompletedProcess[bytes]", limits: Limits) -> str:
    last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or [""]
    if "MemoryError" in last[0] or "std::bad_alloc" in last[0]:
        return f"needs more than {limits.memory / 2**20:.0f} MB of memory to read"
    if done.returncode < 0:
        return f"the process that read it was ended by signal {-done.returncode} (time, or size)"
    return f"the reader broke: {last[0][:500]}"


def _json(path: Path) -> dict[str, Any]:
    if path.stat().st_size > LARGEST_RECORD:
        raise CentreError("the record of a file is too big", mend="split the file by survey")
    told = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(told, dict):
        raise CentreError("the record of a file is none", mend="report this")
    return told


def _accept(
    centre: Centre, author: str, campaign_id: str, offer: Offer, parsed: Parsed,
    leases: Sequence[str],
) -> Ingested:  # fmt: skip
    with writing(centre.engine) as connection:
        mine = (DATASET.c.campaign_id == campaign_id) & (DATASET.c.name == offer.name)
        there = connection.execute(select(DATASET.c.id).where(mine)).scalar_one_or_none()
        last = current(connection, there) if there else None
        same = last is not None and (last.raw_sha256, last.record_sha256, last.footprint) == (
            parsed.raw.sha256, parsed.record.sha256, parsed.footprint,
        )  # fmt: skip
        if same and last is not None:
            version_id = last.id
        else:
            version_id = add_version(connection, author, campaign_id, offer.name, parsed)
        dataset_id = by_id(connection, VERSION, version_id).dataset_id
        tag(connection, author, dataset_id, offer.tags)
        give_back(connection, leases)
    return Ingested(parsed.raw.sha256, dataset_id, version_id, new=not same)


def _reject(
    centre: Centre, author: str, campaign_id: str, filename: str, raw: Stored, reason: str,
    leases: Sequence[str],
) -> Ingested:  # fmt: skip
    row = {
        "id": new_id("rejected"), "campaign_id": campaign_id, "filename": filename,
        "raw_sha256": raw.sha256, "reason": reason, "author": author, "at": now(),
    }  # fmt: skip
    with writing(centre.engine) as connection:
        register(connection, [raw])
        connection.execute(insert(REJECTED), row)
        site_id = by_id(connection, CAMPAIGN, campaign_id).site_id
        note(connection, by_id(connection, SITE, site_id).organisation_id, author, "file rejected",
             row["id"], **row)  # fmt: skip
        give_back(connection, leases)
    return Ingested(raw.sha256, rejected_id=row["id"], reason=reason)
