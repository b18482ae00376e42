"""Which hypotheses are tested: the grid of masses, their names, and the regions that serve each."""

from __future__ import annotations

import math
from typing import Final

from darkreach.configuration import MassScanConfig, RegionSettings
from darkreach.errors import WorkspaceError
from darkreach.histograms.binning import squared_mass_resolution

_DIGITS: Final = 4
"""Significant digits of masses in grids with a largest ratio; others are in MeV."""


def mass_resolution(mass: float, region: RegionSettings, config: MassScanConfig) -> float:
    """Return the resolution of the mass in GeV, sigma(M^2) / (2 m)."""
    return float(squared_mass_resolution(region.observable, mass, config)) / (2.0 * mass)


def regions_of(mass: float, config: MassScanConfig) -> tuple[RegionSettings, ...]:
    """Return all regions that serve a mass in GeV, in the order of the configuration; they act together.

    They have one mass range in common. A common end of two mass ranges belongs to the upper one.

    Raises:
        WorkspaceError: no region serves the mass.
    """
    serving = [region.mass_range for region in config.regions if region.mass_range[0] <= mass <= region.mass_range[1]]
    if serving:
        return tuple(region for region in config.regions if region.mass_range == max(serving))
    ranges = ", ".join(
        f"{region.name} {region.mass_range[0]:g} to {region.mass_range[1]:g}" for region in config.regions
    )
    raise WorkspaceError(
        f"no region serves a mass of {mass:g} GeV",
        where=f"search {config.search}: regions",
        allowed=ranges,
        given=f"{mass:g}",
        next_step="choose a mass inside one of the regions",
    )


def region_of(mass: float, config: MassScanConfig) -> RegionSettings:
    """Return the first of the regions that serve a mass in GeV.

    Raises:
        WorkspaceError: no region serves the mass.
    """
    return regions_of(mass, config)[0]


def mass_grid(config: MassScanConfig) -> tuple[float, ...]:
    """Return all masses to scan in GeV, ``mass_step_resolutions`` mass resolutions apart, rounded to MeV.

    The two ends of every region are in the grid. With ``largest_mass_ratio`` no two neighbours are further apart than
    that: far below the resolution of the squared mass the mass resolution exceeds the mass.
    """
    ratio = config.workspace.largest_mass_ratio
    masses: set[float] = set()
    for region in config.regions:
        mass, high = region.mass_range
        while mass < high:
            step = config.workspace.mass_step_resolutions * mass_resolution(mass, region, config)
            masses.add(round(mass, 3) if ratio is None else mass)
            mass = mass + step if ratio is None else _next_mass(mass, min(mass + step, mass * ratio))
        masses.add(round(high, 3) if ratio is None else high)
    return tuple(sorted(masses))


def _next_mass(mass: float, limit: float) -> float:
    """Return the largest mass up to a limit that has few digits; the limit itself if none is above ``mass``."""
    unit = 10.0 ** (math.floor(math.log10(limit)) + 1 - _DIGITS)
    rounded = float(f"{math.floor(limit / unit * (1.0 + 1.0e-12)) * unit:.{_DIGITS}g}")
    return rounded if rounded > mass else limit


def hypothesis_name(mass: float) -> str:
    """Return the name of a mass hypothesis: MeV, down to eV where needed, ``p`` for the decimal point.

    Example:
        >>> hypothesis_name(1.0), hypothesis_name(0.2005)
        ('m1000MeV', 'm200p5MeV')
    """
    return f"m{1000.0 * mass:.6f}".rstrip("0").rstrip(".").replace(".", "p") + "MeV"
