"""What the columns of a BERT file hold: values in SI, faults, and what is said of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ohmscape.core import Booleans, Column, Floats, Integers, Remark
from ohmscape.formats._assemble import Fault, Values
from ohmscape.formats._bert_tokens import DECAY, DECAY_DEVIATION, DEFAULT, Token
from ohmscape.formats._text import Table

#: columns that hold nothing where they hold only zeros
ZERO_IS_NOTHING = (
    "resistance", "apparent_resistivity", "geometric_factor", "relative_error", "absolute_error",
    "current", "voltage", "phase", "phase_deviation", "chargeability", "chargeability_deviation",
    "self_potential", "stacks",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Block:
    """The rows of readings."""

    table: Table
    lines: Integers  #: (n_data,) line numbers
    tokens: tuple[Token, ...]
    remarks: tuple[Remark, ...]
    end: int  #: index of the line after the rows


def values_of(block: Block, usable: Booleans) -> tuple[Values, dict[str, Remark]]:
    """Return what the columns hold, and remarks on columns that hold nothing."""
    found: dict[str, Floats] = {}
    notes: dict[str, Remark] = {}
    for j, column in enumerate(block.tokens):
        if column.quantity in ("", "a", "b", "m", "n", "valid"):
            if not column.quantity:
                text = f"column {column.word} is kept in the file only: no place for it in Data"
                notes[column.word] = Remark("warning", text)
            continue
        values = block.table.values[usable, j] * column.factor
        if column.quantity in ZERO_IS_NOTHING and not np.any(values[np.isfinite(values)]):
            text = f"column {column.word} holds only zeros: taken as not measured"
            notes[column.word] = Remark("kept", text)
            continue
        found[column.quantity] = values
    for name in (DECAY, DECAY_DEVIATION):
        windows = [q for q in found if q.startswith(f"{name} ")]
        if windows:
            windows.sort(key=lambda q: int(q.split()[1]))
            found[name] = np.column_stack([found.pop(q) for q in windows])
    if "decay" in found:
        text = "decays are kept without their times: the file does not state them"
        notes["gates"] = Remark("warning", text, (), len(found["decay"]))
    if "phase" in found:
        notes["ip"] = Remark("kept", "phase keeps the sign that the file gives it")
    error = found.get("relative_error")
    if error is not None and np.nanmedian(error) > 0.5:
        text = f"relative errors have a median of {np.nanmedian(error):.3g}: are they per cent?"
        notes["err"] = Remark("warning", text + " (then name the column err/%)")
    return Values(**found), notes


def columns_of(tokens: Sequence[Token], notes: dict[str, Remark]) -> list[Column]:
    """Return the columns of a row, with what was done to each."""
    columns = []
    for j, t in enumerate(tokens):
        name = {"relative_error": "standard_deviation", "absolute_error": "standard_deviation"}
        used = "" if t.word in notes else name.get(t.quantity, t.quantity.split(" ")[0])
        note = "" if t.factor == 1.0 else f"x {t.factor:g} to SI"
        if t.quantity == "relative_error":
            note = f"stated error: x {t.factor:g} x |R| to ohm"
        if t.word in notes:
            note = notes[t.word].what
        columns.append(
            Column(used, t.word, t.unit or DEFAULT.get(used or t.quantity, ""), j + 1, note)
        )
    return columns


def faults_of(block: Block, usable: Booleans) -> tuple[Fault, ...]:
    """Return rows that must not be used, and why."""
    short = (block.table.cells < len(block.tokens))[usable]
    faults: list[Fault] = [(short, "incomplete row")]
    for j, t in enumerate(block.tokens):
        if t.quantity == "valid":
            flag = block.table.values[usable, j]
            if np.any(flag[np.isfinite(flag)]):
                faults.append((flag == 0.0, "marked as not valid in the file"))
    return tuple(faults)
