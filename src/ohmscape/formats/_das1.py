"""The header of an MPT DAS-1 file: kind, places, map of columns, IP windows, frequencies."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ohmscape.core import Column, Floats, Remark
from ohmscape.formats._source import Source, quote
from ohmscape.formats._text import number, unreadable, whole

CABLE = 1000
FIRST_VALUE = 10  #: column of the first unit in brackets: the one after N
KINDS = {"ST": "time domain", "SF": "one frequency", "SJ": "several frequencies"}
UNIT = re.compile(r"\(([^()]{1,12})\)")
FREQUENCY = re.compile(r"Frequency = *([+\-.0-9eE]{1,20}) *Hz")
MOST_WINDOWS = 200


@dataclass(frozen=True, eq=False)
class Header:
    """All before the rows."""

    kind: str  #: ST, SF or SJ
    positions: Floats
    ids: list[int]  #: cable x 1000 + take-out of each electrode
    labels: list[str]
    columns: dict[str, int]  #: map of columns, from 1
    units: dict[int, str]  #: unit of a column, where the names of the table say it
    frequency: float
    frequencies: Floats  #: Hz
    chosen: int  #: index of the frequency whose resistance is the reading's
    windows: int
    window_unit: str  #: "mV/V" or "Ohms"
    gates: Floats | None  #: s
    delay: float  #: s
    first: int  #: index of the line after #data_start
    remarks: tuple[Remark, ...]


def header_of(source: Source, lines: Sequence[str]) -> Header:
    """Return the header.

    Raises
    ------
    FormatError
        Something that the rows cannot be read without is missing.
    """
    start = _line(source, lines, "#data_start")
    settings, columns = _settings(lines[:start])
    kind = next((key for key in KINDS if key in settings), "")
    if not kind:
        raise source.fault("no #ST, #SF or #SJ", line=1, mend="download the file again")
    names = [i for i in range(start, min(start + 8, len(lines))) if lines[i].startswith("!")]
    units = (
        {FIRST_VALUE + j: unit.strip() for j, unit in enumerate(UNIT.findall(lines[names[-1]]))}
        if names
        else {}
    )
    ids, positions = _electrodes(source, lines, columns)
    frequencies = np.array(
        [number(text) or np.nan for i in names for text in FREQUENCY.findall(lines[i])]
    )
    windows = _windows(source, kind, columns)
    unit = _window_unit(source, windows, columns, units, start)
    remarks = [Remark("kept", f"measured in {KINDS[kind]}")]
    positions, scaled = _scaled(source, settings, positions)
    gates, delay, timed = _gates(settings, windows)
    chosen = 0
    if kind == "SJ":
        chosen = _check_spectrum(source, columns, frequencies, start)
    return Header(
        kind, positions, ids, [f"{i // CABLE},{i % CABLE:02d}" for i in ids], columns, units,
        _setting(settings, "FFrequ"), frequencies, chosen, windows, unit, gates, delay,
        start + 1, (*remarks, *scaled, *timed),
    )  # fmt: skip


def _line(source: Source, lines: Sequence[str], begin: str) -> int:
    at = next((i for i, line in enumerate(lines) if line.startswith(begin)), None)
    if at is None:
        raise source.fault(f"no {begin}", line=len(lines), mend="download the file again")
    return at


def _settings(lines: Sequence[str]) -> tuple[dict[str, str], dict[str, int]]:
    settings: dict[str, str] = {}
    columns: dict[str, int] = {}
    for line in lines:
        if not line.startswith("#"):
            continue
        key, equals, value = line[1:].partition("=")
        if equals and (key.startswith(("data_", "elec_"))):
            first = value.replace(",", " ").split()
            column = whole(first[0]) if first else None
            if column is not None and abs(column) < 100_000:
                columns[key.strip()] = column
                for i, text in enumerate(first):
                    more = whole(text)
                    if more is not None:
                        columns[f"{key.strip()} {i}"] = more
            continue
        words = line[1:].split("!", 1)[0].split()
        if words:
            settings.setdefault(words[0], words[1] if len(words) > 1 else "")
    return settings, columns


def _setting(settings: dict[str, str], key: str) -> float:
    value = number(settings.get(key, "").strip('"'))
    return np.nan if value is None else value


def _electrodes(
    source: Source, lines: Sequence[str], columns: dict[str, int]
) -> tuple[list[int], Floats]:
    first = _line(source, lines, "#elec_start") + 1
    last = _line(source, lines, "#elec_end")
    at = {key: columns.get(f"elec_{key}_col", place)
          for key, place in (("cable", 1), ("id", 2), ("x", 3), ("y", 4), ("z", 5))}  # fmt: skip
    ids: list[int] = []
    places: list[list[float]] = []
    for i in range(first, last):
        if not lines[i].strip() or lines[i].startswith("!"):
            continue
        cells = lines[i].replace(",", " ").split()
        values: dict[str, float] = {}
        for key, column in at.items():
            cell = cells[column - 1] if 0 < column <= len(cells) else ""
            value = number(cell)
            if value is None or not np.isfinite(value):
                raise unreadable(source, cell, i + 1, max(column, 1))
            values[key] = value
        mine = round(values["cable"]) * CABLE + round(values["id"])
        if mine in ids:
            raise source.fault("electrode is listed twice", line=i + 1, mend="keep one")
        ids.append(mine)
        places.append([values["x"], values["y"], values["z"]])
    if not ids:
        raise source.fault("no electrodes after #elec_start", line=first, mend="download it again")
    return ids, np.array(places)


def _scaled(
    source: Source, settings: dict[str, str], positions: Floats
) -> tuple[Floats, list[Remark]]:
    factor = _setting(settings, "SXcale") if settings.get("SXcale") else 1.0
    if not np.isfinite(factor) or factor <= 0.0:
        raise source.fault(f"#SXcale is {quote(settings['SXcale'])}", mend="write 1.0")
    if factor == 1.0:
        return positions, []
    text = f"places multiplied by {factor:g}, as #SXcale says: are they in m now?"
    return positions * factor, [Remark("warning", text)]


def _windows(source: Source, kind: str, columns: dict[str, int]) -> int:
    if kind != "ST" or columns.get("data_ip_wind_col", -1) < 1:
        return 0
    count = columns.get("data_ip_wind_num", 1)
    if not 1 <= count <= MOST_WINDOWS:
        raise source.fault(f"{count} IP windows announced", mend="correct #data_ip_wind_num")
    for i in range(2, count + 1):
        if columns.get(f"data_ip_win{i}_col", -1) < 1:
            raise source.fault(f"no #data_ip_win{i}_col", mend="restore the map of columns")
    return count


def _window_unit(
    source: Source, windows: int, columns: dict[str, int], units: dict[int, str], line: int
) -> str:
    if not windows:
        return ""
    unit = units.get(columns["data_ip_wind_col"], "")
    if unit not in ("mV/V", "Ohms"):
        raise source.fault(
            f"unit of the IP windows is {quote(unit)}", line=line + 3,
            mend="restore the line of units above the rows: (mV/V) or (Ohms)",
        )  # fmt: skip
    return unit


def _gates(settings: dict[str, str], windows: int) -> tuple[Floats | None, float, list[Remark]]:
    if not windows:
        return None, 0.0, []
    width = np.array([_setting(settings, f"TW{i:02d}") for i in range(1, windows + 1)]) * 1e-3
    delay = _setting(settings, "TIPDly") * 1e-3
    if np.all(width > 0.0) and delay >= 0.0:
        return width, delay, []
    text = "header does not state delay and width of each IP window: decays have no times"
    return None, 0.0, [Remark("warning", text)]


def _check_spectrum(source: Source, columns: dict[str, int], frequencies: Floats, line: int) -> int:
    """Return which frequency is the reading's; the map must agree with the names."""
    count = columns.get("data_Num_Freq", len(frequencies))
    if count != len(frequencies) or not count or not np.all(frequencies > 0.0):
        raise source.fault(
            f"{count} frequencies announced, {len(frequencies)} named above the rows",
            line=line + 2, mend="restore the lines below #data_start",
        )  # fmt: skip
    phases = [columns.get(f"data_ip_wind_col {i}", 0) for i in range(count)]
    if phases != [FIRST_VALUE + 2 + 5 * i for i in range(count)]:
        raise source.fault(
            "columns of the phases are not every fifth", mend="restore #data_ip_wind_col"
        )
    chosen, rest = divmod(columns.get("data_res_col", 0) - FIRST_VALUE, 5)
    if rest or not 0 <= chosen < count:
        raise source.fault("#data_res_col is no amplitude", mend="restore #data_res_col")
    return chosen


