"""e+e- -> nu nubar gamma of all three flavours, by Z exchange at any mass and W exchange in the contact limit.

The neutrinos are summed over, which leaves the current of the beams: with x = 2 E*/sqrt(s), c the photon angle and
s' = s (1 - x),

    dsigma/dx dc = 2 alpha/(pi x (1 - c^2)) [(1 - x/2)^2 + x^2 c^2/4] sigma(s'),
    sigma(s') = G_F^2 s'/(6 pi) [(g_L P + 1)^2 + 2 (g_L P)^2 + 3 (g_R P)^2],  P = M_Z^2/(M_Z^2 - s'),

massless electrons, no recoil of the W: right to s/(2 M_W^2), 1 % at 10.58 GeV (E. Ma and J. Okada, Phys. Rev. Lett. 41
(1978) 287; K. J. F. Gaemers, R. Gastmans and F. M. Renard, Phys. Rev. D 19 (1979) 1605).
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.generators.collisions import generate_collisions
from darkreach.generators.final_state_events import FinalStateEvents
from darkreach.generators.hard_photon_cuts import HardPhotonCuts
from darkreach.kinematics import FINE_STRUCTURE, HBAR_C_SQUARED_FB, Beams

Array = NDArray[np.float64]

FERMI_CONSTANT: Final = 1.1663788e-5
"""1/GeV^2 (Particle Data Group 2024)."""

Z_MASS: Final = 91.1880
"""GeV (Particle Data Group 2024)."""

SINE_SQUARED: Final = 0.23129
"""sin^2 of the weak mixing angle at the Z mass, MSbar (Particle Data Group 2024); running to 10 GeV changes 1 %."""


def neutrino_pair_cross_section_fb(s: ArrayLike) -> Array:
    """Return sigma(e+e- -> nu nubar) in fb, three flavours, at any squared CM energies s in GeV^2 far below M_Z^2.

    Example:
        >>> round(float(neutrino_pair_cross_section_fb(10.58**2)))
        265
    """
    s = np.asarray(s, dtype=np.float64)
    propagator = Z_MASS**2 / (Z_MASS**2 - s)
    left, right = (SINE_SQUARED - 0.5) * propagator, SINE_SQUARED * propagator
    couplings = (left + 1.0) ** 2 + 2.0 * left**2 + 3.0 * right**2
    return np.asarray(HBAR_C_SQUARED_FB * FERMI_CONSTANT**2 * s / (6.0 * math.pi) * couplings)


def neutrino_pair_photon_density_fb(s: ArrayLike, fraction: ArrayLike, cosine: ArrayLike) -> Array:
    """Return dsigma/(dx dcos) in fb of e+e- -> nu nubar gamma.

    Args:
        s: squared CM energy, GeV^2.
        fraction: x = 2 E*/sqrt(s), between 0 and 1.
        cosine: of the angle between electron and photon in the CM, below 1 in size.
    """
    x, c = np.asarray(fraction, dtype=np.float64), np.asarray(cosine, dtype=np.float64)
    radiator = 2.0 * FINE_STRUCTURE / (math.pi * x * (1.0 - c**2)) * ((1.0 - 0.5 * x) ** 2 + 0.25 * (x * c) ** 2)
    return np.asarray(radiator * neutrino_pair_cross_section_fb(np.asarray(s, dtype=np.float64) * (1.0 - x)))


def generate_neutrino_pair_photon(
    beams: Beams, cuts: HardPhotonCuts, n: int, random: np.random.Generator, *, maximum_isr_fraction: float
) -> FinalStateEvents:
    """Generate n trials; the mean weight is the cross-section in fb inside the cuts, trials outside have weight zero.

    The only particle is the photon; what the collision and the collinear radiation leave went with the neutrinos.

    Args:
        beams: beam energies, spreads and crossing angle.
        cuts: the volume of the photon, off the beams.
        n: number of trials.
        random: source of random numbers.
        maximum_isr_fraction: 0 for no further radiation; see :func:`generate_collisions`.

    Raises:
        ConfigError: no phase space, or a range of angles that holds a beam (the massless formula diverges).

    Example:
        >>> beams, cuts = Beams(7.004, 4.002, 0.083), HardPhotonCuts(1.0, 0.3, 2.6)
        >>> events = generate_neutrino_pair_photon(beams, cuts, 100, np.random.default_rng(1), maximum_isr_fraction=0.0)
        >>> events.momenta.shape
        (100, 1, 4)
    """
    cuts.check(beams, 0.0)
    cuts.check_off_beams(beams)
    collisions = generate_collisions(beams, n, random, maximum_isr_fraction=maximum_isr_fraction)
    s, (low, high) = collisions.s, cuts.rapidity_range(collisions)
    # nothing is left above 1: such a collision has an empty range and weight zero
    smallest = np.minimum(2.0 * cuts.smallest_energy(collisions, beams) / np.sqrt(s), 1.0)
    span = -np.log(smallest)
    x, cosine = smallest * np.exp(span * random.random(n)), np.tanh(low + (high - low) * random.random(n))
    weight = collisions.weight * neutrino_pair_photon_density_fb(s, x, cosine)
    weight *= span * x * (high - low) * (1.0 - cosine**2)
    energy, azimuth = 0.5 * np.sqrt(s) * x, 2.0 * math.pi * random.random(n)
    across = energy * np.sqrt(1.0 - cosine**2)
    photon = collisions.to_laboratory(energy, across * np.cos(azimuth), across * np.sin(azimuth), energy * cosine)
    weight = np.where(cuts.inside(photon, beams), weight, 0.0)
    return FinalStateEvents(weight, (22,), photon[:, np.newaxis], collisions.radiated)
