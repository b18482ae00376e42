"""What a search for displaced vertices publishes beside its couplings: limits by lifetime, and efficiencies."""

from __future__ import annotations

from pathlib import Path

from darkreach.configuration.displaced_search import DisplacedSearchConfig
from darkreach.couplings import displaced_efficiency_grids, displaced_rates
from darkreach.couplings.efficiency_grid_file import write_efficiency_grids
from darkreach.couplings.lifetime_limits_file import FILE_NAMES, write_search_lifetime_limits
from darkreach.couplings.radius_efficiency import write_radius_efficiencies
from darkreach.histograms import SearchHistograms
from darkreach.limits import LimitsDocument
from darkreach.pipeline.run_folder import RunFolder
from darkreach.pipeline.settings import RunSettings


def lifetime_limit_files(settings: RunSettings, config: DisplacedSearchConfig, folder: RunFolder) -> dict[float, Path]:
    """Return the files of limits against mass and lifetime by confidence level; the highest has the plain name."""
    name = FILE_NAMES[config.simulation.reference_coupling.unit]
    levels = settings.confidence_levels
    return {level: folder.lifetime_limits(name, level, levels) for level in levels}


def write_lifetime_tables(
    settings: RunSettings,
    config: DisplacedSearchConfig,
    folder: RunFolder,
    document: LimitsDocument,
    histograms: SearchHistograms,
) -> list[Path]:
    """Write limits against mass and lifetime, a file a confidence level, and both tables of efficiencies.

    Raises:
        LimitError: a hypothesis is no mass and lifetime of a channel.
        WorkspaceError: the histograms are not those of the search.
        OutputError: the folder cannot be written to.
    """
    paths = [
        write_search_lifetime_limits(path, document, cl=level)
        for level, path in lifetime_limit_files(settings, config, folder).items()
    ]
    grids = displaced_efficiency_grids(histograms, config, displaced_rates(config, settings.sqrt_s))
    return [
        *paths,
        write_efficiency_grids(folder.efficiency_grid, grids, {"search": config.search}),
        write_radius_efficiencies(folder.radius_efficiency, histograms, config),
    ]
