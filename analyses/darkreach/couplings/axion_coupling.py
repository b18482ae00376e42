"""An axion-like particle that is seen to decay to two photons: its coupling from a prompt or displaced signal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.couplings.coupling_model import Meaning, meaning_value, reference_coupling
from darkreach.couplings.decay_boost import BoostSpectrum
from darkreach.couplings.displaced_efficiency import displaced_efficiency
from darkreach.models.axion_like_particle import proper_decay_length_cm


def axion_signal_strength(
    coupling: NDArray[np.float64], mass: float, reference: float, boost: BoostSpectrum, reach_cm: float
) -> NDArray[np.float64]:
    """Return (g/g_ref)^2 F(g), the signal in units of the prompt one at the reference coupling.

    F averages the efficiency of a displaced decay over the boosts, with the lifetime of each coupling: the signal
    is weighted anew at every coupling, so that light, weakly coupled and hence long-lived particles are not excluded
    by a prompt search.

    Args:
        coupling: 1/GeV, (n,).
        mass: GeV.
        reference: coupling of mu = 1, 1/GeV.
        boost: of the selected events in the laboratory.
        reach_cm: distance beyond which a decay is not reconstructed.
    """
    length = proper_decay_length_cm(mass, coupling)[:, None] * boost.beta_gamma
    survival = displaced_efficiency(length, reach_cm) @ boost.weight
    return np.asarray((coupling / reference) ** 2 * survival)


@dataclass(frozen=True)
class AxionToPhotons:
    """The axion of a search for its two photons; metadata ``coupling`` and ``decay_beta_gamma``.

    Attributes:
        displacement_reach: distance beyond which a decay is not reconstructed, cm.
    """

    displacement_reach: float

    def signal_strength(self, coupling: NDArray[np.float64], mass: float, meaning: Meaning) -> NDArray[np.float64]:
        """Return (g/g_ref)^2 F(g); see ``axion_signal_strength``."""
        boost = equally_likely_boosts(meaning)
        return axion_signal_strength(coupling, mass, reference_coupling(meaning), boost, self.displacement_reach)

    def proper_decay_length_cm(self, mass: float, coupling: ArrayLike) -> NDArray[np.float64]:
        """Return c tau of the decay to two photons, cm."""
        return proper_decay_length_cm(mass, coupling)

    def full_coupling(self, mass: float, meaning: Meaning) -> float:
        """Return the reference coupling."""
        return reference_coupling(meaning)

    def settled_coupling(self, mass: float, meaning: Meaning) -> float:
        """Return 0: the signal rises with the coupling, which makes decays both more and closer."""
        return 0.0


def equally_likely_boosts(meaning: Meaning) -> BoostSpectrum:
    """Return the boosts of a hypothesis from ``decay_beta_gamma``, equally likely values of p/m in the laboratory.

    Raises:
        LimitError: the metadata have none.
    """
    values = np.asarray(meaning_value(meaning, "decay_beta_gamma"), dtype=np.float64)
    return BoostSpectrum(values, np.full(values.size, 1.0 / values.size))
