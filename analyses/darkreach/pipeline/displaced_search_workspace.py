"""The workspace of a search for displaced vertices: what its models say meets what workspaces know."""

from __future__ import annotations

from collections.abc import Sequence

from darkreach.building import SearchWorkspace, build_displaced_workspace
from darkreach.configuration.displaced_search import DisplacedSearchConfig
from darkreach.couplings import displaced_rates
from darkreach.histograms import SearchHistograms
from darkreach.histograms.displaced_cells import hypothesis_masses
from darkreach.pipeline.settings import RunSettings


def build_displaced_search_workspace(
    settings: RunSettings,
    config: DisplacedSearchConfig,
    histograms: SearchHistograms,
    masses: Sequence[float] | None = None,
) -> SearchWorkspace:
    """Build the workspace of a search for displaced vertices at the masses (GeV) given, or those of the preset.

    Without data among the histograms pseudo-data are drawn from the simulated background, once for all masses.

    Raises:
        WorkspaceError: see ``build_displaced_workspace``.
    """
    observed = [name for name in ("data", "pseudo_data") if name in histograms.samples]
    preset = config.presets[settings.preset_name]
    return build_displaced_workspace(
        histograms,
        config,
        luminosity_inverse_fb=settings.luminosity_inverse_fb,
        rates=displaced_rates(config, settings.sqrt_s),
        masses=masses or scanned_masses(settings, config),
        lifetimes_cm=preset.lifetimes_cm,
        single_channels=preset.single_channels,
        data_sample=observed[0] if observed else None,
        pseudo_data_seed=settings.pseudo_data_seed,
    )


def scanned_masses(settings: RunSettings, config: DisplacedSearchConfig) -> Sequence[float]:
    """Return the masses of the hypotheses of the preset, GeV."""
    scan = config.presets[settings.preset_name].scan
    if isinstance(scan, tuple):
        return scan
    masses: list[float] = hypothesis_masses(config).tolist()
    return masses if scan == "all" else masses[::scan]
