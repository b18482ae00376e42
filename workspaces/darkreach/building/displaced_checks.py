"""What must hold between the settings of a search for displaced vertices before anything is built."""

from __future__ import annotations

from darkreach.building.build_checks import check_signal_factors
from darkreach.configuration.displaced_search import DisplacedSearchConfig
from darkreach.errors import WorkspaceError
from darkreach.histograms.displaced_cells import MARGIN_RESOLUTIONS, PULL_RANGE


def check_displaced_settings(config: DisplacedSearchConfig) -> None:
    """Refuse settings of the workspace of a search for displaced vertices that contradict each other.

    Raises:
        WorkspaceError: a window that reaches into its sidebands or beyond the pulls of the histograms; sidebands beyond
            the histograms, or narrower than a cell; a factor of the signal with the name of another parameter.
    """
    settings, sideband = config.workspace, config.workspace.sideband
    where = f"search {config.search}: workspace"
    if settings.window_half_width > sideband.inner:
        raise WorkspaceError(
            "the window reaches into its sidebands",
            where=f"{where}.sideband.inner",
            allowed=f"at least window_half_width, {settings.window_half_width:g} resolutions",
            given=f"{sideband.inner:g}",
            next_step="let the sidebands begin farther away, or make the window narrower",
        )
    if settings.window_half_width > PULL_RANGE:
        raise WorkspaceError(
            "the window is wider than the histograms of the signal",
            where=f"{where}.window_half_width",
            allowed=f"up to {PULL_RANGE:g} resolutions",
            given=f"{settings.window_half_width:g}",
            next_step="make it narrower",
        )
    if sideband.outer > MARGIN_RESOLUTIONS:
        raise WorkspaceError(
            "the sidebands reach beyond the histograms",
            where=f"{where}.sideband.outer",
            allowed=f"up to {MARGIN_RESOLUTIONS:g} resolutions",
            given=f"{sideband.outer:g}",
            next_step="make them narrower",
        )
    if (sideband.outer - sideband.inner) * config.mass.cells_per_resolution < 1.0:
        raise WorkspaceError(
            "the sidebands are narrower than a cell",
            where=f"{where}.sideband",
            allowed=f"at least {1.0 / config.mass.cells_per_resolution:g} resolutions from inner to outer",
            given=f"{sideband.outer - sideband.inner:g}",
            next_step="make them wider, or set mass.cells_per_resolution higher",
        )
    check_signal_factors(settings, where, ("background_", "sideband_", "signal_statistics_"))
