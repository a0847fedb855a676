"""Gauss-Newton descent: a state is a value; `start`, `advance` and `verdict` are pure."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from time import perf_counter
from typing import Any

import numpy as np

from ohmscape.core.types import Floats
from ohmscape.errors import InversionError
from ohmscape.forward.simulation import Simulation
from ohmscape.inversion.misfit import Misfit
from ohmscape.inversion.normal import Linearized, blas
from ohmscape.inversion.regularization import Regularization
from ohmscape.inversion.search import Given, Search
from ohmscape.inversion.transform import Transform

SCATTERS = 2.0  #: standard deviations of chi-squared within which a stalled one is the target
MOVING = 0.1  #: relative fall of the objective that is progress even where chi-squared waits


class StopReason(Enum):
    """Why an inversion ended, in words."""

    FITTED = "chi-squared reached its target"
    SETTLED = "the objective no longer changes at this lambda"
    STALLED = "chi-squared no longer falls: the errors are smaller than this kind of model can fit"
    EXHAUSTED = "the largest number of iterations was reached before the target"

    @property
    def success(self) -> bool:
        """Whether the inversion did what it was asked to."""
        return self in (StopReason.FITTED, StopReason.SETTLED)


@dataclass(frozen=True, eq=False)
class Problem:
    """Everything that defines an inversion."""

    simulation: Simulation[Any]
    misfit: Misfit
    regularization: Regularization
    transform: Transform
    search: Search
    target: float = 1.0  #: chi-squared
    tolerance: float = 0.03  #: relative, of chi-squared at the target and of the objective
    max_iterations: int = 20


@dataclass(frozen=True)
class Iteration:
    """What one step did."""

    chi2: float
    strength: float
    step_length: float
    seconds: float


@dataclass(frozen=True, eq=False)
class State:
    """A model on the way, with its response."""

    model: Floats  #: (n_parameters,) transformed
    response: Any
    misfit: Misfit
    regularization: Regularization
    chi2: float
    history: tuple[Iteration, ...] = ()
    strength: float | None = None
    linearized: Linearized | None = None  #: the problem whose solution `model` is
    spare: Any = None  #: a response whose memory the next trial may take
    change: float = np.inf  #: relative change of the objective in the last step
    borrowed: bool = False  #: the response is somebody else's: its memory must stay


def start(problem: Problem, model: Floats, response: Any = None) -> State:
    """Return the state of a first model, shape (n_parameters,), transformed.

    `response` is that of the model where it is known already; it is left as it is.
    """
    borrowed = response is not None
    if response is None:
        response = problem.simulation.predict(problem.transform.to_log(model))
    misfit = problem.misfit.reweighted(response.data)
    return State(
        model,
        response,
        misfit,
        problem.regularization.reweighted(model),
        misfit.chi2(response.data),
        borrowed=borrowed,
    )


def linearize(problem: Problem, state: State) -> Linearized:
    """Return the linear problem at a state.

    Raises
    ------
    InversionError
        The Jacobian is zero or not finite.
    """
    data, misfit = state.response.data, state.misfit
    root = np.sqrt(misfit.weight)
    jacobian = problem.simulation.jacobian(state.response, misfit.slope(data) * root)
    stretch = problem.transform.slope(state.model)
    if stretch is not None:
        jacobian *= stretch[:, None].astype(np.float32)
    size = float(max(jacobian.max(), -jacobian.min())) if jacobian.size else 0.0
    if not np.isfinite(size) or size == 0.0:
        raise InversionError(
            f"the Jacobian is {'zero' if size == 0.0 else 'not finite'}",
            mend="no reading senses any parameter: check electrodes, fixed cells and depth",
        )
    return Linearized.of(
        state.model,
        misfit.residual(data) * root,
        jacobian,
        state.regularization,
        root if misfit.robust else None,
    )


def advance(problem: Problem, state: State) -> State:
    """Return the state after one step."""
    began = perf_counter()
    with blas().limit(limits=1):
        linear = linearize(problem, state)
        proposal = problem.search.propose(linear, state.chi2, state.strength)
    strength = proposal.strength
    before = _objective(state.misfit, state.regularization, state, strength)
    length, trial = 1.0, state
    spare = state.spare
    while True:
        model = state.model + length * proposal.step
        response = problem.simulation.predict(problem.transform.to_log(model), spare)
        trial = replace(state, model=model, response=response)
        after = _objective(state.misfit, state.regularization, trial, strength)
        if after < before or length < 0.05:
            break
        spare = response
        if not np.isfinite(after):
            length *= 0.1
            continue
        # Parabola through value and slope here, and the value there.
        fall = 2.0 * length * (before - _expected(linear, proposal.step, strength))
        length *= float(np.clip(fall / (2.0 * (after - before + fall)), 0.1, 0.5))
    if not after < before:
        return replace(state, change=0.0, spare=trial.response, linearized=linear)
    misfit = problem.misfit.reweighted(response.data)
    chi2 = misfit.chi2(response.data)
    step = Iteration(chi2, strength, length, perf_counter() - began)
    return State(
        model,
        response,
        misfit,
        problem.regularization.reweighted(model),
        chi2,
        (*state.history, step),
        strength,
        linear,
        None if state.borrowed else state.response,
        (before - after) / before,
    )


def verdict(problem: Problem, before: State, state: State) -> StopReason | None:
    """Return why to stop after the step between two states, or None to go on."""
    excess = state.chi2 / problem.target - 1.0
    if isinstance(problem.search, Given):
        if state.change < 0.5 * problem.tolerance:
            return StopReason.SETTLED
    elif abs(excess) < problem.tolerance or (excess < 0 and state.change < problem.tolerance):
        return StopReason.FITTED
    elif excess > 0 and _stalled(problem, before, state):
        # Chi-squared of n readings with just these errors scatters by sqrt(2 / n) around 1.
        scatter = np.sqrt(2.0 / len(state.response.data))
        return StopReason.FITTED if excess < SCATTERS * scatter else StopReason.STALLED
    if len(state.history) >= problem.max_iterations:
        return StopReason.EXHAUSTED
    return None


def _stalled(problem: Problem, before: State, state: State) -> bool:
    """Return whether chi-squared cannot be brought down.

    Not after the first step, when the objective still falls, or when more strength was asked for.
    """
    if state.change == 0.0:
        return True
    falls = before.chi2 - state.chi2 >= problem.tolerance * before.chi2
    stronger = before.strength is not None and (state.strength or 0.0) > before.strength
    moving = state.change >= MOVING
    return not (falls or stronger or moving or len(state.history) < 2)


def minimise(
    problem: Problem,
    model: Floats,
    watch: Callable[[State], None] | None = None,
    *,
    strength: float | None = None,
    response: Any = None,
) -> tuple[State, StopReason, float]:
    """Descend from a model until a reason to stop is found.

    Parameters
    ----------
    problem : Problem
    model : array, shape (n_parameters,)
        First model, transformed.
    watch : callable, optional
        Called with each new state.
    strength : float, optional
        Of the problem that the first model solved. A step is then taken even if that model fits:
        it is not yet the smoothest one.
    response : optional
        Of the first model, where it is known.

    Returns
    -------
    State, StopReason, float
        The last state, why the descent ended, and the first model's chi-squared.

    Raises
    ------
    InversionError
        The Jacobian is broken, or chi-squared never fell.
    """
    state = replace(start(problem, model, response), strength=strength)
    first = state.chi2
    if not np.isfinite(first):
        raise InversionError("the first model predicts data that are not finite")
    if not isinstance(problem.search, Given) and first <= problem.target and strength is None:
        return state, StopReason.FITTED, first
    reason = None
    while reason is None:
        before, state = state, advance(problem, state)
        if watch is not None:
            watch(state)
        reason = verdict(problem, before, state)
    fell = state.chi2 < first
    fitted = first < problem.target * (1.0 + problem.tolerance)
    if not (fell or fitted or reason is StopReason.SETTLED):
        raise InversionError(
            f"chi-squared never fell from {first:.3g}",
            mend="check the signs and units of the readings and the error model",
        )
    return state, reason, first


def _objective(misfit: Misfit, regularization: Regularization, at: State, strength: float) -> float:
    return misfit.objective(at.response.data) + strength * regularization.value(at.model)


def _expected(linear: Linearized, step: Floats, strength: float) -> float:
    """Return the objective that a full step would reach if the problem were linear."""
    left = linear.residual_after(step)
    return float(left @ left) + strength * linear.regularization.value(linear.model + step)
