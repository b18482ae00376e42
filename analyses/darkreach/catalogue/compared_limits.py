"""Stored limits beside the same limits computed again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from darkreach.limits import Limit

TOLERANCE: Final = {"compiled": 1e-6, "pyhf": 2e-3}
"""Largest relative difference accepted, by the engine that recomputes; the default optimizer of pyhf is that noisy."""

TOYS_TOLERANCE: Final = 0.1
"""The same for limits from toys, in statistical errors: the toys are the same, but rounding may move one of them."""


@dataclass(frozen=True)
class ComparedLimits:
    """What came out of the comparison.

    Attributes:
        compared: number of limits computed again.
        largest: largest relative difference, limits from toys left out.
        largest_of_toys: largest difference of limits from toys, in statistical errors.
        differences: one line for each limit that differs.
        left_out: number of limits by methods that the engine does not have.
    """

    compared: int
    largest: float
    largest_of_toys: float
    differences: tuple[str, ...]
    left_out: int


def compare_limits(stored: Sequence[Limit], found: Sequence[Limit], engine: str) -> ComparedLimits:
    """Compare limits by name and confidence level.

    Args:
        stored: from a file.
        found: computed now.
        engine: that computed them; pyhf has asymptotic limits only.
    """
    old = {(limit.name, limit.cl): limit for limit in stored}
    new = {(limit.name, limit.cl): limit for limit in found}
    differences: list[str] = []
    largest, largest_of_toys, left_out = 0.0, 0.0, 0
    for key in sorted(old.keys() | new.keys()):
        name = f"{key[0]} at {key[1]:.0%} CL"
        if key not in old or key not in new:
            differences.append(f"{name} is only in the {'stored' if key in old else 'new'} limits")
        elif old[key].method != new[key].method and engine != "compiled":
            left_out += 1
        elif old[key].method != new[key].method:
            differences.append(f"{name} is by {old[key].method}, now by {new[key].method}")
        elif old[key].method == "toys":
            shift = difference_in_errors(old[key], new[key])
            largest_of_toys = max(largest_of_toys, shift)
            if shift > TOYS_TOLERANCE:
                differences.append(f"{name} differs by {shift:.1e} statistical errors of its toys")
        else:
            difference = relative_difference(old[key], new[key])
            largest = max(largest, difference)
            if difference > TOLERANCE[engine]:
                differences.append(f"{name} differs by {difference:.1e}")
    return ComparedLimits(len(found) - left_out, largest, largest_of_toys, tuple(differences), left_out)


def relative_difference(stored: Limit, found: Limit) -> float:
    """Return the largest relative difference of observed and expected limits; infinite if the status differs."""
    if stored.status != found.status:
        return math.inf
    if stored.observed is None or found.observed is None:
        return 0.0
    pairs = zip((stored.observed, *stored.expected), (found.observed, *found.expected), strict=True)
    return max(0.0 if new == old else abs(new / old - 1.0) if old < math.inf else math.inf for old, new in pairs)


def difference_in_errors(stored: Limit, found: Limit) -> float:
    """Return the largest difference in statistical errors of the stored toys; infinite if the status differs."""
    if stored.status != found.status or stored.quality is None:
        return math.inf
    if stored.observed is None or found.observed is None:
        return 0.0
    old, new = (stored.observed, *stored.expected), (found.observed, *found.expected)
    errors = (stored.quality.observed_error or 0.0, *stored.quality.expected_errors)
    shifts = [abs(b - a) for a, b in zip(old, new, strict=True) if a != b]
    if not shifts:
        return 0.0
    if len(errors) != len(old):
        return math.inf
    return max(
        (abs(b - a) / error if error > 0.0 else math.inf)
        for a, b, error in zip(old, new, errors, strict=True)
        if a != b
    )
