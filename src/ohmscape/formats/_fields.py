"""What containers say of each field of `Data`: its unit and its meaning in words."""

from dataclasses import dataclass

from ohmscape.core import Data, Floats


@dataclass(frozen=True)
class Quantity:
    """Unit and meaning of the values of a field."""

    unit: str  #: SI, "1" where it has none
    meaning: str


#: one value for each reading; names are those of `Data`
SCALARS = {
    "resistance": Quantity("ohm", "transfer resistance V/I with its sign"),
    "standard_deviation": Quantity("ohm", "standard deviation of the transfer resistance"),
    "apparent_resistivity": Quantity("ohm m", "apparent resistivity as the source states it"),
    "geometric_factor": Quantity("m", "geometric factor as the source states it"),
    "phase": Quantity("rad", "phase of the impedance"),
    "phase_deviation": Quantity("rad", "standard deviation of the phase"),
    "chargeability": Quantity("V/V", "integral chargeability"),
    "chargeability_deviation": Quantity("V/V", "standard deviation of the chargeability"),
    "current": Quantity("A", "injected current"),
    "voltage": Quantity("V", "measured voltage"),
    "self_potential": Quantity("V", "self-potential between M and N"),
    "stacks": Quantity("1", "number of stacked cycles"),
    "contact_resistance": Quantity("ohm", "contact resistance of the current circuit"),
    "time": Quantity("s", "seconds since 1970-01-01 00:00:00 UTC"),
    "numerical_error": Quantity("ohm", "estimated error of a simulated resistance"),
}
#: one row of values for each reading, over the gates of a decay
OVER_GATES = {
    "decay": Quantity("V/V", "chargeability in each gate"),
    "decay_deviation": Quantity("V/V", "standard deviation of the chargeability in each gate"),
}
#: ... over the frequencies of a spectrum
OVER_FREQUENCIES = {
    "impedance_real": Quantity("ohm", "real part of the impedance at each frequency"),
    "impedance_imaginary": Quantity("ohm", "imaginary part of the impedance at each frequency"),
    "modulus_deviation": Quantity("ohm", "standard deviation of the impedance's modulus"),
    "angle_deviation": Quantity("rad", "standard deviation of the impedance's angle"),
}
QUANTITIES = {**SCALARS, **OVER_GATES, **OVER_FREQUENCIES}


def fields_of(data: Data) -> dict[str, Floats]:
    """Return the values of all fields that `data` has, complex ones as two of real numbers."""
    out: dict[str, Floats] = {}
    for name in QUANTITIES:
        if name == "impedance_real":
            values = None if data.impedance is None else data.impedance.real
        elif name == "impedance_imaginary":
            values = None if data.impedance is None else data.impedance.imag
        else:
            values = getattr(data, name)
        if values is not None:
            out[name] = values
    return out
