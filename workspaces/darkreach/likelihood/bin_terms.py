"""One bin of the likelihood: the Poisson term and its gamma, eliminated in closed form.

For rate = plain + gamma * scaled the best gamma solves one quadratic equation, for a normal constraint (staterror) as
for a Poisson one (shapesys); R. Barlow and C. Beeston, Comput. Phys. Commun. 77 (1993) 219, one parameter per bin.
"""

from __future__ import annotations

import math

from darkreach.likelihood.model_arrays import NORMAL, FloatArray

# below this fraction of the observed events the logarithm is continued by its second-order expansion, so that a fit
# can start where a template is negative; a fit that ends there is reported as failed
SMALLEST_RATE = 1e-12

FLOOR_STIFFNESS = 1e8
"""Second derivative, per squared event, that keeps rates of bins without events above -1e-8 events."""


# |x| below which x - log(1 + x) is summed as a series, to the last digit
SERIES_BELOW = 3e-3


def log_excess(value: float) -> float:
    """Return value - log(1 + value) for small values.

    Example:
        >>> round(log_excess(1e-3) / (1e-3 - math.log1p(1e-3)), 9)
        1.0
    """
    series = 1.0 / 6.0 - value * (1.0 / 7.0 - value / 8.0)
    series = 0.5 - value * (1.0 / 3.0 - value * (0.25 - value * (0.2 - value * series)))
    return value * value * series


def deviance(count: float, rate: float, stiffness: float) -> float:
    """Return rate - count + count log(count / rate), without cancellation for rate near count.

    In a bin without events a negative rate would be rewarded; ``stiffness`` adds half its square times that. Zero
    leaves the likelihood as pyhf has it.
    """
    if count <= 0.0:
        return rate if rate >= 0.0 else rate * (1.0 + 0.5 * stiffness * rate)
    smallest = SMALLEST_RATE * count
    if rate < smallest:
        excess = rate / smallest - 1.0
        return rate - count - count * (math.log(SMALLEST_RATE) + excess - 0.5 * excess * excess)
    relative = (rate - count) / count
    if abs(relative) < SERIES_BELOW:
        return count * log_excess(relative)
    if abs(relative) < 0.5:
        return count * (relative - math.log1p(relative))
    return rate - count - count * math.log(rate / count)


def deviance_slope(count: float, rate: float, stiffness: float) -> float:
    """Return the derivative of the deviance by the rate."""
    if count <= 0.0:
        return 1.0 if rate >= 0.0 else 1.0 + stiffness * rate
    smallest = SMALLEST_RATE * count
    if rate < smallest:
        return 1.0 - count * (2.0 - rate / smallest) / smallest
    return (rate - count) / rate


def deviance_curvature(count: float, rate: float, stiffness: float) -> float:
    """Return the second derivative of the deviance by the rate."""
    if count <= 0.0:
        return 0.0 if rate >= 0.0 else stiffness
    bounded = max(rate, SMALLEST_RATE * count)
    return count / (bounded * bounded)


def normal_gamma(count: float, plain: float, scaled: float, centre: float, sigma: float, stiffness: float) -> float:
    """Return the gamma that minimises the bin's term plus (gamma - centre)^2 / (2 sigma^2)."""
    if count <= 0.0:
        gamma = centre - sigma * sigma * scaled
        if stiffness == 0.0 or plain + gamma * scaled >= 0.0:
            return gamma
        pull = sigma * sigma * scaled
        return (centre - pull * (1.0 + stiffness * plain)) / (1.0 + stiffness * pull * scaled)
    variance = scaled * scaled * sigma * sigma
    if variance == 0.0:
        return centre
    offset = variance - plain - centre * scaled
    root = math.sqrt(offset * offset + 4.0 * count * variance)
    rate = 2.0 * count * variance / (offset + root) if offset > 0.0 else 0.5 * (root - offset)
    return centre - sigma * sigma * scaled * (rate - count) / rate


def poisson_gamma(count: float, plain: float, scaled: float, centre: float, tau: float, stiffness: float) -> float:
    """Return the gamma that minimises the bin's term plus tau * gamma - centre * log(gamma)."""
    if scaled == 0.0:
        return centre / tau
    total = scaled + tau
    if count <= 0.0:
        gamma = centre / total if total > 0.0 else math.inf
        if stiffness == 0.0 or plain + gamma * scaled >= 0.0:
            return gamma
        square, linear = stiffness * scaled * scaled, scaled * (1.0 + stiffness * plain) + tau
        root = math.sqrt(linear * linear + 4.0 * square * centre)
        return 2.0 * centre / (linear + root) if linear > 0.0 else 0.5 * (root - linear) / square
    quadratic = scaled * total
    linear = plain * total - (count + centre) * scaled
    constant = -centre * plain
    root = math.sqrt(max(linear * linear - 4.0 * quadratic * constant, 0.0))
    if scaled < 0.0:
        # rates stay positive for gamma < plain / |scaled|: the smaller positive root is the minimum
        return _falling_gamma(quadratic, linear, constant, root)
    if linear > 0.0:
        # the same root without cancellation
        return -2.0 * constant / (linear + root)
    return 0.5 * (root - linear) / quadratic


def _falling_gamma(quadratic: float, linear: float, constant: float, root: float) -> float:
    if quadratic == 0.0:
        return -constant / linear
    first, second = 0.5 * (-linear - root) / quadratic, 0.5 * (-linear + root) / quadratic
    smaller, larger = min(first, second), max(first, second)
    return smaller if smaller > 0.0 else larger


def best_gamma(
    kind: int, count: float, plain: float, scaled: float, centre: float, width: float, stiffness: float
) -> float:
    """Return the unbounded best gamma of a bin."""
    if kind == NORMAL:
        return normal_gamma(count, plain, scaled, centre, width, stiffness)
    return poisson_gamma(count, plain, scaled, centre, width, stiffness)


def constraint_terms(kind: int, value: float, centre: float, width: float, out: FloatArray) -> None:
    """Write a constraint's deviance and its first two derivatives into ``out``."""
    if kind == NORMAL:
        pull = (value - centre) / width
        out[0], out[1], out[2] = 0.5 * pull * pull, pull / width, 1.0 / (width * width)
    else:
        rate = width * value
        out[0] = deviance(centre, rate, 0.0)
        out[1] = width * deviance_slope(centre, rate, 0.0)
        out[2] = width * width * deviance_curvature(centre, rate, 0.0)
