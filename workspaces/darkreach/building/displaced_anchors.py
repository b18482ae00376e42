"""The simulated signals of a region of displaced vertices, and the rates that their weights are divided by."""

from __future__ import annotations

from typing import Final

import numpy as np

from darkreach.building.displaced_rates import DisplacedRates
from darkreach.configuration.displaced_search import DisplacedRegion
from darkreach.errors import WorkspaceError
from darkreach.events.manifest import SampleManifest
from darkreach.histograms.search_histograms import SearchHistograms
from darkreach.searches.displaced_histograms import is_signal_of

MASS: Final = "mass_gev"


def region_signals(histograms: SearchHistograms, region: DisplacedRegion) -> list[tuple[float, SampleManifest]]:
    """Return masses (GeV) and manifests of the signals that a region takes its efficiency from, rising.

    Those outside of its masses or inside excluded ones are not used.

    Raises:
        WorkspaceError: there is none, or one has no mass.
    """
    found = [m for m in histograms.samples.values() if m.kind == "signal" and is_signal_of(region, m.sample)]
    nameless = [manifest.sample for manifest in found if MASS not in manifest.parameters]
    if nameless:
        raise WorkspaceError(
            f"a signal sample has no parameter '{MASS}'",
            where=f"manifest of {nameless[0]}",
            next_step="simulate the signals with the configuration of this search",
        )
    masses = [(float(manifest.parameters[MASS]), manifest) for manifest in found]
    usable = [
        (mass, manifest)
        for mass, manifest in sorted(masses, key=lambda one: one[0])
        if region.mass.low <= mass <= region.mass.high
        and not any(one.low <= mass <= one.high for one in region.excluded)
    ]
    if not usable:
        raise WorkspaceError(
            "no signal sample serves a region",
            where=f"region {region.name}",
            allowed=f"samples signal_{region.signal}_*, {region.mass.low:g} to {region.mass.high:g} GeV, not excluded",
            given=", ".join(manifest.sample for manifest in found) or "none",
            next_step="process signals of this label, or add anchor_masses in the range of the region",
        )
    return usable


def simulated_rate(rates: DisplacedRates, region: DisplacedRegion, manifest: SampleManifest) -> float:
    """Return the cross-section of all decays of a sample into the final state of a region, fb.

    Raises:
        WorkspaceError: it is not positive.
    """
    value = float(rates.simulated_fb(region, manifest.parameters))
    if not 0.0 < value < np.inf:
        raise WorkspaceError(
            "a simulated signal has no rate",
            where=f"{manifest.sample}, region {region.name}",
            allowed="above 0 fb",
            given=f"{value} fb",
            next_step="check the parameters of the signals: branching fractions, coupling and mass",
        )
    return value
