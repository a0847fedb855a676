"""How strong the regularisation is to be: given, or found from the data's noise."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

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
    strongest: float = 1e4  #: largest strength, relative to where traces balance
    fall: float = 0.05  #: smallest strength, relative to that of the step before
    tolerance: float = 0.02  #: in ln(chi-squared), at the target
    loose: float = 0.4  #: in ln(chi-squared), on the way
    flat: float = 0.12  #: slope of ln(chi-squared) over ln(strength) below which it does not pay
    trials: int = 7

    def propose(self, problem: Linearized, chi2: float, strength: float | None) -> Proposal:
        """Return the step expected to bring chi-squared to its goal, or as close as it pays."""
        goal = np.log(max(self.target, self.greed * chi2))
        tolerance = self.tolerance if self.greed * chi2 <= self.target else self.loose
        x, floor, ceiling = self._range(problem.balance(), goal - np.log(chi2), strength)
        tried: list[Trial] = []
        for _ in range(self.trials):
            proposal = _propose(problem, float(np.exp(x)))
            tried.append(Trial(x, float(np.log(proposal.expected)) - goal, proposal))
            excess = tried[-1].excess
            if abs(excess) < tolerance or (x <= floor if excess > 0 else x >= ceiling):
                break
            stronger = _too_flat(tried, self.flat)
            if stronger is not None:
                return stronger.proposal
            x = min(ceiling, max(floor, _next(tried)))
        return min(tried, key=lambda trial: abs(trial.excess)).proposal

    def _range(
        self, balance: float, wanted: float, strength: float | None
    ) -> tuple[float, float, float]:
        """Return the first ln(strength) to try, the smallest and the largest allowed."""
        floor, ceiling = np.log([self.weakest * balance, self.strongest * balance]).tolist()
        if strength is None:
            return float(np.log(FIRST * balance)), floor, ceiling
        floor = min(ceiling, max(floor, float(np.log(self.fall * strength))))
        first = float(np.log(strength)) + wanted / SLOPE
        return min(ceiling, max(floor, first)), floor, ceiling


class Trial(NamedTuple):
    """A strength that was tried."""

    x: float  #: ln(strength)
    excess: float  #: of ln(chi-squared) over its goal
    proposal: Proposal


def _propose(problem: Linearized, strength: float) -> Proposal:
    step = problem.step(strength)
    return Proposal(step, strength, problem.chi2_after(step))


def _too_flat(tried: list[Trial], flat: float) -> Trial | None:
    """Return the stronger of the two weakest trials if the weaker one gains next to nothing."""
    weak = sorted(tried, key=lambda trial: trial.x)[:2]
    if len(weak) < 2 or weak[0].excess <= 0:
        return None
    slope = (weak[1].excess - weak[0].excess) / (weak[1].x - weak[0].x)
    return weak[1] if slope < flat else None


def _next(tried: list[Trial]) -> float:
    """Return the next ln(strength) to try: inside the bracket, or onward by the last slope."""
    below = [trial for trial in tried if trial.excess <= 0]
    above = [trial for trial in tried if trial.excess > 0]
    if below and above:
        low = max(below, key=lambda trial: trial.x)
        high = min(above, key=lambda trial: trial.x)
        return low.x - low.excess * (high.x - low.x) / (high.excess - low.excess)
    near = sorted(tried, key=lambda trial: abs(trial.excess))
    slope = SLOPE
    if len(near) > 1 and near[1].x != near[0].x:
        slope = max(0.15, (near[1].excess - near[0].excess) / (near[1].x - near[0].x))
    return near[0].x - float(np.clip(1.1 * near[0].excess / slope, -2.5, 2.5))
