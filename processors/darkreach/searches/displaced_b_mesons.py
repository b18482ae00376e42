"""B mesons from pairs of displaced tracks and kaon systems: M_bc and Delta E."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkreach.kinematics import Beams
from darkreach.searches.displaced_kaons import KaonSystems, same_event

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class BMesons:
    """Pairs with a kaon system of the same event that shares no track with them.

    Attributes:
        pair: (b,) place in the list of pairs given, rising.
        system: (b,) place in the list of kaon systems.
        constrained_mass: (b,) M_bc, GeV; 0 for momenta above half the energy of the collision.
        energy_difference: (b,) Delta E, GeV.
    """

    pair: Indices
    system: Indices
    constrained_mass: Floats
    energy_difference: Floats


def b_mesons(
    event: Indices, tracks: tuple[Indices, Indices], momenta: Floats, systems: KaonSystems, beams: Beams, largest: float
) -> BMesons:
    """Combine pairs with kaon systems: M_bc = sqrt(s/4 - p^2), Delta E = E - sqrt(s)/2 in the CM.

    Args:
        event: (k,) of each pair, rising.
        tracks: (k,) rows of both tracks of each pair.
        momenta: (k, 4) of the pairs in the CM, GeV.
        systems: of the chunk.
        beams: of the collision.
        largest: absolute value of Delta E; what is farther away is left out, GeV.
    """
    pair, system = same_event(event, systems.event)
    energy = momenta[pair, 0] + systems.momenta[system, 0] - 0.5 * beams.sqrt_s
    kept = np.abs(energy) <= largest
    pair, system, energy = pair[kept], system[kept], energy[kept]
    shared = np.zeros(len(pair), dtype=np.bool_)
    for own in tracks:
        shared |= (own[pair] == systems.kaon[system]) | (own[pair] == systems.pion[system])
    pair, system, energy = pair[~shared], system[~shared], energy[~shared]
    squared = np.sum((momenta[pair, 1:] + systems.momenta[system, 1:]) ** 2, axis=1)
    return BMesons(pair, system, np.sqrt(np.maximum(0.25 * beams.s - squared, 0.0)), energy)