def columns_in(header: Header) -> dict[str, int]:
    """Return the columns to read, from 0, by what they hold."""
    c = header.columns
    out: dict[str, int] = {}

    def add(name: str, column: int) -> None:
        if column > 0:
            out[name] = column - 1

    for name in "abmn":
        out[f"{name} cable"] = max(c.get(f"data_{name}_cable_col", 0), 1) - 1
        out[f"{name} electrode"] = max(c.get(f"data_{name}_elec_col", 0), 1) - 1
    add("resistance", c.get("data_res_col", FIRST_VALUE))
    out.setdefault("resistance", FIRST_VALUE - 1)
    if header.kind == "SJ":
        for i in range(len(header.frequencies)):
            first = FIRST_VALUE + 5 * i
            for j, name in enumerate(
                ("amplitude", "amplitude deviation", "phase", "phase deviation")
            ):
                add(f"{name} {i}", first + j)
        add("current", c.get("data_i_curr_col", -1))
        after = FIRST_VALUE + 5 * len(header.frequencies)
        add("contact", after if header.units.get(after) == "Ohms" else -1)
        return out
    add("deviation", c.get("data_std_res_col", -1))
    amplitude = c.get("data_amp_col", -1)
    if amplitude < 1:  # not in the map of some: the first one in V
        amplitude = next((j for j, u in header.units.items() if u == "Volts"), -1)
    add("amplitude", amplitude)
    add("current", c.get("data_i_curr_col", -1))
    add("contact", c.get("data_contact_r_col", -1))
    add("rhoa", next((j for j, u in header.units.items() if u == "Ohm-m"), -1))
    if header.kind == "SF":
        add("phase", c.get("data_ip_wind_col", -1))
    for i in range(header.windows):
        key, deviation = ("", "") if i == 0 else (f"win{i + 1}", f"{i + 1}")
        add(f"window {i}", c.get("data_ip_wind_col" if i == 0 else f"data_ip_{key}_col", -1))
        add(f"window deviation {i}", c.get(f"data_std_ip{deviation}_col", -1))
    return out


