"""How much a packed file may become in memory."""

GROWTH = 10  #: times the file
ALLOWANCE = 100_000_000  #: bytes besides


def most_unpacked(size: int) -> int:
    """Return how many bytes the arrays of a file of this size may take."""
    return GROWTH * size + ALLOWANCE
