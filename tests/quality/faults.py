"""Synthetic surveys with faults of which all is known: what a rule finds can be counted.

A survey is read from the potentials between all pairs of electrodes over a known ground, so that
any array, and any exchange of electrodes, costs one simulation per ground.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from ohmscape.arrays import designs
from ohmscape.core.data import Data
from ohmscape.core.survey import REMOTE, Electrodes, Survey
from ohmscape.core.types import Booleans, Floats, Integers
from ohmscape.forward.simulate import simulate

SPACING = 2.0  #: m
COUNTS = (24, 32, 40, 48)  #: electrodes
GROUNDS = 10  #: per number of electrodes
ARRAYS = ("wenner", "schlumberger", "dipole-dipole")
KINDS = ("dead", "loose", "swapped", "spikes", "drift", "hum")
SECONDS = 2.0  #: from one reading to the next
EDGE = 1e4  #: m, beyond all that is seen


@dataclass(frozen=True, eq=False)
class Ground:
    """Resistivities in ohm m, the lines where they jump, and potentials of all pairs in ohm."""

    resistivity: Callable[[Floats], Floats]
    potential: Floats  #: (n_electrodes, n_electrodes), NaN on the diagonal


@dataclass(frozen=True, eq=False)
class Case:
    """A survey with faults, the same without, and what is wrong."""

    ground: Ground
    clean: Data
    data: Data
    dead: tuple[int, ...]  #: electrodes, from 0, without or with bad contact
    swapped: tuple[tuple[int, int], ...]  #: neighbours whose take-outs are exchanged
    spoilt: Booleans  #: (n_data,) readings that a spike, hum, or a bad electrode changed
    stray: Booleans  #: (n_data,) those that a spike, hum or a bad contact changed
    kinds: tuple[str, ...]
    array: str
    reciprocals: bool

    @property
    def bad(self) -> set[int]:
        """All bad electrodes."""
        return {*self.dead, *(e for pair in self.swapped for e in pair)}


def line(n: int) -> Electrodes:
    """Return electrodes in a row on flat ground."""
    return Electrodes([[SPACING * i, 0.0, 0.0] for i in range(n)])


@cache
def ground(n: int, number: int) -> Ground:
    """Return a ground of two or three layers and up to three blocks, and what is read over it."""
    rng = np.random.default_rng([n, number])
    length = SPACING * (n - 1)
    values = 10.0 ** rng.uniform(1.3, 3.0, 3)
    tops = -np.cumsum(rng.uniform(1.0, 0.09 * length, 2))
    if rng.random() < 0.3:
        values[:] = values[0]
    blocks = []
    for _ in range(rng.integers(0, 4)):
        x0, wide = rng.uniform(0.05, 0.8) * length, rng.uniform(2.5, 8.0) * SPACING
        z0, tall = -rng.uniform(0.5, 2.5) * SPACING, rng.uniform(1.0, 4.0) * SPACING
        blocks.append((x0, x0 + wide, z0 - tall, z0, values[0] * 10.0 ** rng.uniform(-1.0, 1.0)))

    def resistivity(points: Floats) -> Floats:
        x, z = points[:, 0], points[:, 2]
        found = np.where(z > tops[0], values[0], np.where(z > tops[1], values[1], values[2]))
        for x0, x1, z0, z1, value in blocks:
            found = np.where((x > x0) & (x < x1) & (z > z0) & (z < z1), value, found)
        return found

    i, j = np.triu_indices(n, 1)
    remote = np.full(len(i), REMOTE)
    survey = Survey(line(n), np.column_stack([i, remote, j, remote]))
    read = simulate(survey, resistivity)  # a cell takes the mean of its parts: a real, blurred edge
    potential = np.full((n, n), np.nan)
    potential[i, j] = potential[j, i] = read.resistance
    return Ground(resistivity, potential)


def readings(potential: Floats, abmn: Integers) -> Floats:
    """Return resistances in ohm from potentials of pairs."""
    a, b, m, n = abmn.T
    found: Floats = potential[a, m] - potential[b, m] - potential[a, n] + potential[b, n]
    return found


def case(seed: int) -> Case:
    """Return a survey with one to four faults at once."""
    rng = np.random.default_rng([20260, seed])
    n = int(rng.choice(COUNTS))
    array = ARRAYS[seed % 3]
    reciprocals = bool(seed % 2)
    kinds = tuple(str(k) for k in rng.choice(KINDS, rng.integers(1, 5)))
    return spoil(n, int(rng.integers(GROUNDS)), array, kinds, rng, reciprocals=reciprocals)


def spoil(
    n: int,
    number: int,
    array: str,
    kinds: tuple[str, ...],
    rng: np.random.Generator,
    *,
    reciprocals: bool,
) -> Case:
    """Return a survey over a ground with faults of these kinds."""
    place = ground(n, number)
    abmn = _design(array, n)
    if reciprocals:
        abmn = np.concatenate([abmn, designs.reciprocal(abmn)])
    true = readings(place.potential, abmn)
    noise = rng.uniform(0.01, 0.03)
    scatter = noise * np.abs(true) + 1e-4 * float(np.median(np.abs(true)))
    noisy = rng.standard_normal(len(abmn)) * scatter
    time = 1.7e9 + SECONDS * np.arange(len(abmn))
    clean = Data(Survey(line(n), abmn), true + noisy, time=time)

    free = list(rng.permutation(np.arange(1, n - 1)))
    dead, swapped, touched = [], [], np.zeros(len(abmn), dtype=np.bool_)
    for kind in kinds:
        if kind in ("dead", "loose"):
            dead.append((int(free.pop()), kind))
        elif kind == "swapped":
            e = next(e for e in free if e + 1 in free)
            free = [f for f in free if f not in (e, e + 1)]
            swapped.append((int(e), int(e) + 1))
    order = np.arange(n)
    for e, f in swapped:
        order[[e, f]] = f, e
    sought = order[abmn]
    changed = readings(place.potential, sought)
    value = changed * (1.0 + noisy / np.where(true == 0, 1.0, true))
    moved = (sought != abmn).any(axis=1)
    for e, kind in dead:
        rows = (abmn == e).any(axis=1)
        value[rows] = _contact(kind, value[rows], rng)
        touched |= rows
    for kind in kinds:
        if kind == "spikes":
            rows = rng.random(len(abmn)) < rng.uniform(0.01, 0.03)
            value[rows] *= rng.choice([-1.0, 0.2, 0.5, 2.0, 5.0], int(rows.sum()))
            touched |= rows
        elif kind == "hum":
            rows, extra = _hum(true, rng)
            value[rows] += extra
            touched[rows] |= np.abs(extra) > 3.0 * scatter[rows]
        elif kind == "drift":
            value *= 1.0 + rng.uniform(-0.08, 0.08) * np.linspace(0.0, 1.0, len(value))
    return Case(
        place, clean, replace(clean, resistance=value), tuple(e for e, _ in dead), tuple(swapped),
        touched | moved, touched, kinds, array, reciprocals,
    )  # fmt: skip


def _design(array: str, n: int) -> Integers:
    if array == "wenner":
        return designs.wenner(n)
    build = designs.schlumberger if array == "schlumberger" else designs.dipole_dipole
    return build(n, 6, (1, 2, 3))


def _contact(kind: str, value: Floats, rng: np.random.Generator) -> Floats:
    """Return what is read through an electrode without contact, or with a loose one."""
    if kind == "loose":
        spoilt: Floats = value * (1.0 + rng.uniform(0.2, 0.5) * rng.standard_normal(len(value)))
        return spoilt
    sign = rng.choice([-1.0, 1.0], len(value))
    dead: Floats = np.abs(value) * sign * 10.0 ** (0.7 * rng.standard_normal(len(value)))
    return dead


def _hum(true: Floats, rng: np.random.Generator) -> tuple[Integers, Floats]:
    """Return a run of readings and what mains adds to them: most to the weakest."""
    long = int(0.15 * len(true))
    first = int(rng.integers(0, len(true) - long))
    rows = np.arange(first, first + long)
    size = 0.5 * float(np.percentile(np.abs(true), 20.0))
    return rows, size * np.sin(rng.uniform(0.0, 2.0 * np.pi, long))
