"""CLs of q-tilde from profile likelihoods, in logarithms and with derivatives (arXiv:1007.1727, equations 62-66)."""

from __future__ import annotations

import math

_LOG_SQRT_TWO_PI = 0.5 * math.log(2.0 * math.pi)


def log_normal_cdf(value: float) -> float:
    """Return log Phi(value), accurate in the far tail.

    Example:
        >>> round(log_normal_cdf(0.0), 6), round(log_normal_cdf(-40.0), 3)
        (-0.693147, -804.608)
    """
    if value > -20.0:
        return math.log(0.5 * math.erfc(-value / math.sqrt(2.0)))
    inverse = 1.0 / (value * value)
    series = 1.0 - inverse * (1.0 - 3.0 * inverse * (1.0 - 5.0 * inverse * (1.0 - 7.0 * inverse)))
    return -0.5 * value * value - _LOG_SQRT_TWO_PI - math.log(-value) + math.log(series)


def tail_ratio(value: float, log_cdf: float) -> float:
    """Return the derivative of log Phi."""
    return math.exp(-0.5 * value * value - _LOG_SQRT_TWO_PI - log_cdf)


def log_cls(q: float, q_slope: float, asimov: float, asimov_slope: float) -> tuple[float, float]:
    """Return log CLs and its derivative by the signal strength.

    Args:
        q: q-tilde of the data.
        q_slope: its derivative by the signal strength.
        asimov: q-tilde of the background-only Asimov data, above zero.
        asimov_slope: its derivative.

    Example:
        >>> round(math.exp(log_cls(3.841459, 1.0, 3.841459, 1.0)[0]), 6)
        0.05
    """
    root_asimov = math.sqrt(asimov)
    root_asimov_slope = 0.5 * asimov_slope / root_asimov
    if q <= asimov:
        root = math.sqrt(max(q, 0.0))
        root_slope = 0.5 * q_slope / root if root > 0.0 else 0.0
        signal, signal_slope = -root, -root_slope
        background, background_slope = root_asimov - root, root_asimov_slope - root_slope
    else:
        shift = 0.5 * (q - asimov) / root_asimov
        shift_slope = 0.5 * (q_slope - asimov_slope) / root_asimov - shift * root_asimov_slope / root_asimov
        signal, signal_slope = -shift - root_asimov, -shift_slope - root_asimov_slope
        background, background_slope = -shift, -shift_slope
    log_signal, log_background = log_normal_cdf(signal), log_normal_cdf(background)
    slope = tail_ratio(signal, log_signal) * signal_slope - tail_ratio(background, log_background) * background_slope
    return log_signal - log_background, slope
