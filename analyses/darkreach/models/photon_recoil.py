"""A photon and an unseen boson: what one boson would give where another was looked for."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.generators.signals.axion_matrix_element import axion_cross_section_fb
from darkreach.generators.signals.dark_photon_matrix_element import dark_photon_cross_section_fb


def axion_over_dark_photon(mass: float, coupling: ArrayLike, mixing: float, s: float) -> NDArray[np.float64]:
    """Return sigma(e+e- -> gamma a)/sigma(e+e- -> gamma A') of two bosons of the same mass.

    Both at tree level, over all angles and without radiation of the beams, which cancels in the ratio.

    Args:
        mass: GeV.
        coupling: g_agg, 1/GeV, any shape.
        mixing: epsilon of the dark photon.
        s: squared centre-of-mass energy, GeV^2.

    Example:
        118.4 fb over 43.9 fb:

        >>> round(float(axion_over_dark_photon(0.1, 1e-3, 1e-3, 10.58**2)), 3)
        2.693
    """
    unit = float(axion_cross_section_fb(mass, 1.0, s)) / float(dark_photon_cross_section_fb(mass, mixing, s))
    return np.asarray(unit * np.square(np.asarray(coupling, dtype=np.float64)))
