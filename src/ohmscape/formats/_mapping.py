"""What the columns of a delimited text are: said in Python, or in a TOML file beside the text."""

import tomllib
from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from ohmscape.errors import FormatError
from ohmscape.formats._write import save

LENGTH = {"m": 1.0, "cm": 0.01, "mm": 1e-3, "km": 1e3, "ft": 0.3048}
NUMBER = {"": 1.0}
MILLI = 1e-3

#: quantity -> unit -> factor to SI; the first unit is meant if none is given and it is SI
UNITS: dict[str, dict[str, float]] = {
    **dict.fromkeys(("a", "b", "m", "n", "level", "stacks"), NUMBER),
    **{f"{axis}{e}": LENGTH for e in "abmn" for axis in "xyz"},
    "x": LENGTH, "spacing": LENGTH, "k": LENGTH,
    "r": {"ohm": 1.0, "mohm": MILLI, "kohm": 1e3},
    "rhoa": {"ohm m": 1.0, "ohm ft": 0.3048},
    "u": {"V": 1.0, "mV": MILLI, "uV": 1e-6},
    "i": {"A": 1.0, "mA": MILLI, "uA": 1e-6},
    "sp": {"V": 1.0, "mV": MILLI, "uV": 1e-6},
    "err": {"1": 1.0, "%": 0.01, "0.1%": 1e-3, "ohm": 1.0, "V": 1.0, "mV": MILLI, "uV": 1e-6},
    "phase": {"rad": 1.0, "mrad": MILLI, "deg": 0.017453292519943295},
    "phase_err": {"rad": 1.0, "mrad": MILLI, "deg": 0.017453292519943295},
    "ip": {"V/V": 1.0, "mV/V": MILLI, "%": 0.01},
    "ip_err": {"V/V": 1.0, "mV/V": MILLI, "%": 0.01},
    "decay": {"V/V": 1.0, "mV/V": MILLI, "%": 0.01},
    "decay_err": {"V/V": 1.0, "mV/V": MILLI, "%": 0.01},
    "contact": {"ohm": 1.0, "kohm": 1e3},
    "time": {"s": 1.0, "date": 1.0},
}  # fmt: skip
STATED = (
    "u",
    "i",
    "sp",
    "err",
    "phase",
    "phase_err",
    "ip",
    "ip_err",
    "decay",
    "decay_err",
    "contact",
    "time",
)  #: quantities whose unit must be given: too many are in use
MANY = ("decay", "decay_err")  #: quantities of several columns
DELIMITERS = {",": ",", ";": ";", "tab": "\t", "blank": None, "|": "|"}
ARRAYS = {
    "wenner": 1, "pole-pole": 2, "dipole-dipole": 3, "wenner-beta": 4, "wenner-gamma": 5,
    "pole-dipole": 6, "schlumberger": 7,
}  # fmt: skip
LOCATIONS = {"first": 0, "middle": 1}


@dataclass(frozen=True)
class Cell:
    """Where a quantity stands in a row.

    Parameters
    ----------
    column : int, str or tuple of them
        Number of the column from 1, or its name in the header; several for decays.
    unit : str
        One of `UNITS` for the quantity; "" is SI where only that is in use.
    """

    column: int | str | tuple[int | str, ...]
    unit: str = ""


