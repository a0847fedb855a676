"""The table of formats in docs/formats/index.md, from the registry and a folder of field files.

``python -m tools.formats_table [folder]`` reads every file of the folder (OHMSCAPE_DATA, else
shared/data beside the checkout) and writes the table between its markers.
"""

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ohmscape.core import Data
from ohmscape.errors import FormatError
from ohmscape.formats import formats, inspect, read

PAGE = Path(__file__).parents[1] / "docs/formats/index.md"
FOLDER = Path(__file__).parents[2] / "shared/data"
BEGIN, END = "<!-- formats table: begin -->", "<!-- formats table: end -->"
HEAD = """| format | read | write | IP | 3-D | topography | samples | readings | cross-check |
|---|---|---|---|---|---|---|---|---|"""
AGREE = re.compile(r"(?P<what>.*) agree in (?P<good>\d+) of (?P<all>\d+) readings")
SHORT = {
    "V/I and the file's resistance": "V/I",
    "k x R and the file's apparent resistivity": "k R",
    "the file's k x R and the file's apparent resistivity": "k R",
    "the file's k and that of flat ground": "k",
    "sum of the IP gates and their total": "gates",
}  #: what a reader compares -> its name in the table

#: format -> what is read of it: all of it or not, IP, 3-D, topography (what no program can tell)
CARRIES = {
    "abem-amp": ("XYZ", "one or several windows", "yes", "points"),
    "abem-lund": ("yes", "no", "as numbers", "no"),
    "ares": ("yes", "gates with errors", "no", "no"),
    "bert": ("yes", "phase, chargeability, decay", "yes", "heights, points"),
    "columns": ("what the mapping says", "all", "yes", "by places or `elec.csv`"),
    "das1": ("time, one or several frequencies", "gates with errors, spectra", "yes", "heights"),
    "e4d": ("yes", "no", "yes", "heights"),
    "electra": ("two versions", "no", "yes", "heights"),
    "geopackage": ("made by Ohmscape", "all, spectra", "yes", "heights, points"),
    "gs": ("GS-DC", "all, spectra", "yes", "heights, points"),
    "parquet": ("made by Ohmscape", "all, spectra", "yes", "heights, points"),
    "gdd": ("as far as known", "decay", "lines", "no"),
    "lippmann": ("points, commas", "phase with its error", "yes", "heights"),
    "ohmpi": ("old and new names", "no", "`elec.csv`", "`elec.csv`"),
    "prime": ("yes", "phase with its error", "`elec.csv`", "`elec.csv`"),
    "r2": ("2-D, 3-D, IP", "phase", "yes", "`elec.csv`"),
    "res2dinv": ("1-8, 11-13; 9, 10, 15 if general", "phase, chargeability, gates", "no",
                 "flags 1, 2, rows"),
    "res3dinv": ("general, grid", "no", "yes", "refused"),
    "sting": ("yes", "six gates, total", "yes", "heights"),
    "syscal-bin": ("yes", "chargeability, gates", "yes", "heights"),
    "syscal-binx": ("recognised, refused", "", "", ""),
    "syscal-text": ("yes", "chargeability, gates", "yes", "heights"),
    "terrameter-db": ("yes", "gates without times", "yes", "heights"),
    "terrameter-txt": ("yes", "gates without times", "yes", "heights"),
    "ubc-dcip2d": ("general, surface, simple", "chargeability", "no", "heights in general"),
    "ubc-dcip3d": ("general, surface", "chargeability", "yes", "heights in general"),
}  # fmt: skip
UNKNOWN = ("yes", "see its page", "see its page", "see its page")
#: (part of a path, check) -> why the file contradicts itself
WHY = {
    ("steelcase", "k"): "long electrodes",
    ("ohmpi", "V/I"): "R is a mean of ratios",
}


@dataclass
class Tally:
    """What was found in the samples of one format."""

    samples: int = 0
    readings: int = 0
    good: dict[str, int] = field(default_factory=dict)
    total: dict[str, int] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)


def table(folder: Path) -> str:
    """Return the table as Markdown."""
    found: dict[str, Tally] = {}
    for path, data in samples(folder):
        name = data.origin.format if data.origin else ""
        _count(found.setdefault(name, Tally()), path.relative_to(folder), data)
    lines = [HEAD]
    for one in formats():
        whole, ip, spatial, topography = CARRIES.get(one.name, UNKNOWN)
        tally = found.get(one.name, Tally())
        lines.append("| " + " | ".join([
            f"`{one.name}`", whole, "yes" if one.write else "no", ip, spatial, topography,
            str(tally.samples or "made files"), f"{tally.readings:,}" if tally.samples else "",
            _checks(tally),
        ]) + " |")  # fmt: skip
    return "\n".join(lines)


def samples(folder: Path) -> Iterator[tuple[Path, Data]]:
    """Yield every file of a folder that a reader claims, with its data.

    Files that only number their electrodes and have no list beside them stand on a line here:
    nothing that the table says depends on it.
    """
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or not path.stat().st_size or not inspect(path)[0][1].enough:
            continue
        try:
            yield path, read(path)
        except FormatError as error:
            if "no positions" not in error.what:
                raise
            yield path, read(path, electrodes=[[float(i), 0.0] for i in range(1000)])


def _count(tally: Tally, path: Path, data: Data) -> None:
    tally.samples += 1
    tally.readings += len(data)
    for remark in data.report:
        said = AGREE.match(remark.what) if remark.kind == "checked" else None
        if said is None:
            continue
        what, good, all_ = (
            SHORT.get(said["what"], said["what"]),
            int(said["good"]),
            int(said["all"]),
        )
        tally.good[what] = tally.good.get(what, 0) + good
        tally.total[what] = tally.total.get(what, 0) + all_
        if good < all_:
            why = next((w for (part, check), w in WHY.items()
                        if part in str(path) and check == what), "?")  # fmt: skip
            tally.why[what] = why


def _checks(tally: Tally) -> str:
    if not tally.samples:
        return ""
    if not tally.total:
        return "nothing is stated twice"
    parts = []
    for what, total in tally.total.items():
        good = tally.good[what]
        parts.append(f"{what}: all {total:,}" if good == total else
                     f"{what}: {good:,} of {total:,} ({tally.why[what]})")  # fmt: skip
    return "; ".join(parts)


def written(page: str) -> str:
    """Return the table that a page holds."""
    return page[page.index(BEGIN) + len(BEGIN) : page.index(END)].strip()


def main() -> None:
    """Write the table into the page."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("OHMSCAPE_DATA", FOLDER))
    page = PAGE.read_text(encoding="utf-8")
    before, after = page[: page.index(BEGIN) + len(BEGIN)], page[page.index(END) :]
    PAGE.write_text(f"{before}\n{table(folder)}\n{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
