"""From limits against mass and lifetime to excluded couplings of a particle whose coupling sets rate and lifetime."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration import CouplingSettings
from darkreach.configuration.displaced_search import COMBINED
from darkreach.couplings.coupling_models import long_lived_model
from darkreach.couplings.couplings_file import ExcludedInterval
from darkreach.couplings.lifetime_limits import LifetimeLimit, lifetime_limits_from, limits_by_lifetime
from darkreach.couplings.long_lived_model import LongLivedModel
from darkreach.couplings.long_lived_region import coupling_scan, excluded_islands
from darkreach.errors import LimitError
from darkreach.limits import LimitsDocument

_SMALLEST_COUPLING: Final = 1e-8


def long_lived_couplings(
    limits: Sequence[LifetimeLimit], model: LongLivedModel, channel: str = COMBINED
) -> list[ExcludedInterval]:
    """Return the excluded intervals of the coupling from 1e-8 to 1 at all masses of a channel, by mass and quantile.

    Args:
        limits: of one channel in the quantity of ``model.rate``; those of ``combined`` on the square of the coupling
            that sets all rates while the lifetime stays.
        model: of the particle.
        channel: one of those of the limits.

    Raises:
        UnknownNameError: the model does not know the channel.
        ConfigError: nothing is known of the particle at a mass.
        LimitError: two limits at one mass and lifetime.
    """
    scan = coupling_scan(_SMALLEST_COUPLING, 1.0)
    intervals = []
    by_mass: dict[float, list[LifetimeLimit]] = {}
    for limit in limits:
        if limit.channel == channel:
            by_mass.setdefault(limit.mass_gev, []).append(limit)
    for mass, rows in sorted(by_mass.items()):
        rate = 1.0 if channel == COMBINED else model.rate(channel, mass)
        ctau = model.ctau_cm(mass)

        def signal(coupling: NDArray[np.float64], rate: float = rate) -> NDArray[np.float64]:
            return rate * coupling**2

        def lifetime(coupling: NDArray[np.float64], ctau: float = ctau) -> NDArray[np.float64]:
            return ctau / coupling**2

        intervals += excluded_islands(mass, signal, lifetime, limits_by_lifetime(rows, channel, mass), scan)
    return intervals


def long_lived_couplings_from_limits(
    document: LimitsDocument, settings: CouplingSettings, *, cl: float
) -> list[ExcludedInterval]:
    """Return the excluded intervals at one confidence level from the limits on all channels together.

    Args:
        document: limits of a search for displaced decays.
        settings: coupling, and a model of `LONG_LIVED_MODELS`.
        cl: confidence level.

    Raises:
        LimitError: no limit has this confidence level or is on all channels, or a hypothesis lacks its meaning.
        UnknownNameError: an unknown model or parameter.
        ConfigError: parameters of the model are out of range, or nothing is known of the particle at a mass.
    """
    limits = lifetime_limits_from(document, cl=cl)
    if not any(limit.channel == COMBINED for limit in limits):
        raise LimitError(
            "no limits are on all channels together",
            where=f"couplings.{settings.name}",
            allowed=COMBINED,
            given=", ".join(sorted({limit.channel for limit in limits})),
            next_step="build the workspace with hypotheses of all channels",
        )
    return long_lived_couplings(limits, long_lived_model(settings))
