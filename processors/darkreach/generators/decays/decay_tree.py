"""Events of one fixed tree of decays, and their particles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.generators.generated_particles import GeneratedParticles

Array = NDArray[np.float64]


@dataclass(frozen=True)
class DecayTree:
    """Events with the same particles, each made by the collision or by a particle before it in the list.

    Attributes:
        pdg: (k,) or (n, k) particle codes.
        mother: the k places of the mothers in the list; -1 for the collision. What is nobody's mother is final.
        momentum: (n, k, 4) as (E, px, py, pz), laboratory, GeV.
        vertex: (n, k, 3) where each particle is made, cm.
    """

    pdg: ArrayLike
    mother: tuple[int, ...]
    momentum: Array
    vertex: Array

    def particles(self, weight_fb: Array, radiated: Array | None = None) -> GeneratedParticles:
        """Return the events as particles.

        Args:
            weight_fb: (n,) the mean over all trials is the cross-section in fb.
            radiated: (n, 4) photon along a beam, added at the end where it has energy; None if there is none.

        Example:
            >>> tree = DecayTree((23, 13, -13), (-1, 0, 0), np.zeros((2, 3, 4)), np.zeros((2, 3, 3)))
            >>> tree.particles(np.ones(2)).final.tolist()
            [False, True, True, False, True, True]
        """
        n, k = self.momentum.shape[:2]
        photon = np.zeros((n, 4)) if radiated is None else radiated
        momentum = np.concatenate([self.momentum, photon[:, np.newaxis]], axis=1)
        vertex = np.concatenate([self.vertex, np.zeros((n, 1, 3))], axis=1)
        pdg = np.full((n, k + 1), 22, dtype=np.int32)
        pdg[:, :k] = self.pdg
        final = np.array([*(place not in self.mother for place in range(k)), True])
        there = np.ones((n, k + 1), dtype=np.bool_)
        there[:, k] = photon[:, 0] > 0.0
        return GeneratedParticles(
            np.concatenate([[0], np.cumsum(there.sum(axis=1))]),
            weight_fb,
            pdg[there],
            momentum[there],
            vertex[there],
            np.broadcast_to(np.array([*self.mother, -1], dtype=np.int32), there.shape)[there],
            np.broadcast_to(final, there.shape)[there],
        )
