"""Weighted events e+e- -> e+ e- and a pair of charged particles by two equivalent photons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.errors import ConfigError
from darkreach.generators.backgrounds.equivalent_photons import photon_flux_density
from darkreach.generators.backgrounds.fusion_cross_sections import (
    lepton_fusion_cross_section_fb,
    lepton_fusion_density_fb,
    spinless_fusion_cross_section_fb,
    spinless_fusion_density_fb,
)
from darkreach.generators.backgrounds.fusion_phase_space import sample_fusion, scattered_electrons
from darkreach.generators.backgrounds.pair_mass_threshold import check_pair_mass
from darkreach.generators.collisions import generate_collisions
from darkreach.generators.decays import boost_from_rest_frame, directions_about
from darkreach.generators.final_state_events import FinalStateEvents
from darkreach.kinematics import CHARGED_PION_MASS, ELECTRON_MASS, MUON_MASS, Beams

Array = NDArray[np.float64]


@dataclass(frozen=True)
class FusedPair:
    """What two photons turn into.

    Attributes:
        code: particle code of the negative one.
        mass: of each, GeV.
        density_fb: dsigma/dcos from W^2, cosine and mass.
        cross_section_fb: sigma from W^2 (n,) and mass.
        peaked: whether the particles go along the photons, as leptons do, or anywhere.
    """

    code: int
    mass: float
    density_fb: Callable[[ArrayLike, ArrayLike, float], Array]
    cross_section_fb: Callable[[ArrayLike, float], Array]
    peaked: bool

    def total_fb(self, pair_squared: Array) -> Array:
        """Return sigma in fb from W^2 (any shape), GeV^2."""
        return self.cross_section_fb(pair_squared, self.mass)


FUSED_ELECTRONS: Final = FusedPair(11, ELECTRON_MASS, lepton_fusion_density_fb, lepton_fusion_cross_section_fb, True)
FUSED_MUONS: Final = FusedPair(13, MUON_MASS, lepton_fusion_density_fb, lepton_fusion_cross_section_fb, True)
FUSED_PIONS: Final = FusedPair(
    -211, CHARGED_PION_MASS, spinless_fusion_density_fb, spinless_fusion_cross_section_fb, False
)


def generate_pair_fusion(
    beams: Beams,
    fused: FusedPair,
    n: int,
    random: np.random.Generator,
    *,
    minimum_pair_mass: float,
    maximum_pair_mass: float,
    virtuality_share: float = 0.25,
) -> FinalStateEvents:
    """Generate n trials; the mean weight is the cross-section in fb of pairs in the range of masses.

    Particles: e-, e+, negative, positive of the pair, anywhere; most electrons stay within a degree of their beams.
    Trials that the transverse momenta leave no room have weight zero. The largest Q^2 is the only free number: 1 GeV^2,
    W^2 and W^2/4 give 22.9, 21.7 and 18.5 nb of muon pairs with W > 0.5 GeV at 10.58 GeV, the full calculation 18.9 nb.
    No radiation: its scale is Q^2, not s, which makes it a small effect. Where an electron is seen, Q^2 is large and
    this is a rough estimate. Electrons of the pair are not told from those of the beams: no exchange.

    Args:
        beams: beam energies, spreads and crossing angle.
        fused: what the pair is.
        n: number of trials.
        random: source of random numbers.
        minimum_pair_mass: smallest mass W of the pair, GeV.
        maximum_pair_mass: largest mass of the pair, GeV; above sqrt(s) for no limit.
        virtuality_share: largest Q^2 of both photons in units of W^2.

    Raises:
        ConfigError: no pair can have such a mass, or a share that is not positive.

    Example:
        >>> options = {"minimum_pair_mass": 0.5, "maximum_pair_mass": 11.0}
        >>> random = np.random.default_rng(1)
        >>> events = generate_pair_fusion(Beams(5.29, 5.29, 0.0), FUSED_MUONS, 20000, random, **options)
        >>> bool(abs(events.weight_fb.mean() / 1.852e7 - 1) < 0.02)
        True
    """
    check_fusion(fused, minimum_pair_mass, maximum_pair_mass, virtuality_share, beams)
    collisions = generate_collisions(beams, n, random, maximum_isr_fraction=0.0)
    s = collisions.s
    state = sample_fusion(s, (minimum_pair_mass**2, maximum_pair_mass * maximum_pair_mass), virtuality_share, random)
    electron, positron, exists = scattered_electrons(s, state, random)
    cosine, cosine_volume = _sample_cosine(state.pair_squared, fused, random)
    negative, positive = pair_beside_electrons(s, state.pair_squared, electron, positron, fused.mass, cosine, random)
    weight = fused.density_fb(state.pair_squared, cosine, fused.mass) * cosine_volume * state.volume
    for side in (0, 1):
        weight *= photon_flux_density(state.fraction[side], state.virtuality[side])
    momenta = np.stack([collisions.to_laboratory(*leg.T) for leg in (electron, positron, negative, positive)], axis=1)
    codes = (11, -11, fused.code, -fused.code)
    return FinalStateEvents(np.where(exists, weight, 0.0), codes, momenta, collisions.radiated)


def check_fusion(fused: FusedPair, minimum: float, maximum: float, virtuality_share: float, beams: Beams) -> None:
    """Refuse a range of pair masses (GeV) that is empty, and a largest Q^2 (units of W^2) that is not positive.

    Raises:
        ConfigError: naming what is allowed.
    """
    check_pair_mass(minimum, beams, fused.mass)
    if not minimum < maximum:
        raise ConfigError(
            "no pair is in this range of masses",
            where="maximum_pair_mass",
            allowed=f"above the smallest mass, {minimum} GeV",
            given=f"{maximum} GeV",
            next_step="give a larger value; sqrt(s) or more means no limit",
        )
    if not 0.0 < virtuality_share <= 1.0:
        raise ConfigError(
            "photons of this virtuality are not nearly real",
            where="virtuality_share",
            allowed="above 0, up to 1 (units of the squared pair mass)",
            given=str(virtuality_share),
            next_step="0.25 comes close to the full calculation",
        )


def _sample_cosine(pair_squared: Array, fused: FusedPair, random: np.random.Generator) -> tuple[Array, Array]:
    """Return cosines (n,) and the inverse of their density."""
    uniform = 2.0 * random.random(len(pair_squared)) - 1.0
    if not fused.peaked:
        return uniform, np.full(len(uniform), 2.0)
    velocity = np.sqrt(1.0 - 4.0 * fused.mass**2 / pair_squared)
    reach = np.arctanh(velocity)
    cosine = np.tanh(reach * uniform) / velocity
    return cosine, 2.0 * reach * (1.0 - (velocity * cosine) ** 2) / velocity


def pair_beside_electrons(
    s: Array,
    pair_squared: Array,
    electron: Array,
    positron: Array,
    particle_mass: float,
    cosine: Array,
    random: np.random.Generator,
) -> tuple[Array, Array]:
    """Return both particles of the pair (n, 4) in the CM.

    Args:
        s: (n,) squared CM energy, GeV^2.
        pair_squared: (n,) W^2 of the pair, GeV^2.
        electron: (n, 4) scattered electron in the CM, GeV.
        positron: (n, 4) scattered positron.
        particle_mass: of each particle, GeV.
        cosine: (n,) of the angle between the negative one and the photon of the electron where the pair is at rest.
        random: source of random numbers.
    """
    half = 0.5 * np.sqrt(s)
    beam = np.zeros((len(s), 4))
    beam[:, 0], beam[:, 3] = half, half
    pair = -(electron + positron)
    pair[:, 0] += 2.0 * half
    mass = np.sqrt(pair_squared)
    # into the rest frame: the boost by the opposite flight
    back = pair * np.array([1.0, -1.0, -1.0, -1.0])
    axis = boost_from_rest_frame(beam - electron, back, mass)[:, 1:]
    direction = directions_about(axis, cosine, random)
    at_rest = np.empty((len(s), 4))
    at_rest[:, 0] = 0.5 * mass
    at_rest[:, 1:] = np.sqrt(np.maximum(0.25 * pair_squared - particle_mass**2, 0.0))[:, np.newaxis] * direction
    negative = boost_from_rest_frame(at_rest, pair, mass)
    return negative, pair - negative
