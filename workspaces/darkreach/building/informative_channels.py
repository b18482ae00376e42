"""Which counting channels of a hypothesis say something about its signal: the others only make it larger."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.building.rounding import FloatArray

NEGLIGIBLE: Final = 1.0e-3
"""Of the information on the signal, what all channels that are left out have together."""
ACCEPTABLE: Final = 0.03
"""The same where it makes exact sums over the outcomes possible, which asymptotic formulas and toys replace else."""
MOST_BACKGROUND: Final = 80.0
"""Background events that exact sums take, with as many observed ones."""


def informative_channels(signal: FloatArray, background: FloatArray, variance: FloatArray) -> NDArray[np.bool_]:
    """Return which channels (n,) a hypothesis keeps: all but those that say least, a thousandth in all.

    The information of a channel is s^2 / (b + variance of b + mu s) at a strength mu of the order of the limit, so that
    channels without background do not count without end. It depends on events in sidebands, never on those in windows.
    Channels with much background and little information are left out where exact sums need it, up to 3 % of all.

    Args:
        signal: events at mu = 1, shape (n,).
        background: expected events, shape (n,).
        variance: their squared uncertainties, shape (n,).

    Example:
        >>> informative_channels(np.array([1.0, 0.0, 1.0, 0.3]), np.array([0.5, 0.1, 400.0, 0.5]), np.zeros(4)).tolist()
        [True, False, False, True]
    """
    information = channel_information(signal, background, variance)
    total = float(information.sum())
    order = np.argsort(information, kind="stable")
    lost = np.cumsum(information[order])
    kept = np.zeros(len(signal), dtype=np.bool_)
    kept[order[lost > NEGLIGIBLE * total]] = True
    fewer = kept.copy()
    density = np.divide(information, background, out=np.full_like(signal, np.inf), where=background > 0.0)
    for channel in np.argsort(density, kind="stable"):
        if background[fewer].sum() <= MOST_BACKGROUND:
            break
        fewer[channel] = False
    return fewer if information[~fewer].sum() <= ACCEPTABLE * total else kept


def channel_information(signal: FloatArray, background: FloatArray, variance: FloatArray) -> FloatArray:
    """Return s^2 / (b + variance of b + mu s) of each channel (n,) at a strength of the order of the limit."""
    strength = 3.0 / float(signal.sum())
    for _ in range(2):
        spread = background + variance + strength * signal
        information = np.divide(signal**2, spread, out=np.zeros_like(signal), where=signal > 0.0)
        strength = max(3.0 / float(signal.sum()), 2.0 / float(np.sqrt(information.sum())))
    spread = background + variance + strength * signal
    return np.divide(signal**2, spread, out=np.zeros_like(signal), where=signal > 0.0)
