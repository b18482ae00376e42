"""The particles that reach the detector, all events in one list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.generated_events import BEAM_PDG
from darkreach.generators.generated_particles import GeneratedParticles

Array = NDArray[np.float64]

CHARGED: Final = {11: -1, 13: -1, 211: 1, 321: 1, 2212: 1}
"""Absolute codes of particles that make tracks, and the charge of the one with the positive code."""


@dataclass(frozen=True)
class TrueParticles:
    """Particles of many events, ordered by event.

    Attributes:
        event: (m,) row of the event.
        pdg: (m,) particle codes.
        momentum: (m, 4) as (E, px, py, pz), GeV.
        vertex: (m, 3) where it is made, cm.
        mother_pdg: (m,) code of the mother; that of the beam for particles of the collision itself.
        row: (m,) row among the generated particles, -1 for what is made in the detector.
        origin: (m,) row of the mother among the generated particles, -1 for none.
    """

    event: NDArray[np.int64]
    pdg: NDArray[np.int32]
    momentum: Array
    vertex: Array
    mother_pdg: NDArray[np.int32]
    row: NDArray[np.int64]
    origin: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.event)

    def select(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> TrueParticles:
        """Return the particles of a mask or of row numbers."""
        return TrueParticles(
            self.event[rows],
            self.pdg[rows],
            self.momentum[rows],
            self.vertex[rows],
            self.mother_pdg[rows],
            self.row[rows],
            self.origin[rows],
        )

    @property
    def charge(self) -> Array:
        """Charge (m,) of those that make tracks in units of e; 0 for all others."""
        charge = np.zeros(len(self))
        size = np.abs(self.pdg)
        for code, sign in CHARGED.items():
            charge[size == code] = sign
        return np.asarray(charge * np.sign(self.pdg))


def reaching_particles(particles: GeneratedParticles) -> TrueParticles:
    """Return the final particles of all events with the codes of their mothers."""
    rows = np.flatnonzero(particles.final)
    event = particles.event[rows]
    place = particles.mother[rows].astype(np.int64)
    origin = np.where(place >= 0, particles.offsets[event] + place, -1)
    mother = np.where(origin >= 0, particles.pdg[origin], BEAM_PDG).astype(np.int32)
    return TrueParticles(
        event, particles.pdg[rows], particles.momentum[rows], particles.vertex[rows], mother, rows, origin
    )


def joined(first: TrueParticles, second: TrueParticles) -> TrueParticles:
    """Return the particles of both lists, ordered by event."""
    order = np.argsort(np.concatenate([first.event, second.event]), kind="stable")
    names = ("event", "pdg", "momentum", "vertex", "mother_pdg", "row", "origin")
    return TrueParticles(*(np.concatenate([getattr(first, n), getattr(second, n)])[order] for n in names))
