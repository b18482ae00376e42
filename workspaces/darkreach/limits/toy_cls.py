"""CLs from weighted toys: p-values with ties, quantiles of background-only toys, and their statistical errors.

All toys of a pool count for every hypothesis, each with the weight p(toy | hypothesis) / p(toy | pool), where the pool
is the mixture of everything that was thrown (the balance heuristic of multiple importance sampling; E. Veach and
L. Guibas, SIGGRAPH 1995). Tails that plain toys of the tested hypothesis hardly reach are populated by the others.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from darkreach.likelihood.model_arrays import FloatArray, IndexArray

TIE = 1e-6
"""Values of q closer than this, relative to 1 + q, are equal: repeated counts tie whatever the rounding of the fits."""

_DISCRETE = 0.005
_WINDOW = 0.02


class WeightedToys(NamedTuple):
    """The toys of a pool tested at one signal strength.

    Attributes:
        strength: signal strength.
        q_observed: q-tilde of the data.
        q: shape (N,), q-tilde of each toy; NaN where a fit has failed.
        signal: shape (N,), weight of each toy under signal plus background.
        background: shape (N,), its weight under background alone.
        ensemble: shape (N,), which hypothesis each toy was thrown from.
    """

    strength: float
    q_observed: float
    q: FloatArray
    signal: FloatArray
    background: FloatArray
    ensemble: IndexArray


class Estimate(NamedTuple):
    """log CLs and its statistical error; -inf and inf where no toy is as extreme under signal plus background."""

    log_cls: float
    error: float


def observed_estimate(toys: WeightedToys) -> Estimate:
    """Return CLs of the data.

    Example:
        >>> toys = WeightedToys(1.0, 1.0, np.array([0.0, 1.0, 2.0, 3.0]), np.array([2.5, 1.0, 0.5, 0.0]), np.ones(4),
        ...                     np.zeros(4, dtype=np.int64))
        >>> round(math.exp(observed_estimate(toys).log_cls), 6)
        0.5
    """
    if toys.q_observed <= TIE:
        return Estimate(0.0, 0.0)
    signal, background = tails(toys, toys.q_observed)
    if not signal.any():
        return Estimate(-math.inf, math.inf)
    total_signal, total_background = float(signal.sum()), float(background.sum())
    if total_background == 0.0:
        return Estimate(math.inf, math.inf)
    variance = stratified_variance(signal / total_signal - background / total_background, toys.ensemble)
    return Estimate(math.log(total_signal / total_background), math.sqrt(variance))


def expected_estimate(toys: WeightedToys, band: int) -> Estimate:
    """Return CLs of background-only data that fluctuate by ``band`` standard deviations.

    It is the smallest CLs that a fraction of at least Phi(band) of the background-only toys does not exceed. As in
    pyhf, quantiles are those of CLs: where CLs does not fall with q, quantiles of q would not be ordered.
    """
    fraction = float(ndtr(band))
    cut = quantile_cut(toys, fraction)
    if cut <= TIE:
        return Estimate(0.0, 0.0)
    signal, background = tails(toys, cut)
    total, beyond, everything = (float(part.sum()) for part in (signal, background, toys.background))
    if total == 0.0:
        return Estimate(-math.inf, math.inf)
    distance = np.abs(np.where(np.isnan(toys.q), -1.0, toys.q) - cut)
    if float(toys.background[distance <= TIE * (1.0 + cut)].sum()) > _DISCRETE * everything:
        # discrete data: the quantile does not move, only the probabilities beyond it are uncertain
        share = signal / total - background / beyond
    else:
        near = np.argsort(distance, kind="stable")
        window = min(_WINDOW, 0.5 * fraction, 0.5 * (1.0 - fraction)) * everything
        near = near[: 1 + int(np.searchsorted(np.cumsum(toys.background[near]), 2.0 * window))]
        ratio = float(toys.signal[near].sum() / max(toys.background[near].sum(), 1e-300))
        share = (signal - ratio * (background - beyond / everything * toys.background)) / total
    return Estimate(math.log(total / beyond), math.sqrt(stratified_variance(share, toys.ensemble)))


def quantile_cut(toys: WeightedToys, fraction: float) -> float:
    """Return q of the background-only data whose CLs is the given quantile."""
    ranked = np.where(np.isnan(toys.q), -1.0, toys.q)
    order = np.argsort(-ranked, kind="stable")
    falling = ranked[order]
    # each toy has the tail up to the last one that ties with it
    last = np.searchsorted(-falling, -(falling - TIE * (1.0 + falling)), side="right") - 1
    failed = np.isnan(toys.q)
    signal = np.cumsum(np.where(failed, 0.0, toys.signal)[order])[last] + float(toys.signal[failed].sum())
    background = np.cumsum(np.where(failed, 0.0, toys.background)[order])[last]
    cls = np.where(falling <= TIE, 1.0, signal / np.maximum(background, 1e-300))
    by_cls = np.argsort(cls, kind="stable")
    reached = np.cumsum(toys.background[order][by_cls])
    place = min(int(np.searchsorted(reached, (fraction - 1e-12) * reached[-1])), order.size - 1)
    return float(falling[by_cls[place]])


def tails(toys: WeightedToys, cut: float) -> tuple[FloatArray, FloatArray]:
    """Return the weights of the toys with q of at least ``cut`` under both hypotheses, 0 for the others.

    A failed toy counts as beyond the cut under signal plus background and as before it under background alone: both
    make CLs larger and the limit weaker.
    """
    failed: NDArray[np.bool_] = np.isnan(toys.q)
    beyond = np.where(failed, False, toys.q >= cut - TIE * (1.0 + cut))
    return np.where(beyond | failed, toys.signal, 0.0), np.where(beyond, toys.background, 0.0)


def misrepresentation(toys: WeightedToys) -> float:
    """Return by how much the weights under signal plus background do not sum to 1, beyond five standard errors.

    They do unless the pool has no toys where this hypothesis has most of its probability.

    Example:
        >>> toys = WeightedToys(1.0, 1.0, np.zeros(2), np.array([0.1, 0.1]), np.ones(2), np.zeros(2, dtype=np.int64))
        >>> round(misrepresentation(toys), 6)
        0.9
    """
    error = math.sqrt(stratified_variance(toys.signal, toys.ensemble)) / toys.signal.size
    return max(abs(float(toys.signal.mean()) - 1.0) - 5.0 * error, 0.0)


def stratified_variance(values: FloatArray, ensemble: IndexArray) -> float:
    """Return the variance of a sum over toys whose numbers per ensemble are fixed.

    Example:
        >>> stratified_variance(np.array([1.0, 1.0, 3.0, 3.0]), np.array([0, 0, 1, 1]))
        0.0
    """
    numbers = np.bincount(ensemble).astype(np.float64)
    sums, squares = np.bincount(ensemble, weights=values), np.bincount(ensemble, weights=values * values)
    within = np.where(numbers > 0.0, squares - sums * sums / np.maximum(numbers, 1.0), 0.0)
    return float(np.sum(np.maximum(within, 0.0)))
