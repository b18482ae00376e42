"""Particles of event records, collected event by event and brought down to those of our events."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.pythia.event_records import mother_places

Array = NDArray[np.float64]

_NOT_PARTICLES: Final = frozenset({*range(1, 9), 21, 23, 24, *range(81, 101)})
"""Absolute codes of quarks, gluons, heavy bosons and what generators write for strings and clusters."""


def is_parton(pdg: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which codes (n,) are quarks, gluons or diquarks.

    Example:
        >>> is_parton(np.array([1, -5, 21, 2101, 211, 3122])).tolist()
        [True, True, True, True, False, False]
    """
    size = np.abs(pdg)
    diquark = (size > 1000) & (size < 10000) & (size // 10 % 10 == 0)
    return np.asarray((size <= 8) | (size == 21) | diquark)


def may_be_mother(pdg: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which codes (n,) a decayed particle of our events may have."""
    return ~(is_parton(pdg) | np.isin(np.abs(pdg), sorted(_NOT_PARTICLES)))


class RecordRows:
    """Events whose particles are added one event at a time."""

    def __init__(self) -> None:
        self._weights: list[float] = []
        self._pdg: list[NDArray[np.int64]] = []
        self._parent: list[NDArray[np.int64]] = []
        self._momentum: list[Array] = []
        self._vertex: list[Array] = []
        self._final: list[NDArray[np.bool_]] = []
        self._decayed: list[NDArray[np.bool_]] = []

    def __len__(self) -> int:
        return len(self._weights)

    def add(
        self,
        weight_fb: float,
        pdg: NDArray[np.int64],
        parent: NDArray[np.int64],
        momentum: Array,
        vertex: Array,
        final: NDArray[np.bool_],
        decayed: NDArray[np.bool_],
    ) -> None:
        """Add one event.

        Args:
            weight_fb: of the event.
            pdg: (k,) codes.
            parent: (k,) rows of the parents in the event, -1 for none.
            momentum: (k, 4) as (E, px, py, pz), GeV.
            vertex: (k, 3) where each is made, cm.
            final: (k,) whether the detector may see it.
            decayed: (k,) whether it is kept as a mother.
        """
        self._weights.append(weight_fb)
        self._pdg.append(pdg)
        self._parent.append(parent)
        self._momentum.append(momentum)
        self._vertex.append(vertex)
        self._final.append(final)
        self._decayed.append(decayed)

    def particles(self) -> GeneratedParticles:
        """Return all events added so far, at least one."""
        counts = np.array([len(pdg) for pdg in self._pdg])
        start = np.concatenate([[0], np.cumsum(counts)])
        parent = np.concatenate(self._parent)
        parent = np.where(parent >= 0, parent + np.repeat(start[:-1], counts), -1)
        pdg, final = np.concatenate(self._pdg), np.concatenate(self._final)
        kept = np.concatenate(self._decayed) & may_be_mother(pdg)
        # a particle whose parent has the same code is a later copy of it
        kept[parent[(parent >= 0) & (pdg[parent] == pdg)]] = False
        keep = final | kept
        offsets = np.concatenate([[0], np.cumsum(keep)])[start]
        return GeneratedParticles(
            offsets,
            np.array(self._weights),
            pdg[keep].astype(np.int32),
            np.concatenate(self._momentum)[keep],
            np.concatenate(self._vertex)[keep],
            mother_places(keep, parent, np.repeat(offsets[:-1], np.diff(offsets))),
            final[keep],
        )
