"""Names of records and moments, both in the order of time."""

import secrets
import time
from datetime import UTC, datetime

DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"  #: Crockford's 32, without i, l, o, u


def new_id(kind: str) -> str:
    """Return a name that nobody else has: the kind, 48 bits of milliseconds, 80 bits by chance."""
    value = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    return kind + "-" + "".join(DIGITS[value >> shift & 31] for shift in range(125, -1, -5))


def now() -> str:
    """Return this moment in ISO 8601, UTC, to the microsecond."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
