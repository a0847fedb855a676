"""Libraries that only some formats need, and that need not be installed."""

from importlib.util import find_spec

from ohmscape.errors import FormatError


def needed(*modules: str, extra: str = "containers") -> None:
    """Refuse where a library is not installed.

    Raises
    ------
    FormatError
        Says which, and how to get it.
    """
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        raise FormatError(
            f"this format needs {' and '.join(missing)}, which is not installed",
            mend=f"pip install 'ohmscape[{extra}]'",
        )
