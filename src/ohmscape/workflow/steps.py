"""Every operation as a named step with plain parameters: the only way in for the doors.

A step is a frozen dataclass of plain values; `run` does the work and returns a record of plain
values, ready for JSON.
"""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, ClassVar, Literal

from ohmscape.workflow.progress import Progress, Watch, silent


@dataclass(frozen=True)
class Inspect:
    """What is in a field file, and what is wrong with it."""

    name: ClassVar[str] = "inspect"
    file: Path
    format: str | None = None
    evidence: bool = False  #: say only what speaks for each format: also where none fits

    def run(self, watch: Watch = silent) -> dict[str, Any]:
        """Return the record of a file; see `ohmscape.workflow.inspection`."""
        from ohmscape.workflow.inspection import evidence_of, inspection

        watch(Progress("reading", str(self.file)))
        if self.evidence:
            return {"path": str(self.file), "evidence": evidence_of(self.file)}
        return inspection(self.file, self.format)


@dataclass(frozen=True)
class Invert:
    """From a field file to a section, written to a folder."""

    name: ClassVar[str] = "invert"
    file: Path
    out: Path
    format: str | None = None
    error: str | None = None  #: e.g. "3%+1mV"; the data's own if None
    lam: float | Literal["auto"] = "auto"
    robust: bool = False
    blocky: bool = False
    vertical_weight: float = 1.0
    depth: float | None = None  #: m
    bounds: tuple[float, float] | None = None  #: ohm m
    water_level: float | None = None  #: m
    water_resistivity: float | None = None  #: ohm m
    max_iterations: int = 20
    boreholes: Path | None = None  #: table of collars, see docs/joining.md
    interfaces: Path | None = None  #: table of known interfaces

    def run(self, watch: Watch = silent) -> dict[str, Any]:
        """Read, invert and write; return the record that is in result.json."""
        from ohmscape.workflow.inversion import invert_file

        return invert_file(self, watch)

    def options(self) -> dict[str, Any]:
        """Return the parameters that shape the result, defaults included."""
        return {
            f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("file", "out")
        }


@dataclass(frozen=True)
class Simulate:
    """Readings over a ground that is described in a few words, written as an instrument file."""

    name: ClassVar[str] = "simulate"
    out: Path
    electrodes: int = 48
    spacing: float = 1.0  #: m
    array: str = "dipole-dipole"
    max_n: int = 8  #: greatest distance of the dipoles, in their lengths
    reciprocals: bool = False
    background: float = 100.0  #: ohm m
    layers: tuple[tuple[float, float], ...] = ()  #: depth of the base in m, resistivity in ohm m
    blocks: tuple[tuple[float, ...], ...] = ()  #: x0, x1, z0, z1 in m, resistivity in ohm m
    topography: Path | None = None  #: text file of x z, in m
    noise: str | None = None  #: e.g. "3%+0.1mV"
    seed: int = 0

    def run(self, watch: Watch = silent) -> dict[str, Any]:
        """Simulate and write; return what was written."""
        from ohmscape.workflow.simulation import simulate_file

        return simulate_file(self, watch)


@dataclass(frozen=True)
class Demo:
    """A known earth measured, inverted and compared with the truth."""

    name: ClassVar[str] = "demo"
    out: Path
    seed: int = 1

    def run(self, watch: Watch = silent) -> dict[str, Any]:
        """Return what was found and how far it is from the truth."""
        from ohmscape.workflow.demo import demo

        return demo(self.out, self.seed, watch)


@dataclass(frozen=True)
class Qc:
    """Which readings of a field file to trust: a verdict, pictures and a cleaned copy."""

    name: ClassVar[str] = "qc"
    file: Path
    out: Path
    format: str | None = None
    rules: str = "standard"  #: name of a rule set, or a TOML file
    undo: tuple[str, ...] = ()  #: rules that judge, but are not to remove anything
    keep: tuple[int, ...] = ()  #: numbers of readings, from 1, that stay

    def run(self, watch: Watch = silent) -> dict[str, Any]:
        """Read, judge and write; return the record that is in qc.json."""
        from ohmscape.workflow.quality import check_file

        return check_file(self, watch)


@dataclass(frozen=True)
class MapColumns:
    """What the columns of a delimited text are, saved and tried on the text."""

    name: ClassVar[str] = "map"
    file: Path
    out: Path
    entries: dict[str, Any]  #: of the TOML file, see docs/formats/columns.md

    def run(self, watch: Watch = silent) -> dict[str, Any]:
        """Write the mapping, and read the text by it; return what was read."""
        from ohmscape.workflow.mapping import mapped

        watch(Progress("reading", str(self.file)))
        return mapped(self.file, self.out, self.entries)


