"""Make src/ohmscape/forward/wavenumbers.json: quadratures of the inverse cosine transform.

For each ratio R of the longest to the shortest distance, wavenumbers k and weights w such that
sum_l w_l K0(k_l r) = 1/r for 1 <= r <= R, with its first and second derivative, in the
least-squares sense of relative errors. Fits with negative weights are left out: they cancel
large numbers, and fail where the field is not that of a homogeneous ground.

Run it by hand: python tools/make_wavenumbers.py
"""

import json
from pathlib import Path

import numpy as np
from scipy.optimize import least_squares
from scipy.special import k0, k1

LANES = (8, 16)
RATIOS = [2.0 ** (j / 2) for j in range(2, 27)]
TABLE = Path(__file__).parents[1] / "src/ohmscape/forward/wavenumbers.json"


def system(k, r):
    """Rows: value, slope and curvature of the fit over those of 1/r; right-hand side ones."""
    z = r[:, None] * k
    value = r[:, None] * k0(z)
    slope = r[:, None] * z * k1(z)
    curvature = r[:, None] * (z * z * k0(z) + z * k1(z)) / 2
    return np.vstack([value, slope, 0.5 * curvature]), np.concatenate(
        [np.ones(2 * len(r)), np.full(len(r), 0.5)]
    )


def fit(lanes, ratio, start):
    """Return log k, w and the largest relative errors of value, slope and curvature."""
    r = np.exp(np.linspace(0, np.log(ratio), 240))

    def weights(log_k):
        matrix, ones = system(np.exp(log_k), r)
        w = np.linalg.lstsq(matrix, ones, rcond=1e-14)[0]
        return w, matrix @ w - ones

    best = least_squares(lambda x: weights(x)[1], start, max_nfev=600, xtol=1e-12, ftol=1e-12)
    w, rest = weights(best.x)
    n = len(r)
    return (
        best.x,
        w,
        [
            float(np.abs(rest[:n]).max()),
            float(np.abs(rest[n : 2 * n]).max()),
            float(2 * np.abs(rest[2 * n :]).max()),
        ],
    )


def main():
    """Write the table."""
    table = {}
    for lanes in LANES:
        log_k, entries, before = None, [], None
        for ratio in RATIOS:
            starts = [
                np.linspace(np.log(0.15 / ratio), np.log(3.0), lanes),
                np.linspace(np.log(0.05 / ratio), np.log(4.0), lanes),
            ]
            if log_k is not None:
                stretch = np.linspace(1, 0, lanes) * np.log(ratio / before)
                starts.append(log_k - stretch)
            found = min((fit(lanes, ratio, s) for s in starts), key=lambda f: max(f[2]))
            log_k, w, error = found
            before = ratio
            order = np.argsort(log_k)
            if w.min() <= 0:
                continue
            entries.append(
                {
                    "ratio": ratio,
                    "k": [float(f"{x:.12g}") for x in np.exp(log_k)[order]],
                    "w": [float(f"{x:.12g}") for x in w[order]],
                    "error": error,
                }
            )
            print(lanes, round(ratio, 1), [f"{e:.1e}" for e in error], flush=True)
        table[str(lanes)] = entries
    TABLE.write_text(json.dumps(table, indent=0) + "\n")


if __name__ == "__main__":
    main()
