"""Decays of scalars from B -> K S, event by event as the generator makes them, for tests of islands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkreach.couplings.reweighted_efficiency import SelectedDecays
from darkreach.generators.process_registry import find_process
from darkreach.generators.signals.b_to_kaon_rates import scalar_branching_fraction
from darkreach.generators.signals.heavy_flavour_numbers import heavy_flavour_numbers
from darkreach.kinematics import Beams
from darkreach.response.new_particle_decays import new_particle_decays

Array = NDArray[np.float64]

WINDOW = (0.01, 80.0)
"""Distances from the beams that decays are forced into, cm."""


@dataclass(frozen=True)
class EventDecays:
    """Decays of n trials.

    Attributes:
        ctau_cm: mean proper decay length of the sample, cm.
        proper_length: (n,) cm.
        radius: (n,) distance of the decay from the beams, cm.
        flight: (n,) distance across the beams from where the B meson decays, cm.
        weight: (n,) whose mean over all decays of the scalar is one.
    """

    ctau_cm: float
    proper_length: Array
    radius: Array
    flight: Array
    weight: Array

    def selected(self, *zones: tuple[float, float, float], from_b_meson: bool = False) -> SelectedDecays:
        """Return the decays between two distances (cm), each with an efficiency of the zone."""
        distance = self.flight if from_b_meson else self.radius
        efficiency = np.zeros(len(distance))
        for inner, outer, share in zones:
            efficiency[(distance > inner) & (distance < outer)] = share
        kept = efficiency > 0.0
        weight = (self.weight * efficiency)[kept]
        return SelectedDecays(self.ctau_cm, self.proper_length[kept], weight, float(len(self.radius)))


def event_decays(mass_gev: float, ctau_cm: float, n: int, seed: int, *, forced: bool) -> EventDecays:
    """Return decays of S -> mu mu from B+ -> K+ S at the beams of SuperKEKB, free or forced in the logarithm."""
    process = find_process("b_to_k_scalar_mumu")
    given = {"mass_gev": mass_gev, "sin_theta": 1e-3, "lifetime_ctau_cm": ctau_cm, "decay_other_b": 0.0}
    if forced:
        given |= {"decay_radius_from_cm": WINDOW[0], "decay_radius_to_cm": WINDOW[1], "decay_spread": 1.0}
    opened = process.open(Beams(7.007, 4.0, 0.083), process.values(given), 0.0)
    particles = opened.source(n, np.random.default_rng(seed))
    columns = new_particle_decays(particles)
    numbers = heavy_flavour_numbers()
    pairs = 2e6 * numbers.production.b_pair_cross_section.value * numbers.production.charged_fraction.value
    made = pairs * scalar_branching_fraction(numbers, mass_gev, 1e-3, charged=True, vector=False)
    length = columns["decayProperLength"]
    flight = length * columns["decayTransverseMomentum"] / mass_gev
    return EventDecays(ctau_cm, length, columns["decayRadius"], flight, particles.weight_fb / made)
