"""Sparse symmetric positive definite matrices: analyse once, factorise and solve many times.

::

    plan = analyse(indptr, indices, coordinates, threads=2)
    factor = factorise(plan, values)
    potentials = unit_solutions(factor, electrodes)
"""

from ohmscape.forward.sparse.cholesky import Factor, factorise
from ohmscape.forward.sparse.plan import Plan, analyse
from ohmscape.forward.sparse.solve import Refined, refined, solve, unit_solutions

__all__ = [
    "Factor",
    "Plan",
    "Refined",
    "analyse",
    "factorise",
    "refined",
    "solve",
    "unit_solutions",
]
