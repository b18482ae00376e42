"""What a workspace of displaced vertices must be told of the physics: it knows no model itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from darkreach.configuration.displaced_search import DisplacedRegion


class DisplacedRates(Protocol):
    """Cross-sections of all decays into the final state of a region, wherever in space they are, fb."""

    def simulated_fb(self, region: DisplacedRegion, parameters: Mapping[str, float]) -> float:
        """Return that of a signal sample with these parameters; efficiencies are sums of weights divided by it."""
        ...

    def channel_fb(self, region: DisplacedRegion, mass_gev: float) -> float:
        """Return that at mu = 1 of the channel alone."""
        ...

    def combined_fb(self, region: DisplacedRegion, mass_gev: float) -> float:
        """Return that at mu = 1 of all channels together; 0 where the model has no such decays."""
        ...
