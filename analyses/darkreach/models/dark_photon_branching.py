"""Branching fractions of a visible dark photon, and how likely several of them decay as a region of a search wants.

``anything`` is every decay that is not to a pair of electrons, muons or charged pions: those pairs are looked for one
by one, so that the patterns of all regions exclude each other, and the probabilities of all patterns of three decays
add to one: (BR_e + BR_mu + BR_pi + BR_anything)^3.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.building import plane_anchors
from darkreach.configuration.plane_search import DecayMode
from darkreach.kinematics import ELECTRON_MASS, MUON_MASS, TAU_MASS
from darkreach.models.dark_photon import charged_lepton_width_gev
from darkreach.models.hadron_ratio import hadron_ratio
from darkreach.models.hadronic_channels import pion_pair_ratio

Array = NDArray[np.float64]

PAIRS: Final = ("electrons", "muons", "pions")
ANYTHING: Final = "anything"


def branching_fractions(mass: ArrayLike) -> dict[str, Array]:
    """Return the fractions of ``electrons``, ``muons``, ``pions`` and ``anything`` else, one in all.

    Args:
        mass: GeV, any shape, between two electrons and 10.5 GeV.

    Example:
        >>> {name: round(float(value), 3) for name, value in branching_fractions(0.5).items()}
        {'electrons': 0.402, 'muons': 0.397, 'pions': 0.202, 'anything': 0.0}
    """
    values = np.asarray(mass, dtype=np.float64)
    massless = charged_lepton_width_gev(values, 1.0, 0.0)
    electrons, muons, taus = (
        charged_lepton_width_gev(values, 1.0, lepton) / massless for lepton in (ELECTRON_MASS, MUON_MASS, TAU_MASS)
    )
    # above 1.8 GeV the pions are part of the quarks
    pions, hadrons = pion_pair_ratio(values), hadron_ratio(values)
    total = electrons + muons + taus + hadrons
    return {
        "electrons": electrons / total,
        "muons": muons / total,
        "pions": pions / total,
        ANYTHING: (taus + hadrons - pions) / total,
    }


def decay_probability(decays: Sequence[DecayMode], mass: float) -> float:
    """Return the probability that dark photons of a mass (GeV), one a name, decay in these ways, in any order.

    Example:
        One pair of muons, and three ways to have two of them and something else:

        >>> round(decay_probability(["muons"], 9.0), 3)
        0.154
        >>> round(decay_probability(["muons", "muons", "anything"], 9.0), 3)
        0.049
    """
    return plane_anchors.decay_probability(tuple(decays), _shares(mass))


@lru_cache(maxsize=4096)
def _shares(mass: float) -> dict[str, float]:
    fractions = branching_fractions(mass)
    return {f"branching_{name}": float(fractions[name]) for name in PAIRS}
