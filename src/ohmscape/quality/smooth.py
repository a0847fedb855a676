"""What a smooth section says of each reading, and with what scatter."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from ohmscape.arrays.ground import line_of
from ohmscape.arrays.noise import spread_line
from ohmscape.core.data import Data
from ohmscape.core.survey import REMOTE
from ohmscape.core.types import Booleans, Floats, Integers
from ohmscape.forward.dc25d import quadrupole
from ohmscape.inversion.gauss_newton import Problem, advance, linearize, start, verdict
from ohmscape.inversion.misfit import Misfit
from ohmscape.inversion.options import InversionOptions
from ohmscape.inversion.search import Given
from ohmscape.inversion.setup import Prepared, prepare
from ohmscape.inversion.transform import Transform

ASSUMED = "3%"  #: error of a reading that the section is fitted to
STIFF = 10.0  #: strength of the first section over balance: bad readings are not to be followed
REASON = 1e4  #: times more or less than the first model that the ground may resist
STEPS = 6  #: of a fit at most
BINS, PER_BIN = 12, 25  #: bins of |R| at most, and readings in one at least
CORE = 0.3  #: part of the readings that is taken to be good while bad ones are among them
MOST = 0.68  #: part of the readings that is taken to be good when bad ones are out
LEAST = 0.005  #: relative scatter below which a section and its calculation are not believed


@dataclass(frozen=True, eq=False)
class Smooth:
    """A smooth section fitted to some readings, and what it predicts for any."""

    prepared: Prepared
    observed: Floats  #: (n_used,) ohm
    potential: Floats  #: (n_terminals, n_terminals) V/A
    homogeneous: Floats  #: (n_terminals, n_terminals) V/A over 1 ohm m
    scatter: Floats  #: (2,) a in ohm and b of the scatter a + b |R|

    def predicted(self, abmn: Integers) -> Floats:
        """Return resistances in ohm, shape (n_data,), for rows of electrodes."""
        return quadrupole(self.potential, self._terminals(abmn))

    def factor(self, abmn: Integers) -> Floats:
        """Return geometric factors in m, shape (n_data,), numeric over topography."""
        with np.errstate(divide="ignore"):
            found: Floats = 1.0 / quadrupole(self.homogeneous, self._terminals(abmn))
        return found

    def _terminals(self, abmn: Integers) -> Integers:
        of = self.prepared.setting.terminal_of
        found: Integers = np.where(abmn == REMOTE, REMOTE, of[abmn])
        return found

    def deviation(self, predicted: Floats, *, at_most: float = np.inf) -> Floats:
        """Return the scatter in ohm of readings around predicted ones.

        Parameters
        ----------
        predicted : array, shape (n_data,)
            ohm.
        at_most : float
            Largest relative scatter that is believed; also of a typical reading by the floor.
        """
        size = np.abs(predicted)
        a, b = self.scatter
        return np.asarray(min(a, at_most * float(np.median(size))) + min(b, at_most) * size)

    def residual(self, abmn: Integers, *, at_most: float = np.inf) -> Floats:
        """Return measured minus predicted in standard deviations, shape (n_used,)."""
        predicted = self.predicted(abmn)
        return np.asarray((self.observed - predicted) / self.deviation(predicted, at_most=at_most))


def first_fit(data: Data) -> Smooth:
    """Return a stiff section that outliers hardly bend.

    Parameters
    ----------
    data : Data
        Readings along a line; those not valid are left out.

    Raises
    ------
    SurveyError, MeshError, InversionError
        Readings that cannot be inverted along a line.
    """
    line_of(data.survey.electrodes, data.terrain)  # refuses what does not lie along a line
    options = InversionOptions(error=ASSUMED, check=False)
    prepared = _bounded(prepare(replace(data, standard_deviation=None), options))
    observed = data.resistance[prepared.used]
    apparent = observed * prepared.factor
    typical = np.median(apparent[apparent > 0.0]) / np.abs(prepared.factor)
    deviation = prepared.error.relative * np.maximum(typical, np.abs(observed))
    problem = replace(
        prepared.problem, misfit=Misfit.of(observed, deviation, robust=True), max_iterations=STEPS
    )
    linear = linearize(problem, start(problem, prepared.first))
    problem = replace(problem, search=Given(STIFF * linear.balance()))
    every = np.ones(len(observed), dtype=np.bool_)
    simulation = prepared.simulation
    ground = simulation.potential(simulation.respond(np.ones(len(simulation.section.mesh))))
    none = np.array([0.0, LEAST])
    smooth = Smooth(prepared, observed, ground, ground, none)
    return _fitted(smooth, problem, data.survey.abmn[prepared.used], every)


def _bounded(prepared: Prepared) -> Prepared:
    """Keep resistivity within reason: bad readings would drive it beyond what can be computed."""
    log = prepared.first
    middle = float(np.exp(log[0]))
    transform = Transform(middle / REASON, middle * REASON)
    problem = replace(prepared.problem, transform=transform)
    return replace(prepared, problem=problem, first=transform.from_log(log))


def fit_again(smooth: Smooth, abmn: Integers, use: Booleans) -> Smooth:
    """Return the section that explains some readings to within the assumed error.

    Parameters
    ----------
    smooth : Smooth
        What was known before.
    abmn : array of int, shape (n_used, 4)
        Electrodes of all readings, as they are now thought to be connected.
    use : array of bool, shape (n_used,)
        Readings to be fitted.
    """
    prepared = smooth.prepared
    predicted = smooth.predicted(abmn)
    deviation = prepared.error.relative * np.abs(predicted) + smooth.scatter[0]
    of = prepared.setting.terminal_of
    rows = np.where(abmn == REMOTE, REMOTE, of[abmn])[use]
    problem = replace(
        prepared.problem,
        simulation=replace(prepared.simulation.fresh(), abmn=rows),
        misfit=Misfit.of(smooth.observed[use], deviation[use], robust=True),
        max_iterations=STEPS,
    )
    return _fitted(smooth, problem, abmn, use)


def _fitted(smooth: Smooth, problem: Problem, abmn: Integers, use: Booleans) -> Smooth:
    """Descend; with bad readings a chi-squared that never falls is no surprise, and no error."""
    prepared = smooth.prepared
    state, reason = start(problem, prepared.first), None
    while reason is None:
        before, state = state, advance(problem, state)
        reason = verdict(problem, before, state)
    found = replace(smooth, potential=prepared.simulation.potential(state.response))
    return replace(found, scatter=scatter(found.observed[use], found.predicted(abmn[use])))


def scatter(observed: Floats, predicted: Floats, part: float = CORE) -> Floats:
    r"""Return a in ohm and b of the scatter ``a + b |R|`` of readings around predicted ones.

    Parameters
    ----------
    observed, predicted : array, shape (n_data,)
        ohm.
    part : float
        Of the readings that may be good; the others may be wrong by any amount.

    Notes
    -----
    Readings are cut into bins of equal count by predicted \|R\|. In each, the quantile `part`
    of the size of differences over that of normal numbers is the scatter.
    """
    size, gap = np.abs(predicted), np.abs(observed - predicted)
    normal = float(ndtri(0.5 + 0.5 * part))
    order = np.argsort(size, kind="stable")
    bins = np.array_split(order, min(BINS, max(1, len(order) // PER_BIN)))
    if len(bins) < 3:
        relative = gap / np.maximum(size, np.finfo(float).tiny)
        return np.array([0.0, max(float(np.quantile(relative, part)) / normal, LEAST)])
    level = np.array([size[b].mean() for b in bins])
    spread = np.array([np.quantile(gap[b], part) / normal for b in bins])
    a, b = spread_line(level, spread)
    return np.array([a, max(b, LEAST)])
