"""Parameters of a particle that lives: its lifetime, and the radii that its decays may be forced into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import ConfigError
from darkreach.generators.decays import DecayVertices, DecayWindow, Spread, check_lifetime, decay_vertices
from darkreach.generators.process import ProcessParameter

Array = NDArray[np.float64]

SPREADS: Final[Mapping[float, Spread]] = {0.0: "exponential", 1.0: "logarithmic"}
"""Values of ``decay_spread``."""

DISPLACED_PARAMETERS: Final = (
    ProcessParameter("lifetime_ctau_cm", "mean proper decay length of the new particle, cm; 0 decays at once", 0.0),
    ProcessParameter("decay_radius_from_cm", "force its decays beyond this distance from the z axis, cm", 0.0),
    ProcessParameter("decay_radius_to_cm", "force its decays within this distance, cm; 0 does not force them", 0.0),
    ProcessParameter(
        "decay_spread",
        "of forced decays: 0 by the decay law; 1 evenly in the logarithm of the distance, for all lifetimes at once",
        0.0,
    ),
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
        ConfigError: the lifetime is negative, or zero with forced decays; the window is empty; ``decay_spread`` is
            neither 0 nor 1, or 1 without a window that begins above zero.

    Example:
        >>> radii = {"decay_radius_from_cm": 0.05, "decay_radius_to_cm": 60.0}
        >>> displaced_decays({"lifetime_ctau_cm": 5.0, "decay_spread": 1.0, **radii}).window
        DecayWindow(inner_cm=0.05, outer_cm=60.0, spread='logarithmic')
    """
    low, high = values["decay_radius_from_cm"], values["decay_radius_to_cm"]
    forced = low != 0.0 or high != 0.0
    chosen = values["decay_spread"]
    if chosen not in SPREADS or (chosen != 0.0 and not forced):
        raise ConfigError(
            "decays cannot be spread like this",
            where="decay_spread",
            allowed="0: by the decay law; 1: evenly in the logarithm of the distance, of decays forced into a window",
            given=f"{chosen:g} {'with' if forced else 'without'} a window",
            next_step="give 0 or 1; with 1 also decay_radius_from_cm and decay_radius_to_cm, both above 0",
        )
    window = DecayWindow(low, high, SPREADS[chosen]) if forced else None
    lifetime = values["lifetime_ctau_cm"]
    check_lifetime(lifetime, zero_allowed=window is None)
    return DisplacedDecays(lifetime, window)
