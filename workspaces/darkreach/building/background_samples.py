"""Background samples of a channel: their rate, shape variations, and the size of the simulation."""

from __future__ import annotations

from typing import Any

import numpy as np

from darkreach.building.background_rates import rate_modifiers
from darkreach.building.channels import Channel
from darkreach.building.modifiers import lognormal, shared_histosys, staterror
from darkreach.building.region_spectra import RegionSpectra
from darkreach.building.rounding import significant
from darkreach.configuration import WorkspaceSettings
from darkreach.histograms.search_histograms import NOMINAL


def template_samples(spectra: RegionSpectra, channel: Channel, settings: WorkspaceSettings) -> list[dict[str, Any]]:
    """Return the background samples of one channel, in events; those without any event in it are left out.

    Each carries the factors of its rate (``rate_modifiers``), the shared ``histosys``, and ``staterror_<channel>``.
    Backgrounds without simulation follow, with ``rate_<name>`` alone: what is no collision does not follow the
    luminosity.

    Args:
        spectra: of the region or control of the channel.
        channel: which bins.
        settings: of the workspace.
    """
    digits = settings.patch_digits
    samples = []
    for name, variations in spectra.background.items():
        bins = {variation: values[channel.bins] for variation, values in variations.items()}
        if not any(np.any(values) for values in bins.values()):
            continue
        nominal = variations[NOMINAL][channel.bins]
        uncertainty = np.sqrt(spectra.background_variances[name][channel.bins])
        modifiers = [
            *rate_modifiers(name, settings, spectra.region),
            *shared_histosys(spectra.nuisances, bins.__getitem__, nominal, digits),
            staterror(channel.name, significant(uncertainty, digits)),
        ]
        samples.append({"name": name, "data": significant(nominal, digits), "modifiers": modifiers})
    uncertainties = {(flat.name, flat.region): flat.uncertainty.value for flat in settings.flat_backgrounds}
    for name, values in spectra.flat.items():
        rate = lognormal(f"rate_{name}", uncertainties[name, spectra.name])
        samples.append({"name": name, "data": significant(values[channel.bins], digits), "modifiers": [rate]})
    return samples
