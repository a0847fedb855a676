"""A known earth, measured as in the field, inverted, and compared with the truth.

A heap of slag on a limestone that holds a cave. The readings are simulated, spoilt with noise and
by two electrodes with bad contact, written as an instrument file and read back; from then on
nothing of the truth is used until the section is judged.
"""

import shlex
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from ohmscape.arrays.designs import dipole_dipole, schlumberger
from ohmscape.arrays.ground import ground_at
from ohmscape.arrays.quality import contacts, touching
from ohmscape.core.data import Data
from ohmscape.core.survey import Electrodes, Survey
from ohmscape.core.types import Booleans, Floats
from ohmscape.formats import read, write_bert
from ohmscape.forward.simulate import simulate
from ohmscape.inversion.appraisal import DOI_LIMIT
from ohmscape.inversion.options import Region
from ohmscape.inversion.result import InversionResult
from ohmscape.workflow.inversion import watched_invert
from ohmscape.workflow.outputs import write_outputs
from ohmscape.workflow.progress import Progress, Watch
from ohmscape.workflow.record import result_record
from ohmscape.workflow.simulation import with_reciprocals

ELECTRODES, SPACING = 48, 2.0  #: m
SLAG, LIMESTONE, CAVE = 30.0, 300.0, 20_000.0  #: ohm m; the cave holds air
HEAP = np.array([[36.0, 0.0], [48.0, 6.0], [68.0, 6.0], [80.0, 0.0]])  #: outline x, z in m
CAVE_CENTRE, CAVE_RADII = (17.0, -4.5), (4.0, 2.0)  #: x, z and half axes in m
BAD = {12: 0.25, 38: 0.40}  #: electrode, from 0: scatter of its readings
NOISE = "1.5%+0.2mOhm"
FILE = "line.dat"
TITLE = "Demo: slag heap on limestone with a cave"


def demo(out: Path, seed: int, watch: Watch) -> dict[str, Any]:
    """Run the demo; return what was found and how far that is from the truth.

    Parameters
    ----------
    out : Path
        Folder for the instrument file, the outputs of the inversion and their comparison with the
        truth (in result.json under "demo").
    seed : int
        Of the noise.
    watch : callable
    """
    began = perf_counter()
    out.mkdir(parents=True, exist_ok=True)
    watch(Progress("preparing", f"readings of {ELECTRODES} electrodes over a known earth"))
    write_bert(measured(seed), out / FILE)

    watch(Progress("reading", str(out / FILE)))
    data = read(out / FILE)
    judged = contacts(data)
    bad = np.flatnonzero(judged.suspect)
    data = data.without(touching(data.survey.abmn, judged.suspect), "electrode with bad contact")
    result = watched_invert(data, watch)
    found = _found(result)
    record = result_record(
        result,
        options={"demo seed": seed},
        reproduce={
            "command": shlex.join(["ohmscape", "demo", "--out", str(out), "--seed", str(seed)]),
            "python": "from pathlib import Path\nfrom ohmscape.workflow import Demo\n"
            f"Demo(Path({str(out)!r}), {seed}).run()",
        },
    )
    comparison = {
        "bad_electrodes": {"found": (bad + 1).tolist(), "true": [e + 1 for e in BAD]},
        **found,
    }
    watch(Progress("writing", str(out)))
    return write_outputs(
        result, out, {"title": TITLE, **record, "demo": comparison, "story": _story(
            comparison, judged.usual, judged.difference[bad], result)},
        began=began, known=_outlines(),
    )  # fmt: skip


def ground() -> Floats:
    """Return the surface as points x, z in m."""
    end = (ELECTRODES - 1) * SPACING
    return np.vstack([[0.0, 0.0], HEAP, [end, 0.0]])


def cave() -> Floats:
    """Return the outline of the cave, x, z in m, shape (n, 2)."""
    turn = np.linspace(0.0, 2.0 * np.pi, 24, endpoint=False)
    return np.column_stack([np.cos(turn), np.sin(turn)]) * CAVE_RADII + CAVE_CENTRE


def earth(points: Floats) -> Floats:
    """Return the true resistivity in ohm m at points x, y, z in m, shape (n, 3)."""
    values = np.where(points[:, 2] > 0.0, SLAG, LIMESTONE)
    values[Region(cave()).holds(points[:, [0, 2]])] = CAVE
    return values


def measured(seed: int) -> Data:
    """Return what an instrument would have written: noise, bad contacts, no stated errors."""
    x = np.arange(ELECTRODES) * SPACING
    electrodes = Electrodes(np.column_stack([x, np.interp(x, *ground().T)]))
    abmn = np.concatenate(
        [
            with_reciprocals(dipole_dipole(ELECTRODES, 6, (1, 2, 3))),
            schlumberger(ELECTRODES, 6, (1, 2, 3)),
        ]
    )
    outline = cave()
    interfaces = [HEAP[[0, -1]], np.vstack([outline, outline[:1]])]
    data = simulate(Survey(electrodes, abmn), earth, interfaces, noise=NOISE, seed=seed)
    resistance = data.resistance.copy()
    scatter = np.random.default_rng(seed + 1000)
    for electrode, size in BAD.items():
        rows = (abmn == electrode).any(axis=1)
        resistance[rows] *= 1.0 + size * scatter.standard_normal(int(rows.sum()))
    return replace(data, resistance=resistance, standard_deviation=None, numerical_error=None)


