"""Events written particle by particle, where some events lack some of the particles."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.generators.generated_particles import GeneratedParticles

Array = NDArray[np.float64]


class ParticleColumns:
    """Particles of n events, one column after the other; a mother stands before its daughters.

    Args:
        n: number of events.

    Example:
        >>> columns = ParticleColumns(2)
        >>> boson = columns.add(23, np.ones((2, 4)), final=np.array([False, True]))
        >>> muon = columns.add(13, np.ones((2, 4)), mother=boson, present=np.array([True, False]))
        >>> particles = columns.particles(np.ones(2))
        >>> particles.pdg.tolist(), particles.mother.tolist(), particles.final.tolist()
        ([23, 13, 23], [-1, 0, -1], [False, True, True])
    """

    def __init__(self, n: int) -> None:
        self._n = n
        self._pdg: list[NDArray[np.int32]] = []
        self._momentum: list[Array] = []
        self._vertex: list[Array] = []
        self._mother: list[int] = []
        self._final: list[NDArray[np.bool_]] = []
        self._present: list[NDArray[np.bool_]] = []

    def add(
        self,
        pdg: ArrayLike,
        momentum: Array,
        *,
        vertex: Array | None = None,
        mother: int = -1,
        final: ArrayLike = True,
        present: ArrayLike = True,
    ) -> int:
        """Add a particle to every event, and return its column.

        Args:
            pdg: (n,) or one particle code.
            momentum: (n, 4) as (E, px, py, pz), laboratory, GeV.
            vertex: (n, 3) where it is made, cm; None is the collision.
            mother: column of the mother, -1 for the collision.
            final: (n,) or one: whether the detector may see it.
            present: (n,) or one: False for events that do not have it.
        """
        self._pdg.append(np.broadcast_to(np.asarray(pdg, dtype=np.int32), (self._n,)))
        self._momentum.append(momentum)
        self._vertex.append(np.zeros((self._n, 3)) if vertex is None else vertex)
        self._mother.append(mother)
        self._final.append(np.broadcast_to(np.asarray(final, dtype=np.bool_), (self._n,)))
        self._present.append(np.broadcast_to(np.asarray(present, dtype=np.bool_), (self._n,)))
        return len(self._pdg) - 1

    def add_radiated(self, radiated: Array) -> int:
        """Add the photon (n, 4) along a beam to the events where it has energy."""
        return self.add(22, radiated, present=radiated[:, 0] > 0.0)

    def particles(self, weight_fb: Array) -> GeneratedParticles:
        """Return the events with weights (n,) in fb."""
        present = np.stack(self._present, axis=1)
        # place of each particle among those that its event has
        place = np.cumsum(present, axis=1) - 1
        mother = np.full(present.shape, -1, dtype=np.int32)
        for column, of in enumerate(self._mother):
            if of >= 0:
                mother[:, column] = place[:, of]
        return GeneratedParticles(
            np.concatenate([[0], np.cumsum(present.sum(axis=1))]),
            weight_fb,
            np.stack(self._pdg, axis=1)[present],
            np.stack(self._momentum, axis=1)[present],
            np.stack(self._vertex, axis=1)[present],
            mother[present],
            np.stack(self._final, axis=1)[present],
        )
