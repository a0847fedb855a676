"""The steps as the centre takes them: by name, with parameters that are checked."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ohmscape.errors import CentreError
from ohmscape.workflow.steps import STEPS, Step

OUT = "out"  #: parameter that names where a step writes


def made(name: str, parameters: Mapping[str, Any]) -> Step:
    """Return a step with its parameters, checked against their types and limits.

    Raises
    ------
    CentreError
        No such step or parameter, or a value that it cannot have.
    """
    from pydantic import TypeAdapter, ValidationError

    kind = known(name)
    unknown = set(parameters) - {f.name for f in fields(kind)}
    if unknown:
        names = ", ".join(f.name for f in fields(kind))
        raise CentreError(f"{name} has no parameter {sorted(unknown)[0]!r}", mend=f"one of {names}")
    try:
        step: Step = TypeAdapter(kind).validate_python(dict(parameters))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise CentreError(f"{name}: {first['msg']}", where=where, mend="see its help") from error
    return step


def known(name: str) -> type[Step]:
    """Return a step by name.

    Raises
    ------
    CentreError
        There is none.
    """
    if name not in STEPS:
        raise CentreError(f"there is no step {name!r}", mend=f"one of {', '.join(sorted(STEPS))}")
    return STEPS[name]


def version_of(name: str) -> int:
    """Return the version of a step: it grows when the same parameters give other results."""
    return int(getattr(known(name), "version", 1))


def schema(name: str) -> dict[str, Any]:
    """Return the parameters of a step as JSON Schema: type, description, unit, default, limits."""
    from pydantic import TypeAdapter

    return TypeAdapter(known(name)).json_schema()
