"""The workspace of a plane search from its histograms: the numbers of its model meet what workspaces know."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from darkreach.building import SearchWorkspace, build_plane_workspace
from darkreach.configuration.plane_search import PlaneRegion, PlaneSearchConfig, Point
from darkreach.histograms import SearchHistograms
from darkreach.histograms.plane_grid import PlaneGrid
from darkreach.models.dark_higgsstrahlung import born_cross_section_fb
from darkreach.models.dark_photon_branching import decay_probability
from darkreach.pipeline.settings import RunSettings


def build_plane_search_workspace(
    settings: RunSettings, config: PlaneSearchConfig, histograms: SearchHistograms
) -> SearchWorkspace:
    """Build the workspace of a plane search at the points of the preset.

    Without data among the histograms pseudo-data are drawn from the simulated background, once for the whole plane.

    Raises:
        WorkspaceError: see ``build_plane_workspace``.
    """
    observed = [name for name in ("data", "pseudo_data") if name in histograms.samples]
    reference = config.simulation.reference_coupling.value

    def cross_section_fb(dark_photon_mass: float, dark_higgs_mass: float) -> float:
        return born_cross_section_fb(dark_photon_mass, dark_higgs_mass, reference, settings.sqrt_s)

    def branching(region: PlaneRegion, dark_photon_mass: float) -> float:
        return decay_probability(region.decays, dark_photon_mass)

    return build_plane_workspace(
        histograms,
        config,
        luminosity_inverse_fb=settings.luminosity_inverse_fb,
        sqrt_s=settings.sqrt_s,
        cross_section_fb=cross_section_fb,
        branching=branching,
        points=scanned_points(settings, config),
        data_sample=observed[0] if observed else None,
        pseudo_data_seed=settings.pseudo_data_seed,
    )


def scanned_points(settings: RunSettings, config: PlaneSearchConfig) -> Sequence[Point]:
    """Return the hypotheses of the preset, masses in GeV."""
    scan = config.presets[settings.preset_name].scan
    if isinstance(scan, tuple):
        return scan
    hypotheses = PlaneGrid(config.plane, settings.sqrt_s).hypotheses
    chosen = hypotheses if scan == "all" else hypotheses[:: int(scan)]
    return [(float(first), float(second)) for first, second in np.asarray(chosen)]
