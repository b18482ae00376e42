"""Whole-number weights of counting channels: events count the more, the less background their channel has."""

from __future__ import annotations

import numpy as np

from darkreach.likelihood.model_arrays import FloatArray, IndexArray
from darkreach.limits.method_choice import effective_background

LARGEST_WEIGHT = 32
_CLEANEST = 1e-3
_NEGLIGIBLE = 1e-3


def likely_limit(background: FloatArray, signal: FloatArray) -> float:
    """Return a signal strength of the order of the expected limit, from events expected in all channels (C,).

    Example:
        >>> round(likely_limit(np.array([0.0]), np.array([1.0])), 1)
        2.3
    """
    strength = 3.0 / float(signal.sum())
    for _ in range(2):
        effective = effective_background(background, signal, strength)
        strength = (2.3 + 1.3 * float(np.sqrt(effective))) / float(signal.sum())
    return strength


def event_weights(background: FloatArray, signal: FloatArray, largest: int = LARGEST_WEIGHT) -> IndexArray:
    """Return the weight of an event in each channel, proportional to log(1 + mu s / b) and rounded.

    The sum of weights is the logarithm of the likelihood ratio but for rounding, so that it orders results as the most
    powerful test does; mu is of the order of the limit. Any weights give valid limits. A channel counts at least one
    where it has signal, but nothing where that is a thousandth of the whole and rounds to zero.

    Args:
        background: shape (C,), expected events.
        signal: shape (C,), expected events at signal strength one.
        largest: weight of an event in the cleanest channel.

    Example:
        >>> event_weights(np.array([0.01, 1.0, 0.01]), np.array([1.0, 1.0, 1.0])).tolist()
        [32, 5, 32]
        >>> event_weights(np.array([3.0, 3.0]), np.array([0.1, 0.1])).tolist()
        [1, 1]
    """
    strength = likely_limit(background, signal)
    # no channel is cleaner than a thousandth of its signal: logarithms would tell emptiness from emptiness
    floor = np.maximum(background, _CLEANEST * strength * signal)
    ratio = np.log1p(np.divide(strength * signal, floor, out=np.zeros_like(signal), where=signal > 0.0))
    scaled = np.round(largest * ratio / ratio.max()).astype(np.int64)
    negligible = (scaled == 0) & (signal < _NEGLIGIBLE * signal.sum())
    weights = np.where(negligible, 0, np.maximum(scaled, 1))
    return np.asarray(weights // np.gcd.reduce(weights))
