"""The signal in controls at any mass: what of it contaminates them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from darkreach.building.rounding import FloatArray
from darkreach.building.signal_anchors import produced_cross_section, signal_manifests
from darkreach.building.templates import read_template
from darkreach.building.used_bins import UsedBins
from darkreach.errors import WorkspaceError
from darkreach.histograms.search_histograms import SearchHistograms


@dataclass(frozen=True)
class ControlSignal:
    """Selected over produced signal events in each bin of a control.

    Attributes:
        masses: of the anchors in GeV, rising, shape (anchors,).
        efficiencies: by variation, shape (anchors, bins).
    """

    masses: FloatArray
    efficiencies: Mapping[str, FloatArray]

    def events(self, mass: float, produced_events: float) -> dict[str, FloatArray]:
        """Return the events at mu = 1 by variation, shape (bins,): efficiencies linear in the mass between anchors.

        Raises:
            WorkspaceError: the mass is outside the anchors.
        """
        if not self.masses[0] <= mass <= self.masses[-1]:
            raise WorkspaceError(
                f"the simulated signals do not reach a mass of {mass:g} GeV",
                where="controls",
                allowed=f"{self.masses[0]:g} to {self.masses[-1]:g} GeV",
                given=f"{mass:g}",
                next_step="simulate an anchor mass beyond it; nothing is extrapolated",
            )
        upper = max(1, int(np.searchsorted(self.masses, mass)))
        low, high = self.masses[upper - 1 : upper + 1]
        fraction = float((mass - low) / (high - low))
        return {
            variation: produced_events * ((1.0 - fraction) * values[upper - 1] + fraction * values[upper])
            for variation, values in self.efficiencies.items()
        }


def read_control_signal(
    histograms: SearchHistograms, control: str, variations: tuple[str, ...], used: UsedBins
) -> ControlSignal:
    """Read the signals of a control in the bins that its likelihood uses.

    Raises:
        WorkspaceError: fewer than two signals, or missing, negative or non-finite bins.
    """
    anchors = signal_manifests(histograms)
    if len(anchors) < 2:
        raise WorkspaceError(
            "at least two signal samples must serve a control",
            where=f"control {control}",
            given=", ".join(manifest.sample for manifest in anchors.values()) or "none",
            next_step="simulate signals at both ends of the masses",
        )
    name = f"control/{control}"
    efficiencies = {
        variation: np.array([
            used.sums(read_template(histograms, name, manifest.sample, variation).values)
            / produced_cross_section(manifest)
            for manifest in anchors.values()
        ])
        for variation in variations
    }  # fmt: skip
    return ControlSignal(np.array(list(anchors)), efficiencies)
