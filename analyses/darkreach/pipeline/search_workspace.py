"""The workspace of a search from its histograms, with what a reader of the patchset alone needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from darkreach.building import SearchWorkspace, build_workspace, regions_of
from darkreach.configuration import AxionConfig
from darkreach.configuration.displaced_search import DisplacedSearchConfig
from darkreach.configuration.plane_search import PlaneSearchConfig
from darkreach.couplings import decay_boosts, recoil_axions
from darkreach.histograms import SearchHistograms
from darkreach.pipeline.displaced_search_workspace import build_displaced_search_workspace
from darkreach.pipeline.plane_search_workspace import build_plane_search_workspace
from darkreach.pipeline.settings import RunSettings

BOOST_SLICES = 8
"""Values that stand for the boost spectrum of a hypothesis."""


def build_search_workspace(
    settings: RunSettings, histograms: SearchHistograms, *, masses: Sequence[float] | None = None
) -> SearchWorkspace:
    """Build the workspace of a search at the given masses (GeV), by default those of the preset.

    Each patch also gets the boosts of its signal, ``decay_beta_gamma``, if the histograms hold them: with them a limit
    on the signal strength can be turned into one on the coupling, lifetime included, by anyone who has the patchset
    alone. Without data among the histograms pseudo-data are drawn from the templates.
    """
    if isinstance(settings.config, PlaneSearchConfig):
        return build_plane_search_workspace(settings, settings.config, histograms)
    if isinstance(settings.config, DisplacedSearchConfig):
        return build_displaced_search_workspace(settings, settings.config, histograms, masses)
    preset_masses = settings.mass_preset.scan_masses
    observed = [name for name in ("data", "pseudo_data") if name in histograms.samples]
    workspace = build_workspace(
        histograms,
        settings.mass_scan,
        luminosity_inverse_fb=settings.luminosity_inverse_fb,
        sqrt_s=settings.sqrt_s,
        masses=masses or (None if preset_masses == "all" else preset_masses),
        data_sample=observed[0] if observed else None,
        pseudo_data_seed=settings.pseudo_data_seed,
    )
    if observed:
        for patch in workspace.patchset["patches"]:
            patch["metadata"]["data_kind"] = histograms.samples[observed[0]].kind.replace("_", "-")
    if any(name.startswith("decay_boost/") for name in histograms.histograms):
        _add_boosts(settings, histograms, workspace.patchset["patches"])
    return workspace


def _add_boosts(settings: RunSettings, histograms: SearchHistograms, patches: Sequence[dict[str, Any]]) -> None:
    if isinstance(settings.config, AxionConfig):
        boosts = decay_boosts(histograms, settings.sqrt_s)
        for patch in patches:
            metadata = patch["metadata"]
            spectrum = boosts.at(metadata["region"], metadata["values"][0])
            metadata["decay_beta_gamma"] = [float(f"{value:.4g}") for value in spectrum.equally_likely(BOOST_SLICES)]
        return
    readings = {}
    for patch in patches:
        metadata = patch["metadata"]
        regions = tuple(region.name for region in regions_of(metadata["values"][0], settings.mass_scan))
        if regions not in readings:
            readings[regions] = recoil_axions(histograms, regions, settings.sqrt_s)
        metadata |= readings[regions].meaning(metadata["values"][0], BOOST_SLICES)
