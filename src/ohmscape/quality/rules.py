"""Rule sets: named, versioned limits with units, ours or an organisation's own."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, cast

from ohmscape.errors import FormatError

BASE = "standard"  #: rule set that an organisation's own one changes
EXCHANGES = ("mend", "remove", "tell")
QUANTITY = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(\S*)\s*")

#: unit of a limit -> its words in a file -> their size in that unit
UNITS: dict[str, dict[str, float]] = {
    "part": {"%": 1e-2, "": 1.0},
    "ohm": {"ohm": 1.0, "kohm": 1e3, "Mohm": 1e6, "": 1.0},
    "A": {"A": 1.0, "mA": 1e-3, "uA": 1e-6, "": 1.0},
    "V": {"V": 1.0, "mV": 1e-3, "uV": 1e-6, "": 1.0},
    "V/V": {"V/V": 1.0, "mV/V": 1e-3, "": 1.0},
    "m": {"m": 1.0, "km": 1e3, "": 1.0},
    "s": {"s": 1.0, "min": 60.0, "h": 3600.0, "": 1.0},
    "sd": {"sd": 1.0, "": 1.0},
}
SHOWN = {"part": (100.0, "%"), "ohm": (1e-3, "kohm"), "A": (1e3, "mA"), "V": (1e3, "mV"),
         "V/V": (1e3, "mV/V"), "m": (1e-3, "km"), "s": (1 / 60.0, "min")}  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """From where on a value is suspect, and from where on it is removed; None: never."""

    suspect: float | None = None
    remove: float | None = None


def _of(what: str, unit: str, *, floor: bool = False) -> dict[str, Any]:
    """Return what a field of limits judges, in which unit, and whether it is a floor."""
    return {"what": what, "unit": unit, "floor": floor}


@dataclass(frozen=True)
class RuleSet:
    """All limits of a data quality check, in SI units, relative ones as parts of 1.

    The fields after `exchange` are the rules, in the order in which they judge.
    """

    name: str
    version: str
    exchange: Literal["mend", "remove", "tell"]  #: what becomes of exchanged take-outs
    contact_resistance: Limits = field(metadata=_of("resistance of the current circuit", "ohm"))
    current: Limits = field(metadata=_of("current", "A", floor=True))
    voltage: Limits = field(metadata=_of("voltage", "V", floor=True))
    stack_deviation: Limits = field(
        metadata=_of("scatter of the stacks over |R|, as the file states it", "part")
    )
    geometric_factor: Limits = field(metadata=_of("size of the geometric factor", "m"))
    bad_electrode: Limits = field(metadata=_of("median misfit of an electrode's readings", "sd"))
    stray: Limits = field(
        metadata=_of("misfit of a reading by a smooth section and by its neighbours", "sd")
    )
    polarity: Limits = field(
        metadata=_of("predicted size of a reading whose sign is the other one", "sd")
    )
    reciprocal_error: Limits = field(
        metadata=_of("difference of reciprocal readings over their mean", "part")
    )
    repeat_error: Limits = field(
        metadata=_of("difference from the median of repeated readings", "part")
    )
    decay_misfit: Limits = field(
        metadata=_of("misfit of a decay by relaxations of one sign", "part")
    )
    decay_sign: Limits = field(
        metadata=_of("part of a decay's gates whose sign is not the others'", "part")
    )
    decay_noise: Limits = field(metadata=_of("scatter of a decay's gates around its fit", "V/V"))
    drift: Limits = field(metadata=_of("change of what is read again, from begin to end", "part"))
    time_gap: Limits = field(metadata=_of("time since the reading before", "s"))
    part_removed: Limits = field(metadata=_of("part of the readings that the rules remove", "part"))

    def limits(self, rule: str) -> Limits:
        """Return the limits of a rule by its name."""
        found: Limits = getattr(self, rule)
        return found


RULES = tuple(f.name for f in fields(RuleSet) if f.metadata)
WHAT: dict[str, str] = {f.name: f.metadata["what"] for f in fields(RuleSet) if f.metadata}
UNIT: dict[str, str] = {f.name: f.metadata["unit"] for f in fields(RuleSet) if f.metadata}
UNIT["exchanged_electrodes"] = "times"  # has a number, but no limits
WHAT["exchanged_electrodes"] = "misfit of two electrodes' readings over that when exchanged"
FLOOR = frozenset(f.name for f in fields(RuleSet) if f.metadata and f.metadata["floor"])


def in_unit(rule: str, value: float) -> str:
    """Return a value of a rule as people write it.

    Examples
    --------
    >>> in_unit("reciprocal_error", 0.123), in_unit("stray", 7.04), in_unit("current", 4e-4)
    ('12.3 %', '7.04 sd', '0.4 mA')
    """
    factor, unit = SHOWN.get(UNIT[rule], (1.0, UNIT[rule]))
    return f"{factor * value:.3g} {unit}"


def rule_set(name: str | Path = BASE) -> RuleSet:
    """Return a rule set by name, or from a TOML file.

    Parameters
    ----------
    name : str or path
        ``standard``, ``strict``, or the path of a file that ends in ``.toml``.

    Returns
    -------
    RuleSet

    Raises
    ------
    FormatError
        Unknown name, not readable, or a rule, unit or value that is not known.
    """
    known = _built_in()
    if str(name) in known:
        return known[str(name)]
    if not str(name).endswith(".toml"):
        raise FormatError(
            f"rule set {str(name)!r} is not known", mend=f"one of {', '.join(known)}, or FILE.toml"
        )
    where = str(name)
    told = _toml(Path(name))
    base = told.pop("based_on", BASE)
    if base not in known:
        raise FormatError(f"based_on = {base!r} is not known", where=where)
    for key in ("name", "version"):
        if not isinstance(told.get(key), str) or not told[key]:
            raise FormatError(f"{key} is missing", where=where, mend=f'write {key} = "..."')
    return _made(told, known[base], where)


def names() -> tuple[str, ...]:
    """Return the names of the rule sets that are built in."""
    return tuple(_built_in())


@cache
def _built_in() -> dict[str, RuleSet]:
    text = (files("ohmscape.quality") / "rule_sets.toml").read_text(encoding="utf-8")
    empty = RuleSet("", "", "mend", *(Limits() for _ in RULES))
    return {
        name: _made({"name": name, **told}, empty, "rule_sets.toml")
        for name, told in tomllib.loads(text).items()
    }


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FormatError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FormatError(f"this is not TOML: {error}", where=str(path)) from error


def _made(told: Mapping[str, Any], base: RuleSet, where: str) -> RuleSet:
    unknown = set(told) - {f.name for f in fields(RuleSet)}
    if unknown:
        raise FormatError(
            f"rule {min(unknown)!r} is not known", where=where, mend=f"one of {', '.join(RULES)}"
        )
    exchange = told.get("exchange", base.exchange)
    if exchange not in EXCHANGES:
        raise FormatError(
            f"exchange = {exchange!r}", where=where, mend=f"one of {', '.join(EXCHANGES)}"
        )
    limits = [_limits(rule, told.get(rule, {}), base.limits(rule), where) for rule in RULES]
    return RuleSet(
        str(told["name"]),
        str(told["version"]),
        cast(Literal["mend", "remove", "tell"], exchange),
        *limits,
    )


def _limits(rule: str, told: Any, base: Limits, where: str) -> Limits:
    if not isinstance(told, dict) or set(told) - {"suspect", "remove"}:
        raise FormatError(
            f"{rule} = {told!r}", where=where, mend='write { suspect = "...", remove = "..." }'
        )
    values = {
        key: _quantity(rule, told[key], where) if key in told else getattr(base, key)
        for key in ("suspect", "remove")
    }
    return Limits(**values)


def _quantity(rule: str, value: Any, where: str) -> float | None:
    if value == "off":
        return None
    unit = UNIT[rule]
    form = f'write for example "3 {next(iter(UNITS[unit]))}", a number in {unit}, or "off"'
    found = QUANTITY.fullmatch(str(value)) if not isinstance(value, bool) else None
    if found is None or found[2] not in UNITS[unit] or float(found[1]) < 0.0:
        raise FormatError(f"{rule}: {value!r} is not understood", where=where, mend=form)
    return float(found[1]) * UNITS[unit][found[2]]
