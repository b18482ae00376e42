"""The background-only workspace: every channel of every region, no signal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from darkreach.building.background_samples import template_samples
from darkreach.building.bernstein import bernstein_background
from darkreach.building.channels import Channel
from darkreach.building.modifiers import PARAMETER_OF_INTEREST
from darkreach.building.region_spectra import RegionSpectra
from darkreach.configuration import WorkspaceSettings


def background_only_workspace(
    spectra: Mapping[str, RegionSpectra], channels: Mapping[str, tuple[Channel, ...]], settings: WorkspaceSettings
) -> dict[str, Any]:
    """Return the pyhf 1.0.0 workspace that all patches apply to.

    The regions overlap in data and are alternatives: a fit uses channels of one region only, as every patch does.
    Nothing should be concluded from a fit of the whole workspace.

    Args:
        spectra: by region.
        channels: by region.
        settings: of the workspace.
    """
    content = []
    observations = []
    parameters: list[dict[str, Any]] = []
    for region, spectrum in spectra.items():
        for channel in channels[region]:
            if settings.background == "bernstein":
                polynomial = bernstein_background(spectrum, [channel], settings.bernstein_order, settings.patch_digits)
                samples = polynomial.samples[channel.name]
                parameters += polynomial.parameters
            else:
                samples = template_samples(spectrum, channel, settings)
            content.append({"name": channel.name, "samples": samples})
            observations.append({"name": channel.name, "data": spectrum.observed[channel.bins].tolist()})
    measurement = {"name": "limit", "config": {"poi": PARAMETER_OF_INTEREST, "parameters": parameters}}
    return {"channels": content, "measurements": [measurement], "observations": observations, "version": "1.0.0"}
