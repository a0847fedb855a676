"""From exceptions to exit codes and one clean message."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import typer

from ohmscape.errors import OhmscapeError

BAD_INPUT = 3
NOT_CONVERGED = 4
INTERRUPTED = 130


def guarded(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command with Ohmscape's errors told in one message, without a traceback."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except OhmscapeError as error:
            typer.echo(f"ohmscape: {one_line(str(error))}", err=True)
            raise typer.Exit(BAD_INPUT) from None
        except KeyboardInterrupt:
            typer.echo("ohmscape: interrupted, nothing was written", err=True)
            raise typer.Exit(INTERRUPTED) from None

    return run


def one_line(text: str) -> str:
    """Return a text without control characters, so that a file's name cannot move the cursor."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
