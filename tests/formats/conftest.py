"""A way to write small field files."""

from pathlib import Path

import pytest


@pytest.fixture
def written(tmp_path):
    """Write text or bytes to a file and return its path."""

    def write(content: str | bytes, name: str = "field.dat") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write
