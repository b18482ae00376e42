"""The coupling g' of the Z' of L_mu - L_tau from a search for its invisible decays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.couplings.coupling_model import Meaning, reference_coupling
from darkreach.models.z_prime import neutrino_branching, proper_decay_length_cm

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ZPrimeVanilla:
    """A Z' with decays to the Standard Model only; metadata ``coupling``, the g' at which mu = 1 has BR_inv = 1."""

    def signal_strength(self, coupling: Array, mass: float, meaning: Meaning) -> Array:
        """Return (g'/g'_ref)^2 BR(Z' -> nu nubar)."""
        return np.asarray((coupling / reference_coupling(meaning)) ** 2 * neutrino_branching(mass))

    def proper_decay_length_cm(self, mass: float, coupling: ArrayLike) -> Array:
        """Return c tau in cm. A muon pair far out is not a signal either, so it does not change the signal."""
        return proper_decay_length_cm(mass, coupling)

    def full_coupling(self, mass: float, meaning: Meaning) -> float:
        """Return g'_ref/sqrt(BR)."""
        return reference_coupling(meaning) / float(np.sqrt(neutrino_branching(mass)))

    def settled_coupling(self, mass: float, meaning: Meaning) -> float:
        """Return 0: the signal rises as the square of the coupling."""
        return 0.0


@dataclass(frozen=True)
class ZPrimeInvisible:
    """A Z' that decays to dark matter only; metadata ``coupling``, the g' of mu = 1."""

    def signal_strength(self, coupling: Array, mass: float, meaning: Meaning) -> Array:
        """Return (g'/g'_ref)^2."""
        return np.asarray((coupling / reference_coupling(meaning)) ** 2)

    def proper_decay_length_cm(self, mass: float, coupling: ArrayLike) -> Array:
        """Return 0: the dark width is not given, and the lifetime does not matter."""
        return np.zeros_like(np.asarray(coupling, dtype=np.float64))

    def full_coupling(self, mass: float, meaning: Meaning) -> float:
        """Return the reference coupling."""
        return reference_coupling(meaning)

    def settled_coupling(self, mass: float, meaning: Meaning) -> float:
        """Return 0: the signal rises as the square of the coupling."""
        return 0.0
