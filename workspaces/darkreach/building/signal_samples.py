"""The signal of one hypothesis in the channels of its window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from darkreach.building.channels import Channel
from darkreach.building.modifiers import (
    LUMINOSITY,
    PARAMETER_OF_INTEREST,
    SIGNAL_EFFICIENCY,
    normfactor,
    normsys,
    shared_histosys,
)
from darkreach.building.rounding import FloatArray, significant
from darkreach.building.signal_morphing import SignalMorphing
from darkreach.building.templates import check_bins
from darkreach.configuration import WorkspaceSettings
from darkreach.histograms.search_histograms import NOMINAL


@dataclass(frozen=True)
class SignalTemplate:
    """Expected signal events at mu = 1 in the window of a hypothesis.

    Attributes:
        mass: GeV.
        resolution: of the squared mass, GeV^2.
        efficiency: selected entries over produced events, nominal.
        edges: bin edges of the window, GeV^2, shape (bins + 1,).
        events: by variation, shape (bins,).
    """

    mass: float
    resolution: float
    efficiency: float
    edges: FloatArray
    events: dict[str, FloatArray]

    @property
    def nominal(self) -> FloatArray:
        """Events of the nominal, shape (bins,)."""
        return self.events[NOMINAL]


def signal_template(
    morphing: SignalMorphing, mass: float, resolution: float, edges: FloatArray, produced_events: float
) -> SignalTemplate:
    """Interpolate the signal at a mass; the signal beyond the simulated range of pulls is taken as zero.

    Args:
        morphing: of the region.
        mass: GeV.
        resolution: of the squared mass there, GeV^2; the unit of the pulls.
        edges: of the window, GeV^2.
        produced_events: cross-section times luminosity at mu = 1.

    Raises:
        WorkspaceError: mass outside the anchors, or no signal in the window.
    """
    pulls = (edges - mass**2) / resolution
    events = {
        variation: produced_events
        * morphing.efficiency(mass, variation)
        * morphing.shape(mass, variation).fractions(pulls)
        for variation in morphing.shapes
    }
    for variation, values in events.items():
        check_bins(values, edges, f"signal of {mass:g} GeV, {variation}")
    return SignalTemplate(mass, resolution, morphing.efficiency(mass, NOMINAL), edges, events)


def signal_samples(
    signal: SignalTemplate, window: Sequence[Channel], settings: WorkspaceSettings, nuisances: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the sample ``signal`` of every channel of the window.

    Args:
        signal: template over the whole window.
        window: its channels, in order.
        settings: of the workspace.
        nuisances: variation, without ``_up`` and ``_down``, by parameter.
    """
    factors = [
        normfactor(PARAMETER_OF_INTEREST),
        normsys(LUMINOSITY, settings.luminosity_uncertainty.value),
        normsys(SIGNAL_EFFICIENCY, settings.signal_efficiency_uncertainty.value),
    ]
    samples = []
    for channel in window:
        bins = slice(channel.start - window[0].start, channel.stop - window[0].start)
        here = {variation: values[bins] for variation, values in signal.events.items()}
        shapes = shared_histosys(nuisances, here.__getitem__, here[NOMINAL], settings.patch_digits)
        data = significant(here[NOMINAL], settings.patch_digits)
        samples.append({"name": "signal", "data": data, "modifiers": [*factors, *shapes]})
    return samples
