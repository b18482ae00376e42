"""From limits on the signal strength of an axion-like particle to excluded intervals of its photon coupling."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from darkreach.couplings.couplings_file import QUANTILES, ExcludedInterval
from darkreach.couplings.decay_boost import BoostSpectrum
from darkreach.couplings.displaced_efficiency import displaced_efficiency
from darkreach.couplings.excluded_region import excluded_intervals
from darkreach.errors import LimitError
from darkreach.limits.limits_file import LimitsDocument
from darkreach.limits.results import Limit
from darkreach.models.axion_like_particle import proper_decay_length_cm

_GRID_POINTS = 241
_GRID_DECADES = 6.0


def axion_signal_strength(
    coupling: NDArray[np.float64], mass: float, reference: float, boost: BoostSpectrum, reach_cm: float
) -> NDArray[np.float64]:
    """Return (g/g_ref)^2 F(g), the signal in units of the prompt one at the reference coupling.

    F averages the efficiency of a displaced decay over the boosts, with the lifetime of each coupling: the signal
    is weighted anew at every coupling, so that light, weakly coupled and hence long-lived particles are not excluded
    by a prompt search.

    Args:
        coupling: 1/GeV, (n,).
        mass: GeV.
        reference: coupling of mu = 1, 1/GeV.
        boost: of the selected events in the laboratory.
        reach_cm: distance beyond which a decay is not reconstructed.
    """
    length = proper_decay_length_cm(mass, coupling)[:, None] * boost.beta_gamma
    survival = displaced_efficiency(length, reach_cm) @ boost.weight
    return np.asarray((coupling / reference) ** 2 * survival)


def couplings_from_limits(document: LimitsDocument, *, reach_cm: float, cl: float) -> list[ExcludedInterval]:
    """Return the excluded intervals of the coupling at one confidence level, ordered by hypothesis and quantile.

    Args:
        document: limits whose ``meanings`` hold ``coupling`` (that of mu = 1, 1/GeV) and ``decay_beta_gamma`` (equally
            likely values of p/m of the decaying particle in the laboratory).
        reach_cm: distance beyond which a decay is not reconstructed.
        cl: confidence level; limits that are not ok give no interval.

    Raises:
        LimitError: no limit has this confidence level, or a hypothesis lacks its mass or its meaning.
    """
    limits = document.at(cl)
    if not limits:
        known = sorted({limit.cl for limit in document.limits})
        raise LimitError("no limits at this confidence level", allowed=str(known), given=str(cl))
    intervals = []
    for limit in limits:
        if limit.status == "ok" and limit.observed is not None:
            mass, reference = _mass(limit), _meaning(document, limit, "coupling")
            values = np.asarray(_meaning(document, limit, "decay_beta_gamma"), dtype=np.float64)
            boost = BoostSpectrum(values, np.full(values.size, 1.0 / values.size))
            for quantile, strength in zip(QUANTILES, (limit.observed, *limit.expected), strict=True):
                # where there is no limit, nothing is excluded
                if strength < np.inf:
                    intervals += _intervals(mass, float(reference), boost, reach_cm, quantile, strength)
    return intervals


def _intervals(
    mass: float, reference: float, boost: BoostSpectrum, reach_cm: float, quantile: str, strength: float
) -> list[ExcludedInterval]:
    prompt = reference * np.sqrt(strength)
    # three decades below and above what a prompt particle would need: there, mu = g^2 F(g) only falls or only rises
    grid = prompt * np.logspace(-0.5 * _GRID_DECADES, 0.5 * _GRID_DECADES, _GRID_POINTS)
    found = excluded_intervals(
        lambda coupling: axion_signal_strength(coupling, mass, reference, boost, reach_cm) / strength, grid
    )
    return [
        ExcludedInterval(mass, float(proper_decay_length_cm(mass, lower)), quantile, lower, upper)
        for lower, upper in found
    ]


def _mass(limit: Limit) -> float:
    mass = limit.values.get("mass_gev")
    if not isinstance(mass, int | float):
        raise LimitError("the hypothesis has no mass", where=limit.name, allowed="a number 'mass_gev' in its values")
    return float(mass)


def _meaning(document: LimitsDocument, limit: Limit, key: str) -> Any:
    meaning = document.meanings.get(limit.name, {})
    if key not in meaning:
        raise LimitError(
            f"the metadata of the hypothesis has no '{key}'",
            where=f"meanings.{limit.name}",
            next_step="build the workspace again, or add it to the metadata of the patch",
        )
    return meaning[key]
