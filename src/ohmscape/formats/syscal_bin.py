"""IRIS Syscal binary files (.bin): a header of 1,029 bytes, then one record per reading.

Records are 248, 280, 296 or 304 bytes long, as the number MoreTMesure in each of them says.
Little-endian. Sources: IRIS Instruments' published MATLAB reader (J. Gance, 2019) for the order
of the fields, and the bytes of public files, of which k V/I agrees with their own rho_a.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ohmscape.core import Booleans, Column, Data, Electrodes, Floats, Integers, Remark
from ohmscape.formats._assemble import Draft, Fault, assemble
from ohmscape.formats._checks import listed
from ohmscape.formats._electrodes import array_codes, number_places
from ohmscape.formats._source import BINARY_LIMIT, Evidence, Format, Source
from ohmscape.formats._syscal import Measured, Places, far_as_remote, values_of

NAME = "syscal-bin"
VERSIONS = (0x80000002, 0x80000003, 0x80000004)
LIKE_PRO = (3, 4, 5, 8, 9, 11)  #: instruments whose records are these
OTHERS = {1: "Syscal R1", 2: "Syscal Kid", 6: "Elrec", 7: "Syscal Kid", 10: "Elrec"}
HEADER = 1029
COLE = 64_000 * 3 * 4  #: bytes of Cole-Cole fits before the records, from version 3 on
LENGTHS = {0: 248, 1: 280, 2: 296, 3: 304}
MOST_CHANGES = 10_000  #: changes of record length that a file may have
DAY = 86400.0
EPOCH = 25569.0  #: days from 1899-12-30 to 1970-01-01
OVERLOAD = 0x08

#: name, type, shape and offset in the record; type that it is kept in
FIELDS: list[tuple[str, str, tuple[int, ...], int, Any]] = [
    ("delay", "<f4", (), 8, float), ("kind", "<i2", (), 12, np.int16),
    ("places", "<f4", (3, 4), 16, np.float32), ("sp", "<f4", (), 64, float),
    ("vp", "<f4", (), 68, float), ("current", "<f4", (), 72, float),
    ("rho", "<f4", (), 76, float), ("m", "<f4", (), 80, float),
    ("deviation", "<f4", (), 84, float), ("width", "<f4", (20,), 88, np.float32),
    ("decay", "<f4", (20,), 168, float), ("flags", "u1", (), 249, np.uint8),
    ("name", "S12", (), 252, "S12"), ("stacks", "<f4", (), 272, float),
    ("vab", "<f4", (), 280, float), ("days", "<f8", (), 296, float),
]  # fmt: skip
OFFSETS = {name: at for name, _, _, at, _ in FIELDS}
AT_ONCE = 1024  #: records whose fields are taken apart together: they stay in the cache

COLUMNS = tuple(
    Column(*parts)
    for parts in (
        ("electrodes", "xA xB xM xN yA .. zN", "m", 16, "99999.99 or more is remote"),
        ("self_potential", "SP", "mV", 64, "x 0.001 to V"),
        ("voltage", "Vp", "mV", 68, "x 0.001 to V"),
        ("current", "In", "mA", 72, "x 0.001 to A"),
        ("apparent_resistivity", "Rho", "ohm m", 76),
        ("chargeability", "M", "mV/V", 80, "x 0.001 to V/V"),
        ("standard_deviation", "Q", "%", 84, "x 0.01 x |R| to ohm"),
        ("gates", "Tm", "ms", 88, "x 0.001 to s"),
        ("decay", "Mx", "mV/V", 168, "x 0.001 to V/V"),
        ("stacks", "Stack", "", 272),
        ("contact_resistance", "Vab", "V", 280, "/ In to ohm"),
        ("time", "Date", "days since 1899-12-30", 296, "instrument's clock, s since 1970-01-01"),
    )
)


Fields = dict[str, NDArray[Any]]  #: values of all records, by name


@dataclass(frozen=True, eq=False)
class Records:
    """All records, short ones with NaN and zeros for what they lack."""

    fields: Fields
    keys: list[bytes] | NDArray[np.uint8]
    remarks: tuple[Remark, ...]


def evidence(head: bytes, path: Path) -> Evidence:
    """Judge whether the head of a file is of this format."""
    del path
    if len(head) < 5 or int.from_bytes(head[:4], "little") not in VERSIONS:
        return Evidence(0.0, ("does not begin with a version of Syscal files",))
    version = int.from_bytes(head[:4], "little")
    score, reasons = 0.6, [f"version {version:#x}"]
    if head[4] in LIKE_PRO or head[4] in OTHERS:
        score, reasons = score + 0.2, [*reasons, f"instrument {head[4]}"]
    if len(head) >= HEADER + 4 and version == VERSIONS[0]:
        more = int.from_bytes(head[HEADER + 2 : HEADER + 4], "little")
        if more in LENGTHS:
            score, reasons = score + 0.2, [*reasons, "first record states its length"]
    return Evidence(score, tuple(reasons))


def read(source: Source) -> Data:
    """Return the data of a file.

    Raises
    ------
    FormatError, SurveyError
        The file cannot be read; says where and how to mend it.
    """
    records = _records(source)
    f, keys = records.fields, records.keys
    rows = np.arange(1, len(f["kind"]) + 1, dtype=np.int64)
    places, known = far_as_remote(f["places"].transpose(0, 2, 1))
    if not known.any():
        raise source.fault("no record has its electrodes", mend="download the file again")
    remarks = list(records.remarks)
    if not known.all():
        text = "record without its electrodes"
        remarks.append(Remark("refused", text, listed(rows, ~known), int((~known).sum())))
        f, rows, places = {name: f[name][known] for name in f}, rows[known], places[known]
        keys = [bytes(key) for key, ok in zip(keys, known, strict=True) if ok]
    values, gates, more = values_of(_measured(f, rows, places))
    positions, abmn = number_places(places, decimals=4)  # as single precision can tell
    faults, foreign = _faults(f, abmn, rows)
    return assemble(
        Draft(
            source=source,
            format=NAME,
            electrodes=Electrodes(positions),
            abmn=abmn,
            rows=rows,
            values=values,
            keys=keys,
            columns=COLUMNS,
            faults=faults,
            remarks=(*remarks, *foreign, *more),
            gates=gates,
            row_word="record",
        )
    )


def _records(source: Source) -> Records:
    content = source.content
    if len(content) < HEADER + LENGTHS[0]:
        raise source.fault(
            f"{len(content)} bytes are too few for a header and a record",
            mend="download the file again",
        )
    version, instrument = int.from_bytes(content[:4], "little"), content[4]
    if version not in VERSIONS:
        raise source.fault(f"version {version:#x} is not known", mend="export as text from Prosys")
    if instrument not in LIKE_PRO:
        word = OTHERS.get(instrument, "unknown")
        raise source.fault(
            f"files of instrument {instrument} ({word}) are not read", mend="export it as text"
        )
    extra = 4 if version >= VERSIONS[2] else 0
    buffer = np.frombuffer(content, dtype=np.uint8)
    start = _first_record(content, version, extra)
    runs, end = _runs(source, buffer, start, extra)
    remarks: tuple[Remark, ...] = ()
    if end < len(content):
        text = f"the last {len(content) - end} bytes are no whole record: truncated, not used"
        remarks = (Remark("warning", text, (), 1),)
    parts = [
        buffer[at : at + count * (length + extra)].reshape(count, length + extra)
        for at, count, length in runs
    ]
    fields = [_fields(raw, length) for raw, (_, _, length) in zip(parts, runs, strict=True)]
    whole = fields[0]
    keys: list[bytes] | NDArray[np.uint8] = parts[0]
    if len(runs) > 1:
        whole = {name: np.concatenate([f[name] for f in fields]) for name in whole}
        keys = [row.tobytes() for raw in parts for row in raw]
        text = f"record length changes {len(runs) - 1} times"
        remarks = (*remarks, Remark("kept", text, (), len(keys)))
    _check_kind(source, whole["kind"])
    return Records(whole, keys, remarks)


def _first_record(content: bytes, version: int, extra: int) -> int:
    """Return where the records begin: after the tables that newer versions put before them."""
    at = HEADER
    if version == VERSIONS[1] and _plausible(content, HEADER + COLE, extra):
        return HEADER + COLE
    if version >= VERSIONS[2]:
        for begin in (HEADER, HEADER + COLE):
            at = begin + 260
            count = int.from_bytes(content[at : at + 2], "little")
            at += 2
            for _ in range(count):
                at += 2 + int.from_bytes(content[at : at + 2], "little")
            if _plausible(content, at, extra):
                return at
    return HEADER


def _plausible(content: bytes, at: int, extra: int) -> bool:
    """Whether a record begins here."""
    more = int.from_bytes(content[at + 2 : at + 4], "little")
    if more not in LENGTHS or at + LENGTHS[more] + extra > len(content):
        return False
    return int.from_bytes(content[at + 12 : at + 14], "little") in (0, 1)


def _runs(
    source: Source, buffer: NDArray[np.uint8], start: int, extra: int
) -> tuple[list[tuple[int, int, int]], int]:
    """Return (offset, number, length) of runs of records of one length, and where they end."""
    runs: list[tuple[int, int, int]] = []
    at, number = start, 1
    while at + 4 <= len(buffer):
        more = int.from_bytes(buffer[at + 2 : at + 4].tobytes(), "little")
        if more not in LENGTHS or len(runs) > MOST_CHANGES:
            raise source.fault(
                f"record {number} at byte {at} states no length (MoreTMesure {more})",
                mend="the file is damaged there: download it again",
            )
        step = LENGTHS[more] + extra
        left = (len(buffer) - at) // step
        if left == 0:
            break
        count = _run_length(buffer[at : at + left * step].reshape(left, step)[:, 2:4], more)
        runs.append((at, count, LENGTHS[more]))
        at, number = at + count * step, number + count
    if not runs:
        raise source.fault("no whole record in the file", mend="download the file again")
    return runs, at


def _run_length(codes: NDArray[np.uint8], more: int) -> int:
    """Return how many rows in a row hold this number; looks ahead in growing steps."""
    done, step = 1, 64
    while done < len(codes):
        part = codes[done : done + step]
        other = (part[:, 0] != more) | (part[:, 1] != 0)
        if other.any():
            return done + int(np.argmax(other))
        done, step = done + len(part), step * 2
    return done


def _fields(raw: NDArray[np.uint8], length: int) -> Fields:
    n = len(raw)
    out: Fields = {
        name: (np.empty if at < length else np.zeros)((n, *shape), kept)
        for name, _, shape, at, kept in FIELDS
    }
    for name in ("stacks", "vab", "days"):
        if OFFSETS[name] >= length:
            out[name].fill(np.nan)
    held = [field for field in FIELDS if field[3] < length]
    layout = np.dtype(
        {
            "names": [name for name, *_ in held],
            "formats": [(kind, shape) for _, kind, shape, _, _ in held],
            "offsets": [at for _, _, _, at, _ in held],
            "itemsize": raw.shape[1],
        }
    )
    records = raw.reshape(-1).view(layout)
    copied = [name for name, *_ in held if name != "width"]
    for first in range(0, n, AT_ONCE):
        some = slice(first, first + AT_ONCE)
        for name in copied:
            out[name][some] = records[name][some]
    out["width"] = records["width"]  # most files have the same gates in all records
    return out


def _check_kind(source: Source, kind: NDArray[np.int16]) -> None:
    kid = kind == 0
    if kid.mean() > 0.5:
        raise source.fault(
            "records hold spacings instead of places (Syscal Kid)", mend="export it as text"
        )
    odd = ~kid & (kind != 1)
    if odd.mean() > 0.1:
        raise source.fault(
            f"record {int(np.argmax(odd)) + 1} is none: the file is damaged",
            mend="download the file again",
        )


def _measured(f: Fields, rows: Integers, places: Places) -> Measured:
    def column(name: str) -> Floats:
        values: Floats = f[name]
        finite = np.isfinite(values)
        return values if finite.all() else np.where(finite, values, np.nan)

    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        contact = column("vab") / (column("current") * 1e-3)
        time = (column("days") - EPOCH) * DAY
    time = np.where((time > 0.0) & (time < 200 * 365.25 * DAY), time, np.nan)
    return Measured(
        rows=rows,
        places=places,
        voltage_mv=column("vp"),
        current_ma=column("current"),
        rho=column("rho"),
        deviation_percent=column("deviation"),
        chargeability_mv_v=column("m"),
        decay_mv_v=column("decay"),
        width_ms=f["width"],
        delay_ms=column("delay"),
        potential_mv=column("sp"),
        stacks=column("stacks"),
        contact_ohm=contact,
        time=None if np.isnan(time).all() else time,
    )


def _faults(f: Fields, abmn: Integers, rows: Integers) -> tuple[tuple[Fault, ...], list[Remark]]:
    overload = (f["flags"] & OVERLOAD) != 0
    foreign, remarks = _foreign(f, abmn, rows)
    return ((overload, "overload, says the instrument"), *foreign), remarks


def _foreign(f: Fields, abmn: Integers, rows: Integers) -> tuple[list[Fault], list[Remark]]:
    """Find first and last records that a wrong download range took from another survey.

    Few records at an end, under another file name than their neighbours, that were measured
    more than a day apart from them or measure again what they measured.
    """
    n, names, days = len(rows), f["name"], f["days"]
    change = np.flatnonzero(names[1:] != names[:-1]) + 1
    faults: list[Fault] = []
    remarks: list[Remark] = []
    if not len(change):
        return [], []
    few = max(2, n // 50)
    for first, last, near in ((0, int(change[0]), int(change[0])), (int(change[-1]), n, 0)):
        if last - first > few or last - first >= n // 2:
            continue
        inside = np.zeros(n, dtype=np.bool_)
        inside[first:last] = True
        next_to = near if near else first - 1
        apart = abs(float(days[first] - days[next_to]))
        if not apart > 1.0 and not _measured_again(abmn, inside):
            continue
        name = bytes(names[first]).decode("latin-1")
        how = f"{apart:.1f} days from its neighbour" if apart > 1.0 else "it measures again"
        what = f"of another survey, it seems: file name {name!r}, {how}"
        faults.append((inside, what))
        text = f"{int(inside.sum())} records at one end of the file are {what}"
        remarks.append(Remark("warning", text, listed(rows, inside), int(inside.sum())))
    return faults, remarks


def _measured_again(abmn: Integers, inside: Booleans) -> bool:
    code = array_codes(abmn)
    return bool(np.isin(code[inside], code[~inside]).all())


FORMAT = Format(NAME, "IRIS Syscal binary", evidence, read, BINARY_LIMIT,
                carries=("IP", "3-D", "topography"))  # fmt: skip
