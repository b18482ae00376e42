"""The lists ``photon``, ``track`` and ``klm`` of a chunk of process ntuples as flat arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from darkreach.errors import EventContentError
from darkreach.searches.chunk_source import ChunkSource
from darkreach.searches.photon_events import PhotonArrays, list_column

PHOTON_COLUMNS: Final = ("photon_E", "photon_theta", "photon_phi")
PHOTON_TRUTH_COLUMNS: Final = ("photon_mcE", "photon_mcTheta", "photon_mcPhi", "photon_mcPDG")
TRACK_COLUMNS: Final = ("track_p", "track_theta", "track_dr", "track_dz")
MUON_SYSTEM_COLUMNS: Final = ("klm_theta", "klm_phi")

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

_PHOTON: Final = 22


@dataclass(frozen=True)
class PhotonList:
    """Photons of all n events of a chunk, one after the other.

    Attributes:
        offsets: (n + 1,) first photon of each event.
        measured: energies in GeV and angles in rad, laboratory, (p,) each.
        truth: the same of the particles behind them; None for (pseudo-)data.
        genuine: (p,) whether that particle is a photon; None for (pseudo-)data.
    """

    offsets: Indices
    measured: PhotonArrays
    truth: PhotonArrays | None
    genuine: NDArray[np.bool_] | None

    def residuals_scaled(self, factor: float) -> PhotonArrays:
        """Return the photons with the residuals of genuine ones multiplied by a factor; others stay as they are.

        A function of the event alone: the same whatever the chunk, the order or the number of workers.
        """
        if self.truth is None or self.genuine is None:
            return self.measured
        true, seen = self.truth, self.measured
        change = np.where(self.genuine, factor - 1.0, 0.0)
        turn = (seen.phi - true.phi + np.pi) % (2.0 * np.pi) - np.pi
        return PhotonArrays(
            energy=seen.energy + change * (seen.energy - true.energy),
            theta=seen.theta + change * (seen.theta - true.theta),
            phi=seen.phi + change * turn,
        )


def photon_list(events: ak.Array, source: ChunkSource) -> PhotonList:
    """Read the photons, with their truth in simulated samples.

    Raises:
        EventContentError: a number is not finite, or lists of one event differ in length.
        InputFileError: a column holds one number an event.
    """
    offsets, seen = jagged_columns(events, PHOTON_COLUMNS, source)
    if not source.simulated:
        return PhotonList(offsets, PhotonArrays(*seen), None, None)
    true_offsets, true = jagged_columns(events, PHOTON_TRUTH_COLUMNS, source)
    _require_same(offsets, true_offsets, (PHOTON_COLUMNS[0], PHOTON_TRUTH_COLUMNS[0]), source)
    return PhotonList(offsets, PhotonArrays(*seen), PhotonArrays(*true[:3]), true[3] == _PHOTON)


def jagged_columns(events: ak.Array, names: tuple[str, ...], source: ChunkSource) -> tuple[Indices, list[Floats]]:
    """Return offsets (n + 1,) and the values (m,) of columns of one list.

    Raises:
        EventContentError: a number is not finite, or lists of one event differ in length.
        InputFileError: a column holds one number an event.
    """
    offsets, first = list_column(events, names[0], source.filename)
    values = [first]
    for name in names[1:]:
        own_offsets, own = list_column(events, name, source.filename)
        _require_same(offsets, own_offsets, (names[0], name), source)
        values.append(own)
    for name, column in zip(names, values, strict=True):
        if not np.isfinite(column.sum()):
            source.require_finite(name, column, events_of_rows(offsets))
    return offsets, values


def events_of_rows(offsets: Indices) -> Indices:
    """Return the event (m,) of each row of lists that start at ``offsets`` (n + 1,).

    Example:
        >>> events_of_rows(np.array([0, 2, 2, 3])).tolist()
        [0, 0, 2]
    """
    return np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))


def _require_same(offsets: Indices, others: Indices, names: tuple[str, str], source: ChunkSource) -> None:
    if np.array_equal(offsets, others):
        return
    event = int(np.argmax(np.diff(others) != np.diff(offsets)))
    raise EventContentError(
        f"lists '{names[0]}' and '{names[1]}' of an event differ in length",
        where=f"{source.filename} entry {source.first_entry + event}",
        next_step="write all variables of one list together",
    )