def _found(result: InversionResult) -> dict[str, Any]:
    """Return what the section says, by rules that do not know the truth, beside the truth."""
    group, line = result.parameters, result.prepared.setting.line
    x, z = group.centres.T
    depth = ground_at(line, x) - z
    values, believed = np.log10(result.resistivity), result.depth_of_investigation <= DOI_LIMIT
    heap = (x > HEAP[1, 0]) & (x < HEAP[2, 0])
    beside = (x < HEAP[0, 0]) | (x > HEAP[3, 0])
    slag = float(10.0 ** np.median(values[heap & (depth < 0.5 * HEAP[1, 1])]))
    rock = float(10.0 ** np.median(values[beside & believed & (depth > SPACING)]))
    base = _base(group.centres[heap], values[heap], 0.5 * (np.log10(slag) + np.log10(rock)))
    spot, peak, at_depth = _spot(result, beside & believed, values, depth)
    miss = float(np.hypot(spot[0] - CAVE_CENTRE[0], spot[1] - CAVE_CENTRE[1]))
    return {
        "cave": {
            "x_m": spot[0], "depth_m": at_depth, "resistivity_ohm_m": peak,
            "true_x_m": CAVE_CENTRE[0], "true_depth_m": -CAVE_CENTRE[1],
            "true_resistivity_ohm_m": CAVE, "distance_m": miss,
        },
        "heap_base": {
            "z_m": float(np.median(base)), "true_z_m": 0.0,
            "error_mean_m": float(base.mean()), "error_rms_m": float(np.sqrt(np.mean(base**2))),
        },
        "slag": {"resistivity_ohm_m": slag, "true_resistivity_ohm_m": SLAG},
        "limestone": {"resistivity_ohm_m": rock, "true_resistivity_ohm_m": LIMESTONE},
    }  # fmt: skip


def _base(centres: Floats, values: Floats, level: float) -> Floats:
    """Return per column the elevation where log10(resistivity) first rises through a level."""
    found = []
    for left in np.arange(HEAP[1, 0], HEAP[2, 0], SPACING):
        here = np.flatnonzero((centres[:, 0] >= left) & (centres[:, 0] < left + SPACING))
        here = here[np.argsort(-centres[here, 1], kind="stable")]
        z, v = centres[here, 1], values[here]
        rise = np.flatnonzero((v[1:] >= level) & (v[:-1] < level))
        if len(rise):
            k = rise[0]
            share = (level - v[k]) / (v[k + 1] - v[k])
            found.append(float(z[k] + share * (z[k + 1] - z[k])))
    return np.array(found)


def _spot(
    result: InversionResult, where: Booleans, values: Floats, depth: Floats
) -> tuple[tuple[float, float], float, float]:
    """Return the middle (x, z) of the most resistive spot, its largest resistivity, its depth.

    The spot is what lies around the largest value and exceeds, in log10, half-way from the
    median to it.
    """
    group = result.parameters
    inside = np.flatnonzero(where & (depth > 0.5 * SPACING))
    top = inside[np.argmax(values[inside])]
    half = 0.5 * (values[top] + np.median(values[inside]))
    near = np.hypot(*(group.centres[inside] - group.centres[top]).T) < 5 * SPACING
    spot = inside[near & (values[inside] > half)]
    weight = group.areas[spot] * (values[spot] - half)
    x, z = (float(v) for v in weight @ group.centres[spot] / weight.sum())
    ground_there = float(ground_at(result.prepared.setting.line, np.array([x]))[0])
    return (x, z), float(10.0 ** values[top]), ground_there - z


def _outlines() -> tuple[Any, ...]:
    from ohmscape.viz.section import Known

    return (
        Known(cave(), closed=True, label="true cave"),
        Known(HEAP[[0, -1]], closed=False, label="true base"),
    )


def _story(
    found: dict[str, Any], usual: float, differences: Floats, result: InversionResult
) -> list[str]:
    """Return what happened, in sentences."""
    bad, cave_, base = found["bad_electrodes"], found["cave"], found["heap_base"]
    slag, rock = found["slag"], found["limestone"]
    each = ", ".join(
        f"{e} ({100 * d:.0f} %)" for e, d in zip(bad["found"], differences, strict=True)
    )
    used = int(result.prepared.used.sum())
    return [
        f"Bad electrodes: found {each or 'none'}, true {', '.join(map(str, bad['true']))}. Their "
        f"reciprocal readings differ, in the median, by more than four times the usual "
        f"{100 * usual:.1f} %.",
        f"Error model: {result.prepared.error.description}.",
        f"Inversion: chi-squared {result.chi2:.2f} with {used} of {len(result.prepared.used)} "
        f"readings in {len(result.iterations)} iterations, {result.seconds:.2f} s.",
        f"Cave: found at x {cave_['x_m']:.1f} m, {cave_['depth_m']:.1f} m deep; true "
        f"{cave_['true_x_m']:.1f} m and {cave_['true_depth_m']:.1f} m: {cave_['distance_m']:.1f} m "
        f"off. Its resistivity comes out as {cave_['resistivity_ohm_m']:.0f} ohm m instead of "
        f"{cave_['true_resistivity_ohm_m']:.0f}: a smooth section shows where a void is, not how "
        f"empty.",
        f"Base of the heap: found at z {base['z_m']:.1f} m, true {base['true_z_m']:.1f} m: "
        f"{base['error_mean_m']:+.1f} m off in the mean, {base['error_rms_m']:.1f} m rms.",
        f"Slag: {slag['resistivity_ohm_m']:.0f} ohm m, true {slag['true_resistivity_ohm_m']:.0f}. "
        f"Limestone: {rock['resistivity_ohm_m']:.0f} ohm m, true "
        f"{rock['true_resistivity_ohm_m']:.0f}.",
    ]
