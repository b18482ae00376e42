"""The couplings of dark Higgsstrahlung, whose cross-section goes with epsilon squared times alpha_D."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkreach.couplings.coupling_model import Meaning, reference_coupling

Array = NDArray[np.float64]


@dataclass(frozen=True)
class DarkHiggsstrahlung:
    """epsilon^2 alpha_D itself; metadata ``coupling``, its value at mu = 1."""

    def coupling(self, strength: Array, meaning: Meaning) -> Array:
        """Return mu times the reference."""
        return np.asarray(strength * reference_coupling(meaning))


@dataclass(frozen=True)
class DarkHiggsstrahlungMixing:
    """epsilon, where the dark coupling is known; metadata ``coupling``, epsilon^2 alpha_D at mu = 1.

    Attributes:
        alpha_dark: alpha_D.
    """

    alpha_dark: float

    def coupling(self, strength: Array, meaning: Meaning) -> Array:
        """Return the square root of mu times the reference over alpha_D."""
        return np.asarray(np.sqrt(strength * reference_coupling(meaning) / self.alpha_dark))
