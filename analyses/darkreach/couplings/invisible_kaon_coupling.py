"""The mixing of a scalar that nobody sees in B+ -> K+ S, and the branching fraction itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.couplings.coupling_model import Meaning, reference_coupling
from darkreach.couplings.kaon_scalar_signal import scalar_beta_gamma
from darkreach.generators.signals.b_to_kaon_rates import scalar_branching_fraction
from darkreach.generators.signals.heavy_flavour_numbers import heavy_flavour_numbers
from darkreach.models.decay_zones import radial_probability
from darkreach.models.higgs_mixed_scalar import scalar_ctau_cm

Array = NDArray[np.float64]

_CHANNEL: Final = "kplus_mumu"
"""Any channel with a K+: the momentum of the scalar does not depend on its own decay."""

_VANISHED: Final = 700.0
"""Decay lengths to the escape after which exp(-x) is nothing in double precision."""


def escape_probability(coupling: ArrayLike, mass: float, radius_cm: float) -> Array:
    """Return the mean of exp(-R/d) over all directions (n,): the scalar decays farther from the beams than R.

    Isotropic where the B rests, which is taken to be the centre of mass; the boost along the beams changes nothing.

    Args:
        coupling: sin(theta), (n,), positive.
        mass: GeV.
        radius_cm: R, cm.

    Raises:
        ConfigError: nothing is known of the lifetime at this mass.

    Example:
        >>> escape_probability(np.array([1e-3, 1e-1]), 0.1, 300.0).round(3).tolist()
        [1.0, 0.863]
    """
    beta_gamma = scalar_beta_gamma(heavy_flavour_numbers(), mass, _CHANNEL)
    ctau = scalar_ctau_cm(mass) / np.asarray(coupling, dtype=np.float64) ** 2
    return radial_probability(radius_cm, np.inf, beta_gamma, ctau)


@dataclass(frozen=True)
class InvisibleKaonScalar:
    """A scalar that mixes with the Higgs boson; metadata ``coupling``, the sin(theta) of mu = 1 if none is seen.

    Decays inside the radius count as not selected. The rate rises with the mixing while the way to the decay becomes
    shorter, so that what is excluded has two ends, or nothing is.

    Attributes:
        escape_radius: distance from the beams that the scalar must fly to be unseen, cm; None: it is never seen, as if
            it decays to dark matter.
    """

    escape_radius: float | None = None

    def signal_strength(self, coupling: Array, mass: float, meaning: Meaning) -> Array:
        """Return (sin(theta)/sin(theta)_ref)^2 times the probability to escape.

        There is no sine above one: its signal is that at one, so that what is excluded there has no upper end.
        """
        reference = reference_coupling(meaning)
        if self.escape_radius is None:
            return np.asarray((coupling / reference) ** 2)
        mixing = np.minimum(coupling, 1.0)
        return np.asarray((mixing / reference) ** 2 * escape_probability(mixing, mass, self.escape_radius))

    def proper_decay_length_cm(self, mass: float, coupling: ArrayLike) -> Array:
        """Return c tau in cm; 0 for a scalar that is never seen, whose dark width is not given."""
        if self.escape_radius is None:
            return np.zeros_like(np.asarray(coupling, dtype=np.float64))
        return np.asarray(scalar_ctau_cm(mass) / np.asarray(coupling, dtype=np.float64) ** 2)

    def full_coupling(self, mass: float, meaning: Meaning) -> float:
        """Return the sin(theta) of mu = 1 if none is seen."""
        return reference_coupling(meaning)

    def settled_coupling(self, mass: float, meaning: Meaning) -> float:
        """Return the sin(theta) at which not even one across the beams escapes, or one; 0 if none is ever seen."""
        if self.escape_radius is None:
            return 0.0
        longest = scalar_beta_gamma(heavy_flavour_numbers(), mass, _CHANNEL) * scalar_ctau_cm(mass)
        return min(float(np.sqrt(_VANISHED * longest / self.escape_radius)), 1.0)


@dataclass(frozen=True)
class KaonBranchingFraction:
    """BR(B+ -> K+ S) times the probability that S is not seen; metadata ``coupling``, the sin(theta) of mu = 1."""

    def signal_strength(self, coupling: Array, mass: float, meaning: Meaning) -> Array:
        """Return the branching fraction over that of mu = 1."""
        return np.asarray(coupling / self.full_coupling(mass, meaning))

    def proper_decay_length_cm(self, mass: float, coupling: ArrayLike) -> Array:
        """Return 0: the lifetime does not matter."""
        return np.zeros_like(np.asarray(coupling, dtype=np.float64))

    def full_coupling(self, mass: float, meaning: Meaning) -> float:
        """Return the branching fraction of mu = 1."""
        reference = reference_coupling(meaning)
        return scalar_branching_fraction(heavy_flavour_numbers(), mass, reference, charged=True, vector=False)

    def settled_coupling(self, mass: float, meaning: Meaning) -> float:
        """Return 0: the signal rises with the branching fraction."""
        return 0.0
