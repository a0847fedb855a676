"""From words on the command line to plain values; what is wrong is a usage error."""

from typing import Any

import typer

FORM = "expected {}, got {!r}"


def as_error(text: str) -> str:
    """Check a stated error, e.g. 3%+1mV."""
    from ohmscape.arrays.noise import parse_error
    from ohmscape.errors import OhmscapeError

    try:
        parse_error(text)
    except OhmscapeError as error:
        raise typer.BadParameter(str(error)) from None
    return text


def as_lam(text: Any) -> Any:
    """Read auto or a number above 0."""
    if text == "auto":
        return text
    (value,) = _numbers(text, 1, "auto or a number above 0")
    if not value > 0.0:
        raise typer.BadParameter(FORM.format("auto or a number above 0", text))
    return value


def as_bounds(text: str) -> tuple[float, float]:
    """Read LOW,HIGH in ohm m."""
    low, high = _numbers(text, 2, "LOW,HIGH in ohm m")
    if not 0.0 < low < high:
        raise typer.BadParameter(FORM.format("0 < LOW < HIGH in ohm m", text))
    return low, high


def as_layer(text: str) -> tuple[float, float]:
    """Read BASE:OHM_M."""
    depth, resistivity = _numbers(text.replace(":", ","), 2, "BASE:OHM_M, e.g. 5:30")
    if not (depth > 0.0 and resistivity > 0.0):
        raise typer.BadParameter(FORM.format("a depth and a resistivity above 0", text))
    return depth, resistivity


def as_block(text: str) -> tuple[float, ...]:
    """Read X0,X1,Z0,Z1:OHM_M."""
    form = "X0,X1,Z0,Z1:OHM_M, e.g. 20,30,-8,-4:1000"
    x0, x1, z0, z1, resistivity = _numbers(text.replace(":", ","), 5, form)
    if x0 == x1 or z0 == z1 or not resistivity > 0.0:
        raise typer.BadParameter(FORM.format("two x, two z and a resistivity above 0", text))
    return min(x0, x1), max(x0, x1), min(z0, z1), max(z0, z1), resistivity


def as_positive(value: float | None) -> float | None:
    """Refuse what is not above 0."""
    if value is not None and not 0.0 < value < float("inf"):
        raise typer.BadParameter(f"{value} is not above 0")
    return value


def _numbers(text: str, count: int, form: str) -> tuple[float, ...]:
    try:
        values = tuple(float(part) for part in text.split(","))
    except ValueError:
        values = ()
    if len(values) != count or not all(abs(v) < float("inf") for v in values):
        raise typer.BadParameter(FORM.format(form, text))
    return values