@dataclass(frozen=True)
class Mapping:
    """How a delimited text is to be read.

    Parameters
    ----------
    columns : mapping of str to Cell
        By quantity: ``a b m n`` (numbers of electrodes) or ``xa ya za .. zn`` (places) or
        ``x spacing level`` (of an array by index), and what was measured: ``r u i rhoa k err phase
        phase_err ip ip_err decay decay_err sp stacks contact time``.
    delimiter : str
        ``","``, ``";"``, ``"tab"``, ``"|"`` or ``"blank"`` (any blanks).
    decimal : str
        ``"."`` or ``","``.
    header_rows : int
        Lines before the rows; names of columns stand in one of them.
    comment : str
        Lines that begin so are left out.
    missing : tuple of str
        Cells that say there is no value (besides "", -, nan, NA and the like).
    remote : tuple of float
        Numbers of electrodes, or coordinates in the file's unit, that mean "at infinity".
    spacing, first_x, first_number : float, float, int
        Numbered electrodes stand at first_x + spacing (number - first_number) along x, in m;
        without a spacing their places are in a list (`read(electrodes=...)`, ``elec.csv``).
    depth : bool
        z counts down.
    array, location : str
        Array by index: its name, and what x is: the ``first`` electrode or the ``middle``.
    gate_start, gate_width : tuple of float
        Of the columns of ``decay``, in s.
    """

    columns: Dictionary[str, Cell] = field(default_factory=dict)
    delimiter: str = ","
    decimal: str = "."
    header_rows: int = 0
    comment: str = ""
    missing: tuple[str, ...] = ()
    remote: tuple[float, ...] = ()
    spacing: float | None = None
    first_x: float = 0.0
    first_number: int = 1
    depth: bool = False
    array: str = ""
    location: str = "first"
    gate_start: tuple[float, ...] = ()
    gate_width: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        for problem, mend in _problems(self):
            raise FormatError(f"mapping: {problem}", mend=mend)


def _problems(m: Mapping) -> list[tuple[str, str]]:
    """Return what is wrong with a mapping, and how to mend it."""
    found = [
        (f"{name} is {value!r}", f"one of {', '.join(repr(k) for k in known)}")
        for name, value, known in (
            ("delimiter", m.delimiter, list(DELIMITERS)), ("decimal", m.decimal, [".", ","]),
            ("array", m.array, ["", *ARRAYS]), ("location", m.location, list(LOCATIONS)),
        ) if value not in known
    ]  # fmt: skip
    for name, cell in m.columns.items():
        if name not in UNITS:
            found.append((f"quantity {name!r} is not known", f"one of {', '.join(UNITS)}"))
            continue
        units = ", ".join(repr(u) for u in UNITS[name])
        if name in STATED and not cell.unit:
            found.append((f"{name} has no unit", f"give one of {units}"))
        elif cell.unit and cell.unit not in UNITS[name]:
            found.append((f"unit {cell.unit!r} of {name} is not known", f"one of {units}"))
        parts = cell.column if isinstance(cell.column, tuple) else (cell.column,)
        if len(parts) != 1 and name not in MANY:
            found.append((f"{name} has {len(parts)} columns", "give one"))
        if any(isinstance(p, int) and p < 1 for p in parts) or not parts:
            found.append((f"column of {name} is {cell.column!r}", "count from 1, or give a name"))
        if any(isinstance(p, str) for p in parts) and m.header_rows < 1:
            found.append((f"{name} is named, but there is no header", "set header_rows"))
    return found + _geometry(m)


def _geometry(m: Mapping) -> list[tuple[str, str]]:
    names, found = set(m.columns), []
    ways = [w for w, need in (("numbers", {"a", "m"}), ("places", {"xa", "xm"}),
                              ("an array", {"x", "spacing"})) if need <= names]  # fmt: skip
    if len(ways) != 1:
        what = " and ".join(ways) or "nothing"
        mend = "give a b m n, or xa xb xm xn, or x spacing level with an array"
        found.append((f"electrodes are given by {what}", mend))
    elif ways == ["an array"] and not m.array:
        found.append(("x and spacing without an array", f"array = one of {', '.join(ARRAYS)}"))
    if not names & {"r", "u", "rhoa", "phase", "ip", "decay", "sp"}:
        found.append(("nothing that was measured", "give r, or u and i, or rhoa"))
    if ("u" in names) != ("i" in names) and not names & {"r", "rhoa"}:
        found.append(("u without i, or i without u", "give both, or r"))
    decay = m.columns.get("decay")
    if m.gate_start or m.gate_width:
        n = len(decay.column) if decay and isinstance(decay.column, tuple) else int(bool(decay))
        if not len(m.gate_start) == len(m.gate_width) == n:
            found.append(("gate_start and gate_width do not fit decay", "one of each per column"))
    error = m.columns.get("err")
    if error and error.unit in ("V", "mV", "uV") and "i" not in names:
        found.append(("err is of the voltage, but there is no current", "give i"))
    return found


def beside(path: Path) -> Path | None:
    """Return the mapping file of a text, ``NAME.columns.toml``, None if there is none."""
    for name in (f"{path.stem}.columns.toml", f"{path.name}.columns.toml"):
        if (path.parent / name).is_file():
            return path.parent / name
    return None


