"""The photon coupling of an axion-like particle that a single-photon search does not see.

e+e- -> gamma a and e+e- -> gamma A' have one photon of the same energy at another angle. With the selected signal of
the dark photon weighted anew to the angle of the axion, its limit becomes one on the axion:

    N_a(g)/N(mu = 1) = sigma_a(g)/sigma_A'(epsilon_ref) x axion_efficiency x <exp(-L/(beta gamma c tau(g)))>.

Both cross-sections are those at tree level without radiation, over all angles: the radiation of the beams is the same
for both and cancels in their ratio, up to the change of the ratio with the energy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.couplings.axion_coupling import equally_likely_boosts
from darkreach.couplings.coupling_model import Meaning, meaning_value, reference_coupling
from darkreach.models.axion_like_particle import escape_probability, proper_decay_length_cm
from darkreach.models.photon_recoil import axion_over_dark_photon

Array = NDArray[np.float64]

_VANISHED = 700.0
"""Decay lengths to the escape after which exp(-x) is nothing in double precision."""


def unseen_axion_strength(coupling: Array, mass: float, meaning: Meaning) -> Array:
    """Return N_a(g)/N(mu = 1) of axions (n,) that all escape.

    Args:
        coupling: g, 1/GeV, (n,).
        mass: GeV.
        meaning: metadata ``coupling`` (mixing of mu = 1), ``sqrt_s_gev`` and ``axion_efficiency`` (selected fraction of
            axions over that of dark photons).

    Raises:
        LimitError: the metadata lack one of them.
    """
    sqrt_s = float(meaning_value(meaning, "sqrt_s_gev"))
    efficiency = float(meaning_value(meaning, "axion_efficiency"))
    return efficiency * axion_over_dark_photon(mass, coupling, reference_coupling(meaning), sqrt_s**2)


def _full_coupling(mass: float, meaning: Meaning) -> float:
    return float(1.0 / np.sqrt(unseen_axion_strength(np.ones(1), mass, meaning)[0]))


@dataclass(frozen=True)
class AxionInvisible:
    """An axion that decays to dark matter, or not at all."""

    def signal_strength(self, coupling: Array, mass: float, meaning: Meaning) -> Array:
        """Return N_a(g)/N(mu = 1); see ``unseen_axion_strength``."""
        return unseen_axion_strength(coupling, mass, meaning)

    def proper_decay_length_cm(self, mass: float, coupling: ArrayLike) -> Array:
        """Return 0: the lifetime does not matter."""
        return np.zeros_like(np.asarray(coupling, dtype=np.float64))

    def full_coupling(self, mass: float, meaning: Meaning) -> float:
        """Return the coupling of mu = 1."""
        return _full_coupling(mass, meaning)

    def settled_coupling(self, mass: float, meaning: Meaning) -> float:
        """Return 0: the signal rises as the square of the coupling."""
        return 0.0


@dataclass(frozen=True)
class AxionEscaping:
    """An axion with the photon coupling only, seen as missing energy where it decays behind the detector.

    Needs ``decay_beta_gamma`` of the selected axions as well. Decays inside the detector count as not selected, those
    outside as unseen; that a nearly collinear pair of photons looks like one is left out.

    Attributes:
        escape_length: distance that an axion must fly to be unseen, cm, the same in all directions.
    """

    escape_length: float

    def signal_strength(self, coupling: Array, mass: float, meaning: Meaning) -> Array:
        """Return N_a(g)/N(mu = 1) with the escape probability averaged over the boosts."""
        boost = equally_likely_boosts(meaning)
        length = proper_decay_length_cm(mass, coupling)[:, None] * boost.beta_gamma
        escaped = escape_probability(length, self.escape_length) @ boost.weight
        return unseen_axion_strength(coupling, mass, meaning) * escaped

    def proper_decay_length_cm(self, mass: float, coupling: ArrayLike) -> Array:
        """Return c tau of the decay to two photons, cm."""
        return proper_decay_length_cm(mass, coupling)

    def full_coupling(self, mass: float, meaning: Meaning) -> float:
        """Return the coupling of mu = 1 if all escape."""
        return _full_coupling(mass, meaning)

    def settled_coupling(self, mass: float, meaning: Meaning) -> float:
        """Return the coupling at which not even the fastest axion escapes."""
        longest = float(equally_likely_boosts(meaning).beta_gamma.max()) * float(proper_decay_length_cm(mass, 1.0))
        return float(np.sqrt(_VANISHED * longest / self.escape_length))
