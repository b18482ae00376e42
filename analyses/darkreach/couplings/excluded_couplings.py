"""From limits on the signal strength to excluded intervals of a coupling, whatever its model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration import CouplingSettings
from darkreach.couplings.coupling_model import CouplingModel, Meaning
from darkreach.couplings.coupling_models import coupling_model
from darkreach.couplings.couplings_file import QUANTILES, ExcludedInterval
from darkreach.couplings.excluded_region import excluded_intervals
from darkreach.errors import LimitError
from darkreach.limits.limits_file import LimitsDocument
from darkreach.limits.results import Limit

_POINTS_PER_DECADE = 40
_GRID_DECADES = 6


def couplings_from_limits(document: LimitsDocument, settings: CouplingSettings, *, cl: float) -> list[ExcludedInterval]:
    """Return the excluded intervals of a coupling at one confidence level, ordered by hypothesis and quantile.

    Args:
        document: limits whose ``meanings`` hold what the model of the coupling needs, such as ``coupling`` (of mu = 1).
        settings: coupling, model and its parameters.
        cl: confidence level; limits that are not ok give no interval.

    Raises:
        LimitError: no limit has this confidence level, or a hypothesis lacks its mass or its meaning.
        UnknownNameError: an unknown model or parameter.
        ConfigError: parameters of the model are missing or out of range.
    """
    model = coupling_model(settings)
    intervals = []
    for limit in limits_at(document, cl):
        if limit.status == "ok" and limit.observed is not None:
            mass, meaning = _mass(limit), document.meanings.get(limit.name, {})
            for quantile, strength in zip(QUANTILES, (limit.observed, *limit.expected), strict=True):
                # where there is no limit, nothing is excluded
                if strength < np.inf:
                    intervals += _intervals(model, mass, meaning, quantile, strength)
    return intervals


def limits_at(document: LimitsDocument, cl: float) -> tuple[Limit, ...]:
    """Return the limits at one confidence level.

    Raises:
        LimitError: there are none.
    """
    limits = document.at(cl)
    if not limits:
        known = sorted({limit.cl for limit in document.limits})
        raise LimitError("no limits at this confidence level", allowed=str(known), given=str(cl))
    return limits


def _intervals(
    model: CouplingModel, mass: float, meaning: Meaning, quantile: str, strength: float
) -> list[ExcludedInterval]:
    grid = _grid(model.full_coupling(mass, meaning) * np.sqrt(strength), model.settled_coupling(mass, meaning))
    found = excluded_intervals(lambda coupling: model.signal_strength(coupling, mass, meaning) / strength, grid)
    return [
        ExcludedInterval(mass, float(model.proper_decay_length_cm(mass, lower)), quantile, lower, upper)
        for lower, upper in found
    ]


def _grid(full: float, settled: float) -> NDArray[np.float64]:
    """Return couplings from three decades below that of a lossless signal to three above, or to where it settles."""
    half = 0.5 * _GRID_DECADES
    grid = full * np.logspace(-half, half, _GRID_DECADES * _POINTS_PER_DECADE + 1)
    if settled <= grid[-1]:
        return np.asarray(grid)
    more = int(np.ceil(_POINTS_PER_DECADE * np.log10(settled / grid[-1]))) + 1
    return np.concatenate([grid, np.geomspace(grid[-1], settled, more + 1)[1:]])


def _mass(limit: Limit) -> float:
    mass = limit.values.get("mass_gev")
    if not isinstance(mass, int | float):
        raise LimitError("the hypothesis has no mass", where=limit.name, allowed="a number 'mass_gev' in its values")
    return float(mass)
