"""Where each reading was repeated with current and potential exchanged, the errors are measured."""

import numpy as np

import ohmscape
from ohmscape.arrays.designs import dipole_dipole, reciprocal

x = np.arange(40.0)
normal = dipole_dipole(40)
electrodes = ohmscape.Electrodes(np.column_stack([x, 0 * x]))
survey = ohmscape.Survey(electrodes, np.vstack([normal, reciprocal(normal)]))
truth = "2%+1mOhm"

noisy = ohmscape.simulate(survey, 100.0, noise=truth, seed=7)
unknown = ohmscape.Data(noisy.survey, noisy.resistance)  # as a file comes that states no errors
model, deviation = ohmscape.error_model(unknown)
result = ohmscape.invert(unknown)

print(model.description)
print(f"true: {truth}; chi-squared of the section {result.chi2:.2f}")
