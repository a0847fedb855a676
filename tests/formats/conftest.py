"""The public field files that readers are tested on, and a way to write small ones."""

import os
from pathlib import Path

import pytest

DEFAULT = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture(scope="session")
def field_data() -> Path:
    """Folder of public field files: OHMSCAPE_DATA, or shared/data beside the checkout."""
    folder = Path(os.environ.get("OHMSCAPE_DATA", DEFAULT))
    if not folder.is_dir():
        message = f"no field files in {folder}: set OHMSCAPE_DATA"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return folder


@pytest.fixture
def written(tmp_path):
    """Write text or bytes to a file and return its path."""

    def write(content: str | bytes, name: str = "field.dat") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write
