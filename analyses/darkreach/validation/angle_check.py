"""The polar angle of a particle in the centre of mass against a closed form."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from darkreach.configuration import ValidationConfig
from darkreach.configuration.validation import AngleCheck
from darkreach.generators import GeneratedParticles
from darkreach.generators.process_registry import find_process
from darkreach.kinematics import Beams, boost
from darkreach.validation.angular_laws import LAWS, expected_shares
from darkreach.validation.generated_sample import generated_chunks

Array = NDArray[np.float64]

BINS: Final = 20
LEAST_PROBABILITY: Final = 1e-4
"""Of the chi-squared, below which a distribution does not follow its law."""


@dataclass(frozen=True)
class AngleResult:
    """A distribution beside its law.

    Attributes:
        name: what was checked.
        process: that was generated.
        edges: (n + 1,) cosines.
        shares: (n,) simulated, their sum is one.
        errors: (n,) statistical.
        expected: (n,) of the law.
        chi_squared: of the differences, n - 1 degrees of freedom.
        probability: of a larger one.
    """

    name: str
    process: str
    edges: Array
    shares: Array
    errors: Array
    expected: Array
    chi_squared: float
    probability: float

    @property
    def passed(self) -> bool:
        """Whether the differences are those of chance."""
        return self.probability > LEAST_PROBABILITY


def check_angle(check: AngleCheck, config: ValidationConfig) -> AngleResult:
    """Generate the events and compare the distribution.

    Raises:
        ConfigError: the process cannot be generated as configured.
    """
    beams = config.beams[check.beams].beams()
    values = find_process(check.process).values(check.parameters)
    edges = np.linspace(check.cosine.low, check.cosine.high, BINS + 1)
    content, squared = np.zeros(BINS), np.zeros(BINS)
    for part in generated_chunks(check, config):
        cosine, weight = cosines(part, check.particle, beams)
        content += np.histogram(cosine, bins=edges, weights=weight)[0]
        squared += np.histogram(cosine, bins=edges, weights=weight**2)[0]
    total = content.sum()
    shares, errors = content / total, np.sqrt(squared) / total
    expected = expected_shares(LAWS[check.law], edges, beams.s, values)
    # the sum of the shares is fixed to one: one degree of freedom less, and a smaller variance of every share
    chi_squared = float(np.sum((shares - expected) ** 2 / np.maximum(errors**2, 1e-300)))
    probability = float(chi2.sf(chi_squared, BINS - 1))
    return AngleResult(check.name, check.process, edges, shares, errors, expected, chi_squared, probability)


def cosines(events: GeneratedParticles, particle: int, beams: Beams) -> tuple[Array, Array]:
    """Return the CM cosine to the electron of the first particle of this code in each event, and the weights."""
    rows = np.flatnonzero(events.pdg == particle)
    event = events.event[rows]
    first = np.flatnonzero(np.diff(event, prepend=-1))
    half = 0.5 * beams.crossing_angle
    electron = boost(np.array([1.0, math.sin(half), 0.0, math.cos(half)]), -beams.boost)[1:]
    momentum = boost(events.momentum[rows[first]], -beams.boost)[:, 1:]
    cosine = momentum @ electron / (np.linalg.norm(momentum, axis=1) * np.linalg.norm(electron))
    return cosine, events.weight_fb[event[first]]
