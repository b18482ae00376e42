"""Upper limits against mass and lifetime, such as on a product of branching ratios."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.couplings.coupling_model import meaning_value
from darkreach.couplings.couplings_file import QUANTILES
from darkreach.couplings.excluded_couplings import limits_at
from darkreach.couplings.lifetime_axis import curve_between_lifetimes
from darkreach.couplings.long_lived_region import OfLifetime
from darkreach.errors import LimitError
from darkreach.limits import Limit, LimitsDocument

Array = NDArray[np.float64]

LABELS: Final = ("channel", "mass_gev", "ctau_cm")
"""Coordinates of a hypothesis of a search for displaced decays."""


@dataclass(frozen=True)
class LifetimeLimit:
    """An upper limit of one channel at one mass and lifetime.

    Attributes:
        channel: final state, or ``combined``.
        mass_gev: GeV.
        ctau_cm: mean proper decay length, cm.
        quantile: observed, or standard deviations of the expected limit: -2, -1, 0, 1, 2.
        upper: of what the header of the file says, such as BR(B -> K S) BR(S -> x x); infinite for no limit.
    """

    channel: str
    mass_gev: float
    ctau_cm: float
    quantile: str
    upper: float


def lifetime_limits_from(document: LimitsDocument, *, cl: float) -> list[LifetimeLimit]:
    """Return the limits of a search for displaced decays at one confidence level, observed and expected ones.

    A hypothesis without a limit, as nothing is sensitive to it or the fit failed, has an infinite one: left out, it
    would be covered by its neighbours.

    Args:
        document: limits on the signal strength, whose meanings hold ``per_unit_strength``.
        cl: confidence level.

    Raises:
        LimitError: no limit has this confidence level, or a hypothesis lacks a coordinate or its meaning.
    """
    found = []
    for limit in limits_at(document, cl):
        channel, mass, ctau = _place(limit)
        unit = float(meaning_value(document.meanings.get(limit.name, {}), "per_unit_strength"))
        strengths = [math.inf] * len(QUANTILES)
        if limit.status == "ok" and limit.observed is not None:
            strengths = [limit.observed, *limit.expected]
        found += [
            LifetimeLimit(channel, mass, ctau, quantile, unit * strength)
            for quantile, strength in zip(QUANTILES, strengths, strict=True)
        ]
    return found


def limits_by_lifetime(limits: Iterable[LifetimeLimit], channel: str, mass_gev: float) -> dict[str, OfLifetime]:
    """Return, by quantile, the limit as a function of the lifetime (n,) -> (n,), at one of the masses of the search.

    Between lifetimes the limit is a monotonic curve in the logarithms of both, see ``curve_between_lifetimes``; next to
    a lifetime without a limit its inverse, which goes as an efficiency, falls to zero there. For shorter lifetimes than
    any there is no limit; for longer ones the limit rises as c tau.

    Raises:
        LimitError: there is no limit of this channel at this mass, or a lifetime twice.

    Example:
        >>> rows = [LifetimeLimit("mumu", 1.0, ctau, "0", upper) for ctau, upper in ((1.0, 2e-8), (100.0, 1e-8))]
        >>> limits_by_lifetime(rows, "mumu", 1.0)["0"](np.array([0.5, 10.0, 200.0])).round(11).tolist()
        [inf, 1.414e-08, 2e-08]
    """
    rows = [limit for limit in limits if limit.channel == channel and limit.mass_gev == mass_gev]
    if not rows:
        raise LimitError("no limits of this channel at this mass", given=f"{channel} at {mass_gev:g} GeV")
    return {
        quantile: _of_lifetime([row for row in rows if row.quantile == quantile])
        for quantile in QUANTILES
        if any(row.quantile == quantile for row in rows)
    }


def _of_lifetime(rows: list[LifetimeLimit]) -> OfLifetime:
    ordered = sorted(rows, key=lambda row: row.ctau_cm)
    nodes = np.array([row.ctau_cm for row in ordered])
    if np.any(np.diff(nodes) <= 0.0):
        raise LimitError("two limits at one mass and lifetime", where=f"{rows[0].channel}, {rows[0].mass_gev:g} GeV")
    reach = 1.0 / np.array([row.upper for row in ordered])

    def limit(ctau: Array) -> Array:
        inverse = curve_between_lifetimes(ctau, nodes, reach, below=0.0, beyond_power=-1.0)
        with np.errstate(divide="ignore"):
            return np.asarray(1.0 / inverse)

    return limit


def _place(limit: Limit) -> tuple[str, float, float]:
    channel, mass, ctau = (limit.values.get(label) for label in LABELS)
    if not isinstance(channel, str) or not isinstance(mass, int | float) or not isinstance(ctau, int | float):
        raise LimitError(
            "the hypothesis is no mass and lifetime of a channel",
            where=limit.name,
            allowed=f"{', '.join(LABELS)} in its values",
            given=", ".join(limit.values) or "nothing",
        )
    return channel, float(mass), float(ctau)
