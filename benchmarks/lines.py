"""The lines that are inverted: public field files, and known grounds of any length."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import ohmscape
from ohmscape.arrays.designs import dipole_dipole, schlumberger

ROOT = Path(__file__).resolve().parent.parent
MADE = ROOT / "build" / "bench"  #: where synthetic lines are written
SPACING = 2.0  #: m
TOP = 3.0  #: thickness of the first layer in m
BLOCK_EVERY = 24  #: electrodes


@dataclass(frozen=True)
class Line:
    """A file and how to measure on it."""

    name: str
    path: Path
    electrodes: int
    flat: bool = True
    repeats: int = 5
    peer_repeats: int = 5


def data_folder() -> Path:
    """Return the folder of public field files."""
    return Path(os.environ.get("OHMSCAPE_DATA", ROOT.parent / "shared" / "data"))


def field_lines() -> list[Line]:
    """Return the public field files that are compared."""
    folder = data_folder() / "bert"
    return [
        Line("gallery", folder / "gallery.dat", 21),
        Line("slagdump", folder / "slagdump.ohm", 38, flat=False),
        Line("bedrock", folder / "bedrock.dat", 64),
    ]


def made_lines() -> list[Line]:
    """Return the synthetic lines that are compared."""
    return [
        Line("made-48", made(48), 48),
        Line("made-96", made(96), 96, peer_repeats=3),
        Line("made-192", made(192), 192, peer_repeats=1),
    ]


def mixed_array(n: int) -> np.ndarray:
    """Return dipole-dipole and Wenner-Schlumberger readings of a line, shape (n_data, 4)."""
    return np.concatenate(
        [
            dipole_dipole(n, 6, (1, 2, max(3, n // 16))),
            schlumberger(n, 4, (1, 3, max(4, n // 12))),
        ]
    )


def made(n: int, readings: int | None = None) -> Path:
    """Return the file of a synthetic line with `n` electrodes, made if it is not there.

    Two layers and alternating blocks, 3 % noise, fixed seed.

    Parameters
    ----------
    n : int
    readings : int, optional
        Keep as many, evenly drawn; more than the mixed array has are taken from further arrays.
    """
    path = MADE / f"line-{n}{'' if readings is None else f'-{readings}'}.ohm"
    if path.exists():
        return path
    abmn = mixed_array(n)
    if readings is not None:
        abmn = _as_many(abmn, n, readings)
    x = SPACING * np.arange(n)
    electrodes = ohmscape.Electrodes(np.column_stack([x, np.zeros(n), np.zeros(n)]))
    blocks = [_outline(i) for i in range(_n_blocks(n))]
    far = 20 * x[-1]
    ends = np.array([-far, far])
    layers = [np.column_stack([ends, [-TOP, -TOP]])]
    data = ohmscape.simulate(
        ohmscape.Survey(electrodes, abmn),
        _ground(n),
        interfaces=[*layers, *blocks],
        noise="3%",
        seed=20261123 + n,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    ohmscape.write_bert(data, path)
    return path


def _as_many(abmn: np.ndarray, n: int, readings: int) -> np.ndarray:
    """Return this many readings, in order, without repetition."""
    if readings > len(abmn):
        lengths = tuple(range(1, 9))
        more = np.concatenate([dipole_dipole(n, 8, lengths), schlumberger(n, 8, lengths)])
        abmn = np.unique(np.concatenate([abmn, more]), axis=0)
    if readings > len(abmn):
        raise ValueError(f"only {len(abmn)} readings on {n} electrodes")
    chosen = np.random.default_rng(readings).choice(len(abmn), readings, replace=False)
    return abmn[np.sort(chosen)]


def _n_blocks(n: int) -> int:
    return max(1, n // BLOCK_EVERY)


def _outline(i: int) -> np.ndarray:
    """Return the closed outline of a block below the first layer."""
    middle = SPACING * BLOCK_EVERY * (i + 0.5)
    left, right, top, bottom = middle - 5.0, middle + 5.0, -TOP - 1.0, -TOP - 5.0
    return np.array([[left, top], [left, bottom], [right, bottom], [right, top], [left, top]])


def _ground(n: int):
    """Return resistivity in ohm m as a function of points: layers, and every other block high."""

    def resistivity(points):
        x, z = points[:, 0], points[:, 2]
        value = np.where(z > -TOP, 150.0, 60.0)
        for i in range(_n_blocks(n)):
            outline = _outline(i)
            low, high = outline.min(axis=0), outline.max(axis=0)
            inside = (x > low[0]) & (x < high[0]) & (z > low[1]) & (z < high[1])
            value = np.where(inside, 600.0 if i % 2 else 8.0, value)
        return value

    return resistivity
