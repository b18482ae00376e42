"""Parameters of a particle that lives: its lifetime, and the radii that its decays may be forced into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.decays import DecayVertices, DecayWindow, check_lifetime, decay_vertices
from darkreach.generators.process import ProcessParameter

Array = NDArray[np.float64]

DISPLACED_PARAMETERS: Final = (
    ProcessParameter("lifetime_ctau_cm", "mean proper decay length of the new particle, cm; 0 decays at once", 0.0),
    ProcessParameter("decay_radius_from_cm", "force its decays beyond this distance from the z axis, cm", 0.0),
    ProcessParameter("decay_radius_to_cm", "force its decays within this distance, cm; 0 does not force them", 0.0),
)


@dataclass(frozen=True)
class DisplacedDecays:
    """How the new particle lives.

    Attributes:
        lifetime_ctau_cm: mean proper decay length, cm.
        window: radii that decays are forced into, the probability being a weight; None leaves them free.
    """

    lifetime_ctau_cm: float
    window: DecayWindow | None

    def vertices(self, momentum: Array, mass: float, origin: Array, random: np.random.Generator) -> DecayVertices:
        """Return where particles (n, 4) made at (n, 3) decay."""
        return decay_vertices(momentum, mass, self.lifetime_ctau_cm, random, origin=origin, window=self.window)


def displaced_decays(values: Mapping[str, float]) -> DisplacedDecays:
    """Return what the parameters ask for.

    Raises:
        ConfigError: the lifetime is negative, or zero with forced decays; the window is empty.

    Example:
        >>> values = {"lifetime_ctau_cm": 5.0, "decay_radius_from_cm": 0.05, "decay_radius_to_cm": 60.0}
        >>> displaced_decays(values).window
        DecayWindow(inner_cm=0.05, outer_cm=60.0, uniform=False)
    """
    low, high = values["decay_radius_from_cm"], values["decay_radius_to_cm"]
    window = DecayWindow(low, high) if low != 0.0 or high != 0.0 else None
    lifetime = values["lifetime_ctau_cm"]
    check_lifetime(lifetime, zero_allowed=window is None)
    return DisplacedDecays(lifetime, window)