def load_mapping(path: str | Path) -> Mapping:
    """Return the mapping in a TOML file.

    Raises
    ------
    FormatError
        No such file, no TOML, or a mapping that cannot be; names the entry.
    """
    place = Path(path)
    try:
        content = place.read_bytes()
        if len(content) > 1_000_000:
            raise FormatError("1 MB of mapping", where=str(place), mend="it is no mapping")
        entries = tomllib.loads(content.decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise FormatError(
            f"mapping cannot be read: {error}", where=str(place), mend="mend the TOML"
        ) from error
    try:
        return mapping_of(entries)
    except FormatError as error:
        raise FormatError(error.what, where=str(place), mend=error.mend) from error


def mapping_of(entries: dict[str, Any]) -> Mapping:
    """Return the mapping that the entries of a TOML file make.

    Raises
    ------
    FormatError
        An entry that is not known or cannot be.
    """
    return Mapping(**_entries(entries))


def _entries(entries: dict[str, Any]) -> dict[str, Any]:
    kinds = {f.name: f.type for f in fields(Mapping)}
    out: dict[str, Any] = {}
    for name, value in entries.items():
        if name not in kinds:
            raise FormatError(
                f"mapping: entry {name!r} is not known", mend=f"one of {', '.join(kinds)}"
            )
        out[name] = _columns(value) if name == "columns" else _plain(name, value)
    return out


def _columns(value: object) -> dict[str, Cell]:
    if not isinstance(value, dict):
        raise FormatError("mapping: columns is no table", mend="a = { column = 1 }, ...")
    out = {}
    for name, cell in value.items():
        entry = cell if isinstance(cell, dict) else {"column": cell}
        unknown = set(entry) - {"column", "unit"}
        column, unit = entry.get("column"), entry.get("unit", "")
        parts: list[Any] = column if isinstance(column, list) else [column]
        good = all(isinstance(p, (int, str)) and not isinstance(p, bool) for p in parts)
        if unknown or not good or not isinstance(unit, str):
            raise FormatError(
                f"mapping: columns.{name} is {entry!r}"[:200], mend='{ column = 1, unit = "mV" }'
            )
        out[name] = Cell(tuple(parts) if isinstance(column, list) else parts[0], unit)
    return out


def _plain(name: str, value: object) -> object:
    """Return an entry in the type of its field."""
    texts = {"delimiter", "decimal", "comment", "array", "location"}
    whole, numbers = {"header_rows", "first_number"}, {"spacing", "first_x"}
    real = isinstance(value, (int, float)) and not isinstance(value, bool)
    if name in texts and isinstance(value, str):
        return value
    if name == "depth" and isinstance(value, bool):
        return value
    if name in whole and isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if name in numbers and real and abs(float(str(value))) < 1e9:
        return float(str(value))
    if name == "missing" and isinstance(value, list) and all(isinstance(v, str) for v in value):
        return tuple(value)
    listed: list[Any] = value if isinstance(value, list) else [None]
    figures = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in listed)
    if name in ("remote", "gate_start", "gate_width") and figures:
        return tuple(float(v) for v in listed)
    raise FormatError(f"mapping: {name} is {value!r}"[:200], mend="see docs/formats/columns.md")


def write_mapping(mapping: Mapping, path: str | Path) -> None:
    """Write a mapping as TOML, which `load_mapping` gives back.

    Raises
    ------
    FormatError
        The file cannot be written.
    """
    lines = []
    for f in fields(Mapping):
        value = getattr(mapping, f.name)
        if f.name != "columns" and value != f.default:
            lines.append(f"{f.name} = {_toml(value)}")
    lines += ["", "[columns]"]
    for name, cell in mapping.columns.items():
        unit = f", unit = {_toml(cell.unit)}" if cell.unit else ""
        lines.append(f"{name} = {{ column = {_toml(cell.column)}{unit} }}")
    save(Path(path), "\n".join(lines) + "\n")


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = value.replace("\\", "\\\\").replace('"', '\\"')
        return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08X}" for c in text) + '"'
    if isinstance(value, Sequence):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    return repr(value)
