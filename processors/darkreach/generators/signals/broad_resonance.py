"""The mass of a vector boson that decays to massless fermions of a strong coupling: a Breit-Wigner of the whole width.

With Im Pi(u) = sqrt(u) Gamma(sqrt(u)) = g u and g = Gamma(m)/m, as for massless decay products, the density of the
squared mass u is

    rho(u) = (1/pi) g u/[(u - m^2)^2 + (g u)^2],

whose narrow limit is a peak at m^2 of integral one. With a = 1 + g^2 and tan v = (a u - m^2)/(g m^2) its integral is
[v - g ln cos v]/(pi a): elementary, and logarithmic where u is large, where phase space must end it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

_HALVINGS: Final = 60
"""Of the range of v, to the last digit."""


@dataclass(frozen=True)
class BroadResonance:
    """A resonance with a width that grows with its mass.

    Attributes:
        mass: m, GeV.
        relative_width: Gamma(m)/m, above 0; alpha_D/3 for a Dirac fermion much lighter than the boson.
    """

    mass: float
    relative_width: float

    def density(self, squared_mass: ArrayLike) -> Array:
        """Return rho(u) in 1/GeV^2 at squared masses u in GeV^2, not negative.

        Example:
            >>> resonance = BroadResonance(3.0, 0.1)
            >>> bool(abs(resonance.density(9.0) - 1.0 / (math.pi * 0.1 * 9.0)) < 1e-12)
            True
        """
        u = np.asarray(squared_mass, dtype=np.float64)
        width = self.relative_width * u
        return np.asarray(width / math.pi / ((u - self.mass**2) ** 2 + width**2))

    def probability(self, largest: ArrayLike) -> Array:
        """Return the integral of rho from 0 to squared masses u in GeV^2."""
        first = self._integral(self._angle(np.zeros(())))
        return np.asarray((self._integral(self._angle(np.asarray(largest, dtype=np.float64))) - first) / self._norm)

    def draw(self, largest: Array, uniform: Array) -> Array:
        """Return squared masses (n,) of density rho between 0 and ``largest`` (n,), GeV^2, from numbers in [0, 1)."""
        low, high = self._angle(np.zeros_like(largest)), self._angle(largest)
        start = self._integral(low)
        target = start + uniform * (self._integral(high) - start)
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            below = self._integral(middle) < target
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        scale = self.mass**2 / (1.0 + self.relative_width**2)
        return np.clip(scale * (1.0 + self.relative_width * np.tan(0.5 * (low + high))), 0.0, largest)

    @property
    def _norm(self) -> float:
        return math.pi * (1.0 + self.relative_width**2)

    def _angle(self, squared_mass: Array) -> Array:
        ratio = (1.0 + self.relative_width**2) * squared_mass / self.mass**2 - 1.0
        return np.asarray(np.arctan(ratio / self.relative_width))

    def _integral(self, angle: Array) -> Array:
        return np.asarray(angle - self.relative_width * np.log(np.cos(angle)))