def traced(header: Header, wanted: dict[str, int]) -> tuple[Column, ...]:
    """Return what each column that is read holds."""
    ours = {"deviation": ("standard_deviation", "ohm", ""),
            "resistance": ("resistance", "ohm", ""), "amplitude": ("voltage", "V", ""),
            "current": ("current", "mA", "x 0.001 to A"),
            "contact": ("contact_resistance", "ohm", ""),
            "rhoa": ("apparent_resistivity", "ohm m", ""),
            "phase": ("phase", "mrad", "x 0.001 to rad")}  # fmt: skip
    window = "/ R to V/V" if header.window_unit == "Ohms" else "x 0.001 to V/V"
    columns = []
    for name, at in wanted.items():
        word = name.rstrip("0123456789 ")
        if word in ("window", "window deviation"):
            field = "decay" if word == "window" else "decay_deviation"
            parts = (field, header.window_unit, window)
        elif name != word:  # of one frequency
            fields = {"amplitude": ("impedance", "ohm", ""),
                      "amplitude deviation": ("modulus_deviation", "ohm", ""),
                      "phase": ("impedance", "mrad", "x 0.001 to rad"),
                      "phase deviation": ("angle_deviation", "mrad", "x 0.001 to rad")}  # fmt: skip
            parts = fields[word]
        else:
            parts = ours.get(name, (name[:1], "", "cable and take-out"))
        columns.append(Column(parts[0], name, parts[1], at + 1, parts[2]))
    return tuple(columns)
