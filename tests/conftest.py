"""Shared by all tests; being here, it also makes `tests.support` importable everywhere."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says something of the machine, not of the code.
settings.register_profile("ohmscape", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ohmscape")

DEFAULT = Path(__file__).parents[2] / "shared" / "data"


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
