"""From limits on the signal strength over a plane of two masses to the coupling that is excluded at each point."""

from __future__ import annotations

import numpy as np

from darkreach.configuration import CouplingSettings
from darkreach.couplings.coupling_models import plane_coupling_model
from darkreach.couplings.couplings_file import QUANTILES
from darkreach.couplings.excluded_couplings import limits_at
from darkreach.couplings.plane_couplings_file import PlaneInterval
from darkreach.errors import LimitError
from darkreach.limits import Limit, LimitsDocument

PLANE_MASSES = ("dark_photon_mass_gev", "dark_higgs_mass_gev")
"""Coordinates of a hypothesis of a plane search."""


def plane_couplings_from_limits(
    document: LimitsDocument, settings: CouplingSettings, *, cl: float
) -> list[PlaneInterval]:
    """Return the excluded couplings at one confidence level, ordered by hypothesis and quantile, all one-sided.

    Args:
        document: limits whose ``meanings`` hold ``coupling``, that of mu = 1.
        settings: coupling, model of planes and its parameters.
        cl: confidence level; limits that are not ok give no interval.

    Raises:
        LimitError: no limit has this confidence level, or a hypothesis lacks a mass or its meaning.
        UnknownNameError: an unknown model or parameter.
        ConfigError: parameters of the model are missing or out of range.
    """
    model = plane_coupling_model(settings)
    intervals = []
    for limit in limits_at(document, cl):
        if limit.status == "ok" and limit.observed is not None:
            first, second = plane_masses(limit)
            strengths = np.array([limit.observed, *limit.expected])
            edges = model.coupling(strengths, document.meanings.get(limit.name, {})).tolist()
            intervals += [
                PlaneInterval(first, second, quantile, edge, np.inf)
                for quantile, edge in zip(QUANTILES, edges, strict=True)
                # where there is no limit, nothing is excluded
                if edge < np.inf
            ]
    return intervals


def plane_masses(limit: Limit) -> tuple[float, float]:
    """Return the masses (GeV) of the dark photon and of the dark Higgs boson that a limit is for.

    Raises:
        LimitError: it lacks one of them.
    """
    first, second = (limit.values.get(name) for name in PLANE_MASSES)
    if not isinstance(first, int | float) or not isinstance(second, int | float):
        raise LimitError(
            "the hypothesis is no point of the plane",
            where=limit.name,
            allowed=f"numbers {' and '.join(PLANE_MASSES)} in its values",
            given=", ".join(limit.values) or "nothing",
        )
    return float(first), float(second)
