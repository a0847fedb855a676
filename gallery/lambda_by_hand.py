"""Another lambda, or fewer readings, without beginning again."""

from pathlib import Path
from time import perf_counter

import numpy as np

import ohmscape
from ohmscape.arrays.designs import schlumberger
from ohmscape.viz import convergence_figure, png

x = np.arange(48.0)
survey = ohmscape.Survey(ohmscape.Electrodes(np.column_stack([x, 0 * x])), schlumberger(48))
pit = ohmscape.Region([[20.0, 0.0], [28.0, 0.0], [26.0, -4.0], [22.0, -4.0]])
data = ohmscape.simulate(
    survey,
    lambda p: np.where(pit.holds(p[:, [0, 2]]), 20.0, 100.0),
    [pit.closed()],
    noise="3%",
    seed=6,
)
result = ohmscape.invert(data)
print(f"found by itself: lambda {result.lam:.3g}, chi-squared {result.chi2:.2f}")

for factor in (0.1, 0.3, 3.0, 10.0):
    lam = factor * result.lam
    began = perf_counter()
    _, guess = ohmscape.preview(result, lam)  # to first order: what a slider shows
    shown = perf_counter() - began
    exact = ohmscape.reinvert(result, lam=lam)
    print(
        f"lambda {lam:8.3g}: chi-squared {guess:.2f} in {1000 * shown:.0f} ms, "
        f"converged {exact.chi2:.2f} in {1000 * exact.seconds:.0f} ms"
    )

residual = (data.resistance - result.predicted) / result.standard_deviation
worst = np.abs(residual) > np.quantile(np.abs(residual), 0.9)
fewer = ohmscape.reinvert(result, leave_out=worst)
print(f"without the worst tenth: chi-squared {fewer.chi2:.2f} in {1000 * fewer.seconds:.0f} ms")

Path("lambda_by_hand.png").write_bytes(png(convergence_figure(result)))
