"""What a step says of itself while it runs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Stage = Literal["reading", "compiling", "preparing", "iteration", "checking", "writing"]


@dataclass(frozen=True)
class Progress:
    """One message of a running step."""

    stage: Stage
    text: str = ""
    iteration: int = 0
    chi2: float | None = None
    lam: float | None = None
    target: float = 1.0


Watch = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """Hear and say nothing."""
