r"""Modified Bessel functions of the second kind, without what SciPy takes to import."""

import numpy as np

from ohmscape.core.types import Floats

STEP = 0.4  #: of the trapezoidal rule, whose relative error is about exp(-pi^2 / STEP)
NEGLIGIBLE = 25.0  #: the integrand has ended where it is below exp(-NEGLIGIBLE)


def scaled_bessel(z: Floats) -> tuple[Floats, Floats]:
    r"""Return :math:`e^z K_0(z)` and :math:`e^z K_1(z)` for z > 0, of any shape, to 1e-9.

    The trapezoidal rule for :math:`K_\nu(z) = \int_0^\infty e^{-z \cosh t} \cosh \nu t\,dt` (DLMF
    10.32.9) converges exponentially. It is taken in :math:`t \sqrt{1 + z/2}`, since the integrand
    of a large z is narrow.
    """
    step = STEP / np.sqrt(1.0 + z / 2)
    count = int(np.max(np.arccosh(1.0 + NEGLIGIBLE / z) / step, initial=0.0)) + 1
    k0, k1 = np.full_like(z, 0.5), np.full_like(z, 0.5)
    for i in range(1, count + 1):
        rise = np.cosh(i * step)
        height = np.exp(z - z * rise)
        k0 += height
        k1 += height * rise
    return step * k0, step * k1
