"""Two strata that together are one process: events with a hard photon, and all the others.

An inclusive sample (of a parton shower, say) is right where photons are soft, the tree amplitude with one photon where
it is hard. The sum of both without overlap or hole is

    process ``muon_pair_photon`` with these cuts  +  the inclusive sample where ``has_hard_photon`` is False,

each with its own weights. The inclusive sample must hold radiation of any hardness: with a largest energy fraction
below one it lacks hard photons off the beams too. The tree is made with alpha at zero momentum: at 10.58 GeV it is 10
to 16 % below a shower that runs alpha and is scaled to the full cross-section.

The same goes for any stratum of a rare background: a sample made where the selection looks,
and the rest of the inclusive one. A photon lost in the detector is such a stratum too: generate the photon inside the
angles where it is lost (gaps, beam pipe) or anywhere, and give the event the probability of the loss as a weight
instead of a random draw; the cross-section stays that of the generated volume.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.hard_photon_cuts import HardPhotonCuts
from darkreach.kinematics import Beams

_PHOTON: Final = 22


def has_hard_photon(particles: GeneratedParticles, cuts: HardPhotonCuts, beams: Beams) -> NDArray[np.bool_]:
    """Return which events (n,) have a photon of the collision itself inside the cuts.

    Photons of decays do not count: those of pi0 in other processes are no radiation. Photons exactly along a beam count
    only if the range of angles holds that beam.

    Args:
        particles: events of any generator.
        cuts: of the process that has the hard photon in its amplitude.
        beams: nominal beams, whose CM the energy is measured in.

    Example:
        >>> momentum = np.array([[2.0, 2.0, 0.0, 0.0], [5.0, 0.0, 0.0, 5.0]])
        >>> code, first = np.full(2, 22, dtype=np.int32), np.full(2, -1, dtype=np.int32)
        >>> final = np.ones(2, dtype=np.bool_)
        >>> particles = GeneratedParticles(np.arange(3), np.ones(2), code, momentum, np.zeros((2, 3)), first, final)
        >>> has_hard_photon(particles, HardPhotonCuts(1.0, 0.3, 2.6), Beams(7.004, 4.002, 0.083)).tolist()
        [True, False]
    """
    radiated = np.flatnonzero((particles.pdg == _PHOTON) & particles.final & (particles.mother < 0))
    hard = radiated[cuts.inside(particles.momentum[radiated], beams)]
    result = np.zeros(len(particles), dtype=np.bool_)
    result[particles.event[hard]] = True
    return result
