"""Leptonic decay of a tau lepton or muon, exact in the mass of the lepton, with the direction that its spin prefers.

tau- -> l- nubar nu by V - A: |M|^2 = 128 G_F^2 [(p - m s).k] (q.k'), with s the spin, k the antineutrino, q the lepton
and k' the neutrino (L. B. Okun, Leptons and Quarks, chapter 3). In the rest frame (p - m s).k = m k (1 + s.n): the
antineutrino alone tells the spin, with the largest possible power, and the pair of lepton and neutrino, of mass
squared M^2 = m^2 - 2 m k, decays evenly, as 2 q.k' = M^2 - m_l^2. Of its energy k there is left

    dGamma/dk ~ k^2 (M^2 - m_l^2)^2/M^2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import ConfigError

Array = NDArray[np.float64]

_QUANTILES: Final = 2048
_STEPS: Final = 200_001


@dataclass(frozen=True)
class MichelDecay:
    """A leptonic decay of fixed masses, ready to draw events without weights.

    Attributes:
        mass: of what decays, GeV.
        lepton_mass: of the charged lepton, GeV.
        quantiles: (k,) of the energy of the antineutrino at even steps of probability from 0 to 1, GeV.
    """

    mass: float
    lepton_mass: float
    quantiles: Array

    def generate(self, direction: Array, random: np.random.Generator) -> tuple[Array, Array]:
        """Return lepton and antineutrino in the rest frame, components (E, x, y, z), each (4, n), GeV.

        The neutrino is what they leave of (mass, 0, 0, 0).

        Args:
            direction: (3, n) unit vectors of the antineutrino; even ones for a decay without spin.
            random: source of random numbers.
        """
        n, mass, rest = int(direction.shape[1]), self.mass, self.lepton_mass**2
        place = random.random(n) * (len(self.quantiles) - 1)
        below = place.astype(np.intp)
        low = self.quantiles[below]
        energy = low + (self.quantiles[below + 1] - low) * (place - below)
        pair_squared = mass * (mass - 2.0 * energy)
        pair = np.sqrt(pair_squared)
        momentum, lepton_energy = 0.5 * (pair_squared - rest) / pair, 0.5 * (pair_squared + rest) / pair
        cosine, turn = 2.0 * random.random(n) - 1.0, 2.0 * math.pi * random.random(n)
        across = momentum * np.sqrt(1.0 - cosine**2)
        inside = np.stack([across * np.cos(turn), across * np.sin(turn), momentum * cosine])
        # the pair flies against the antineutrino
        antineutrino, lepton = np.empty((4, n)), np.empty((4, n))
        antineutrino[0] = energy
        antineutrino[1:] = energy * direction
        flight = -antineutrino[1:]
        along = (inside * flight).sum(axis=0)
        lepton[0] = (lepton_energy * (mass - energy) + along) / pair
        lepton[1:] = inside + (along / (pair * (mass - energy + pair)) + lepton_energy / pair) * flight
        return lepton, antineutrino


def michel_decay(mass: float, lepton_mass: float) -> MichelDecay:
    """Return the decay of a lepton into a lighter one and two neutrinos.

    Args:
        mass: of what decays, GeV.
        lepton_mass: of the charged lepton, GeV.

    Raises:
        ConfigError: the product is heavier than what decays, or has no mass.

    Example:
        >>> decay = michel_decay(1.77693, 0.1056583755)
        >>> lepton, _ = decay.generate(np.array([[0.0], [0.0], [1.0]]), np.random.default_rng(1))
        >>> round(float(lepton[0, 0] ** 2 - (lepton[1:, 0] ** 2).sum()) ** 0.5, 6)
        0.105658
    """
    if not 0.0 < lepton_mass < mass:
        raise ConfigError(
            "a lepton cannot decay into this one",
            where="lepton_mass",
            allowed=f"above 0 and below {mass:.6g} GeV",
            given=f"{lepton_mass:.6g} GeV",
        )
    largest = 0.5 * (mass**2 - lepton_mass**2) / mass
    energy = largest * np.linspace(0.0, 1.0, _STEPS)
    pair_squared = mass * (mass - 2.0 * energy)
    density = (energy * np.maximum(pair_squared - lepton_mass**2, 0.0)) ** 2 / pair_squared
    summed = np.concatenate([[0.0], np.cumsum(density[1:] + density[:-1])])
    quantiles = np.interp(np.linspace(0.0, 1.0, _QUANTILES), summed / summed[-1], energy)
    return MichelDecay(mass, lepton_mass, quantiles)
