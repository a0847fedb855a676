"""What the menu gets by itself, when MkDocs begins: the page of each field format."""

from pathlib import Path
from typing import Any


def on_config(config: Any) -> Any:
    """Put the pages of `docs/formats` under their heading, by name, the overview first."""
    folder = Path(config.docs_dir) / "formats"
    pages = sorted(f"formats/{page.name}" for page in folder.glob("*.md"))
    pages.sort(key=lambda page: page != "formats/index.md")
    for entry in config.nav:
        if isinstance(entry, dict) and "Field formats" in entry:
            entry["Field formats"] = pages
    return config
