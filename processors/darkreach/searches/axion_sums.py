"""Sums of one chunk of the axion search, filled by compiled code and put into its histograms at the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from hist import Hist
from numpy.typing import NDArray

from darkreach.configuration import AxionConfig, PhotonRegion
from darkreach.histograms.binning import squared_mass_resolution
from darkreach.histograms.variation_sums import VariationSums
from darkreach.searches.chunk_source import ChunkSource

Floats = NDArray[np.float64]


class AxionSums:
    """Squared masses of all regions, and of signals their pulls, for all variations."""

    def __init__(self, histograms: Mapping[str, Hist[Any]], config: AxionConfig, source: ChunkSource) -> None:
        """Take the axes from the empty histograms of the chunk."""
        self._dataset = source.dataset
        self._mass = source.mass
        prefixes = ("region",) if source.mass is None else ("region", "signal_shape")
        self._targets = {
            f"{prefix}/{region.name}": histograms[f"{prefix}/{region.name}"]
            for prefix in prefixes
            for region in config.regions
        }
        self._sums = {
            name: VariationSums(target.axes[-1], list(target.axes["variation"]))
            for name, target in self._targets.items()
        }
        self._resolutions = {
            region.name: float(squared_mass_resolution(region.observable, source.mass, config))
            for region in config.regions
            if source.mass is not None
        }

    def fill(
        self, region: PhotonRegion, squared_mass: Floats, weights: dict[str, Floats], accepted: NDArray[np.bool_]
    ) -> None:
        """Add squared masses (n, 3), one entry a pairing, with event weights (n,) by variation."""
        self._sums[f"region/{region.name}"].fill(squared_mass, weights, accepted)
        if self._mass is not None:
            pull = (squared_mass - self._mass**2) / self._resolutions[region.name]
            self._sums[f"signal_shape/{region.name}"].fill(pull, weights, accepted)

    def finish(self) -> None:
        """Add everything to the histograms."""
        for name, target in self._targets.items():
            self._sums[name].add_to(target, target.axes[0].index(self._dataset))
