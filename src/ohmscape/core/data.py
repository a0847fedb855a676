"""Readings with sign, unit, error and origin."""

from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import numpy as np

from ohmscape.core.survey import Survey
from ohmscape.core.types import Booleans, Complexes, Floats, Integers
from ohmscape.errors import SurveyError

DECAYS = ("decay", "decay_deviation")  #: fields with a column for each gate
SPECTRA = ("impedance", "modulus_deviation", "angle_deviation")  #: ... for each frequency


@dataclass(frozen=True)
class Column:
    """One column of a field file: what it holds here, what the file calls it, its unit."""

    name: str  #: field of `Data` it fills ("resistance", "a", ...), or "" where it is not used
    token: str  #: the file's own word
    unit: str  #: the file's unit, "" where it has none
    index: int  #: position in the row, from 1 (byte offset in binary records)
    note: str = ""  #: how it was converted, e.g. "x 0.001 to V"


@dataclass(frozen=True, eq=False)
class Origin:
    """Where readings come from: each value is traced by its file, row and column.

    Data joined from several files have `parts`, one for each, and `part` says for each reading
    which. Then `path` is only a name made of theirs, `sha256` the hash of their hashes and
    `columns` is empty: a part's own columns say what the numbers in its rows are.
    """

    path: Path
    sha256: str  #: of the file's bytes
    format: str  #: name of the reader
    rows: Integers  #: (n_data,) line number from 1 (record number in binary files)
    columns: tuple[Column, ...] = ()
    parts: tuple["Origin", ...] = ()  #: of data joined from several files; rows are kept above
    part: Integers | None = None  #: (n_data,) index into `parts`, None where there are none

    def file_of(self, reading: int) -> "Origin":
        """Return the one file that a reading comes from."""
        return self if self.part is None else self.parts[int(self.part[reading])]

    def __getitem__(self, rows: Integers) -> "Origin":
        """Return the origin of these readings only."""
        part = None if self.part is None else self.part[rows]
        return replace(self, rows=self.rows[rows], part=part)


@dataclass(frozen=True)
class Remark:
    """One line of a parse report: how many rows, and what was found there."""

    kind: str  #: "kept", "repaired", "refused", "warning" or "checked"
    what: str
    rows: tuple[int, ...] = ()  #: line or record numbers in the file
    count: int = 0


@dataclass(frozen=True, eq=False)
class Gates:
    """Time windows of a decay after the current is switched off."""

    start: Floats  #: (n_gates,) s
    width: Floats  #: (n_gates,) s


@dataclass(frozen=True, eq=False)
class Terrain:
    """The ground surface as points along a line.

    Parameters
    ----------
    points : array, shape (n, 3)
        x, y, z in m.
    """

    points: Floats


@dataclass(frozen=True, eq=False)
class Data:
    """Four-point readings of one survey. Optional arrays are None where the file has none.

    Resistances keep their sign. Errors that the file states are never overwritten, and the
    geometric factor and apparent resistivity that the file states stay apart from computed ones.
    A reading that cannot be used is kept with ``valid=False`` and a reason.
    """

    survey: Survey
    resistance: Floats  #: (n_data,) ohm, signed; NaN where the row has none
    standard_deviation: Floats | None = None  #: (n_data,) ohm, NaN where the row states none
    valid: Booleans = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))  #: (n_data,)
    reasons: tuple[str, ...] = ()  #: (n_data,) why a reading is not valid, "" where it is
    apparent_resistivity: Floats | None = None  #: (n_data,) ohm m, as the file states it
    geometric_factor: Floats | None = None  #: (n_data,) m, as the file states it
    phase: Floats | None = None  #: (n_data,) rad
    phase_deviation: Floats | None = None  #: (n_data,) rad, NaN where the row states none
    chargeability: Floats | None = None  #: (n_data,) V/V
    chargeability_deviation: Floats | None = None  #: (n_data,) V/V, NaN where not stated
    decay: Floats | None = None  #: (n_data, n_gates) V/V
    decay_deviation: Floats | None = None  #: (n_data, n_gates) V/V, NaN where not stated
    gates: Gates | None = None  #: of all decays; None where the file does not state their times
    frequencies: Floats | None = None  #: (n_frequencies,) Hz, of `impedance`
    impedance: Complexes | None = None  #: (n_data, n_frequencies) ohm, NaN where not measured
    modulus_deviation: Floats | None = None  #: (n_data, n_frequencies) ohm, of abs(impedance)
    angle_deviation: Floats | None = None  #: (n_data, n_frequencies) rad, of angle(impedance)
    current: Floats | None = None  #: (n_data,) A
    voltage: Floats | None = None  #: (n_data,) V
    self_potential: Floats | None = None  #: (n_data,) V
    stacks: Floats | None = None  #: (n_data,) number of stacked cycles
    contact_resistance: Floats | None = None  #: (n_data,) ohm, of the current circuit
    time: Floats | None = None  #: (n_data,) s since 1970-01-01
    numerical_error: Floats | None = None  #: (n_data,) ohm, of a simulated resistance, estimated
    terrain: Terrain | None = None  #: ground points beyond the electrodes
    origin: Origin | None = None
    report: tuple[Remark, ...] = ()

    def __post_init__(self) -> None:
        n = len(self.survey)
        if len(self.valid) == 0 and n:
            object.__setattr__(self, "valid", np.isfinite(self.resistance))
        if len(self.reasons) == 0 and n:
            missing = tuple("" if ok else "no resistance" for ok in self.valid)
            object.__setattr__(self, "reasons", missing)
        for name in PER_READING:
            values = getattr(self, name)
            if values is not None and len(values) != n:
                raise SurveyError(f"{len(values)} values of {name} for {n} readings")
        self._check_columns()

    def _check_columns(self) -> None:
        """Refuse decays and spectra whose columns are not those that gates and frequencies name."""
        for owner, width, names in (
            ("gates", None if self.gates is None else len(self.gates.start), DECAYS),
            ("frequencies", None if self.frequencies is None else len(self.frequencies), SPECTRA),
        ):
            for name in names:
                values = getattr(self, name)
                if values is None:
                    continue
                if values.ndim != 2 or width not in (None, values.shape[1]):
                    raise SurveyError(
                        f"{name} has shape {values.shape}, {owner} number {width}",
                        mend="give one column for each",
                    )

    def __len__(self) -> int:
        return len(self.survey)

    def __getitem__(self, rows: slice | Integers | Booleans) -> "Data":
        """Return these readings only; electrodes stay."""
        which = np.arange(len(self))[rows]
        parts: dict[str, object] = {"survey": self.survey[which]}
        for name in PER_READING:
            values = getattr(self, name)
            if values is not None:
                parts[name] = values[which]
        parts["reasons"] = tuple(self.reasons[i] for i in which)
        if self.origin is not None:
            parts["origin"] = self.origin[which]
        return replace(self, **parts)  # type: ignore[arg-type]

    def without(self, rows: Booleans, reason: str) -> "Data":
        """Return the same readings with those marked True no longer valid, for this reason."""
        hit = rows & self.valid
        reasons = tuple(reason if h else r for h, r in zip(hit, self.reasons, strict=True))
        return replace(self, valid=self.valid & ~hit, reasons=reasons)


#: fields of `Data` that hold one value (or row) per reading
PER_READING = tuple(
    f.name
    for f in fields(Data)
    if f.name not in ("survey", "reasons", "gates", "frequencies", "terrain", "origin", "report")
)
