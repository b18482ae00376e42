"""Decays of new bosons to pairs of electrons, muons or pions, with the spin they are made with.

In the rest frame the decay to a pair along the unit vector d weighs the spin density rho of a vector boson with
a + b d d: a = 1, b = -beta^2 for leptons of velocity beta, a = 0, b = 1 for scalars. Directions are drawn about a
polarisation, or evenly and then weighted with (a + b d.rho.d)/(a + b/3), whose mean is one. Bosons are narrow, and
their products are told from all other particles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import ConfigError
from darkreach.generators.decays import (
    boost_from_rest_frame,
    check_lifetime,
    decay_vertices,
    isotropic_directions,
    two_body_momentum,
)
from darkreach.generators.process import ProcessParameter
from darkreach.generators.signals.parameter_ranges import require_fractions
from darkreach.generators.signals.particle_columns import ParticleColumns
from darkreach.generators.signals.spin_axes import direction_along_polarisation
from darkreach.kinematics import CHARGED_PION_MASS, ELECTRON_MASS, MUON_MASS

Array = NDArray[np.float64]

Polarisation: TypeAlias = Callable[[Array], Array]
"""d rho d of the spin density (trace one) for unit vectors d (n, 4) of the rest frame, given in the laboratory."""

LIFETIME: Final = ProcessParameter("lifetime_ctau_cm", "mean proper decay length c tau, cm; 0 decays at once", 0.0)


@dataclass(frozen=True)
class PairMode:
    """A decay to a particle and its antiparticle.

    Attributes:
        parameter: name of its branching fraction.
        negative_pdg: code of the particle of negative charge.
        mass: GeV.
        scalar: whether the products have no spin.
    """

    parameter: str
    negative_pdg: int
    mass: float
    scalar: bool


LEPTON_MODES: Final = (
    PairMode("branching_electrons", 11, ELECTRON_MASS, False),
    PairMode("branching_muons", 13, MUON_MASS, False),
)

DARK_PHOTON_MODES: Final = (*LEPTON_MODES, PairMode("branching_pions", -211, CHARGED_PION_MASS, True))


def branching_parameters(modes: tuple[PairMode, ...], *, default: str = "") -> tuple[ProcessParameter, ...]:
    """Return the parameters of decays to pairs, all 0 but the default one.

    Example:
        >>> [parameter.name for parameter in branching_parameters(LEPTON_MODES)]
        ['branching_electrons', 'branching_muons']
    """
    return tuple(
        ProcessParameter(
            mode.parameter,
            f"share of decays to {mode.parameter.removeprefix('branching_')}; what is left of one stays undecayed",
            float(mode.parameter == default),
        )
        for mode in modes
    )


def decay_parameters(modes: tuple[PairMode, ...], *, default: str = "") -> tuple[ProcessParameter, ...]:
    """Return the parameters of decays to pairs, all 0 but the default one, and of the lifetime.

    Example:
        >>> [parameter.default for parameter in decay_parameters(LEPTON_MODES, default="branching_muons")]
        [0.0, 1.0, 0.0]
    """
    return (*branching_parameters(modes, default=default), LIFETIME)


@dataclass(frozen=True)
class DecayedBosons:
    """Decays of n bosons, laboratory, GeV and cm.

    Attributes:
        boson: (n, 4).
        negative: (n, 4) product of negative charge.
        positive: (n, 4) product of positive charge.
        negative_pdg: (n,) its code.
        decayed: (n,) False where the boson flies on.
        vertex: (n, 3) of the decay.
        direction: (n, 4) unit vector of the decay in the rest frame of the boson.
        constant: (n,) a of the law a + b d d.
        slope: (n,) b of that law.
    """

    boson: Array
    negative: Array
    positive: Array
    negative_pdg: NDArray[np.int32]
    decayed: NDArray[np.bool_]
    vertex: Array
    direction: Array
    constant: Array
    slope: Array

    def spin_weight(self, polarisation: Polarisation) -> Array:
        """Return the weights (n,) of directions drawn evenly for vector bosons of that density; their mean is one."""
        along = self.constant + self.slope * polarisation(self.direction)
        return np.asarray(along / (self.constant + self.slope / 3.0))

    def record(self, columns: ParticleColumns, pdg: int, *, vertex: Array | None = None, mother: int = -1) -> int:
        """Add boson and products to the events, and return the column of the boson."""
        boson = columns.add(pdg, self.boson, vertex=vertex, mother=mother, final=~self.decayed)
        for sign, product in ((1, self.negative), (-1, self.positive)):
            columns.add(sign * self.negative_pdg, product, vertex=self.vertex, mother=boson, present=self.decayed)
        return boson


@dataclass(frozen=True)
class PairDecay:
    """The decays of one kind of boson.

    Attributes:
        mass: of the boson, GeV.
        modes: that it may decay to.
        fractions: of the modes in their order; the rest stays undecayed.
        lifetime_ctau_cm: mean proper decay length, cm; 0 decays where it is made.
    """

    mass: float
    modes: tuple[PairMode, ...]
    fractions: tuple[float, ...]
    lifetime_ctau_cm: float

    def generate(
        self, boson: Array, random: np.random.Generator, *, polarisation: Array | None = None
    ) -> DecayedBosons:
        """Return decays of bosons made at the collision.

        Args:
            boson: (n, 4), laboratory, GeV.
            random: source of random numbers.
            polarisation: (n, 3) of vector bosons in their rest frame; None draws directions evenly.
        """
        chosen = np.searchsorted(np.cumsum(self.fractions), random.random(len(boson)), side="right")
        masses = np.array([*(mode.mass for mode in self.modes), 0.0])[chosen]
        scalar = np.array([*(mode.scalar for mode in self.modes), False])[chosen]
        decayed = chosen < len(self.modes)
        momentum = two_body_momentum(self.mass, masses, masses)
        constant = np.where(scalar, 0.0, 1.0)
        slope = np.where(decayed, np.where(scalar, 1.0, -4.0 * momentum**2 / self.mass**2), 0.0)
        unit = np.zeros((len(boson), 4))
        if polarisation is None:
            unit[:, 1:] = isotropic_directions(len(boson), random)
        else:
            unit[:, 1:] = direction_along_polarisation(polarisation, constant, slope, random)
        direction = boost_from_rest_frame(unit, boson, self.mass)
        difference = momentum[:, np.newaxis] * direction
        return DecayedBosons(
            boson,
            0.5 * boson + difference,
            0.5 * boson - difference,
            np.array([*(mode.negative_pdg for mode in self.modes), 0], dtype=np.int32)[chosen],
            decayed,
            decay_vertices(boson, self.mass, self.lifetime_ctau_cm, random).vertex,
            direction,
            constant,
            slope,
        )


def pair_decay(mass: float, modes: tuple[PairMode, ...], values: Mapping[str, float]) -> PairDecay:
    """Return the decays of a boson from the parameters of a process.

    Args:
        mass: of the boson, GeV.
        modes: that it may decay to.
        values: branching fractions and ``lifetime_ctau_cm``.

    Raises:
        ConfigError: a fraction or the lifetime has no meaning, or a mode is closed at this mass.

    Example:
        >>> values = {"branching_electrons": 0.5, "branching_muons": 0.0, "lifetime_ctau_cm": 0.0}
        >>> pair_decay(0.1, LEPTON_MODES, values).fractions
        (0.5, 0.0)
    """
    fractions = {mode.parameter: values[mode.parameter] for mode in modes}
    require_fractions(fractions)
    for mode in modes:
        if fractions[mode.parameter] > 0.0 and not 2.0 * mode.mass < mass:
            raise ConfigError(
                "a decay is closed at this mass",
                where=mode.parameter,
                allowed=f"0 for masses up to {2.0 * mode.mass:.6g} GeV",
                given=f"{fractions[mode.parameter]:.6g} at {mass:.6g} GeV",
                next_step=f"set {mode.parameter} to 0 and choose the fractions of the open modes",
            )
    check_lifetime(values["lifetime_ctau_cm"])
    return PairDecay(mass, modes, tuple(fractions.values()), values["lifetime_ctau_cm"])
