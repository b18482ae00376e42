"""Weighted events e+e- -> e+ e- mu+ mu-, the pair with transverse momentum and both electrons lost near the beams."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import ConfigError
from darkreach.generators.backgrounds.candidate_choice import resampled
from darkreach.generators.backgrounds.four_lepton_matrix_element import FourLeptons, four_lepton_matrix_element
from darkreach.generators.backgrounds.pair_mass_threshold import check_pair_mass
from darkreach.generators.backgrounds.transverse_pair_phase_space import TransversePairStates, sample_transverse_pairs
from darkreach.generators.collisions import generate_collisions
from darkreach.generators.final_state_events import FinalStateEvents
from darkreach.kinematics import ELECTRON_MASS, HBAR_C_SQUARED_FB, MUON_MASS, Beams

Array = NDArray[np.float64]

FOUR_LEPTON_PDG: Final = (11, -11, 13, -13)
"""e-, e+, mu-, mu+."""

_SMALLEST_TRANSVERSE: Final = 1e-9
"""GeV, far below the smallest momentum transfers."""

_CANDIDATES: Final = 4
"""Trials of which one is taken."""


def generate_transverse_muon_pairs(
    beams: Beams,
    n: int,
    random: np.random.Generator,
    *,
    minimum_transverse: float,
    electron_low: float,
    electron_high: float,
    minimum_pair_mass: float = 2.0 * MUON_MASS,
) -> FinalStateEvents:
    """Generate n trials; the mean weight is the cross-section in fb of the volume, trials outside have weight zero.

    Particles: e-, e+, mu-, mu+. Muons go anywhere. The full tree of two colliding photons and of a pair radiated by the
    electrons; diagrams in which the beams annihilate, and electrons that change sides, are left out (below 1e-3 where
    electrons are lost). No further radiation. Electrons anywhere, no cut but W > 0.5 GeV, give 18.75(4) nb at 10.58
    GeV; the full calculation of the Belle II table has 18.9 nb.

    Args:
        beams: beam energies, spreads and crossing angle.
        n: number of trials.
        random: source of random numbers.
        minimum_transverse: smallest transverse momentum of the pair about the beams in the CM, GeV.
        electron_low: rad, laboratory; electrons below are lost.
        electron_high: rad, laboratory; electrons above are lost. The same angle twice: electrons anywhere.
        minimum_pair_mass: smallest mass of the muon pair, GeV.

    Raises:
        ConfigError: the volume is empty or endless.

    Example:
        >>> lost = {"electron_low": math.radians(17), "electron_high": math.radians(150)}
        >>> beams, random = Beams(7.004, 4.002, 0.083), np.random.default_rng(1)
        >>> events = generate_transverse_muon_pairs(beams, 100, random, minimum_transverse=1.0, **lost)
        >>> events.momenta.shape
        (100, 4, 4)
    """
    check_transverse_pairs(beams, minimum_transverse, electron_low, electron_high, minimum_pair_mass)
    lost = electron_low, electron_high
    events = _weighted(beams, _CANDIDATES * n, random, minimum_transverse, lost, minimum_pair_mass)
    return resampled(events, _CANDIDATES, random)


def check_transverse_pairs(
    beams: Beams, minimum_transverse: float, electron_low: float, electron_high: float, minimum_pair_mass: float
) -> None:
    """Refuse numbers that leave no volume.

    Raises:
        ConfigError: naming what is allowed.
    """
    check_pair_mass(minimum_pair_mass, beams)
    largest = 0.5 * (beams.s - minimum_pair_mass**2) / beams.sqrt_s
    if not _SMALLEST_TRANSVERSE <= minimum_transverse < largest:
        raise ConfigError(
            "no pair has this transverse momentum",
            where="minimum_transverse",
            allowed=f"from {_SMALLEST_TRANSVERSE} to below {largest:.4f} GeV",
            given=f"{minimum_transverse} GeV",
            next_step="choose a value some resolutions below the cut of the selection",
        )
    if not 0.0 < electron_low <= electron_high < math.pi:
        raise ConfigError(
            "no electron is seen in this range of polar angles",
            where="electron_low, electron_high",
            allowed="not falling, inside 0 to 180 deg (the same angle twice: electrons anywhere)",
            given=f"{math.degrees(electron_low):.2f} to {math.degrees(electron_high):.2f} deg",
            next_step="choose the acceptance of the tracks",
        )


def transverse_to_beams(momentum: Array, beams: Beams) -> Array:
    """Return the transverse momentum (n,) about the beams in the CM of momenta (n, 4) of the laboratory, GeV.

    For light-like directions l and l' of the beams, p_T^2 = 2 (p.l)(p.l')/(l.l') - p^2.

    Example:
        >>> momentum = np.array([[5.0, 0.0, 3.0, 4.0]])
        >>> float(transverse_to_beams(momentum, Beams(5.29, 5.29, 0.0))[0].round(12))
        3.0
    """
    half = 0.5 * beams.crossing_angle
    sine, cosine = math.sin(half), math.cos(half)
    across = sine * momentum[:, 1]
    to_electron = momentum[:, 0] - across - cosine * momentum[:, 3]
    to_positron = momentum[:, 0] - across + cosine * momentum[:, 3]
    squared = momentum[:, 0] ** 2 - np.square(momentum[:, 1:]).sum(axis=1)
    return np.asarray(np.sqrt(np.maximum(to_electron * to_positron / cosine**2 - squared, 0.0)))


def _weighted(
    beams: Beams,
    n: int,
    random: np.random.Generator,
    minimum_transverse: float,
    seen: tuple[float, float],
    minimum_pair_mass: float,
) -> FinalStateEvents:
    collisions = generate_collisions(beams, n, random, maximum_isr_fraction=0.0)
    s = collisions.s
    states = sample_transverse_pairs(s, minimum_pair_mass**2, minimum_transverse, random)
    legs = (states.electron, states.positron, states.negative, states.positive)
    momenta = np.stack([collisions.to_laboratory(*leg.T) for leg in legs], axis=1)
    kept = (states.phase_space > 0.0) & _lost(momenta[:, :2], *seen)
    weight = np.zeros(n)
    squared = four_lepton_matrix_element(_four_leptons(s, states, kept), annihilation=False)
    weight[kept] = HBAR_C_SQUARED_FB * (states.phase_space / (2.0 * s))[kept] * squared
    return FinalStateEvents(weight, FOUR_LEPTON_PDG, momenta, collisions.radiated)


def _lost(electrons: Array, low: float, high: float) -> NDArray[np.bool_]:
    """Return in which events both electrons (n, 2, 4) are outside of a range of polar angles."""
    theta = np.arctan2(np.hypot(electrons[..., 1], electrons[..., 2]), electrons[..., 3])
    return np.asarray(((theta < low) | (theta >= high)).all(axis=1))


def _four_leptons(s: Array, states: TransversePairStates, rows: NDArray[np.bool_]) -> FourLeptons:
    beam = np.zeros((2, int(rows.sum()), 4))
    beam[:, :, 0] = 0.5 * np.sqrt(s[rows])
    beam[0, :, 3] = np.sqrt(0.25 * s[rows] - ELECTRON_MASS**2)
    beam[1, :, 3] = -beam[0, :, 3]
    outgoing = (leg[rows] for leg in (states.electron, states.positron, states.negative, states.positive))
    return FourLeptons(beam[0], beam[1], *outgoing)
