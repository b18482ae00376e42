"""Weights that turn a sample of one lifetime into that of another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import ConfigError
from darkreach.generators.decays.decay_vertex import check_lifetime

Array = NDArray[np.float64]


def lifetime_weights(proper_length: Array, generated_ctau_cm: float, wanted_ctau_cm: float) -> Array:
    """Return the ratio of two decay laws at each decay; its mean is one.

    w = (tau0/tau1) exp(t/tau0 - t/tau1). The variance is finite below twice the generated lifetime only, and larger
    ones are refused: generate long lifetimes and turn them into shorter ones.

    Args:
        proper_length: (n,) c times the proper time lived, cm.
        generated_ctau_cm: c tau0 of the sample, cm.
        wanted_ctau_cm: c tau1, cm.

    Raises:
        ConfigError: a lifetime is not positive, or the wanted one is twice the generated one or more.

    Example:
        >>> lifetime_weights(np.array([0.0, 2.0]), 2.0, 1.0).round(4).tolist()
        [2.0, 0.7358]
    """
    for lifetime in (generated_ctau_cm, wanted_ctau_cm):
        check_lifetime(lifetime, zero_allowed=False)
    if wanted_ctau_cm >= 2.0 * generated_ctau_cm:
        raise ConfigError(
            "weights to a lifetime this much longer have no finite variance",
            where="wanted_ctau_cm",
            allowed=f"below {2.0 * generated_ctau_cm:.6g} cm",
            given=f"{wanted_ctau_cm:.6g} cm",
            next_step="generate at a longer lifetime",
        )
    ratio = generated_ctau_cm / wanted_ctau_cm
    return np.asarray(ratio * np.exp((1.0 - ratio) * proper_length / generated_ctau_cm))


def effective_fraction(weights: Array) -> float:
    """Return (sum w)^2/(n sum w^2): the share of events that is worth as much without weights.

    Example:
        >>> effective_fraction(np.array([1.0, 1.0, 0.0, 0.0]))
        0.5
    """
    return float(np.sum(weights) ** 2 / (len(weights) * np.sum(weights**2)))


def expected_effective_fraction(ratio: float) -> float:
    """Return n_eff/n = r (2 - r) of lifetimes re-weighted by the ratio r = tau1/tau0, 0 < r < 2.

    Example:
        >>> expected_effective_fraction(0.5)
        0.75
    """
    return ratio * (2.0 - ratio)
