"""A block of ntuple rows: event columns and jagged candidate columns under their basf2 names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkreach.events.columns import PHOTON_EVENT_COLUMNS, PHOTON_TRUTH_COLUMNS, Column
from darkreach.response.photon_clusters import PhotonClusters

COUNTER = "__ncandidates__"


@dataclass(frozen=True)
class NtupleBlock:
    """Rows of an event-wise ntuple.

    Attributes:
        offsets: (n + 1,) candidates of event i are rows offsets[i] to offsets[i + 1], starting at zero.
        event: columns of length n, by variable name.
        candidate: columns of length offsets[-1], by variable name.
    """

    offsets: NDArray[np.int64]
    event: Mapping[str, NDArray[np.generic]]
    candidate: Mapping[str, NDArray[np.generic]]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def rows(self, start: int, stop: int) -> NtupleBlock:
        """Return the events from ``start`` up to ``stop``."""
        first, last = self.offsets[start], self.offsets[stop]
        return NtupleBlock(
            self.offsets[start : stop + 1] - first,
            {name: values[start:stop] for name, values in self.event.items()},
            {name: values[first:last] for name, values in self.candidate.items()},
        )


def concatenate_blocks(blocks: Sequence[NtupleBlock]) -> NtupleBlock:
    """Return the rows of all blocks (at least one), in order."""
    counts = np.concatenate([np.diff(block.offsets) for block in blocks])
    return NtupleBlock(
        np.concatenate([[0], np.cumsum(counts)]),
        {name: np.concatenate([block.event[name] for block in blocks]) for name in blocks[0].event},
        {name: np.concatenate([block.candidate[name] for block in blocks]) for name in blocks[0].candidate},
    )


def ntuple_columns(*, truth: bool) -> tuple[Column, ...]:
    """Return the columns of a simulated ntuple in the order they are written; pseudo-data has no truth."""
    return (*PHOTON_EVENT_COLUMNS, *PHOTON_TRUTH_COLUMNS) if truth else PHOTON_EVENT_COLUMNS


def photon_ntuple(clusters: PhotonClusters, event_number: NDArray[np.int64], *, truth: bool) -> NtupleBlock:
    """Return clusters as ntuple rows with the types of the column table.

    Experiment, run and production are 0 and ``__weight__`` (the inverse sampling rate) is 1 in simulation.

    Args:
        clusters: n events.
        event_number: (n,) written as ``__event__``.
        truth: whether the truth columns are written.
    """
    n = len(clusters)
    values: dict[str, NDArray[np.generic]] = {
        "__experiment__": np.zeros(n),
        "__run__": np.zeros(n),
        "__event__": event_number,
        "__production__": np.zeros(n),
        COUNTER: clusters.counts,
        "__weight__": np.ones(n),
        "nTracks": np.zeros(n),
        "E": clusters.energy,
        "theta": clusters.theta,
        "phi": clusters.phi,
        "generatorWeight": clusters.weight,
        "decayBetaGamma": clusters.decay_beta_gamma,
        "mcE": clusters.true_energy,
        "mcTheta": clusters.true_theta,
        "mcPhi": clusters.true_phi,
        "genMotherPDG": clusters.mother_pdg,
    }
    typed = [(column, values[column.name].astype(column.dtype)) for column in ntuple_columns(truth=truth)]
    return NtupleBlock(
        clusters.offsets,
        {column.name: array for column, array in typed if column.level == "event"},
        {column.name: array for column, array in typed if column.level == "candidate"},
    )
