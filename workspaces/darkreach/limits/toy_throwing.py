"""What toys are thrown from, how, and with which probability each hypothesis gives them.

As in pyhf's ``ToyCalculator``: parameters at the conditional maximum-likelihood values of the observed data, main and
auxiliary data thrown. Every batch of toys has its own generator, seeded by what the batch is: the numbers do not depend
on the order of the work.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar

from darkreach.likelihood.model_arrays import NORMAL, POISSON, FloatArray, IndexArray, ModelArrays

BATCH = 500
"""Toys of one generator."""
# half the squared significance, and the smallest fraction of a rate, of toys thrown for a deficit
_SMALLEST_DEFICIT, _LARGEST_REDUCTION = 2.0, 0.05
# stands for the logarithm of a zero rate: e^-690, and 0 for a bin without events
_SMALLEST_MEAN = 1e-300


class ToyPoint(NamedTuple):
    """A hypothesis to throw toys from.

    Attributes:
        strength: signal strength.
        theta: shape (P,), parameters.
        rate: shape (B,), expected events.
        gamma: shape (B,), gammas.
    """

    strength: float
    theta: FloatArray
    rate: FloatArray
    gamma: FloatArray


class ToyData(NamedTuple):
    """Data sets: counts (N, B), centres (N, P) and gamma_centres (N, B)."""

    counts: FloatArray
    centres: FloatArray
    gamma_centres: FloatArray


class Constraints(NamedTuple):
    """Which auxiliary data are thrown; those of fixed parameters change nothing and stay as observed."""

    normal: IndexArray
    poisson: IndexArray
    gamma_normal: IndexArray
    gamma_poisson: IndexArray


def constraints_of(model: ModelArrays) -> Constraints:
    """Return the positions of thrown auxiliary data in theta and among the gammas."""
    floating = model.held == 0
    return Constraints(
        np.flatnonzero(floating & (model.constraint == NORMAL)),
        np.flatnonzero(floating & (model.constraint == POISSON)),
        np.flatnonzero(model.gamma_constraint == NORMAL),
        np.flatnonzero(model.gamma_constraint == POISSON),
    )


def throw_batch(model: ModelArrays, point: ToyPoint, seed: tuple[int, ...], toys: int = BATCH) -> ToyData:
    """Return the toys of one batch.

    Args:
        model: the likelihood.
        point: where it is thrown from.
        seed: root seed and numbers of hypothesis, ensemble and batch.
        toys: number of them.

    Example:
        >>> from darkreach.likelihood.compile_workspace import compile_workspace
        >>> sample = {"name": "s", "data": [1.0], "modifiers": [{"name": "mu", "type": "normfactor", "data": None}]}
        >>> model = compile_workspace({
        ...     "channels": [{"name": "c", "samples": [sample]}],
        ...     "observations": [{"name": "c", "data": [3.0]}],
        ...     "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        ... }).arrays
        >>> point = ToyPoint(4.0, np.array([4.0]), np.array([4.0]), np.ones(1))
        >>> counts = throw_batch(model, point, (1, 2, 3)).counts
        >>> counts.shape, bool(abs(counts.mean() - 4.0) < 0.3)
        ((500, 1), True)
    """
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))
    which = constraints_of(model)
    counts = generator.poisson(np.maximum(point.rate, 0.0), (toys, point.rate.size)).astype(np.float64)
    centres = np.tile(model.centre, (toys, 1))
    gamma_centres = np.tile(model.gamma_centre, (toys, 1))
    for normal, poisson, out, values, widths in (
        (which.normal, which.poisson, centres, point.theta, model.width),
        (which.gamma_normal, which.gamma_poisson, gamma_centres, point.gamma, model.gamma_width),
    ):
        if normal.size:
            noise = generator.standard_normal((toys, normal.size))
            out[:, normal] = values[normal] + widths[normal] * noise
        if poisson.size:
            means = np.maximum(values[poisson] * widths[poisson], 0.0)
            out[:, poisson] = generator.poisson(means, (toys, poisson.size))
    return ToyData(counts, centres, gamma_centres)


def deficit_point(background: ToyPoint, signal: FloatArray, counts: FloatArray) -> ToyPoint | None:
    """Return where to throw toys like data with fewer events under the signal than background alone explains.

    Data of a rare deficit are hardly ever thrown from the background-only fit, and CLs needs their probability. These
    toys have the rates of the best fit of a negative signal; they are not a hypothesis and count by their weights only.

    Args:
        background: the background-only fit.
        signal: shape (B,), expected signal at strength one.
        counts: shape (B,), observed events.

    Returns:
        None if the deficit is below two standard deviations.

    Example:
        >>> background = ToyPoint(0.0, np.zeros(1), np.array([9.0]), np.ones(1))
        >>> point = deficit_point(background, np.array([1.0]), np.array([1.0]))
        >>> bool(0.9 < point.rate[0] < 1.1), deficit_point(background, np.array([1.0]), np.array([8.0]))
        (True, None)
    """
    rate, size = np.maximum(background.rate, 0.0), np.maximum(signal, 0.0)
    if not np.any((size > 0.0) & (rate > 0.0)):
        return None
    largest = float(np.max(rate[size > 0.0] / size[size > 0.0]))

    def reduced(strength: float) -> FloatArray:
        return np.maximum(rate - strength * size, _LARGEST_REDUCTION * rate)

    def half_deviance(strength: float) -> float:
        means = reduced(strength)
        return float(np.sum(means - counts * np.log(np.maximum(means, _SMALLEST_MEAN))))

    best = minimize_scalar(half_deviance, bounds=(0.0, largest), method="bounded").x
    if half_deviance(0.0) - half_deviance(best) < _SMALLEST_DEFICIT:
        return None
    return background._replace(strength=-float(best), rate=reduced(float(best)))


def log_probabilities(model: ModelArrays, points: list[ToyPoint], data: ToyData) -> FloatArray:
    """Return log p(data | point) - log p(data | first point), shape (N, points).

    All factors that depend on the data alone cancel, which leaves an expression linear in the data.
    """
    which = constraints_of(model)
    out = np.zeros((data.counts.shape[0], len(points)))
    for column, point in enumerate(points[1:], start=1):
        slopes, offsets = zip(*(_terms(model, which, at) for at in (points[0], point)), strict=True)
        change = ToyData(*(new - old for old, new in zip(*slopes, strict=True)))
        out[:, column] = data.counts @ change.counts + data.centres @ change.centres
        out[:, column] += data.gamma_centres @ change.gamma_centres + (offsets[1] - offsets[0])
    return out


def _terms(model: ModelArrays, which: Constraints, point: ToyPoint) -> tuple[ToyData, float]:
    """Return the coefficients of the data in log p, and its constant term."""
    rate = np.maximum(point.rate, 0.0)
    slope = ToyData(np.log(np.maximum(rate, _SMALLEST_MEAN)), np.zeros(point.theta.size), np.zeros(rate.size))
    offset = -float(rate.sum())
    for normal, poisson, out, values, widths in (
        (which.normal, which.poisson, slope.centres, point.theta, model.width),
        (which.gamma_normal, which.gamma_poisson, slope.gamma_centres, point.gamma, model.gamma_width),
    ):
        out[normal] = values[normal] / widths[normal] ** 2
        offset -= float(np.sum(0.5 * (values[normal] / widths[normal]) ** 2))
        means = np.maximum(values[poisson] * widths[poisson], 0.0)
        out[poisson] = np.log(np.maximum(means, _SMALLEST_MEAN))
        offset -= float(means.sum())
    return slope, offset
