"""Asymptotic CLs of q-tilde: from likelihood ratios to p-values (arXiv:1007.1727, sections 3.6 to 4.3)."""

from __future__ import annotations

import math

from scipy.special import log_ndtr, ndtr, ndtri

BANDS = (-2, -1, 0, 1, 2)
"""Standard deviations of the expected limits, in the order of ``Limit.expected``."""


def band_target(cl: float, band: int) -> float:
    """Return sqrt(q_A) at the expected limit of one band.

    CLs = (1 - Phi(sqrt(q_A) - N))/Phi(N) = 1 - cl is solved by sqrt(q_A) = Phi^-1(1 - (1 - cl) Phi(N)) + N.

    Args:
        cl: confidence level.
        band: N, standard deviations of the background-only data.

    Example:
        >>> round(band_target(0.95, 0), 4), round(band_target(0.90, 0), 4)
        (1.96, 1.6449)
    """
    # ndtri(1 - p) = -ndtri(p) without losing the digits of a small p
    return float(-ndtri((1.0 - cl) * ndtr(band)) + band)


def expected_cls(q_asimov: float, band: int) -> float:
    """Return CLs of background-only data that fluctuate by ``band`` standard deviations.

    Example:
        >>> round(expected_cls(band_target(0.95, 2) ** 2, 2), 10)
        0.05
    """
    return math.exp(log_ndtr(band - math.sqrt(max(q_asimov, 0.0))) - log_ndtr(band))


def observed_cls(q: float, q_asimov: float) -> float:
    """Return CLs of the observed q-tilde, with both branches of equation 66 of arXiv:1007.1727.

    Args:
        q: q-tilde of the data; zero if the best fit lies above the tested signal strength.
        q_asimov: q-tilde of the background-only Asimov data.

    Example:
        >>> observed_cls(4.0, 4.0) == expected_cls(4.0, 0)
        True
    """
    root_q, root_asimov = math.sqrt(max(q, 0.0)), math.sqrt(max(q_asimov, 0.0))
    if root_asimov == 0.0:
        return 1.0
    if root_q <= root_asimov:
        statistic = root_q - root_asimov
    else:
        statistic = (root_q**2 - root_asimov**2) / (2.0 * root_asimov)
    return math.exp(log_ndtr(-(statistic + root_asimov)) - log_ndtr(-statistic))
