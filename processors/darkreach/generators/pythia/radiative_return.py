"""How Pythia distributes the energy that the beams radiate, and weights that turn it into our radiator.

Pythia convolutes two structure functions of the electron (R. Kleiss et al., CERN 89-08 vol. 3, p. 1) at the scale of
the mass that is left, s', and so radiates a fifth too little at s' = s/10; the radiator has the logarithm of s, as the
exact result of first order has. Both are known in closed form or by quadrature: the weight is a function of s'/s alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.radiator import radiator_density, radiator_exponent
from darkreach.kinematics import ELECTRON_MASS

Array = NDArray[np.float64]

_PYTHIA_ALPHA: Final = 0.00729735
_NODES, _WEIGHTS = (np.asarray(values) for values in np.polynomial.legendre.leggauss(64))


def electron_exponent(scale: Array) -> Array:
    """Return beta = alpha/pi (ln(Q^2/m_e^2) - 1) of Pythia at scales Q^2 in GeV^2, any shape."""
    return np.asarray(_PYTHIA_ALPHA / math.pi * (np.log(scale / ELECTRON_MASS**2) - 1.0))


def electron_structure(lost: Array, scale: Array) -> Array:
    """Return Pythia's density of electrons in the electron, times (1 - z)^(1 - beta), which is finite at z = 1.

    Args:
        lost: 1 - z, energy fraction radiated, in (0, 1); any shape that goes with the scale.
        scale: Q^2, GeV^2.
    """
    z, logarithm, beta = 1.0 - lost, np.log(scale / ELECTRON_MASS**2), electron_exponent(scale)
    a = _PYTHIA_ALPHA / math.pi
    delta = 1.0 + a * (1.5 * logarithm + 1.289868)
    delta += a**2 * (-2.164868 * logarithm**2 + 9.840808 * logarithm - 10.130464)
    log_z, log_lost = np.log1p(-lost), np.log(lost)
    second = (1.0 + z) * (-4.0 * log_lost + 3.0 * log_z) - 4.0 * log_z / lost - 5.0 - z
    smooth = -0.5 * beta * (1.0 + z) + 0.125 * beta**2 * second
    return np.asarray(beta * np.sqrt(delta) + smooth * lost ** (1.0 - beta))


def pythia_density(fraction: Array, s: float) -> Array:
    """Return Pythia's density of x = 1 - s'/s, per unit x, before the cross-section at s'.

    Args:
        fraction: (n,), in (0, 1).
        s: squared CM energy, GeV^2.
    """
    left = 1.0 - fraction[:, np.newaxis]
    scale = left * s
    beta = electron_exponent(scale)
    # z1 z2 = s'/s with z1 > z2, twice; (1 - z1)^beta as variable removes the pole at z1 = 1
    edge = 1.0 - np.sqrt(left)
    unit = 0.5 * (1.0 + _NODES)
    lost = edge * unit ** (1.0 / beta)
    other = (fraction[:, np.newaxis] - lost) / (1.0 - lost)
    inner = electron_structure(lost, scale) * electron_structure(other, scale) * other ** (beta - 1.0) / (1.0 - lost)
    return np.asarray((inner * _WEIGHTS * edge**beta / beta).sum(axis=1))


@dataclass(frozen=True)
class RadiativeReturn:
    """Ratio of the radiator to Pythia's radiation, tabulated in the radiated fraction.

    Attributes:
        fraction: (k,) rising, x = 1 - s'/s.
        ratio: (k,) of the densities.
        s: squared CM energy, GeV^2.
    """

    fraction: Array
    ratio: Array
    s: float

    @classmethod
    def tabulated(cls, s: float, minimum_mass: float) -> RadiativeReturn:
        """Return the table down to a smallest mass in GeV of what collides.

        Example:
            >>> table = RadiativeReturn.tabulated(10.58**2, 0.3)
            >>> bool(table.weights(np.array([1e-8, 0.99]))[0] < table.weights(np.array([1e-8, 0.99]))[1])
            True
        """
        smallest = minimum_mass**2 / s
        soft = np.linspace(0.1, 1.0, 300)[:-1] ** (1.0 / radiator_exponent(s))
        hard = 1.0 - np.geomspace(smallest, 1.0, 300)[:-1]
        fraction = np.unique(np.concatenate([soft[soft < 1.0 - smallest], hard]))
        return cls(fraction, radiator_density(fraction, radiator_exponent(s)) / pythia_density(fraction, s), s)

    def weights(self, fraction: Array) -> Array:
        """Return the ratio (n,) at radiated fractions (n,)."""
        return np.interp(fraction, self.fraction, self.ratio)

    def mean_weight(self, cross_section: Callable[[Array], Array], minimum_mass: float) -> float:
        """Return the mean weight of what Pythia makes above a mass in GeV.

        Args:
            cross_section: of the pair without radiation at s' (n,) in GeV^2, in any unit.
            minimum_mass: GeV.
        """
        ours, theirs = self._integrals(cross_section, minimum_mass)
        return ours / theirs

    def radiator_share(self, cross_section: Callable[[Array], Array], masses: tuple[float, float]) -> float:
        """Return which part of the radiator above the second mass lies above the first, the larger one, both in GeV."""
        above, total = (self._integrals(cross_section, mass)[0] for mass in masses)
        return above / total

    def _integrals(self, cross_section: Callable[[Array], Array], minimum_mass: float) -> tuple[float, float]:
        """Return the integrals of radiator and of Pythia's density above a mass, each times the cross-section."""
        b, smallest = radiator_exponent(self.s), minimum_mass**2 / self.s
        middle = min(0.5, 1.0 - smallest)
        # up to the middle in x^b, which removes the pole; from there in ln(s'/s), in which the cross-section is smooth
        power, soft_weight = _interval(0.0, middle**b)
        soft = power ** (1.0 / b)
        logarithm, hard_weight = _interval(math.log(smallest), math.log(1.0 - middle))
        left = np.exp(logarithm)
        x = np.concatenate([soft, 1.0 - left])
        weight = np.concatenate([soft_weight * soft ** (1.0 - b) / b, hard_weight * left])
        # radiation below 1e-14 cannot be told from none at all: the densities are constant there but for the pole
        pole = np.maximum(x, 1e-14) / x
        weight = weight * cross_section((1.0 - x) * self.s) * pole ** (1.0 - b)
        x = np.maximum(x, 1e-14)
        return float(weight @ radiator_density(x, b)), float(weight @ pythia_density(x, self.s))


def _interval(low: float, high: float) -> tuple[Array, Array]:
    half = 0.5 * (high - low)
    return low + half * (1.0 + _NODES), half * _WEIGHTS
