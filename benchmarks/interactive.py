"""What a person waits for at 64 electrodes and 1,200 readings."""

from benchmarks.lines import made
from benchmarks.party import Party

LIMITS = {"preview": 0.010, "lambda": 0.100, "readings": 0.100}  #: s
WORDS = {
    "preview": "preview of a changed lambda",
    "lambda": "converged with a changed lambda",
    "readings": "converged without 10 % of the readings",
}


def measure(repeats: int = 16) -> dict[str, dict[str, float]]:
    """Return the seconds of each request, see `growth_worker.interactive`."""
    with Party("benchmarks.growth_worker") as worker:
        return worker("interactive", made(64, 1200), repeats)
