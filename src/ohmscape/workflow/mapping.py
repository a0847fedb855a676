"""What the columns of a delimited text are: saved, and tried on the text."""

from pathlib import Path
from typing import Any

from ohmscape.formats import mapping_of, read, write_mapping
from ohmscape.workflow.record import origin_record


def mapped(file: Path, out: Path, entries: dict[str, Any]) -> dict[str, Any]:
    """Write the entries of a mapping as TOML, and read a text by them.

    Raises
    ------
    FormatError, SurveyError
        The entries are no mapping, and nothing is written; or the text does not fit the mapping,
        which is there to be mended.
    """
    mapping = mapping_of(entries)
    write_mapping(mapping, out)
    data = read(file, mapping=mapping)
    warnings = [r.what for r in data.report if r.kind in ("warning", "refused")]
    return {**origin_record(data), "mapping": str(out), "warnings": warnings}
