"""What a model of a long-lived particle must say, and the two that are known: one coupling sets rate and lifetime."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from darkreach.couplings.kaon_scalar_signal import product_branching_fraction
from darkreach.errors import LimitError
from darkreach.generators.signals.dark_photon_matrix_element import dark_photon_cross_section_fb
from darkreach.generators.signals.heavy_flavour_numbers import heavy_flavour_numbers
from darkreach.models.higgs_mixed_scalar import scalar_ctau_cm
from darkreach.models.visible_dark_photon import charged_pair_fraction, visible_ctau_cm


class LongLivedModel(Protocol):
    """A particle of any mass; its rates go with the square of its coupling, its lifetime with the inverse of that."""

    def ctau_cm(self, mass_gev: float) -> float:
        """Return the mean proper decay length at a coupling of one, cm."""
        ...

    def rate(self, channel: str, mass_gev: float) -> float:
        """Return the rate of a channel at a coupling of one, in the quantity that its limits are on.

        Raises:
            LimitError: the model was not told what the rate depends on.
        """
        ...


@dataclass(frozen=True)
class HiggsMixedScalar:
    """A scalar from B -> K S, coupling sin(theta); rates are products of branching fractions."""

    def ctau_cm(self, mass_gev: float) -> float:
        """Return the mean proper decay length at sin(theta) = 1, cm."""
        return scalar_ctau_cm(mass_gev)

    def rate(self, channel: str, mass_gev: float) -> float:
        """Return BR(B -> K S) BR(S -> x+ x-) at sin(theta) = 1, with BR(K*0 -> K+ pi-) if there is a K*0."""
        return product_branching_fraction(heavy_flavour_numbers(), mass_gev, channel)


@dataclass(frozen=True)
class VisibleDarkPhoton:
    """A dark photon from e+e- -> gamma A' without dark decays, coupling epsilon; rates are cross-sections in fb.

    Attributes:
        sqrt_s: centre-of-mass energy, GeV; limits on all channels together do without it.
    """

    sqrt_s: float | None = None

    def ctau_cm(self, mass_gev: float) -> float:
        """Return the mean proper decay length at epsilon = 1, cm."""
        return visible_ctau_cm(mass_gev)

    def rate(self, channel: str, mass_gev: float) -> float:
        """Return sigma BR(A' -> x+ x-) without radiation at epsilon = 1, fb; zero above the kinematic end.

        Raises:
            LimitError: the energy of the collisions is not known.

        Example:
            >>> round(1e-6 * VisibleDarkPhoton(10.58).rate("mumu", 0.5), 2)
            17.46
        """
        if self.sqrt_s is None:
            raise LimitError(
                "the cross-section of a dark photon depends on the energy of the collisions",
                where="couplings.parameters.sqrt_s",
                next_step="give sqrt_s in GeV, or use the limits on all channels together",
            )
        if mass_gev >= self.sqrt_s:
            return 0.0
        produced = float(dark_photon_cross_section_fb(mass_gev, 1.0, self.sqrt_s**2))
        return produced * charged_pair_fraction(mass_gev, channel)
