"""From a chunk of events to kaons that may come from the signal B."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from darkreach.configuration.kaon_recoil import KaonSelection
from darkreach.errors import EventContentError
from darkreach.kinematics import Beams
from darkreach.searches.chunk_source import ChunkSource
from darkreach.searches.kaon_recoil_kinematics import KaonMomenta, beam_recoil_mass_squared, kaon_energy_cm
from darkreach.searches.photon_events import list_column
from darkreach.searches.photon_list import events_of_rows, jagged_columns

KAON_COLUMNS: Final = ("track_p", "track_theta", "track_phi", "track_dr", "track_dz")
IDENTIFICATION: Final = "track_kaonID"
KAON_TRUTH_COLUMNS: Final = ("track_mcP", "track_mcTheta", "track_mcPhi", "track_mcPDG", "track_genMotherPDG")

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

_KAON: Final = 321
_B_MESON: Final = 521
_LARGEST_MOTION: Final = 2.5
"""GeV^2: the motion of the B moves q^2 of the kaon alone by 1.8 at most, the spread of the beams by less than 0.5."""


@dataclass(frozen=True)
class KaonCandidates:
    """Identified kaons of a chunk.

    Attributes:
        event: (k,) index in the chunk, rising.
        measured: momenta.
        energy_cm: (k,) GeV.
        offset: (k,) for kaons of the signal decay q^2 minus that of the true kaon alone, GeV^2: what a tag corrects
            for. NaN for all others.
    """

    event: Indices
    measured: KaonMomenta
    energy_cm: Floats
    offset: Floats

    def select(self, rows: Indices) -> KaonCandidates:
        """Return some of the kaons."""
        return KaonCandidates(self.event[rows], self.measured.select(rows), self.energy_cm[rows], self.offset[rows])

    def fastest(self, *, of_signal: bool = False) -> KaonCandidates:
        """Return the kaon of largest energy in the centre of mass of each event; the first one of equal ones.

        Args:
            of_signal: among those of the signal decay only: all others belong to the tag.
        """
        rows = np.flatnonzero(np.isfinite(self.offset)) if of_signal else np.arange(len(self.event))
        ordered = rows[np.lexsort((-self.energy_cm[rows], self.event[rows]))]
        first = np.diff(self.event[ordered], prepend=-1) > 0
        return self.select(ordered[first])


def kaon_candidates(events: ak.Array, selection: KaonSelection, beams: Beams, source: ChunkSource) -> KaonCandidates:
    """Find the identified kaons from the collision; in signal samples also which of them come from the signal decay.

    A kaon of the signal decay has a B+ as mother, for an antiparticle a B-, and fits the mass of the signal within the
    motion of the B: other B mesons decay to fast kaons directly too.

    Raises:
        EventContentError: a number of a track is not finite, or lists of one event differ in length.
        InputFileError: a column holds one number an event.
    """
    offsets, (momentum, theta, phi, dr, dz) = jagged_columns(events, KAON_COLUMNS, source)
    own_offsets, identification = list_column(events, IDENTIFICATION, source.filename)
    _require_equal(own_offsets, offsets, IDENTIFICATION, source)
    # NaN, as basf2 has it for tracks without information, is no kaon
    kept = identification > selection.identification.value
    kept &= momentum * np.sin(theta) >= selection.transverse_momentum.value
    kept &= np.abs(dr) < selection.transverse_impact.value
    kept &= np.abs(dz) < selection.longitudinal_impact.value
    rows = np.flatnonzero(kept)
    measured = KaonMomenta(momentum[rows], theta[rows], phi[rows])
    offset = np.full(len(rows), np.nan)
    if source.mass is not None:
        true_offsets, truth = jagged_columns(events, KAON_TRUTH_COLUMNS, source)
        _require_equal(true_offsets, offsets, KAON_TRUTH_COLUMNS[0], source)
        offset = _offsets([column[rows] for column in truth], beams, source.mass)
    energy = kaon_energy_cm(measured, beams)
    return KaonCandidates(events_of_rows(offsets)[rows], measured, energy, offset)


def _offsets(truth: list[Floats], beams: Beams, mass: float) -> Floats:
    momentum, theta, phi, code, mother = truth
    true = KaonMomenta(momentum, theta, phi)
    offset = mass**2 - beam_recoil_mass_squared(kaon_energy_cm(true, beams), beams.sqrt_s)
    of_signal = (np.abs(code) == _KAON) & (mother == np.sign(code) * _B_MESON) & (np.abs(offset) < _LARGEST_MOTION)
    return np.where(of_signal, offset, np.nan)


def _require_equal(own: Indices, offsets: Indices, name: str, source: ChunkSource) -> None:
    if np.array_equal(own, offsets):
        return
    event = int(np.argmax(np.diff(own) != np.diff(offsets)))
    raise EventContentError(
        f"lists '{KAON_COLUMNS[0]}' and '{name}' of an event differ in length",
        where=f"{source.filename} entry {source.first_entry + event}",
        next_step="write all variables of one list together",
    )