@dataclass(frozen=True)
class Convert:
    """A field file written in another format."""

    name: ClassVar[str] = "convert"
    file: Path
    out: Path
    format: str | None = None
    to: str | None = None  #: format of `out`; by its ending if None
    epsg: int | None = None  #: coordinate system of the places
    force: bool = False  #: replace what is there

    def run(self, watch: Watch = silent) -> dict[str, Any]:
        """Read and write; return what was written and what is not in it."""
        from ohmscape.workflow.conversion import convert_file

        watch(Progress("reading", str(self.file)))
        return convert_file(self)


@dataclass(frozen=True)
class Merge:
    """Several field files as one data set: a roll-along, or lines of one survey."""

    name: ClassVar[str] = "merge"
    files: tuple[Path, ...]
    out: Path
    lines: Path | None = None  #: table of files and where their lines lie on the map
    step: float | None = None  #: m along x from each file's 0 to the next one's
    tolerance: float | None = None  #: m within which electrodes are one
    repeats: bool = False  #: allow files that measure the same arrays again
    to: str | None = None  #: format of `out`; by its ending if None
    force: bool = False  #: replace what is there

    def run(self, watch: Watch = silent) -> dict[str, Any]:
        """Read, merge and write; return what was written and what is not in it."""
        from ohmscape.workflow.joining import merge_files

        watch(Progress("reading", f"{len(self.files)} files"))
        return merge_files(self)


@dataclass(frozen=True)
class Place:
    """A line on its ground and on the map."""

    name: ClassVar[str] = "place"
    file: Path
    out: Path
    topography: Path | None = None  #: raster, or table of heights
    gps: Path | None = None  #: table of places of some electrodes
    crs: str | None = None  #: of the map, e.g. EPSG:25832
    distance: Literal["horizontal", "along"] = "horizontal"  #: what the file's distances are
    local: bool = False  #: the other way: from the map to distance and offset
    format: str | None = None
    to: str | None = None
    force: bool = False

    def run(self, watch: Watch = silent) -> dict[str, Any]:
        """Read, place and write; return what was written and how sure places are."""
        from ohmscape.workflow.joining import place_file

        watch(Progress("reading", str(self.file)))
        return place_file(self)


@dataclass(frozen=True)
class Edit:
    """Electrodes switched off, moved, renamed, and cables that were plugged in wrongly."""

    name: ClassVar[str] = "edit"
    file: Path
    out: Path
    off: tuple[str, ...] = ()  #: labels
    move: tuple[tuple[str, tuple[float, ...]], ...] = ()  #: label and x, z or x, y, z in m
    rename: tuple[tuple[str, str], ...] = ()  #: old and new label
    swap: tuple[tuple[str, str], ...] = ()  #: labels of two take-outs
    shift: tuple[tuple[int, str, str], ...] = ()  #: by how many, first and last label or ""
    turn: tuple[tuple[str, str], ...] = ()  #: first and last label of a cable, or ""
    format: str | None = None
    to: str | None = None
    force: bool = False

    def run(self, watch: Watch = silent) -> dict[str, Any]:
        """Read, edit and write; return what was done."""
        from ohmscape.workflow.joining import edit_file

        watch(Progress("reading", str(self.file)))
        return edit_file(self)


@dataclass(frozen=True)
class Pair:
    """A normal and a reciprocal file as one, with the error that each pair states."""

    name: ClassVar[str] = "pair"
    normal: Path
    reciprocal: Path
    out: Path
    average: bool = False  #: one reading for each pair
    tolerance: float | None = None  #: m within which electrodes are one
    to: str | None = None
    force: bool = False

    def run(self, watch: Watch = silent) -> dict[str, Any]:
        """Read, pair and write; return what was written and how well pairs agree."""
        from ohmscape.workflow.joining import pair_files

        watch(Progress("reading", f"{self.normal}, {self.reciprocal}"))
        return pair_files(self)


Step = Inspect | Invert | Simulate | Demo | Qc | MapColumns | Convert | Merge | Place | Edit | Pair

#: the steps by name
STEPS: dict[str, type[Step]] = {
    step.name: step
    for step in (Inspect, Invert, Simulate, Demo, Qc, MapColumns, Convert, Merge, Place, Edit, Pair)
}
