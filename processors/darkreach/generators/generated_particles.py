"""Generated events of any content: every particle with its production vertex and its mother."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.final_state_events import FinalStateEvents

Array = NDArray[np.float64]


@dataclass(frozen=True)
class GeneratedParticles:
    """Events in the laboratory; the particles of event i are rows offsets[i] to offsets[i + 1].

    Attributes:
        offsets: (n + 1,), starting at zero.
        weight_fb: (n,) the mean over all trials is the cross-section of the generated volume in fb.
        pdg: (m,) particle codes of the PDG scheme; new particles have the codes of ``particle_codes.py``.
        momentum: (m, 4) as (E, px, py, pz), GeV.
        vertex: (m, 3) where the particle is made, relative to the collision, cm.
        mother: (m,) place of the mother among the particles of the same event; -1 for those of the collision itself.
        final: (m,) whether the detector may see it; False for what has decayed among these particles.
    """

    offsets: NDArray[np.int64]
    weight_fb: Array
    pdg: NDArray[np.int32]
    momentum: Array
    vertex: Array
    mother: NDArray[np.int32]
    final: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.weight_fb)

    @property
    def counts(self) -> NDArray[np.int64]:
        """Number of particles of each event, (n,)."""
        return np.diff(self.offsets)

    @property
    def event(self) -> NDArray[np.int64]:
        """Row of the event that each particle belongs to, (m,)."""
        return np.repeat(np.arange(len(self)), self.counts)

    def select(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> GeneratedParticles:
        """Return the events of a mask or of row numbers, in that order."""
        chosen = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        counts = self.counts[chosen]
        offsets = np.concatenate([[0], np.cumsum(counts)])
        # row of every particle: the start of its event, and its place there
        particle = np.repeat(self.offsets[chosen] - offsets[:-1], counts) + np.arange(offsets[-1])
        return GeneratedParticles(
            offsets,
            self.weight_fb[chosen],
            self.pdg[particle],
            self.momentum[particle],
            self.vertex[particle],
            self.mother[particle],
            self.final[particle],
        )


def concatenate_particles(parts: Sequence[GeneratedParticles]) -> GeneratedParticles:
    """Return the events of all parts (at least one), in order."""
    counts = np.concatenate([part.counts for part in parts])
    return GeneratedParticles(
        np.concatenate([[0], np.cumsum(counts)]),
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("weight_fb", "pdg", "momentum", "vertex", "mother", "final")
        ),
    )


def particles_of(events: FinalStateEvents) -> GeneratedParticles:
    """Return events of a fixed final state as particles, the photon along the beam (if there is one) at the end.

    Example:
        >>> muons = np.array([[[5.0, 0.0, 3.0, 4.0], [5.0, 0.0, -3.0, -4.0]]])
        >>> events = FinalStateEvents(np.ones(1), (13, -13), muons, np.array([[0.5, 0.0, 0.0, 0.5]]))
        >>> particles_of(events).pdg.tolist()
        [13, -13, 22]
    """
    n, fixed = len(events), len(events.pdg)
    momentum = np.concatenate([events.momenta, events.isr[:, np.newaxis]], axis=1)
    pdg = np.broadcast_to(np.array([*events.pdg, 22], dtype=np.int32), (n, fixed + 1))
    there = np.ones((n, fixed + 1), dtype=np.bool_)
    there[:, fixed] = events.isr[:, 0] > 0.0
    total = int(there.sum())
    return GeneratedParticles(
        np.concatenate([[0], np.cumsum(there.sum(axis=1))]),
        events.weight_fb,
        pdg[there],
        momentum[there],
        np.zeros((total, 3)),
        np.full(total, -1, dtype=np.int32),
        np.ones(total, dtype=np.bool_),
    )
