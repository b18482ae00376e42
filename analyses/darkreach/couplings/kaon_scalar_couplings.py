"""From limits against mass and lifetime to excluded mixing angles of a scalar from decays of B mesons to a kaon."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.couplings.couplings_file import ExcludedInterval
from darkreach.couplings.kaon_scalar_signal import product_branching_fraction
from darkreach.couplings.lifetime_limits import LifetimeLimit, limits_by_lifetime
from darkreach.couplings.long_lived_region import coupling_scan, excluded_islands
from darkreach.generators.signals.heavy_flavour_numbers import HeavyFlavourNumbers
from darkreach.models.higgs_mixed_scalar import scalar_ctau_cm

COMBINED: Final = "combined"
"""The channel of limits on sin(theta)^2 at a fixed lifetime, of all channels together."""

_SMALLEST_ANGLE: Final = 1e-8


def kaon_scalar_couplings(
    limits: Sequence[LifetimeLimit], numbers: HeavyFlavourNumbers, channel: str
) -> list[ExcludedInterval]:
    """Return the excluded intervals of sin(theta) from 1e-8 to 1 at all masses of a channel, by mass and quantile.

    Args:
        limits: on BR(B -> K S) BR(S -> x+ x-) with BR(K*0 -> K+ pi-) if there is one; those of ``combined`` on the
            sin(theta)^2 that sets all rates while the lifetime stays.
        numbers: masses, lifetimes, form factors.
        channel: one of `CHANNELS`, or ``combined``.

    Raises:
        UnknownNameError: no such channel.
        ConfigError: nothing is known of the scalar at a mass.
        LimitError: two limits at one mass and lifetime.
    """
    scan = coupling_scan(_SMALLEST_ANGLE, 1.0)
    intervals = []
    by_mass: dict[float, list[LifetimeLimit]] = {}
    for limit in limits:
        if limit.channel == channel:
            by_mass.setdefault(limit.mass_gev, []).append(limit)
    for mass, rows in sorted(by_mass.items()):
        rate = 1.0 if channel == COMBINED else product_branching_fraction(numbers, mass, channel)
        ctau = scalar_ctau_cm(mass)

        def signal(angle: NDArray[np.float64], rate: float = rate) -> NDArray[np.float64]:
            return rate * angle**2

        def lifetime(angle: NDArray[np.float64], ctau: float = ctau) -> NDArray[np.float64]:
            return ctau / angle**2

        intervals += excluded_islands(mass, signal, lifetime, limits_by_lifetime(rows, channel, mass), scan)
    return intervals
