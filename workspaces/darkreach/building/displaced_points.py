"""The hypotheses of a search for displaced vertices: channel, mass and lifetime, and their names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from darkreach.configuration.displaced_search import COMBINED, DisplacedSearchConfig
from darkreach.errors import WorkspaceError
from darkreach.histograms.displaced_cells import DisplacedCells, hypothesis_masses, region_cells

LABELS: Final = ("channel", "mass_gev", "ctau_cm")
"""Of the values of a hypothesis."""


class DisplacedPoint(NamedTuple):
    """A channel at a mass (GeV); its lifetimes are built together."""

    channel: str
    mass_gev: float
    regions: tuple[str, ...]


def displaced_name(channel: str, mass_gev: float, ctau_cm: float) -> str:
    """Return the name of a hypothesis: mass in MeV, mean proper decay length in cm, ``p`` for the decimal point.

    Example:
        >>> displaced_name("kplus_mumu", 0.3005, 0.05)
        'kplus_mumu_m300p5_ctau0p05'
    """
    mass, ctau = (f"{value:.6f}".rstrip("0").rstrip(".").replace(".", "p") for value in (1000.0 * mass_gev, ctau_cm))
    return f"{channel}_m{mass}_ctau{ctau}"


def displaced_points(
    config: DisplacedSearchConfig, masses: Sequence[float] | None, single_channels: bool
) -> list[DisplacedPoint]:
    """Return all channels at all masses that they serve: all regions together first, then each alone.

    Args:
        config: of the search.
        masses: GeV; None for all of the search.
        single_channels: whether regions are tested one by one too.

    Raises:
        WorkspaceError: no mass, a mass given twice, or one that no region serves.
    """
    chosen = [float(mass) for mass in (hypothesis_masses(config) if masses is None else masses)]
    cells = region_cells(config)
    serving = {mass: tuple(name for name, one in cells.items() if one.covers(mass)) for mass in chosen}
    unserved = [mass for mass, regions in serving.items() if not regions]
    if unserved or not chosen or len(serving) != len(chosen):
        raise WorkspaceError(
            "masses of hypotheses must be inside a region, each given once" if chosen else "no mass was given",
            where=f"search {config.search}: masses",
            allowed="; ".join(_range(one) for one in cells.values()),
            given=", ".join(f"{mass:g}" for mass in (unserved or chosen)[:5]),
            next_step="give masses in GeV that some region serves",
        )
    points = [DisplacedPoint(COMBINED, mass, regions) for mass, regions in serving.items()]
    if single_channels:
        points += [DisplacedPoint(name, mass, (name,)) for name in cells for mass in chosen if name in serving[mass]]
    return points


def lifetime_numbers(config: DisplacedSearchConfig, lifetimes_cm: Sequence[float] | None) -> list[int]:
    """Return the numbers of lifetimes (cm) among those of the search; all for None.

    Raises:
        WorkspaceError: none, one given twice, or one that the histograms were not filled for.
    """
    known = np.array(config.lifetimes_cm)
    if lifetimes_cm is None:
        return list(range(len(known)))
    found = [np.flatnonzero(np.isclose(known, one, rtol=1e-9, atol=0.0)) for one in lifetimes_cm]
    numbers = [int(one[0]) for one in found if len(one)]
    if not found or len(set(numbers)) != len(found):
        raise WorkspaceError(
            "lifetimes of hypotheses must be some of those of the search, each given once",
            where=f"search {config.search}: lifetimes_cm",
            allowed=", ".join(f"{one:g}" for one in known),
            given=", ".join(f"{one:g}" for one in lifetimes_cm) or "none",
            next_step="choose some of these, or add one to the search and process the events again",
        )
    return numbers


def _range(cells: DisplacedCells) -> str:
    region = cells.region
    text = f"{region.name} {region.mass.low:g} to {region.mass.high:g} GeV"
    return text + "".join(f" without {one.low:g} to {one.high:g}" for one in region.excluded)
