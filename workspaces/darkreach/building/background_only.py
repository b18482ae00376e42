"""The background-only workspace: every channel of every region, no signal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from darkreach.building.background_samples import template_samples
from darkreach.building.bernstein import bernstein_background
from darkreach.building.channels import Channel
from darkreach.building.modifiers import PARAMETER_OF_INTEREST
from darkreach.building.region_spectra import RegionSpectra
from darkreach.configuration import WorkspaceSettings
from darkreach.errors import WorkspaceError


def background_only_workspace(
    spectra: Sequence[RegionSpectra], channels: Mapping[str, tuple[Channel, ...]], settings: WorkspaceSettings
) -> dict[str, Any]:
    """Return the pyhf 1.0.0 workspace that all patches apply to.

    Regions of different mass ranges overlap in data and are alternatives: a fit uses channels of one mass range only,
    as every patch does, and all controls. Nothing should be concluded from a fit of the whole workspace.

    Args:
        spectra: regions, then controls.
        channels: by region or control.
        settings: of the workspace.

    Raises:
        WorkspaceError: two channels of one name.
    """
    content = []
    observations = []
    parameters: list[dict[str, Any]] = []
    for spectrum in spectra:
        for channel in channels[spectrum.name]:
            if settings.background == "bernstein":
                polynomial = bernstein_background(spectrum, [channel], settings.bernstein_order, settings.patch_digits)
                samples = polynomial.samples[channel.name]
                parameters += polynomial.parameters
            else:
                samples = template_samples(spectrum, channel, settings)
            content.append({"name": channel.name, "samples": samples})
            observations.append({"name": channel.name, "data": spectrum.observed[channel.bins].tolist()})
    _check_names([channel.name for spectrum in spectra for channel in channels[spectrum.name]])
    measurement = {"name": "limit", "config": {"poi": PARAMETER_OF_INTEREST, "parameters": parameters}}
    return {"channels": content, "measurements": [measurement], "observations": observations, "version": "1.0.0"}


def _check_names(names: Sequence[str]) -> None:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise WorkspaceError(
            "two channels have one name",
            where="regions and controls",
            given=", ".join(repeated),
            next_step="name controls unlike a region with a number behind it",
        )
