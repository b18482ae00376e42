"""What a model must say to be tested against published limits: how often, and how long it lives."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class UserModel(Protocol):
    """A long-lived particle of any mass; rates are in the quantity that the limits are on."""

    @property
    def coupling(self) -> str:
        """Name of the coupling, for the header of results."""
        ...

    @property
    def unit(self) -> str:
        """Unit of the coupling, empty for a pure number."""
        ...

    @property
    def channels(self) -> tuple[str, ...]:
        """Channels of the search that the model gives a rate for."""
        ...

    def coupling_range(self, mass_gev: float) -> tuple[float, float] | None:
        """Return the smallest and largest coupling that are known at a mass (GeV); None outside of the masses."""
        ...

    def rate(self, channel: str, mass_gev: float, coupling: Array) -> Array:
        """Return the rate (n,) of couplings (n,), lifetime left aside: for example BR(B -> K S) BR(S -> mu mu)."""
        ...

    def ctau_cm(self, mass_gev: float, coupling: Array) -> Array:
        """Return the mean proper decay length (n,) of couplings (n,), cm."""
        ...
