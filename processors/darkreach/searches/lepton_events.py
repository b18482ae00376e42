"""From a chunk of events to lepton pairs: tracks and photons of events with two tracks, as flat arrays."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from darkreach.configuration.two_leptons import TwoLeptonSelection
from darkreach.errors import EventContentError
from darkreach.kinematics import ELECTRON_MASS, MUON_MASS
from darkreach.searches.chunk_source import ChunkSource
from darkreach.searches.lepton_kinematics import LeptonMomenta
from darkreach.searches.lepton_pairs import LeptonPairs, PairCuts, TrackColumns, lepton_pairs
from darkreach.searches.photon_events import list_column
from darkreach.searches.photon_kernels import scale_residuals
from darkreach.searches.photon_list import PHOTON_COLUMNS, jagged_columns
from darkreach.searches.photon_veto import PhotonLists

TRACK_COLUMNS: Final = ("track_p", "track_theta", "track_phi", "track_charge", "track_dr", "track_dz")
TRACK_TRUTH_COLUMNS: Final = ("track_mcP", "track_mcTheta", "track_mcPhi")

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class LeptonCandidates:
    """Pairs of leptons of a chunk that could be selected.

    Attributes:
        event: (k,) index in the chunk, rising.
        electrons: (k,) number of electrons of the pair.
        measured: both leptons of each pair.
        truth: the same with true momenta; None for (pseudo-)data.
        photons: of all events of the chunk.
    """

    event: Indices
    electrons: Indices
    measured: LeptonMomenta
    truth: LeptonMomenta | None
    photons: PhotonLists

    def residuals_scaled(self, factor: float) -> LeptonMomenta:
        """Return the leptons with residuals of momentum and angles multiplied; a function of the event alone."""
        if self.truth is None:
            return self.measured
        seen, true = self.measured, self.truth
        varied = np.empty((3, len(seen.momentum)))
        scale_residuals((seen.momentum, seen.theta, seen.phi), (true.momentum, true.theta, true.phi), factor, varied)
        # a momentum is positive, whatever its residual
        return LeptonMomenta(np.maximum(varied[0], 0.0), varied[1], varied[2], seen.mass)


def identification_columns(selection: TwoLeptonSelection) -> tuple[str, str]:
    """Return the columns of the variables for electrons and for muons."""
    identification = selection.identification
    return f"track_{identification.electron.variable}", f"track_{identification.muon.variable}"


def lepton_candidates(
    events: ak.Array,
    selection: TwoLeptonSelection,
    triggered: NDArray[np.bool_],
    electrons: Collection[int],
    source: ChunkSource,
) -> tuple[Indices, LeptonCandidates]:
    """Find the pairs of a chunk.

    Args:
        events: of the chunk.
        selection: cuts on tracks.
        triggered: (n,) events that are looked at.
        electrons: numbers of electrons of the pairs that are wanted.
        source: of the chunk.

    Returns:
        Events with two tracks of opposite charge from the collision, whatever their flavours, and the pairs wanted.

    Raises:
        EventContentError: a number of a track or a photon is not finite, or lists of one event differ in length.
        InputFileError: a column holds one number an event.
    """
    offsets, columns = jagged_columns(events, TRACK_COLUMNS, source)
    momentum, theta, phi, charge, dr, dz = columns
    variables = [_identification(events, name, offsets, source) for name in identification_columns(selection)]
    cuts = PairCuts(
        selection.tracks.transverse_impact.value,
        selection.tracks.longitudinal_impact.value,
        selection.identification.electron.threshold.value,
        selection.identification.muon.threshold.value,
    )
    pairs = lepton_pairs(TrackColumns(offsets, charge, dr, dz, *variables), triggered, cuts)
    chosen = np.flatnonzero(np.isin(pairs.electrons, list(electrons)))
    rows = (pairs.first[chosen, np.newaxis] + np.arange(2)).reshape(-1)
    mass = _masses(pairs, chosen)
    truth = None
    if source.simulated:
        true_offsets, true = jagged_columns(events, TRACK_TRUTH_COLUMNS, source)
        _require_equal(true_offsets, offsets, TRACK_TRUTH_COLUMNS[0], source)
        truth = LeptonMomenta(true[0][rows], true[1][rows], true[2][rows], mass)
    photon_offsets, photons = jagged_columns(events, PHOTON_COLUMNS, source)
    return pairs.event, LeptonCandidates(
        pairs.event[chosen],
        pairs.electrons[chosen],
        LeptonMomenta(momentum[rows], theta[rows], phi[rows], mass),
        truth,
        PhotonLists(photon_offsets, *photons),
    )


def _masses(pairs: LeptonPairs, chosen: Indices) -> Floats:
    first = pairs.first_is_electron[chosen]
    second = pairs.electrons[chosen] - first == 1
    return np.where(np.stack([first, second], axis=1).reshape(-1), ELECTRON_MASS, MUON_MASS)


def _identification(events: ak.Array, name: str, offsets: Indices, source: ChunkSource) -> Floats:
    """Return a variable of all tracks (t,); NaN, as basf2 has it for tracks without information, is no lepton."""
    own_offsets, values = list_column(events, name, source.filename)
    _require_equal(own_offsets, offsets, name, source)
    return values


def _require_equal(own: Indices, offsets: Indices, name: str, source: ChunkSource) -> None:
    if np.array_equal(own, offsets):
        return
    event = int(np.argmax(np.diff(own) != np.diff(offsets)))
    raise EventContentError(
        f"lists '{TRACK_COLUMNS[0]}' and '{name}' of an event differ in length",
        where=f"{source.filename} entry {source.first_entry + event}",
        next_step="write all variables of one list together",
    )
