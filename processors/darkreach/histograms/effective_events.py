"""How much weighted events in a bin are worth, and whether weights of very different size are mixed there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.errors import ConfigError

Array = NDArray[np.float64]

LARGEST_MIXING: Final = 10.0
"""Ratio of mean weights of two samples in one bin above which their sum is reported."""


@dataclass(frozen=True)
class WeightedBins:
    """Sums over the events of each bin, (bins,).

    Attributes:
        entries: events with a weight that is not zero.
        total: sum of weights.
        squared: sum of squared weights.
        largest: largest size of a weight, zero in an empty bin.
    """

    entries: NDArray[np.int64]
    total: Array
    squared: Array
    largest: Array

    @property
    def effective(self) -> Array:
        """(sum w)^2/sum w^2: events of equal weight that would have the same relative error; zero in empty bins."""
        return effective_events(self.total, self.squared)

    @property
    def mean(self) -> Array:
        """Mean weight, zero in empty bins."""
        return np.asarray(self.total / np.maximum(self.entries, 1))


def effective_events(total: ArrayLike, squared: ArrayLike) -> Array:
    """Return (sum w)^2/sum w^2 of each bin; zero where nothing was filled.

    Args:
        total: sum of weights, any shape.
        squared: sum of squared weights, same shape: the variance of a histogram with weights.

    Example:
        >>> effective_events([6.0, 0.0], [12.0, 0.0]).tolist()
        [3.0, 0.0]
    """
    summed, squares = np.asarray(total, dtype=np.float64), np.asarray(squared, dtype=np.float64)
    filled = squares > 0.0
    return np.asarray(np.where(filled, summed**2 / np.where(filled, squares, 1.0), 0.0))


def weighted_bins(values: ArrayLike, weights: ArrayLike, edges: ArrayLike) -> WeightedBins:
    """Return the sums of weighted events in bins; events outside of the edges are left out.

    Args:
        values: (n,) of what is binned.
        weights: (n,).
        edges: (bins + 1,) rising; the last bin holds its upper edge.

    Raises:
        ConfigError: the edges do not rise.

    Example:
        >>> bins = weighted_bins([0.5, 0.6, 1.5], [1.0, 3.0, 2.0], [0.0, 1.0, 2.0])
        >>> bins.total.tolist(), bins.effective.tolist(), bins.largest.tolist()
        ([4.0, 2.0], [1.6, 1.0], [3.0, 2.0])
    """
    value, weight = np.asarray(values, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    borders = np.asarray(edges, dtype=np.float64)
    if borders.ndim != 1 or len(borders) < 2 or not (np.diff(borders) > 0.0).all():
        raise ConfigError(
            "edges of bins must rise",
            where="edges",
            allowed="two or more rising numbers",
            given=str(borders.tolist()),
            next_step="sort the edges and drop doubles",
        )
    bins = len(borders) - 1
    place = np.searchsorted(borders, value, side="right") - 1
    place = np.where(value == borders[-1], bins - 1, place)
    inside = (place >= 0) & (place < bins) & (weight != 0.0)
    place, weight = place[inside], weight[inside]
    largest = np.zeros(bins)
    np.maximum.at(largest, place, np.abs(weight))
    return WeightedBins(
        np.bincount(place, minlength=bins).astype(np.int64),
        np.asarray(np.bincount(place, weights=weight, minlength=bins), dtype=np.float64),
        np.asarray(np.bincount(place, weights=weight**2, minlength=bins), dtype=np.float64),
        largest,
    )


def weight_mixing(samples: Mapping[str, WeightedBins]) -> Array:
    """Return for each bin the ratio of the largest to the smallest mean weight of the samples that fill it.

    One where a single sample fills the bin. Above ``LARGEST_MIXING`` a few heavy events decide the bin and its error is
    underestimated as long as none of them came: give the heavy sample more events, or a stratum of its own.

    Args:
        samples: strata or backgrounds by name, in the same bins.

    Example:
        >>> edges = [0.0, 1.0]
        >>> light, heavy = weighted_bins([0.5], [0.1], edges), weighted_bins([0.5], [4.0], edges)
        >>> weight_mixing({"light": light, "heavy": heavy}).tolist()
        [40.0]
    """
    means = np.abs(np.array([bins.mean for bins in samples.values()]))
    filled = np.array([bins.entries > 0 for bins in samples.values()]) & (means > 0.0)
    top = np.where(filled, means, 0.0).max(axis=0)
    bottom = np.where(filled, means, np.inf).min(axis=0)
    return np.asarray(np.where(filled.any(axis=0), top / np.where(np.isfinite(bottom), bottom, 1.0), 1.0))
