from __future__ import annotations

from collections.abc import Callable

import numpy as np

from darkreach.generators.generated_particles import GeneratedParticles, concatenate_particles
from darkreach.response.true_particles import joined, reaching_particles


def test_mothers_are_found_in_their_own_event(events_of: Callable[..., GeneratedParticles]) -> None:
    momenta = np.tile([1.0, 0.0, 0.0, 1.0], (2, 3, 1))
    kaons = events_of((310, 211, -211), momenta, mother=(-1, 0, 0), final=(False, True, True))
    taus = events_of((22, 15, -16), momenta, mother=(-1, -1, 1), final=(True, False, True))
    reaching = reaching_particles(concatenate_particles([kaons, taus]))
    assert reaching.pdg.tolist() == [211, -211, 211, -211, 22, -16, 22, -16]
    assert reaching.event.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert reaching.row.tolist() == [1, 2, 4, 5, 6, 8, 9, 11]
    assert reaching.origin.tolist() == [0, 0, 3, 3, -1, 7, -1, 10]
    # those of the collision itself have the code of the beam
    assert reaching.mother_pdg.tolist() == [310, 310, 310, 310, 11, 15, 11, 15]
    assert reaching.charge.tolist() == [1, -1, 1, -1, 0, 0, 0, 0]


def test_lists_are_joined_by_event(events_of: Callable[..., GeneratedParticles]) -> None:
    momenta = np.tile([1.0, 0.0, 0.0, 1.0], (3, 2, 1))
    both = reaching_particles(events_of((13, 22), momenta))
    again = joined(both.select(both.pdg == 22), both.select(both.pdg == 13))
    assert again.event.tolist() == [0, 0, 1, 1, 2, 2]
    assert again.pdg.tolist() == [22, 13] * 3
    assert again.charge.tolist() == [0.0, -1.0] * 3
