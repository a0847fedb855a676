"""A process of its own for each party, so that neither leaves threads or memory to the other."""

import importlib
import os
import sys
import tempfile
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.machine import peak_memory_mb


class PartyError(Exception):
    """A party failed or took too long."""


class Party:
    """A process that runs functions of one module, one after the other.

    Parameters
    ----------
    module : str
        For instance ``"benchmarks.ours"``.
    patience : float
        Longest time in s to wait for an answer.
    """

    def __init__(self, module: str, patience: float = 600.0) -> None:
        context = get_context("spawn")
        self._patience = patience
        self._pipe, far = context.Pipe()
        self._process = context.Process(target=_serve, args=(module, far), daemon=True)
        self._process.start()
        far.close()

    def __enter__(self) -> "Party":
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe.close()
        self._process.join(5.0)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def __call__(self, function: str, *arguments: object) -> Any:
        """Return what the module's function returns for these arguments.

        Raises
        ------
        PartyError
            It raised, died, or did not answer in time.
        """
        self._pipe.send((function, arguments))
        if not self._pipe.poll(self._patience):
            self._process.kill()
            raise PartyError(f"{function}: no answer in {self._patience:.0f} s")
        try:
            failure, answer = self._pipe.recv()
        except EOFError as error:
            raise PartyError(f"{function}: the process died") from error
        if failure:
            raise PartyError(f"{function}: {failure}")
        return answer


def _serve(module: str, pipe: Connection) -> None:
    """Answer calls until the other end is closed; what is printed goes to a file."""
    with tempfile.TemporaryFile("w") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        sys.stdout = sys.stderr = log
        functions = None
        while True:
            try:
                name, arguments = pipe.recv()
            except EOFError:
                return
            try:
                functions = functions or importlib.import_module(module)
                answer = (None, _call(functions, name, arguments))
            except Exception as error:  # noqa: BLE001 - raised again on the other side
                answer = (f"{type(error).__name__}: {error}", None)
            pipe.send(answer)


def _call(functions: Any, name: str, arguments: tuple[object, ...]) -> object:
    if name == "peak_memory_mb":
        return peak_memory_mb()
    return getattr(functions, name)(*arguments)
