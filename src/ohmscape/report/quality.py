"""The report of a data quality check: one file with verdict, pictures, rules and removals."""

from collections.abc import Mapping
from typing import Any

from ohmscape.quality.rules import in_unit
from ohmscape.report.html import embedded, template

LISTED = 400  #: removals that the page lists; qc.json holds all


def render_quality(record: Mapping[str, Any], pictures: Mapping[str, bytes]) -> str:
    """Return a report as a self-contained page: no script, nothing loaded from elsewhere.

    Parameters
    ----------
    record : mapping
        The content of qc.json.
    pictures : mapping
        PNG files: "quality", and those of "electrodes", "reciprocals", "errors", "decays" that the
        readings have.
    """

    def limit(rule: str, value: float | None) -> str:
        return "off" if value is None else in_unit(rule, value)

    return template("quality.html").render(
        record=record,
        pictures={name: embedded(picture) for name, picture in pictures.items()},
        limit=limit,
        listed=LISTED,
    )
