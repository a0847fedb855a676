"""From readings to a section, in one call; and again with another lambda or fewer readings."""

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np

from ohmscape.core.data import Data
from ohmscape.core.types import Booleans, Floats
from ohmscape.errors import InversionError
from ohmscape.inversion.appraisal import coverage, depth_of_investigation
from ohmscape.inversion.gauss_newton import Problem, State, StopReason, linearize, minimise
from ohmscape.inversion.normal import Linearized, blas
from ohmscape.inversion.options import InversionOptions
from ohmscape.inversion.result import ForwardCheck, InversionResult, _spread
from ohmscape.inversion.search import Given
from ohmscape.inversion.setup import Prepared, prepare

TRUSTED = 0.1  #: of chi-squared that the refined forward calculation may change it by


def invert(
    data: Data, *, watch: Callable[[State], None] | None = None, **options: Any
) -> InversionResult:
    """Return the smoothest section that explains the readings to within their errors.

    Parameters
    ----------
    data : Data
        Readings along a line; those not valid are left out.
    watch : callable, optional
        Called with the state after each step.
    **options
        Fields of `InversionOptions`: ``error="3%+1mV"``, ``lam=20``, ``robust=True``,
        ``blocky=True``, ``bounds=(1, 1e4)``, ``water=Water(0.0, 25.0)`` ...

    Returns
    -------
    InversionResult
        Also when the target was not reached: see ``stop_reason``.

    Raises
    ------
    SurveyError, MeshError
        Readings or ground that cannot be used.
    InversionError
        Nothing to invert, a broken Jacobian, or a chi-squared that never fell.
    """
    began = perf_counter()
    chosen = InversionOptions(**options)
    prepared = prepare(data, chosen)
    return _solve(prepared, prepared.problem, prepared.first, began, watch=watch)


def reinvert(
    result: InversionResult,
    *,
    lam: float | None = None,
    leave_out: Booleans | None = None,
) -> InversionResult:
    """Return the result for another lambda or fewer readings, from where the old one ended.

    Parameters
    ----------
    result : InversionResult
    lam : float, optional
        Strength of regularisation; the old search if left out.
    leave_out : array of bool, shape (n_data,), optional
        Readings to be left out from now on.

    Returns
    -------
    InversionResult
        Without the check on a refined mesh.

    Raises
    ------
    InversionError
        No reading is left.
    """
    began = perf_counter()
    prepared, response = result.prepared, result.state.response
    if leave_out is not None:
        response = replace(response, data=response.data[~leave_out[prepared.used]])
        prepared = _without(prepared, leave_out)
    problem = prepared.problem
    # The old result keeps its linear problem: its memory is not to be written over.
    problem = replace(problem, simulation=prepared.posed.simulation.fresh())
    if lam is not None:
        problem = replace(problem, search=Given(lam))
    prepared = replace(prepared, problem=problem, options=replace(prepared.options, check=False))
    return _solve(
        prepared, problem, result.state.model, began, strength=result.lam, response=response
    )


def preview(result: InversionResult, lam: float) -> tuple[Floats, float]:
    """Return the section for another lambda, to first order: no forward calculation.

    Parameters
    ----------
    result : InversionResult
        Its last step's linear problem is solved again.
    lam : float
        Strength of regularisation.

    Returns
    -------
    resistivity : array, shape (n_parameters,)
        ohm m.
    chi2 : float
        As the linear problem expects it.

    Raises
    ------
    InversionError
        No step was taken.
    """
    linear = _last(result.state)
    with blas().limit(limits=1):
        step = linear.step(lam)
        chi2 = linear.chi2_after(step)
    log = result.prepared.problem.transform.to_log(linear.model + step)
    return np.exp(log), chi2


def _solve(
    prepared: Prepared,
    problem: Problem,
    first: Floats,
    began: float,
    *,
    watch: Callable[[State], None] | None = None,
    strength: float | None = None,
    response: Any = None,
) -> InversionResult:
    state, reason, start_chi2 = minimise(
        problem, first, watch, strength=strength, response=response
    )
    if state.linearized is None:
        state = replace(state, linearized=linearize(problem, state))
    linear = _last(state)
    strength = state.strength or 0.3 * linear.balance()
    group = prepared.parameters
    with blas().limit(limits=1):
        doi = depth_of_investigation(linear, strength, group)
    check = _checked(prepared, state) if prepared.options.check else None
    return InversionResult(
        prepared=prepared,
        state=state,
        stop_reason=reason,
        start_chi2=start_chi2,
        resistivity=np.exp(problem.transform.to_log(state.model)),
        predicted=_spread(prepared, state.response.data),
        standard_deviation=_spread(prepared, problem.misfit.standard_deviation),
        depth_of_investigation=doi,
        coverage=coverage(linear, group),
        check=check,
        seconds=perf_counter() - began,
        warnings=_warnings(prepared, state, reason, check),
    )


def _last(state: State) -> Linearized:
    if state.linearized is None:
        raise InversionError("no step was taken: there is nothing to preview", mend="use reinvert")
    return state.linearized


def _checked(prepared: Prepared, state: State) -> ForwardCheck:
    """Judge the final model by a better forward calculation."""
    finer = prepared.posed.refined(state.response)
    error = (np.abs(state.response.data - finer.data) + finer.missed) / np.abs(finer.data)
    return ForwardCheck(finer.nodes, state.misfit.chi2(finer.data), 100.0 * error)


def _without(prepared: Prepared, leave_out: Booleans) -> Prepared:
    """Return the problem without some readings; mesh and factors stay."""
    keep = ~leave_out[prepared.used]
    if not keep.any():
        raise InversionError("no reading is left", mend="leave fewer out")
    used = prepared.used & ~leave_out
    problem, misfit = prepared.problem, prepared.problem.misfit
    posed = prepared.posed.only(keep)
    return replace(
        prepared,
        used=used,
        posed=posed,
        problem=replace(
            problem,
            simulation=posed.simulation,
            misfit=replace(
                misfit,
                observed=misfit.observed[keep],
                standard_deviation=misfit.standard_deviation[keep],
                weight=misfit.weight[keep],
            ),
        ),
    )


def _warnings(
    prepared: Prepared, state: State, reason: StopReason, check: ForwardCheck | None
) -> tuple[str, ...]:
    """Return what a careful reader of the section should know."""
    found = []
    unused = int((~prepared.used).sum())
    if unused:
        found.append(f"{unused} of {len(prepared.used)} readings were not used")
    if not reason.success:
        found.append(reason.value)
    if check is not None and abs(check.chi2 - state.chi2) > TRUSTED * max(state.chi2, 1.0):
        found.append(
            f"chi-squared is {check.chi2:.2f} on a refined mesh instead of {state.chi2:.2f}: "
            "part of the fit is numerical error"
        )
    flipped = int((np.sign(state.response.data) != np.sign(prepared.problem.misfit.observed)).sum())
    if flipped:
        found.append(f"{flipped} readings have the opposite sign of what the section predicts")
    return tuple(found)
