"""MPT DAS-1 files (.Data): ``#key`` header, places, a map of columns, rows.

The map (``#data_res_col= 10``) counts columns from 1; a comma between cable and electrode
separates columns too. Measured in time domain (``#ST``), at one frequency (``#SF``) or at several
(``#SJ``). Source: public sample files.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ohmscape.core import Booleans, Data, Electrodes, Floats, Integers, Remark
from ohmscape.formats._assemble import Draft, Fault, Spectra, Values, assemble
from ohmscape.formats._das1 import Header, columns_in, header_of, traced
from ohmscape.formats._dates import seconds_of
from ohmscape.formats._delimited import columns_of, indices_of
from ohmscape.formats._gates import gates_after, mean_of_gates
from ohmscape.formats._source import Evidence, Format, Source
from ohmscape.formats._text import head_lines, lines_of, looks_like_text

NAME = "das1"
MESSAGE = re.compile(r"\* \*(.{1,60}?)\* \*")
STAMP = re.compile(r"\b([0-9]{4})([0-9]{2})([0-9]{2})_([0-9]{2})([0-9]{2})([0-9]{2})\b")
CABLE = 1000  #: an electrode's number is its cable times this plus its take-out
PER_FREQUENCY = 5  #: columns: amplitude, deviation, phase, deviation, current


def evidence(head: bytes, path: Path) -> Evidence:
    """Judge whether the head of a file is of this format."""
    del path
    if not looks_like_text(head):
        return Evidence(0.0, ("holds control characters",))
    lines = head_lines(head, 4000)
    begins = {line[:11].strip() for line in lines}
    score, reasons = 0.0, []
    if any("ERTLab" in line or "DAS-1" in line for line in lines[:5]):
        score, reasons = 0.3, ["written by ERTLab for DAS-1"]
    if "#elec_start" in begins:
        score, reasons = score + 0.3, [*reasons, "#elec_start"]
    if any(line.startswith("#data_res_col=") for line in lines):
        score, reasons = score + 0.4, [*reasons, "#data_res_col="]
    return Evidence(score, tuple(reasons) or ("no #elec_start and #data_res_col=",))


def read(source: Source) -> Data:
    """Return the data of a file.

    Raises
    ------
    FormatError, SurveyError
        The file cannot be read; says where and how to mend it.
    """
    lines = lines_of(source)
    header = header_of(source, lines)
    rows, numbers, said = _rows(source, lines, header)
    wanted = columns_in(header)
    cells, short = columns_of(
        source, rows, numbers.tolist(), list(wanted.values()), words=bool(said)
    )
    columns = {name: cells[:, i] for i, name in enumerate(wanted)}
    abmn = _abmn(source, header, columns, numbers)
    time = _time([lines[i - 1] for i in numbers.tolist()])
    spectra = _spectra(header, columns)
    values, notes = _values(header, columns, time, spectra)
    gates = None
    if header.gates is not None and values.decay is not None:
        gates = gates_after(header.delay, header.gates)
    return assemble(
        Draft(
            source=source,
            format=NAME,
            electrodes=Electrodes(header.positions, header.labels),
            abmn=abmn,
            rows=numbers,
            values=values,
            keys=rows,
            columns=traced(header, wanted),
            faults=_faults(said, values.resistance, short),
            remarks=(*header.remarks, *notes),
            gates=gates,
            spectra=spectra,
        )
    )


def _rows(
    source: Source, lines: Sequence[str], header: Header
) -> tuple[list[str], Integers, dict[int, str]]:
    """Return rows with blanks only between columns, and what the instrument says in some."""
    rows: list[str] = []
    numbers: list[int] = []
    said: dict[int, str] = {}
    ended = False
    for i in range(header.first, len(lines)):
        row = lines[i]
        if row.startswith("#data_end"):
            ended = True
            break
        if not row.strip() or row.startswith("!"):
            continue
        if "*" in row and (message := MESSAGE.search(row)):
            said[len(rows)] = message[1].strip()
            row = MESSAGE.sub(" - " * (PER_FREQUENCY if header.kind == "SJ" else 1), row)
        rows.append(row.replace(",", " "))
        numbers.append(i + 1)
    if not rows:
        raise source.fault("no rows after #data_start", line=len(lines), mend="download it again")
    if not ended:
        raise source.fault(
            "no #data_end: the file is cut", line=len(lines), mend="download it again, or add it"
        )
    return rows, np.array(numbers, dtype=np.int64), said


def _abmn(
    source: Source, header: Header, columns: dict[str, Floats], numbers: Integers
) -> Integers:
    ids = np.stack(
        [columns[f"{name} cable"] * CABLE + columns[f"{name} electrode"] for name in "abmn"], axis=1
    )
    missing = ~np.isfinite(ids).all(axis=1)
    if missing.any():
        raise source.fault(
            "row without its electrodes", line=int(numbers[int(np.argmax(missing))]),
            mend="restore the row",
        )  # fmt: skip
    ids[ids == 0.0] = np.nan  # 000,00 is no take-out: remote
    return indices_of(source, ids, header.ids, numbers.tolist(), 1)


def _time(rows: Sequence[str]) -> Floats | None:
    marks = (row.find("_") for row in rows)  # the ninth character of a stamp
    found = [STAMP.search(row, max(at - 8, 0)) if at >= 0 else None
             for row, at in zip(rows, marks, strict=True)]  # fmt: skip
    texts = [f"{m[1]}-{m[2]}-{m[3]} {m[4]}:{m[5]}:{m[6]}" if m is not None else "" for m in found]
    time, _ = seconds_of(texts)
    return time if np.isfinite(time).any() else None


def _spectra(header: Header, columns: dict[str, Floats]) -> Spectra | None:
    if header.kind != "SJ":
        return None
    count = range(len(header.frequencies))

    def stacked(name: str) -> Floats:
        return np.stack([columns[f"{name} {i}"] for i in count], axis=1)

    amplitude, phase = stacked("amplitude"), stacked("phase") * 1e-3
    return Spectra(
        header.frequencies,
        amplitude * np.exp(1j * phase),
        stacked("amplitude deviation"),
        np.abs(stacked("phase deviation")) * 1e-3,
    )


def _values(
    header: Header, columns: dict[str, Floats], time: Floats | None, spectra: Spectra | None
) -> tuple[Values, list[Remark]]:
    si: dict[str, Floats] = {"resistance": columns["resistance"]}
    for name, quantity, factor in (
        ("deviation", "absolute_error", 1.0), ("amplitude", "voltage", 1.0),
        ("current", "current", 1e-3), ("contact", "contact_resistance", 1.0),
        ("rhoa", "apparent_resistivity", 1.0),
    ):  # fmt: skip
        if name in columns:
            si[quantity] = columns[name] * factor
    if time is not None:
        si["time"] = time
    notes: list[Remark] = []
    if spectra is not None:
        mine = header.chosen
        si["phase"] = columns[f"phase {mine}"] * 1e-3
        si["phase_deviation"] = np.abs(columns[f"phase deviation {mine}"]) * 1e-3
        si["absolute_error"] = np.abs(columns[f"amplitude deviation {mine}"])
        text = (
            f"resistance and phase are those at {header.frequencies[mine]:g} Hz, all in impedance"
        )
        notes.append(Remark("kept", f"{text}; phase keeps the sign that the file gives it"))
    elif header.kind == "SF" and "phase" in columns:
        si["phase"] = columns["phase"] * 1e-3
        text = f"phase at {header.frequency:g} Hz keeps the sign that the file gives it"
        notes.append(Remark("kept", text))
    elif header.windows:
        decay = np.stack([columns[f"window {i}"] for i in range(header.windows)], axis=1)
        scale = _scale(header, columns["resistance"])
        si["decay"] = decay * scale
        names = [f"window deviation {i}" for i in range(header.windows)]
        if all(name in columns for name in names):
            si["decay_deviation"] = np.stack([columns[n] for n in names], axis=1) * np.abs(scale)
        si["chargeability"], mean = mean_of_gates(si["decay"], header.gates)
        text = f"IP windows are in {header.window_unit}"
        text += ", as the header says" + ("; divided by R" if header.window_unit == "Ohms" else "")
        notes += [Remark("kept", text), mean]
    return Values(**si), notes


def _scale(header: Header, resistance: Floats) -> Floats:
    """Return the factor that turns IP windows to V/V."""
    if header.window_unit != "Ohms":
        return np.full((len(resistance), 1), 1e-3)
    known = np.isfinite(resistance) & (resistance != 0.0)
    return np.where(known, 1.0 / np.where(known, resistance, 1.0), np.nan)[:, None]


def _faults(said: dict[int, str], resistance: Floats | None, short: Booleans) -> tuple[Fault, ...]:
    faults: dict[str, Booleans] = {}
    told = np.zeros(len(short), dtype=np.bool_)
    for i, what in said.items():
        told[i] = True
        if resistance is not None and np.isnan(resistance[i]):
            text = f"the instrument says {what!r}"
            faults.setdefault(text, np.zeros(len(short), dtype=np.bool_))[i] = True
    return (*((rows, what) for what, rows in faults.items()), (short & ~told, "incomplete row"))


FORMAT = Format(NAME, "MPT DAS-1: resistivity, time domain and spectral IP", evidence, read,
                carries=("IP", "3-D", "topography"))  # fmt: skip
