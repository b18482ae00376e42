"""Background samples from simulated templates: free rate, shape variations, and the size of the simulation."""

from __future__ import annotations

from typing import Any

import numpy as np

from darkreach.building.channels import Channel
from darkreach.building.modifiers import LUMINOSITY, normfactor, normsys, shared_histosys, staterror
from darkreach.building.region_spectra import RegionSpectra
from darkreach.building.rounding import significant
from darkreach.configuration import WorkspaceSettings
from darkreach.histograms.search_histograms import NOMINAL


def template_samples(spectra: RegionSpectra, channel: Channel, settings: WorkspaceSettings) -> list[dict[str, Any]]:
    """Return the background samples of one channel, in events.

    Each carries ``background_rate_<region>`` (free, shared by the channels of the region) if the rate floats, else the
    luminosity; the shared ``histosys``; and ``staterror_<channel>``. A free rate needs no luminosity: the two
    would be one and the same direction.

    Args:
        spectra: of the region of the channel.
        channel: which bins.
        settings: of the workspace.
    """
    if settings.background_rate == "floating":
        rate = normfactor(f"background_rate_{spectra.name}")
    else:
        rate = normsys(LUMINOSITY, settings.luminosity_uncertainty.value)
    samples = []
    for name, variations in spectra.background.items():
        nominal = variations[NOMINAL][channel.bins]
        uncertainty = np.sqrt(spectra.background_variances[name][channel.bins])
        bins = {variation: values[channel.bins] for variation, values in variations.items()}
        samples.append(
            {
                "name": name,
                "data": significant(nominal, settings.patch_digits),
                "modifiers": [
                    rate,
                    *shared_histosys(spectra.nuisances, bins.__getitem__, nominal, settings.patch_digits),
                    staterror(channel.name, significant(uncertainty, settings.patch_digits)),
                ],
            }
        )
    return samples
