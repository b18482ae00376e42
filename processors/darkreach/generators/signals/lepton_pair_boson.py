"""Weighted events e+e- -> l- l+ X with both radiation diagrams, lepton masses, beam spread and radiation."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.collisions import Collisions, generate_collisions
from darkreach.generators.decays import TabulatedDensity, tabulate_density
from darkreach.generators.signals.beam_momenta import centre_of_mass_components
from darkreach.generators.signals.lepton_pair_boson_matrix_element import (
    BosonKind,
    LeptonPairMomenta,
    lepton_pair_boson_matrix_element,
)
from darkreach.generators.signals.lepton_pair_boson_phase_space import lepton_pair_boson_states
from darkreach.kinematics import HBAR_C_SQUARED_FB, Beams

Array = NDArray[np.float64]

Masses = tuple[float, float, float]


@dataclass(frozen=True)
class LeptonPairBosonEvents:
    """Events of two leptons and a boson, laboratory, GeV.

    Attributes:
        collisions: what collided, and what was radiated.
        weight_fb: (n,) the mean is the cross-section in fb.
        negative: (n, 4) lepton.
        positive: (n, 4) antilepton.
        boson: (n, 4).
        momenta: the same in the CM of the collisions.
        masses: of the three, GeV.
        squared: (n,) |M|^2 in GeV^-2 at coupling 1.
    """

    collisions: Collisions
    weight_fb: Array
    negative: Array
    positive: Array
    boson: Array
    momenta: LeptonPairMomenta
    masses: Masses
    squared: Array

    def polarisation(self, direction: Array) -> Array:
        """Return d rho d of the spin density (trace one) of a vector boson, (n,).

        Args:
            direction: (n, 4) unit vectors d of the rest frame of the boson, in the laboratory.
        """
        there = centre_of_mass_components(self.collisions, direction)
        along = lepton_pair_boson_matrix_element(self.momenta, self.masses, BosonKind.VECTOR, direction=there)
        return along / self.squared


@dataclass(frozen=True)
class LeptonPairBoson:
    """The reaction at given masses, ready to draw events.

    Attributes:
        masses: of lepton, antilepton and boson, GeV.
        kind: coupling of the boson.
        cross_section_fb: without radiation at the nominal energy and coupling 1, by quadrature, fb.
        table: density of the phase-space variables at the nominal energy, from which they are drawn at any.
    """

    masses: Masses
    kind: BosonKind
    cross_section_fb: float
    table: TabulatedDensity

    def generate(
        self, beams: Beams, coupling: float, n: int, random: np.random.Generator, *, maximum_isr_fraction: float
    ) -> LeptonPairBosonEvents:
        """Generate n trials; the mean weight is the cross-section in fb at the coupling.

        Args:
            beams: beam energies, spreads and crossing angle.
            coupling: g of the boson to the lepton.
            n: number of trials.
            random: source of random numbers.
            maximum_isr_fraction: 0 for no radiation; see :func:`generate_collisions`.
        """
        collisions = generate_collisions(
            beams, n, random, maximum_isr_fraction=maximum_isr_fraction, threshold=sum(self.masses) ** 2
        )
        first, second, density = self.table.sample(n, random)
        rotation = (2.0 * random.random(n) - 1.0, random.random(n), random.random(n))
        states = lepton_pair_boson_states(collisions.s, self.masses, (first, second), rotation)
        there = states.momenta
        squared = lepton_pair_boson_matrix_element(there, self.masses, self.kind)
        weight = HBAR_C_SQUARED_FB * coupling**2 * collisions.weight * density * states.volume / (2.0 * collisions.s)
        # below threshold there is no volume, and the matrix element means nothing
        weight = np.where(states.volume > 0.0, weight * squared, 0.0)
        negative, positive, boson = (
            collisions.to_laboratory(*leg.T) for leg in (there.negative, there.positive, there.boson)
        )
        return LeptonPairBosonEvents(collisions, weight, negative, positive, boson, there, self.masses, squared)


def lepton_pair_boson(s: float, masses: Masses, kind: BosonKind) -> LeptonPairBoson:
    """Return the reaction at a nominal squared CM energy s (GeV^2), its cross-section by quadrature.

    The mean over all orientations is exact with three of them, as the current of the beams enters twice.

    Example:
        >>> reaction = lepton_pair_boson(10.58**2, (0.1056583755, 0.1056583755, 2.0), BosonKind.VECTOR)
        >>> round(reaction.cross_section_fb / 1e3, 2)
        34.66
    """

    def density(u: Array, v: Array) -> Array:
        place = (u.ravel(), v.ravel())
        n = len(place[0])
        fixed = lepton_pair_boson_states(np.full(n, s), masses, place, (np.full(n, 0.3), np.zeros(n), np.full(n, 0.1)))
        legs = (fixed.momenta.negative, fixed.momenta.positive, fixed.momenta.boson)
        squared = np.zeros(n)
        for order in ([0, 1, 2, 3], [0, 2, 3, 1], [0, 3, 1, 2]):
            turned = LeptonPairMomenta(*[leg[:, order] for leg in legs])
            squared += lepton_pair_boson_matrix_element(turned, masses, kind) / 3.0
        return np.asarray(squared * fixed.volume).reshape(u.shape)

    points, weights = np.polynomial.legendre.leggauss(120)
    grid = np.meshgrid(0.5 * (points + 1.0), 0.5 * (points + 1.0), indexing="ij")
    integral = float(np.einsum("ij,i,j->", density(*grid), 0.5 * weights, 0.5 * weights))
    # drawn points carry the inverse of the height alone: their own matrix element follows
    table = replace(tabulate_density(density, cells=(64, 32)), density=lambda u, v: np.ones_like(u))
    return LeptonPairBoson(masses, kind, HBAR_C_SQUARED_FB * integral / (2.0 * s), table)
