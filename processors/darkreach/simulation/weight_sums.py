"""What the weights of a sample add up to: cross-section, its statistical error and the effective number of events."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class WeightSums:
    """Sums over weights that are shares of a cross-section, fb.

    Attributes:
        trials: events generated, those without weight included.
        entries: events written.
        total: sum of the weights, fb.
        squares: sum of their squares, fb^2.
        largest: largest absolute weight, fb.
    """

    trials: int
    entries: int
    total: float
    squares: float
    largest: float

    @property
    def error(self) -> float:
        """Statistical error of the total, fb: trials are independent, their number is fixed."""
        if not self.trials:
            return 0.0
        return math.sqrt(max(self.squares - self.total**2 / self.trials, 0.0))

    @property
    def effective_events(self) -> float:
        """Number of events of equal weights with the same relative error: (sum w)^2 / sum w^2."""
        return self.total**2 / self.squares if self.squares > 0.0 else 0.0

    @property
    def largest_over_mean(self) -> float:
        """Largest weight in units of the mean one of the events written."""
        return self.largest * self.entries / abs(self.total) if self.total else 0.0

    def as_dict(self) -> dict[str, float]:
        """Return the sums as plain numbers."""
        return asdict(self)


def weight_sums(weights: NDArray[np.float64], trials: int) -> WeightSums:
    """Add up the weights of the events written out of a number of trials.

    Example:
        >>> sums = weight_sums(np.array([1.0, 1.0, 2.0]), trials=4)
        >>> sums.total, round(sums.effective_events, 3), round(sums.error, 3)
        (4.0, 2.667, 1.414)
    """
    largest = float(np.max(np.abs(weights), initial=0.0))
    return WeightSums(trials, len(weights), math.fsum(weights), math.fsum(weights**2), largest)


def added_sums(parts: Iterable[WeightSums]) -> WeightSums:
    """Return the sums over all parts; the order does not matter."""
    listed = list(parts)
    return WeightSums(
        sum(part.trials for part in listed),
        sum(part.entries for part in listed),
        math.fsum(part.total for part in listed),
        math.fsum(part.squares for part in listed),
        max((part.largest for part in listed), default=0.0),
    )
