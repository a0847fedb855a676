"""How strong the regularisation is to be: given, or found from the data's noise."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ohmscape.core.types import Floats
from ohmscape.inversion.normal import Linearized

FIRST = 30.0  #: first strength to try, relative to where traces balance
SLOPE = 0.8  #: of ln(chi-squared) over ln(strength), as is typical


@dataclass(frozen=True, eq=False)
class Proposal:
    """A step, and what the linearised problem expects of it."""

    step: Floats
    strength: float
    expected: float  #: chi-squared


class Search(Protocol):
    """Picks the strength of regularisation for a step."""

    def propose(self, problem: Linearized, chi2: float, strength: float | None) -> Proposal:
        """Return a step from a problem with this chi-squared; `strength` was the last one."""
        ...


@dataclass(frozen=True)
class Given:
    """One strength throughout."""

    strength: float

    def propose(self, problem: Linearized, chi2: float, strength: float | None) -> Proposal:
        """Return the step of the given strength."""
        return _propose(problem, self.strength)


@dataclass(frozen=True)
class Discrepancy:
    """The strength for which chi-squared reaches its target, found anew in each step.

    A step is not asked to lower chi-squared by more than the factor `greed`, since the problem
    is linear only close by.
    """

    target: float = 1.0
    greed: float = 0.05
    weakest: float = 1e-4  #: smallest strength, relative to where traces balance
    tolerance: float = 0.02  #: in ln(chi-squared), at the target
    loose: float = 0.4  #: in ln(chi-squared), on the way
    trials: int = 7

    def propose(self, problem: Linearized, chi2: float, strength: float | None) -> Proposal:
        """Return the step expected to bring chi-squared to its goal, or as close as possible."""
        goal = np.log(max(self.target, self.greed * chi2))
        tolerance = self.tolerance if self.greed * chi2 <= self.target else self.loose
        balance = problem.balance()
        floor = np.log(self.weakest * balance)
        x = np.log(FIRST * balance if strength is None else strength)
        if strength is not None:
            x = max(floor, x + (goal - np.log(chi2)) / SLOPE)
        below: list[tuple[float, float]] = []  # (ln strength, excess of ln chi2) with excess < 0
        above: list[tuple[float, float]] = []
        best: tuple[float, Proposal] | None = None
        for _ in range(self.trials):
            proposal = _propose(problem, float(np.exp(x)))
            excess = np.log(proposal.expected) - goal
            if best is None or abs(excess) < best[0]:
                best = abs(excess), proposal
            if abs(excess) < tolerance or (excess > 0 and x <= floor):
                break
            (above if excess > 0 else below).append((float(x), float(excess)))
            x = max(floor, _next(below, above))
        assert best is not None
        return best[1]


def _propose(problem: Linearized, strength: float) -> Proposal:
    step = problem.step(strength)
    left = problem.residual_after(step)
    return Proposal(step, strength, float(left @ left) / len(left))


def _next(below: list[tuple[float, float]], above: list[tuple[float, float]]) -> float:
    """Return the next ln(strength) to try: inside the bracket, or onward by the last slope."""
    if below and above:
        low, high = max(below), min(above)
        return low[0] - low[1] * (high[0] - low[0]) / (high[1] - low[1])
    points = sorted(below or above, key=lambda p: abs(p[1]))
    x, excess = points[0]
    slope = SLOPE
    if len(points) > 1 and points[1][0] != x:
        slope = max(0.15, (points[1][1] - excess) / (points[1][0] - x))
    return x - float(np.clip(1.1 * excess / slope, -2.5, 2.5))
