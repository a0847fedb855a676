"""Column tokens and units of the BERT unified format (resistivity.net, and what pyGIMLi reads)."""

import re
from dataclasses import dataclass

OHM = {"": 1.0, "ohm": 1.0, "ohms": 1.0, "mohm": 1e-3, "kohm": 1e3}
VOLT = {"": 1.0, "v": 1.0, "mv": 1e-3, "uv": 1e-6}
AMPERE = {"": 1.0, "a": 1.0, "ma": 1e-3, "ua": 1e-6}
OHM_METRE = {"": 1.0, "ohmm": 1.0, "ohm*m": 1.0, "ohm.m": 1.0, "ohm-m": 1.0, "ohmmeter": 1.0}
METRE = {"": 1.0, "m": 1.0, "mm": 1e-3, "cm": 1e-2, "dm": 0.1, "km": 1e3, "ft": 0.3048}
COUNT = {"": 1.0, "1": 1.0}
MRAD, DEGREE = 1e-3, 0.017453292519943295
PHASE = {"": MRAD, "mrad": MRAD, "rad": 1.0, "deg": DEGREE, "degree": DEGREE, "degrees": DEGREE}
CHARGEABILITY = {"": 1e-3, "mv/v": 1e-3, "v/v": 1.0}
RELATIVE = {"": 1.0, "1": 1.0, "%": 1e-2}

#: alias -> quantity
ALIASES = {
    "a": "a", "c1": "a", "b": "b", "c2": "b", "m": "m", "p1": "m", "n": "n", "p2": "n",
    "rhoa": "apparent_resistivity", "rho_a": "apparent_resistivity", "ra": "apparent_resistivity",
    "rs": "apparent_resistivity", "rhos": "apparent_resistivity",
    "r": "resistance", "z": "resistance", "rho": "resistance", "imp": "resistance",
    "err": "relative_error", "error": "relative_error", "std": "relative_error",
    "ip": "phase", "phase": "phase", "phi": "phase", "ma": "chargeability",
    "i": "current", "u": "voltage", "v": "voltage", "sp": "self_potential",
    "iperr": "phase_deviation", "maerr": "chargeability_deviation",
    "k": "geometric_factor", "valid": "valid",
    "stacks": "stacks", "stack": "stacks", "nstacks": "stacks",
}  # fmt: skip

#: quantity -> unit -> factor to SI; the unit "" is the format's default
UNITS = {
    "a": COUNT, "b": COUNT, "m": COUNT, "n": COUNT,
    "apparent_resistivity": OHM_METRE, "resistance": OHM, "relative_error": RELATIVE,
    "absolute_error": OHM, "phase": PHASE, "chargeability": CHARGEABILITY, "current": AMPERE,
    "phase_deviation": PHASE, "chargeability_deviation": CHARGEABILITY,
    "voltage": VOLT, "self_potential": VOLT, "geometric_factor": METRE, "valid": COUNT,
    "stacks": COUNT,
}  # fmt: skip

DEFAULT = {
    "relative_error": "1", "phase": "mrad", "chargeability": "mV/V", "current": "A",
    "phase_deviation": "mrad", "chargeability_deviation": "mV/V", "decay": "mV/V",
    "decay_deviation": "mV/V",
    "voltage": "V", "self_potential": "V", "resistance": "ohm", "apparent_resistivity": "ohm m",
    "geometric_factor": "m",
}  # fmt: skip

DECAY, DECAY_DEVIATION = "decay", "decay_deviation"  #: a number follows, one column per gate

#: units of columns that exist but cannot be turned into a quantity of `Data`
UNUSABLE = frozenset({"fe", "mf", "ms", "%", "msec"})


@dataclass(frozen=True)
class Token:
    """One column of the rows: the file's word, the quantity ("" if not used) and its unit."""

    word: str
    quantity: str
    unit: str  #: as the file writes it
    factor: float  #: to SI


def split_tokens(comment: str) -> list[str]:
    """Return the words of a header line, units joined to their words by a slash.

    >>> split_tokens("#a b m n U / mV err/% i (mA)")
    ['a', 'b', 'm', 'n', 'U/mV', 'err/%', 'i/mA']
    """
    text = comment.lstrip("#! \t")[:4000]
    text = re.sub(r"[ \t]?\(([^()]{0,40})\)", lambda m: "/" + m[1].replace(" ", ""), text)
    text = re.sub(r"[ \t]?\[([^\[\]]{0,40})\]", lambda m: "/" + m[1].replace(" ", ""), text)
    text = re.sub(r"[ \t]{0,9}/[ \t]{0,9}", "/", text)
    return [word for word in re.split(r"[\s,;]+", text) if word]


def unit_key(unit: str) -> str:
    """Return a unit in the spelling of `UNITS`."""
    for old, new in (("\u03a9", "ohm"), ("\u2126", "ohm"), ("\u00b5", "u"), ("\u03bc", "u")):
        unit = unit.replace(old, new)
    return unit.replace("\u00c2", "").replace("\u00b0", "deg").replace(" ", "").lower()


def token(word: str) -> Token | None:
    """Return the column that a word stands for, None if its unit is not known.

    >>> token("I/mA")
    Token(word='I/mA', quantity='current', unit='mA', factor=0.001)
    """
    if word.lower() == "u/i":
        return Token(word, "resistance", "", 1.0)
    name, _, unit = word.partition("/")
    quantity = ALIASES.get(name.lower(), "")
    key = unit_key(unit)
    window = re.fullmatch(r"(?:ip|ma)(err)?([0-9]{1,3})", name.lower())
    if window:
        quantity = f"{DECAY_DEVIATION if window[1] else DECAY} {int(window[2])}"
        return Token(word, quantity, unit, CHARGEABILITY[key]) if key in CHARGEABILITY else None
    if not quantity:
        return Token(word, "", unit, 1.0)
    if quantity == "relative_error" and key in OHM and key:
        return Token(word, "absolute_error", unit, OHM[key])
    if quantity == "phase" and key in CHARGEABILITY and key:
        return Token(word, "chargeability", unit, CHARGEABILITY[key])
    if quantity == "phase_deviation" and key in CHARGEABILITY and key:
        return Token(word, "chargeability_deviation", unit, CHARGEABILITY[key])
    if quantity in ("phase", "chargeability") and key in UNUSABLE:
        return Token(word, "", unit, 1.0)
    if key not in UNITS[quantity] or (key == "mohm" and not unit.startswith("m")):
        return None
    return Token(word, quantity, unit, UNITS[quantity][key])
