"""The signal of one hypothesis: its template in a region, and the sample of a channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from darkreach.building.modifiers import (
    LUMINOSITY,
    PARAMETER_OF_INTEREST,
    SIGNAL_EFFICIENCY,
    Modifier,
    lognormal,
    normfactor,
    normsys,
    shared_histosys,
)
from darkreach.building.rounding import FloatArray, significant
from darkreach.building.signal_morphing import SignalMorphing
from darkreach.building.templates import check_bins
from darkreach.configuration import LikelihoodSettings
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
    events = {}
    for variation in morphing.shapes:
        efficiency = morphing.efficiency(mass, variation)
        parts = morphing.shape(mass, variation).fractions(pulls) if efficiency > 0.0 else np.zeros(len(edges) - 1)
        events[variation] = produced_events * efficiency * parts
        check_bins(events[variation], edges, f"signal of {mass:g} GeV, {variation}")
    return SignalTemplate(mass, resolution, morphing.efficiency(mass, NOMINAL), edges, events)


def signal_factors(settings: LikelihoodSettings) -> list[Modifier]:
    """Return the factors that the signal has everywhere: its strength, the luminosity, and uncertainties."""
    return [
        normfactor(PARAMETER_OF_INTEREST),
        normsys(LUMINOSITY, settings.luminosity_uncertainty.value),
        normsys(SIGNAL_EFFICIENCY, settings.signal_efficiency_uncertainty.value),
        *(lognormal(name, relative.value) for name, relative in settings.signal_uncertainties.items()),
    ]


def signal_sample(
    events: Mapping[str, FloatArray], settings: LikelihoodSettings, nuisances: Mapping[str, str]
) -> dict[str, Any]:
    """Return the sample ``signal`` of one channel.

    Besides the signal strength it carries the luminosity, ``signal_efficiency``, the further ``signal_uncertainties``,
    and the variations that it shares with the background.

    Args:
        events: by variation, shape (bins,).
        settings: of the workspace.
        nuisances: variation, without ``_up`` and ``_down``, by parameter.
    """
    nominal = events[NOMINAL]
    varied = shared_histosys(nuisances, events.__getitem__, nominal, settings.patch_digits)
    modifiers = [*signal_factors(settings), *varied]
    return {"name": "signal", "data": significant(nominal, settings.patch_digits), "modifiers": modifiers}
