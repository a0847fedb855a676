"""From a field file to a folder of results."""

import shlex
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, Any

from ohmscape import kernels
from ohmscape.core.data import Data
from ohmscape.core.water import Water
from ohmscape.errors import OhmscapeError
from ohmscape.formats import read
from ohmscape.inversion.gauss_newton import State
from ohmscape.inversion.invert import invert
from ohmscape.inversion.result import InversionResult
from ohmscape.workflow.outputs import write_outputs
from ohmscape.workflow.priors import priors
from ohmscape.workflow.progress import Progress, Watch
from ohmscape.workflow.record import result_record

if TYPE_CHECKING:
    from ohmscape.workflow.steps import Invert

COLD = "compiling kernels, once, about 10 s"


def invert_file(step: "Invert", watch: Watch) -> dict[str, Any]:
    """Read, invert and write; return the record that is in result.json."""
    began = perf_counter()
    options = engine_options(step)
    watch(Progress("reading", str(step.file)))
    data = read(step.file, format=step.format)
    told = priors(data, step.boreholes, step.interfaces)
    result = watched_invert(data, watch, **options, **told.options)
    result = replace(result, warnings=(*result.warnings, *told.notes))
    watch(Progress("writing", str(step.out)))
    record = result_record(
        result,
        options=step.options(),
        reproduce={"command": command(step), "python": python(step)},
    )
    known = told.drawn_interfaces()
    return write_outputs(result, step.out, record, began=began, known=known, holes=told.holes)


def watched_invert(data: Data, watch: Watch, **options: Any) -> InversionResult:
    """Invert, telling what is going on."""
    cold = kernels.cold_kernels()
    watch(Progress("compiling", COLD) if cold else Progress("preparing", f"{len(data)} readings"))
    target = float(options.get("target", 1.0))

    def told(state: State) -> None:
        count = len(state.history)
        watch(Progress("iteration", "", count, state.chi2, state.strength, target))

    return invert(data, watch=told, **options)


def engine_options(step: "Invert") -> dict[str, Any]:
    """Return the options of `ohmscape.invert` that a step asks for.

    Raises
    ------
    OhmscapeError
        A level of water without its resistivity, or the reverse.
    """
    water = None
    if (step.water_level is None) != (step.water_resistivity is None):
        raise OhmscapeError(
            "water needs both its level and its resistivity", mend="give both, in m and ohm m"
        )
    if step.water_level is not None and step.water_resistivity is not None:
        water = Water(step.water_level, step.water_resistivity)
    names = (
        "error", "lam", "robust", "blocky", "vertical_weight", "depth", "bounds", "max_iterations",
    )  # fmt: skip
    return {**{name: getattr(step, name) for name in names}, "water": water}


def command(step: "Invert") -> str:
    """Return the command line of a step, defaults left out."""
    words = ["ohmscape", "invert", str(step.file), "--out", str(step.out)]
    for name, value in _asked(step).items():
        flag = "--" + name.replace("_", "-")
        if value is True:
            words.append(flag)
        elif isinstance(value, tuple):
            words += [flag, ",".join(f"{v:g}" for v in value)]
        else:
            words += [flag, str(value)]
    return shlex.join(words)


def python(step: "Invert") -> str:
    """Return the same in Python."""
    asked = _asked(step)
    source = [repr(str(step.file))]
    if "format" in asked:
        source.append(f"format={asked.pop('format')!r}")
    water = ""
    if "water_level" in asked:
        level, resistivity = asked.pop("water_level"), asked.pop("water_resistivity")
        water = f", water=ohmscape.Water({level!r}, {resistivity!r})"
    tables = {name: asked.pop(name) for name in ("boreholes", "interfaces") if name in asked}
    rest = "".join(f", {name}={value!r}" for name, value in asked.items())
    read_it = f"ohmscape.read({', '.join(source)})"
    if tables:
        told = "".join(f", {name}=Path({str(path)!r})" for name, path in tables.items())
        return (
            "from pathlib import Path\nimport ohmscape\n"
            "from ohmscape.workflow.priors import priors\n"
            f"data = {read_it}\ntold = priors(data{told})\n"
            f"result = ohmscape.invert(data{rest}{water}, **told.options)"
        )
    return f"import ohmscape\nresult = ohmscape.invert({read_it}{rest}{water})"


def _asked(step: "Invert") -> dict[str, Any]:
    """Return the options that differ from their defaults."""
    plain = type(step)(step.file, step.out).options()
    return {name: value for name, value in step.options().items() if value != plain[name]}
