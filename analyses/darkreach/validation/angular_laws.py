"""Polar-angle laws of two-body production in the centre of mass, not normalised; c is the cosine to the electron."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.kinematics import MUON_MASS

Array = NDArray[np.float64]
Law = Callable[[Array, float, Mapping[str, float]], Array]
"""From cosines, s in GeV^2 and the parameters of the process."""


def axion(cosine: Array, s: float, values: Mapping[str, float]) -> Array:
    """Return 1 + c^2, e+e- -> gamma a (arXiv:1709.00009)."""
    return 1.0 + cosine**2


def dark_photon(cosine: Array, s: float, values: Mapping[str, float]) -> Array:
    """Return [(1 + x)^2 + (1 - x)^2 c^2]/(1 - c^2) with x = m^2/s, the electron mass neglected."""
    x = values["mass_gev"] ** 2 / s
    return ((1.0 + x) ** 2 + (1.0 - x) ** 2 * cosine**2) / (1.0 - cosine**2)


def dark_higgsstrahlung(cosine: Array, s: float, values: Mapping[str, float]) -> Array:
    """Return lambda sin^2 + 8 m_A'^2/s, the law of Higgsstrahlung (arXiv:0903.0363)."""
    vector, higgs = values["dark_photon_mass_gev"] ** 2 / s, values["dark_higgs_mass_gev"] ** 2 / s
    kaellen = 1.0 + vector**2 + higgs**2 - 2.0 * (vector + higgs + vector * higgs)
    return kaellen * (1.0 - cosine**2) + 8.0 * vector


def two_photons(cosine: Array, s: float, values: Mapping[str, float]) -> Array:
    """Return (1 + c^2)/(1 - c^2), e+e- -> gamma gamma without the electron mass."""
    return (1.0 + cosine**2) / (1.0 - cosine**2)


def muon_pair(cosine: Array, s: float, values: Mapping[str, float]) -> Array:
    """Return 1 + c^2 + (4 m^2/s) (1 - c^2), e+e- -> mu+ mu- by one photon."""
    return 1.0 + cosine**2 + 4.0 * MUON_MASS**2 / s * (1.0 - cosine**2)


LAWS: Final[Mapping[str, Law]] = {
    "axion": axion,
    "dark_photon": dark_photon,
    "dark_higgsstrahlung": dark_higgsstrahlung,
    "two_photons": two_photons,
    "muon_pair": muon_pair,
}


def expected_shares(law: Law, edges: Array, s: float, values: Mapping[str, float]) -> Array:
    """Return the share of each bin (n,) between edges (n + 1,) by Gauss-Legendre quadrature.

    Example:
        >>> edges = np.array([-1.0, 0.0, 1.0])
        >>> expected_shares(axion, edges, 100.0, {}).tolist()
        [0.5, 0.5]
    """
    nodes, weights = np.polynomial.legendre.leggauss(16)
    half, middle = 0.5 * np.diff(edges), 0.5 * (edges[1:] + edges[:-1])
    content = half * (law(middle[:, np.newaxis] + half[:, np.newaxis] * nodes, s, values) @ weights)
    return np.asarray(content / content.sum())
