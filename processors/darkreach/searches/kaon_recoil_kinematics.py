"""What a kaon from a B meson recoils against: q^2 from the kaon alone, and with the momentum of the B from a tag."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from darkreach.kinematics import CHARGED_KAON_MASS, Beams

Floats = NDArray[np.float64]

_GOLDEN: Final = 0.5 * (math.sqrt(5.0) - 1.0)


@dataclass(frozen=True)
class KaonMomenta:
    """Kaons in the laboratory.

    Attributes:
        momentum: (k,) GeV.
        theta: (k,) rad.
        phi: (k,) rad.
    """

    momentum: Floats
    theta: Floats
    phi: Floats

    def select(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> KaonMomenta:
        """Return the kaons of a mask or of row numbers."""
        return KaonMomenta(self.momentum[rows], self.theta[rows], self.phi[rows])


def kaon_energy_cm(kaons: KaonMomenta, beams: Beams, *, scale: float = 1.0) -> Floats:
    """Return the energies (k,) of kaons in the centre of mass, GeV.

    Args:
        kaons: in the laboratory.
        beams: nominal ones.
        scale: of all momenta.
    """
    size = scale * kaons.momentum
    transverse = size * np.sin(kaons.theta)
    velocity = beams.boost
    along = transverse * (np.cos(kaons.phi) * velocity[0] + np.sin(kaons.phi) * velocity[1])
    along += size * np.cos(kaons.theta) * velocity[2]
    energy = np.sqrt(size**2 + CHARGED_KAON_MASS**2)
    return np.asarray((energy - along) / math.sqrt(1.0 - float(velocity @ velocity)))


def beam_recoil_mass_squared(energy_cm: Floats, sqrt_s: float) -> Floats:
    """Return s/4 + m_K^2 - sqrt(s) E* (k,): q^2 if the B rests in the centre of mass with half of its energy, GeV^2.

    The motion of the B, 0.33 GeV, moves it by 2 p_B p_K* cos(angle), up to 1.7 GeV^2.

    Example:
        >>> beam_recoil_mass_squared(np.array([2.568]), 10.58).round(3).tolist()
        [1.058]
    """
    return np.asarray(0.25 * sqrt_s**2 + CHARGED_KAON_MASS**2 - sqrt_s * energy_cm)


def even_deviates(number: NDArray[np.int64]) -> Floats:
    """Return a standard normal deviate (n,) of each event from its number alone.

    The quantile at (number + 1/2) times the golden ratio, modulo one: no random number, the same whatever the chunks,
    and consecutive numbers fill the distribution more evenly than random ones would.

    Example:
        >>> even_deviates(np.arange(3)).round(3).tolist()
        [-0.499, 1.454, 0.113]
    """
    place = np.mod((number.astype(np.float64) + 0.5) * _GOLDEN, 1.0)
    return np.asarray(ndtri(np.clip(place, 1e-12, 1.0 - 1e-12)))
