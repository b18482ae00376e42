"""From a chunk of events to candidates: six tracks of the collision, or four leptons of any number, as flat arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from darkreach.configuration.six_tracks import SixTrackSelection, TrackIdentification
from darkreach.configuration.two_leptons import IdentificationCut
from darkreach.errors import EventContentError
from darkreach.kinematics import CHARGED_KAON_MASS, CHARGED_PION_MASS, ELECTRON_MASS, MUON_MASS
from darkreach.searches.chunk_source import ChunkSource
from darkreach.searches.photon_events import list_column
from darkreach.searches.photon_kernels import scale_residuals
from darkreach.searches.photon_list import events_of_rows, jagged_columns
from darkreach.searches.six_tracks_pairing import ELECTRON, MUON, NO_FLAVOUR, PION

TRACK_COLUMNS: Final = ("track_p", "track_theta", "track_phi", "track_charge", "track_dr", "track_dz")
TRACK_TRUTH_COLUMNS: Final = ("track_mcP", "track_mcTheta", "track_mcPhi", "track_mcPDG")

FLAVOUR_MASSES: Final = np.array([ELECTRON_MASS, MUON_MASS, CHARGED_PION_MASS, CHARGED_KAON_MASS])
"""By number of the flavour, GeV; kaons are what is in no pair."""

_CODES: Final = {11: ELECTRON, 13: MUON, 211: PION}

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class TrackMomenta:
    """Laboratory momenta of tracks in the shape of their candidates, (k, tracks) each.

    Attributes:
        momentum: GeV.
        theta: rad.
        phi: rad.
    """

    momentum: Floats
    theta: Floats
    phi: Floats

    def four_momenta(self, flavour: Indices, *, scale: float = 1.0) -> Floats:
        """Return E, px, py, pz (k, tracks, 4) in GeV with the masses of the flavours and scaled momenta."""
        size = scale * self.momentum
        transverse = size * np.sin(self.theta)
        along = (transverse * np.cos(self.phi), transverse * np.sin(self.phi), size * np.cos(self.theta))
        return np.stack([np.hypot(size, FLAVOUR_MASSES[flavour]), *along], axis=-1)


@dataclass(frozen=True)
class TrackCandidates:
    """Events with as many positive as negative tracks that could be pairs.

    Attributes:
        event: (k,) index in the chunk, rising.
        flavour: (k, tracks) of each track; the positive tracks of an event stand before the negative ones.
        true_flavour: (k, tracks) ``NO_FLAVOUR`` for other particles; None for (pseudo-)data.
        measured: momenta.
        truth: true momenta; None for (pseudo-)data.
    """

    event: Indices
    flavour: Indices
    true_flavour: Indices | None
    measured: TrackMomenta
    truth: TrackMomenta | None

    def residuals_scaled(self, factor: float) -> TrackMomenta:
        """Return the tracks with residuals of momentum and angles multiplied; a function of the event alone."""
        if self.truth is None:
            return self.measured
        varied = np.empty((3, self.flavour.size))
        scale_residuals(_flat(self.measured), _flat(self.truth), factor, varied)
        shape = self.flavour.shape
        # a momentum is positive, whatever its residual
        return TrackMomenta(
            np.maximum(varied[0], 0.0).reshape(shape), varied[1].reshape(shape), varied[2].reshape(shape)
        )


@dataclass(frozen=True)
class CollisionTracks:
    """Tracks of all n events of a chunk, one after the other.

    Attributes:
        offsets: (n + 1,) first track of each event.
        charge: (t,).
        near: (t,) whether it comes from the collision.
        flavour: (t,).
        measured: (t,) each.
        truth: (t,) each; None for (pseudo-)data.
        true_flavour: (t,); None for (pseudo-)data.
    """

    offsets: Indices
    charge: Floats
    near: Mask
    flavour: Indices
    measured: TrackMomenta
    truth: TrackMomenta | None
    true_flavour: Indices | None

    def candidates(self, wanted: Mask, considered: Mask, pairs: int) -> TrackCandidates:
        """Return the events with exactly ``pairs`` positive and as many negative tracks of those wanted.

        Args:
            wanted: (t,) tracks that count.
            considered: (n,) events that are looked at.
            pairs: half the number of tracks.
        """
        event = events_of_rows(self.offsets)
        every, positive, negative = (
            np.bincount(event[wanted & sign], minlength=len(considered))
            for sign in (True, self.charge > 0.0, self.charge < 0.0)
        )
        chosen = considered & (every == 2 * pairs) & (positive == pairs) & (negative == pairs)
        rows = np.flatnonzero(wanted & chosen[event]).reshape(-1, 2 * pairs)
        rows = np.take_along_axis(rows, np.argsort(self.charge[rows] < 0.0, axis=1, kind="stable"), axis=1)
        return TrackCandidates(
            np.flatnonzero(chosen),
            self.flavour[rows],
            None if self.true_flavour is None else self.true_flavour[rows],
            _taken(self.measured, rows),
            None if self.truth is None else _taken(self.truth, rows),
        )


def identification_columns(identification: TrackIdentification) -> tuple[str, ...]:
    """Return the columns of the variables for electrons, muons and, if they are asked for, kaons."""
    return tuple(f"track_{cut.variable}" for _, cut in _cuts(identification))


def collision_tracks(events: ak.Array, selection: SixTrackSelection, source: ChunkSource) -> CollisionTracks:
    """Read the tracks of a chunk.

    Raises:
        EventContentError: a number of a track is not finite, or lists of one event differ in length.
        InputFileError: a column holds one number an event.
    """
    offsets, (momentum, theta, phi, charge, dr, dz) = jagged_columns(events, TRACK_COLUMNS, source)
    near = np.abs(dr) <= selection.tracks.transverse_impact.value
    near &= np.abs(dz) <= selection.tracks.longitudinal_impact.value
    flavour = np.full(len(momentum), PION, dtype=np.int64)
    # the first cut passed decides
    for number, cut in reversed(_cuts(selection.identification)):
        own_offsets, values = list_column(events, f"track_{cut.variable}", source.filename)
        _require_equal(own_offsets, offsets, f"track_{cut.variable}", source)
        # NaN, as basf2 has it for tracks without information, passes none
        flavour[values > cut.threshold.value] = number
    truth = true_flavour = None
    if source.simulated:
        true_offsets, true = jagged_columns(events, TRACK_TRUTH_COLUMNS, source)
        _require_equal(true_offsets, offsets, TRACK_TRUTH_COLUMNS[0], source)
        truth = TrackMomenta(*true[:3])
        true_flavour = np.full(len(momentum), NO_FLAVOUR, dtype=np.int64)
        for code, number in _CODES.items():
            true_flavour[np.abs(true[3]) == code] = number
    measured = TrackMomenta(momentum, theta, phi)
    return CollisionTracks(offsets, charge, near, flavour, measured, truth, true_flavour)


def _cuts(identification: TrackIdentification) -> list[tuple[int, IdentificationCut]]:
    cuts = [(ELECTRON, identification.electron), (MUON, identification.muon)]
    return cuts if identification.kaon is None else [*cuts, (NO_FLAVOUR, identification.kaon)]


def _taken(tracks: TrackMomenta, rows: Indices) -> TrackMomenta:
    return TrackMomenta(tracks.momentum[rows], tracks.theta[rows], tracks.phi[rows])


def _flat(tracks: TrackMomenta) -> tuple[Floats, Floats, Floats]:
    return tracks.momentum.reshape(-1), tracks.theta.reshape(-1), tracks.phi.reshape(-1)


def _require_equal(own: Indices, offsets: Indices, name: str, source: ChunkSource) -> None:
    if np.array_equal(own, offsets):
        return
    event = int(np.argmax(np.diff(own) != np.diff(offsets)))
    raise EventContentError(
        f"lists '{TRACK_COLUMNS[0]}' and '{name}' of an event differ in length",
        where=f"{source.filename} entry {source.first_entry + event}",
        next_step="write all variables of one list together",
    )
