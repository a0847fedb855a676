"""What the columns of a delimited text are: said in Python, or in a TOML file."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mapping:
    """Placeholder."""
