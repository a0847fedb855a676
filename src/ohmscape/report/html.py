"""report.html: one file with pictures, tables and how to get the same again."""

import base64
from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

NONE = "\N{EM DASH}"  #: shown where there is no value


def render(record: Mapping[str, Any], pictures: Mapping[str, bytes]) -> str:
    """Return a report as a self-contained page: no script, nothing loaded from elsewhere.

    Parameters
    ----------
    record : mapping
        The content of result.json.
    pictures : mapping
        PNG files: "section", "pseudosection", "convergence".

    Notes
    -----
    Every text of the record is escaped: names of files and electrodes are not to be trusted.
    """
    return template("report.html").render(
        record=record,
        pictures={name: embedded(picture) for name, picture in pictures.items()},
        verdict=verdict(record),
    )


def verdict(record: Mapping[str, Any]) -> str:
    """Return in one sentence what the inversion came to."""
    inversion, given = record["inversion"], record["input"]
    found, target = inversion["chi2"], inversion["target"]
    readings = f"{given['used']} of {given['readings']} readings"
    if not inversion["converged"]:
        return (
            f"This section does not explain the readings to within their errors: chi-squared is "
            f"{chi2(found)} instead of {chi2(target)} for {readings} "
            f"({inversion['stop_reason']})."
        )
    if found <= 1.1 * target:
        return (
            f"This section explains {readings} to within their errors (chi-squared {chi2(found)})."
        )
    return f"Chi-squared is {chi2(found)} for {readings}, at the lambda that was asked for."


def quantity(value: Any, unit: str = "", digits: int = 3) -> str:
    """Return a number with unit as people read it; a dash where there is none.

    Examples
    --------
    >>> quantity(0.012345, "m"), quantity(12345.6, "ohm m"), quantity(None)
    ('0.0123 m', '12346 ohm m', '—')
    """
    if value is None:
        return NONE
    number = float(value)
    size = abs(number)
    text = f"{number:.0f}" if 10.0**digits <= size < 1e7 else f"{number:.{digits}g}"
    return f"{text} {unit}".strip()


def chi2(value: float) -> str:
    """Return a chi-squared with three digits, zeros included.

    Examples
    --------
    >>> chi2(1.0), chi2(0.98765), chi2(214.8)
    ('1.00', '0.988', '215')
    """
    return f"{value:#.3g}".rstrip(".") if value < 1e3 else f"{value:.0f}"


def words(value: Any) -> str:
    """Return an option's value as people write it."""
    if value is None:
        return NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return " to ".join(words(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


@cache
def template(name: str) -> Template:
    """Return a page by its name, with the filters that all pages share."""
    environment = Environment(
        loader=PackageLoader("ohmscape.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["q"] = quantity
    environment.filters["chi"] = chi2
    environment.filters["words"] = words
    return environment.get_template(name)


def embedded(picture: bytes) -> str:
    """Return a picture as an address that holds it."""
    return "data:image/png;base64," + base64.b64encode(picture).decode("ascii")
