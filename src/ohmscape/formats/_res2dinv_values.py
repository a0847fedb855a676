"""What the values of a Res2DInv row are: rho_a or R, its error, IP with or without gates."""

from dataclasses import dataclass

import numpy as np

from ohmscape.core import Booleans, Column, Floats, Gates, Integers, Remark
from ohmscape.formats._assemble import Values
from ohmscape.formats._res2dinv_header import Header


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of readings, split into places and values."""

    lines: Integers  #: (n_data,) line numbers
    places: Floats  #: (n_data, 4, 3) m as stated, NaN where remote
    value: Floats  #: (n_data, n_values): rho_a or R, [error], IP columns, [their errors]
    short: Booleans  #: (n_data,) rows that lack values
    keys: Floats  #: all that the rows hold
    columns: tuple[Column, ...]
    remarks: tuple[Remark, ...]


def value_names(header: Header) -> list[str]:
    """Return what each value of a row is."""
    names = ["resistance" if header.resistance else "apparent_resistivity"]
    names += ["error"] if header.errors else []
    if header.polarisation is not None:
        names += ["ip"] * header.polarisation.columns
        names += ["ip error"] * (header.polarisation.columns if header.errors else 0)
    return names


def described(header: Header, before: int) -> list[Column]:
    """Return the columns of values, after `before` others."""
    out = []
    ip = header.polarisation
    for j, name in enumerate(value_names(header)):
        at = before + j + 1
        if name == "ip" and ip is not None:
            used = "decay" if len(ip.width) else ip.quantity
            out.append(Column(used, name, ip.unit, at, ip.note or f"x {ip.factor:g} to SI"))
        elif name == "ip error":
            used = "" if ip is None or not ip.quantity else f"{ip.quantity}_deviation"
            used = "decay_deviation" if used and ip is not None and len(ip.width) else used
            note = f"x {ip.factor:g} to SI" if used and ip is not None else "kept in the file only"
            out.append(Column(used, name, "" if ip is None else ip.unit, at, note))
        elif name == "error":
            note = "in the unit of the value; as a part of it x |R| to ohm"
            unit = "ohm" if header.resistance else "ohm m"
            out.append(Column("standard_deviation", name, unit, at, note))
        else:
            out.append(Column(name, name, "ohm" if header.resistance else "ohm m", at))
    return out


def values_of(header: Header, rows: Rows) -> tuple[Values, Gates | None, list[Remark]]:
    """Return the values in SI, the gates and what was noticed."""
    found: dict[str, Floats] = {}
    names = value_names(header)
    value = rows.value[:, 0]
    found[names[0]] = value
    if header.errors:
        with np.errstate(divide="ignore", invalid="ignore"):
            part = rows.value[:, 1] / np.abs(value)
        found["relative_error"] = np.where(np.isfinite(part), part, np.nan)
    ip, gates = header.polarisation, None
    if ip is None:
        return Values(**found), None, []
    notes = [Remark("kept" if ip.quantity else "warning", ip.note)] if ip.note else []
    first = names.index("ip")
    columns = rows.value[:, first : first + ip.columns] * ip.factor
    if header.errors and ip.quantity:
        after = rows.value[:, first + ip.columns : first + 2 * ip.columns] * ip.factor
        gated = len(ip.width) and ip.quantity == "chargeability"
        found["decay_deviation" if gated else f"{ip.quantity}_deviation"] = (
            after if gated else after[:, 0]
        )
    if len(ip.width) and ip.quantity == "chargeability":
        found["decay"], gates = columns, Gates(ip.start, ip.width)
        found["chargeability"] = (columns * ip.width).sum(axis=1) / ip.width.sum()
        notes.append(Remark("kept", "chargeability is the mean of the gates, weighted by width"))
    elif ip.quantity:
        found[ip.quantity] = columns[:, 0]
        if ip.quantity == "phase":
            notes.append(Remark("kept", "phase keeps the sign that the file gives it"))
    return Values(**found), gates, notes
