"""Which limits in mass and lifetime an entry keeps: all of them would be too large.

Masses are left out evenly until the table is short enough, and of single channels only the observed and the median
expected limit are kept.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Any, Final

from darkreach.configuration.displaced_search import COMBINED
from darkreach.couplings import LifetimeLimit
from darkreach.couplings.lifetime_limits import LABELS

MOST_ROWS: Final = 25_000
"""Of the stored table of limits, about a megabyte."""

KEPT_QUANTILES: Final = ("observed", "0")
"""Of single channels."""


def is_kept(limit: LifetimeLimit) -> bool:
    """Return whether a limit is of all channels together, or a main one of a single channel."""
    return limit.channel == COMBINED or limit.quantile in KEPT_QUANTILES


def kept_limits(limits: Sequence[LifetimeLimit], most: int = MOST_ROWS) -> list[LifetimeLimit]:
    """Return limits of every so many masses: those of all channels together, and the main ones of single channels.

    Args:
        limits: of all masses, channels, lifetimes and quantiles.
        most: rows aimed at.

    Example:
        >>> masses = [(0.1 * n, quantile) for n in range(1, 9) for quantile in ("observed", "0", "1")]
        >>> limits = [LifetimeLimit("mumu", mass, 1.0, quantile, 1e-7) for mass, quantile in masses]
        >>> sorted({round(limit.mass_gev, 1) for limit in kept_limits(limits, 6)}), len(kept_limits(limits, 6))
        ([0.1, 0.4, 0.7], 6)
    """
    main = [limit for limit in limits if is_kept(limit)]
    every = max(1, math.ceil(len(main) / most))
    masses = set(sorted({limit.mass_gev for limit in main})[::every])
    return [limit for limit in main if limit.mass_gev in masses]


def kept_patches(patches: Sequence[dict[str, Any]], masses_gev: Collection[float], every: int) -> list[dict[str, Any]]:
    """Return every n-th of the patches of some masses.

    Args:
        patches: of a patchset, whose values are channel, mass and lifetime.
        masses_gev: GeV.
        every: n.

    Example:
        >>> patches = [{"metadata": {"values": ["mumu", mass, 1.0]}} for mass in (0.1, 0.2, 0.3, 0.4)]
        >>> [patch["metadata"]["values"][1] for patch in kept_patches(patches, (0.1, 0.3, 0.4), 2)]
        [0.1, 0.4]
    """
    place = LABELS.index("mass_gev")
    return [patch for patch in patches if patch["metadata"]["values"][place] in masses_gev][::every]
