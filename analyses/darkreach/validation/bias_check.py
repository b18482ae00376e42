"""Bias of the fitted signal strength: how far it is from the strength in pseudo-experiments, in its own errors."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from darkreach.validation.pseudo_experiments import StrengthFits, typical_spread

ERRORS_ALLOWED: Final = 3.0
"""Statistical errors by which a number may miss its tolerance."""
LARGEST_BIAS: Final = 0.1
"""In standard deviations: adds 0.5 % in quadrature to the error of the strength."""
LARGEST_WIDTH_CHANGE: Final = 0.1


@dataclass(frozen=True)
class Bias:
    """Fitted minus true strength of pseudo-experiments.

    The bias is that of the strength itself. The mean of the pull has another contribution: with few events an
    experiment that fluctuates downwards claims a smaller error, so that the mean is below zero for an unbiased fit.

    Attributes:
        strength: signal strength in the pseudo-data.
        experiments: with a fit and an error.
        failed: without.
        spread: half the central 68.3 % of the fitted strengths.
        bias: mean of fitted minus true strength, over the spread.
        bias_error: its statistical error.
        pull_mean: mean of (fitted - true) / error of the fit.
        pull_mean_error: its statistical error.
        pull_width: standard deviation of the pull.
        pull_width_error: its statistical error.
    """

    strength: float
    experiments: int
    failed: int
    spread: float
    bias: float
    bias_error: float
    pull_mean: float
    pull_mean_error: float
    pull_width: float
    pull_width_error: float

    @property
    def passed(self) -> bool:
        """Whether bias and width of the pull are within tolerance and three errors; no more than 1 % may fail."""
        if not (self.experiments and self.failed <= 0.01 * (self.experiments + self.failed)):
            return False
        unbiased = abs(self.bias) <= LARGEST_BIAS + ERRORS_ALLOWED * self.bias_error
        return unbiased and abs(self.pull_width - 1.0) <= LARGEST_WIDTH_CHANGE + ERRORS_ALLOWED * self.pull_width_error

    def as_dict(self) -> dict[str, Any]:
        """Return plain content for JSON."""
        return asdict(self) | {"passed": self.passed}


def bias_of(fits: StrengthFits, strength: float) -> Bias:
    """Return bias and pull of fits of N experiments with a signal of the given strength.

    Example:
        >>> fits = StrengthFits(np.array([0.0, 1.0, 2.0, 3.0]), np.ones(4))
        >>> bias_of(fits, 1.0).pull_mean, bias_of(fits, 1.0).experiments
        (0.5, 4)
    """
    known = ~(np.isnan(fits.strength) | np.isnan(fits.sigma))
    number = int(known.sum())
    if number < 2:
        return Bias(strength, number, int(known.size - number), *[math.nan] * 7)
    distance = fits.strength[known] - strength
    pull = distance / fits.sigma[known]
    spread, root = typical_spread(distance), math.sqrt(number)
    width = float(np.std(pull, ddof=1))
    return Bias(
        strength=strength,
        experiments=number,
        failed=int(known.size - number),
        spread=spread,
        bias=float(distance.mean()) / spread,
        bias_error=float(np.std(distance, ddof=1)) / spread / root,
        pull_mean=float(pull.mean()),
        pull_mean_error=width / root,
        pull_width=width,
        pull_width_error=_width_error(pull),
    )


def _width_error(pull: np.ndarray) -> float:
    """Return the error of a standard deviation, from the fourth moment: pulls of few events have tails."""
    centred = pull - pull.mean()
    variance = float(np.mean(centred**2))
    fourth = float(np.mean(centred**4))
    return math.sqrt(max(fourth - variance**2, 0.0) / pull.size) / (2.0 * math.sqrt(variance)) if variance else math.inf
