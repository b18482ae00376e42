"""The width of a vector boson to a pair of charged leptons, shared by all models that have one."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray


def leptonic_width_gev(mass: ArrayLike, coupling: ArrayLike, lepton_mass: float) -> NDArray[np.float64]:
    """Return Gamma(V -> l+ l-) = g^2 m/(12 pi) (1 + 2 r) sqrt(1 - 4 r) in GeV, r = m_l^2/m^2, for L = g V lbar gamma l.

    Args:
        mass: of the boson, GeV; the width is zero below threshold.
        coupling: g; for a dark photon epsilon e.
        lepton_mass: GeV.

    Example:
        >>> round(float(leptonic_width_gev(1.0, 1.0, 0.0)) * 12 * math.pi, 12)
        1.0
    """
    boson = np.asarray(mass, dtype=np.float64)
    ratio = np.minimum((lepton_mass / boson) ** 2, 0.25)
    width = np.square(coupling) * boson / (12.0 * math.pi)
    return np.asarray(width * (1.0 + 2.0 * ratio) * np.sqrt(1.0 - 4.0 * ratio))
