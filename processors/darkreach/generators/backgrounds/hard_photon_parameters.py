"""The cuts on hard photons as numbers that a process is asked for."""

from __future__ import annotations

import math
from collections.abc import Mapping

from darkreach.generators.hard_photon_cuts import HardPhotonCuts
from darkreach.generators.process import ProcessParameter


def hard_photon_parameters(
    minimum_energy_gev: float, polar_low_deg: float, polar_high_deg: float
) -> tuple[ProcessParameter, ...]:
    """Return the three parameters of :class:`HardPhotonCuts` with their defaults.

    Args:
        minimum_energy_gev: GeV, in the CM.
        polar_low_deg: degrees, laboratory.
        polar_high_deg: degrees, laboratory.
    """
    return (
        ProcessParameter("minimum_energy_gev", "smallest energy of a hard photon in the CM", minimum_energy_gev),
        ProcessParameter("polar_low_deg", "smallest polar angle of a hard photon in the laboratory", polar_low_deg),
        ProcessParameter("polar_high_deg", "largest polar angle of a hard photon in the laboratory", polar_high_deg),
    )


def hard_photon_cuts(values: Mapping[str, float]) -> HardPhotonCuts:
    """Return the cuts that the values of the parameters stand for; there need not be a ``maximum_energy_gev``.

    Example:
        >>> cuts = hard_photon_cuts({"minimum_energy_gev": 0.5, "polar_low_deg": 0.0, "polar_high_deg": 180.0})
        >>> cuts.polar_high == math.pi
        True
    """
    low, high = math.radians(values["polar_low_deg"]), math.radians(values["polar_high_deg"])
    return HardPhotonCuts(values["minimum_energy_gev"], low, high, values.get("maximum_energy_gev", math.inf))
