"""The part of a sample of Pythia in which a few charged particles carry nearly all energy.

A selection of N tracks with a mass above a share x of sqrt(s) leaves all other particles less than (1 - x) sqrt(s) of
energy in the CM, however many they are: the rest of the sample need not be measured. Trials outside have weight zero,
so that the mean weight is the cross-section of the part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import ConfigError
from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.process import ParticleSource, ProcessParameter
from darkreach.kinematics import Beams

TRACKS: Final = (11, 13, 211, 321, 2212)
"""Absolute codes of charged particles that live long enough to make a track."""

CHARGED_PARAMETERS: Final = (
    ProcessParameter(
        "charged_particles", "the most energetic ones carry all but the energy below; 0 for all events", 0.0
    ),
    ProcessParameter("largest_other_energy_gev", "of all other particles together, CM, GeV", 0.6),
)


@dataclass(frozen=True)
class ChargedStratum:
    """Events of a source, those in which other particles have too much energy with weight zero and without particles.

    Attributes:
        source: all events.
        number: of charged particles.
        largest_other_energy: GeV, CM of the nominal beams.
        beams: nominal beams.
    """

    source: ParticleSource
    number: int
    largest_other_energy: float
    beams: Beams

    def __call__(self, n: int, random: np.random.Generator) -> GeneratedParticles:
        """Draw n trials."""
        events = self.source(n, random)
        other = self.beams.sqrt_s - leading_charged_energy(events, self.number, self.beams)
        return without_particles(events, other > self.largest_other_energy)


def leading_charged_energy(particles: GeneratedParticles, number: int, beams: Beams) -> NDArray[np.float64]:
    """Return the CM energy (n,) in GeV of so many charged particles of each event, the most energetic ones.

    Args:
        particles: events of any generator.
        number: of charged particles; events with fewer have energy zero.
        beams: nominal beams, whose CM the energy is measured in.

    Example:
        >>> momentum = np.array([[5.0, 0.0, 0.0, 4.9], [1.0, 0.0, 0.0, -0.99], [5.0, 0.0, 3.0, -4.0]])
        >>> code, first = np.array([211, -211, 22], dtype=np.int32), np.full(3, -1, dtype=np.int32)
        >>> final = np.ones(3, dtype=np.bool_)
        >>> events = GeneratedParticles(np.array([0, 3]), np.ones(1), code, momentum, np.zeros((3, 3)), first, final)
        >>> [float(leading_charged_energy(events, number, Beams(5.29, 5.29, 0.0))[0]) for number in (1, 2, 3)]
        [5.0, 6.0, 0.0]
    """
    rows = np.flatnonzero(particles.final & np.isin(np.abs(particles.pdg), TRACKS))
    event, momentum = particles.event[rows], particles.momentum[rows]
    total = beams.four_momentum
    energy = (total[0] * momentum[:, 0] - momentum[:, 1:] @ total[1:]) / beams.sqrt_s
    order = np.lexsort((-energy, event))
    counts = np.bincount(event, minlength=len(particles))
    rank = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    leading = order[rank < number]
    sums = np.bincount(event[leading], energy[leading], len(particles))
    return np.where(counts >= number, sums, 0.0)


def without_particles(events: GeneratedParticles, refused: NDArray[np.bool_]) -> GeneratedParticles:
    """Return the same trials, those of a mask (n,) with weight zero and without particles."""
    kept = np.repeat(~refused, events.counts)
    return GeneratedParticles(
        np.concatenate([[0], np.cumsum(np.where(refused, 0, events.counts))]),
        np.where(refused, 0.0, events.weight_fb),
        *(getattr(events, name)[kept] for name in ("pdg", "momentum", "vertex", "mother", "final")),
    )


def charged_stratum(source: ParticleSource, beams: Beams, values: Mapping[str, float]) -> ParticleSource:
    """Return the source of the part that is asked for, the source itself if it is everything.

    Args:
        source: all events.
        beams: nominal beams.
        values: with or without the parameters of the part.

    Raises:
        ConfigError: the number is no number of particles, or the energy is not positive.
    """
    number, energy = (values.get(parameter.name, parameter.default or 0.0) for parameter in CHARGED_PARAMETERS)
    if number == 0.0:
        return source
    for name, value, allowed, fine in (
        ("charged_particles", number, "a whole number, 0 for all events", number > 0.0 and number == int(number)),
        ("largest_other_energy_gev", energy, "above 0", energy > 0.0),
    ):
        if not fine:
            raise ConfigError("no such part of the events", where=name, allowed=allowed, given=f"{value:g}")
    return ChargedStratum(source, int(number), energy, beams)
