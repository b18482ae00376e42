"""Which hypotheses are tested: the grid of masses, their names, and the region that serves each."""

from __future__ import annotations

from darkreach.configuration import RegionSettings, SearchConfig
from darkreach.errors import WorkspaceError
from darkreach.histograms.binning import squared_mass_resolution


def mass_resolution(mass: float, region: RegionSettings, config: SearchConfig) -> float:
    """Return the resolution of the mass in GeV, sigma(M^2) / (2 m)."""
    return float(squared_mass_resolution(region.observable, mass, config)) / (2.0 * mass)


def region_of(mass: float, config: SearchConfig) -> RegionSettings:
    """Return the region that serves a mass in GeV; a common end of two regions belongs to the upper one.

    Raises:
        WorkspaceError: no region serves the mass.
    """
    for region in sorted(config.regions, key=lambda item: item.mass_range, reverse=True):
        if region.mass_range[0] <= mass <= region.mass_range[1]:
            return region
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


def mass_grid(config: SearchConfig) -> tuple[float, ...]:
    """Return all masses to scan in GeV, ``mass_step_resolutions`` mass resolutions apart, rounded to MeV.

    The two ends of every region are in the grid.
    """
    masses: set[float] = set()
    for region in config.regions:
        mass, high = region.mass_range
        while mass < high:
            masses.add(round(mass, 3))
            mass += config.workspace.mass_step_resolutions * mass_resolution(mass, region, config)
        masses.add(round(high, 3))
    return tuple(sorted(masses))


def hypothesis_name(mass: float) -> str:
    """Return the name of a mass hypothesis: MeV, down to eV where needed, ``p`` for the decimal point.

    Example:
        >>> hypothesis_name(1.0), hypothesis_name(0.2005)
        ('m1000MeV', 'm200p5MeV')
    """
    return f"m{1000.0 * mass:.6f}".rstrip("0").rstrip(".").replace(".", "p") + "MeV"
