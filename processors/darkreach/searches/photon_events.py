"""From a chunk of event-wise photon lists to flat arrays: weights, track counts, and the photons worth looking at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from darkreach.corrections import sampled_counts
from darkreach.errors import EventContentError, InputFileError
from darkreach.searches.chunk_source import ChunkSource

DATA_COLUMNS: Final = ("__weight__", "nTracks", "E", "theta", "phi")
SIMULATION_COLUMNS: Final = (*DATA_COLUMNS, "generatorWeight", "decayBetaGamma", "mcE", "mcTheta", "mcPhi")

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PhotonArrays:
    """Photons of several events, one after the other; energies in GeV, angles in rad, laboratory.

    Attributes:
        energy: (p,).
        theta: (p,).
        phi: (p,).
    """

    energy: Floats
    theta: Floats
    phi: Floats

    def part(self, photons: slice) -> PhotonArrays:
        """Return some of the photons."""
        return PhotonArrays(self.energy[photons], self.theta[photons], self.phi[photons])


@dataclass(frozen=True)
class CandidateEvents:
    """The k events of a chunk that could be selected: no tracks, three photons or more.

    Attributes:
        event: (k,) index in the chunk, rising.
        offsets: (k + 1,) first photon of each event in the arrays of photons.
        weight: (k,) event weights.
        photons: as measured.
        truth: true energies and angles of the same photons; None for (pseudo-)data.
        beta_gamma: (k,) p/m of the decaying particle; None unless signal.
        photon_columns: further columns by name, (p,), for corrections.
        event_columns: the same with one number an event, (k,).
    """

    event: NDArray[np.int64]
    offsets: NDArray[np.int64]
    weight: Floats
    photons: PhotonArrays
    truth: PhotonArrays | None
    beta_gamma: Floats | None
    photon_columns: Mapping[str, Floats] = field(default_factory=dict)
    event_columns: Mapping[str, Floats] = field(default_factory=dict)

    def blocks(self, size: int) -> Iterator[CandidateEvents]:
        """Yield the events in pieces of at most ``size``, so that what is computed from them stays in the cache."""
        for start in range(0, len(self.event), size):
            events = slice(start, min(start + size, len(self.event)))
            offsets = self.offsets[events.start : events.stop + 1]
            photons = slice(int(offsets[0]), int(offsets[-1]))
            yield CandidateEvents(
                self.event[events],
                offsets - offsets[0],
                self.weight[events],
                self.photons.part(photons),
                None if self.truth is None else self.truth.part(photons),
                None if self.beta_gamma is None else self.beta_gamma[events],
                {name: values[photons] for name, values in self.photon_columns.items()},
                {name: values[events] for name, values in self.event_columns.items()},
            )


def number_column(events: ak.Array, name: str) -> Floats:
    """Return a column with one number an event as float64 (n,)."""
    return np.asarray(ak.to_numpy(ak.materialize(events[name])), dtype=np.float64)


def list_column(events: ak.Array, name: str, where: str) -> tuple[NDArray[np.int64], Floats]:
    """Return offsets (n + 1,) from zero and values (p,) of a column with a list an event.

    Raises:
        InputFileError: the column holds one number an event: a flat candidate ntuple.
    """
    layout: Any = ak.to_layout(ak.materialize(events[name]))
    if not layout.is_list:
        raise InputFileError(
            f"column '{name}' holds one number a row, not a list an event",
            where=where,
            allowed="one row an event, candidates in lists",
            next_step="write the photons with VariablesToEventBasedTree",
        )
    compact = layout.to_ListOffsetArray64(True)
    offsets = np.asarray(compact.offsets.data, dtype=np.int64)
    values = np.asarray(compact.content.to_backend_array()[: offsets[-1]], dtype=np.float64)
    return offsets, values


def event_weights(events: ak.Array, source: ChunkSource) -> Floats:
    """Return the weight (n,) of every event: inverse sampling rate, times the generator weight (fb) in simulation.

    Raises:
        EventContentError: a weight is NaN or infinite, or ``__weight__`` is below 1: no inverse sampling rate.
    """
    weight = number_column(events, "__weight__")
    source.require_finite("__weight__", weight)
    if len(weight) and weight.min() < 1.0:
        try:
            sampled_counts(weight)
        except EventContentError as error:
            place = f"{source.filename} entries from {source.first_entry}: {error.where}"
            raise EventContentError(
                error.what, where=place, allowed=error.allowed, given=error.given, next_step=error.next_step
            ) from error
    if not source.simulated:
        return weight
    generator = number_column(events, "generatorWeight")
    source.require_finite("generatorWeight", generator)
    return weight * generator


def candidate_events(
    events: ak.Array,
    weight: Floats,
    no_tracks: NDArray[np.bool_],
    source: ChunkSource,
    further: tuple[str, ...] = (),
) -> CandidateEvents:
    """Keep events without tracks and with at least three photons, whatever their energy.

    ``further`` names columns to be taken along; whoever reads them judges their values.

    Raises:
        EventContentError: photons of such an event are not finite, or lists of one event differ in length.
    """
    offsets, energy = list_column(events, "E", source.filename)
    counts = np.diff(offsets)
    kept = np.flatnonzero(no_tracks & (counts >= 3))
    everything = len(kept) == len(counts)
    photon_mask = None if everything else np.repeat(no_tracks & (counts >= 3), counts)
    kept_counts = counts[kept]

    def photon_list(name: str) -> Floats:
        own_offsets, values = (offsets, energy) if name == "E" else list_column(events, name, source.filename)
        if not np.array_equal(own_offsets, offsets):
            raise EventContentError(
                f"lists 'E' and '{name}' of an event differ in length",
                where=f"{source.filename} entry {source.first_entry + int(np.argmax(np.diff(own_offsets) != counts))}",
                next_step="write all photon variables in one tree of one particle list",
            )
        return values if photon_mask is None else values[photon_mask]

    def photons(name: str) -> Floats:
        chosen = photon_list(name)
        if not np.isfinite(chosen.sum()):
            source.require_finite(name, chosen, np.repeat(kept, kept_counts))
        return chosen

    measured = PhotonArrays(photons("E"), photons("theta"), photons("phi"))
    truth = PhotonArrays(photons("mcE"), photons("mcTheta"), photons("mcPhi")) if source.simulated else None
    beta_gamma = number_column(events, "decayBetaGamma")[kept] if source.kind == "signal" else None
    if beta_gamma is not None:
        source.require_finite("decayBetaGamma", beta_gamma, kept)
    kept_offsets = np.concatenate([[0], np.cumsum(kept_counts)])
    lists = [name for name in further if ak.to_layout(ak.materialize(events[name])).is_list]
    return CandidateEvents(
        kept,
        kept_offsets,
        weight[kept],
        measured,
        truth,
        beta_gamma,
        {name: photon_list(name) for name in lists},
        {name: number_column(events, name)[kept] for name in further if name not in lists},
    )
