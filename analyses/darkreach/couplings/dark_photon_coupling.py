"""The kinetic mixing of a dark photon from a search for its invisible decays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.couplings.coupling_model import Meaning, reference_coupling
from darkreach.kinematics import HBAR_C_CM
from darkreach.models.dark_photon import dark_fermion_width_gev, visible_width_gev

Array = NDArray[np.float64]


@dataclass(frozen=True)
class DarkPhotonInvisible:
    """A dark photon that decays to dark matter; metadata ``coupling``, the mixing at which mu = 1 has BR_inv = 1.

    Attributes:
        alpha_dark: coupling of dark matter, a Dirac fermion; None for dark decays only.
        dark_matter_mass_ratio: m_chi/m_A', below one half; given together with ``alpha_dark``.
    """

    alpha_dark: float | None = None
    dark_matter_mass_ratio: float | None = None

    def invisible_branching(self, mass: float, mixing: ArrayLike) -> Array:
        """Return Gamma_chi/(Gamma_chi + Gamma_SM), with the widths of ``darkreach.models.dark_photon``; else 1.

        Visible decays are to leptons and, above 1.8 GeV, to quarks: the resonances below that are left out.

        Example:
            >>> float(DarkPhotonInvisible(0.5, 1 / 3).invisible_branching(1.0, 1e-3)) > 1.0 - 1e-6
            True
        """
        values = np.asarray(mixing, dtype=np.float64)
        dark = self._dark_width(mass)
        return np.ones_like(values) if dark is None else dark / (dark + visible_width_gev(mass, values))

    def signal_strength(self, coupling: Array, mass: float, meaning: Meaning) -> Array:
        """Return (epsilon/epsilon_ref)^2 BR_inv(epsilon)."""
        return np.asarray((coupling / reference_coupling(meaning)) ** 2 * self.invisible_branching(mass, coupling))

    def proper_decay_length_cm(self, mass: float, coupling: ArrayLike) -> Array:
        """Return c tau in cm, or 0 for dark decays of a width that is not given."""
        values = np.asarray(coupling, dtype=np.float64)
        dark = self._dark_width(mass)
        return np.zeros_like(values) if dark is None else HBAR_C_CM / (dark + visible_width_gev(mass, values))

    def full_coupling(self, mass: float, meaning: Meaning) -> float:
        """Return the reference mixing."""
        return reference_coupling(meaning)

    def settled_coupling(self, mass: float, meaning: Meaning) -> float:
        """Return 0: the signal rises with the mixing and levels off where visible decays win."""
        return 0.0

    def _dark_width(self, mass: float) -> Array | None:
        if self.alpha_dark is None or self.dark_matter_mass_ratio is None:
            return None
        return dark_fermion_width_gev(mass, self.alpha_dark, self.dark_matter_mass_ratio * mass)
