"""The workspace of a search from its histograms, with what a reader of the patchset alone needs."""

from __future__ import annotations

from collections.abc import Sequence

from darkreach.building import SearchWorkspace, build_workspace
from darkreach.couplings import decay_boosts
from darkreach.histograms import SearchHistograms
from darkreach.pipeline.settings import RunSettings

BOOST_SLICES = 8
"""Values that stand for the boost spectrum of a hypothesis."""


def build_search_workspace(
    settings: RunSettings, histograms: SearchHistograms, *, masses: Sequence[float] | None = None
) -> SearchWorkspace:
    """Build the workspace of a search at the given masses (GeV), by default those of the preset.

    Each patch also gets the boosts of its signal, ``decay_beta_gamma``: with them a limit on the signal strength can be
    turned into one on the coupling, lifetime included, by anyone who has the patchset alone.
    """
    preset_masses = settings.preset.scan_masses
    data_sample = "data" if "data" in histograms.samples else "pseudo_data"
    workspace = build_workspace(
        histograms,
        settings.config,
        luminosity_inverse_fb=settings.luminosity_inverse_fb,
        sqrt_s=settings.sqrt_s,
        masses=masses or (None if preset_masses == "all" else preset_masses),
        data_sample=data_sample,
    )
    boosts = decay_boosts(histograms, settings.sqrt_s)
    kind = histograms.samples[data_sample].kind.replace("_", "-")
    for patch in workspace.patchset["patches"]:
        metadata = patch["metadata"]
        metadata["data_kind"] = kind
        spectrum = boosts.at(metadata["region"], metadata["values"][0])
        metadata["decay_beta_gamma"] = [float(f"{value:.4g}") for value in spectrum.equally_likely(BOOST_SLICES)]
    return workspace
