"""Weighted events e+e- -> tau+ tau- with one decay chosen for each tau lepton, spins correlated at tree level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.backgrounds.tau_spin_correlation import tau_spin_correlation
from darkreach.generators.decays import DecayTree, MichelDecay, decay_vertices, michel_decay
from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.signals.tau_pairs import TauPairs, tau_pairs
from darkreach.kinematics import CHARGED_PION_MASS, ELECTRON_MASS, MUON_MASS, TAU_MASS, Beams

Array = NDArray[np.float64]

LEPTONS: Final = {"electron": (11, ELECTRON_MASS), "muon": (13, MUON_MASS)}
PION: Final = "pion"


@dataclass(frozen=True)
class TauPairDecays:
    """Source of events; no radiation off the tau leptons or in their decays.

    Attributes:
        beams: beam energies, spreads and crossing angle.
        decays: of both tau leptons, ``electron``, ``muon`` or ``pion``; the charges are drawn where they differ.
        rate_fb: cross-section with all radiation of pairs that decay so.
        lifetime_ctau_cm: mean proper decay length of the tau lepton.
        maximum_isr_fraction: largest energy fraction radiated.
    """

    beams: Beams
    decays: tuple[str, str]
    rate_fb: float
    lifetime_ctau_cm: float
    maximum_isr_fraction: float

    def __call__(self, n: int, random: np.random.Generator) -> GeneratedParticles:
        """Return n trials: both tau leptons, then what they decay into, then the photon along a beam."""
        pairs = tau_pairs(self.beams, n, random, maximum_isr_fraction=self.maximum_isr_fraction)
        sign = np.ones(n, dtype=np.int32)
        if self.decays[0] != self.decays[1]:
            # CP: exchanging the charges of a final state changes nothing but the charges
            sign -= 2 * random.integers(0, 2, n, dtype=np.int32)
        axes, cosine, lorentz_factor = _spin_axes(pairs)
        directions = tau_spin_correlation(cosine, lorentz_factor).sample(random)
        codes, mothers = [15 * sign, -15 * sign], [-1, -1]
        momenta, vertices = [pairs.negative, pairs.positive], [np.zeros((n, 3))] * 2
        for place, tau in enumerate((pairs.negative, pairs.positive)):
            side = 1.0 - 2.0 * place
            at_rest, kinds = _decay(self.decays[place], directions[place], random)
            products = [_to_laboratory(pairs, product, axes, lorentz_factor, side) for product in at_rest]
            # of the tau lepton, the neutrino of its own kind takes what is left
            products.append(tau - sum(products))
            vertex = decay_vertices(tau, TAU_MASS, self.lifetime_ctau_cm, random).vertex
            codes += [(1 - 2 * place) * kind * sign for kind in (*kinds, 16)]
            mothers += [place] * len(products)
            momenta += products
            vertices += [vertex] * len(products)
        tree = DecayTree(np.stack(codes, axis=1), tuple(mothers), np.stack(momenta, axis=1), np.stack(vertices, axis=1))
        return tree.particles(self.rate_fb * pairs.weight, pairs.radiated)


def _spin_axes(pairs: TauPairs) -> tuple[Array, Array, Array]:
    """Return x, y and z of the spins in the CM (3, 3, n), the cosine of the first tau lepton and its Lorentz factor."""
    energy, u, v, along = pairs.in_cm
    across = np.hypot(u, v)
    size = np.hypot(across, along)
    # at rest any direction is as good as another, and along the beam any plane
    moving = size > 0.0
    cosine, sine = (
        np.where(moving, part, other) / np.where(moving, size, 1.0) for part, other in ((along, 1.0), (across, 0.0))
    )
    safe = np.where(across > 0.0, across, 1.0)
    turn = np.where(across > 0.0, u / safe, 1.0), v / safe
    axes = np.array(
        [
            [cosine * turn[0], cosine * turn[1], -sine],
            [-turn[1], turn[0], np.zeros_like(sine)],
            [sine * turn[0], sine * turn[1], cosine],
        ]
    )
    return axes, cosine, energy / TAU_MASS


def _decay(name: str, direction: Array, random: np.random.Generator) -> tuple[list[Array], tuple[int, ...]]:
    """Return all products but the neutrino of the tau lepton, (4, n) in its rest frame, and their codes for tau-."""
    if name == PION:
        energy = 0.5 * (TAU_MASS**2 + CHARGED_PION_MASS**2) / TAU_MASS
        momentum = 0.5 * (TAU_MASS**2 - CHARGED_PION_MASS**2) / TAU_MASS
        return [np.concatenate([np.full((1, direction.shape[1]), energy), momentum * direction])], (-211,)
    code, _ = LEPTONS[name]
    return list(_MICHEL[name].generate(direction, random)), (code, -(code + 1))


def _to_laboratory(pairs: TauPairs, at_rest: Array, axes: Array, lorentz_factor: Array, side: float) -> Array:
    """Return laboratory momenta (n, 4) of a product of the first (side 1) or second tau lepton (-1), which go +-z."""
    recoil = side * np.sqrt(np.maximum(lorentz_factor**2 - 1.0, 0.0))
    energy = lorentz_factor * at_rest[0] + recoil * at_rest[3]
    forward = lorentz_factor * at_rest[3] + recoil * at_rest[0]
    components = [at_rest[1] * axes[0, i] + at_rest[2] * axes[1, i] + forward * axes[2, i] for i in range(3)]
    return pairs.collisions.to_laboratory(energy, *components)


_MICHEL: Final[dict[str, MichelDecay]] = {name: michel_decay(TAU_MASS, mass) for name, (_, mass) in LEPTONS.items()}
