"""The tracks and vertices of a chunk that a search for displaced vertices reads, as flat arrays, and their columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from darkreach.configuration.displaced_search import PAIR_SPECIES, DisplacedSearchConfig
from darkreach.errors import EventContentError
from darkreach.response.track_hypotheses import HYPOTHESES
from darkreach.searches.chunk_source import ChunkSource, is_simulated
from darkreach.searches.photon_events import list_column
from darkreach.searches.photon_list import PHOTON_COLUMNS, events_of_rows

TRACK_COLUMNS: Final = ("track_p", "track_theta", "track_phi", "track_charge")
IMPACT_COLUMNS: Final = ("track_dr", "track_dz")
TRACK_TRUTH_COLUMNS: Final = ("track_mcPDG", "track_mcP", "track_mcTheta")
VERTEX_COLUMNS: Final = ("vertex_first", "vertex_second", "vertex_x", "vertex_y", "vertex_dr")
MATERIAL_COLUMN: Final = "vertex_materialDistance"
DECAY_COLUMNS: Final = ("decayProperLength", "decayRadius", "decayTransverseMomentum")

Floats = NDArray[np.float64]
Stored = NDArray[Any]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class DisplacedList:
    """One list of all n events of a chunk, those of one event after those of the other.

    Attributes:
        offsets: (n + 1,) first row of each event.
        columns: (m,) each by name, as stored: most rows are never looked at.
    """

    offsets: Indices
    columns: Mapping[str, Stored]

    def values(self, name: str, rows: Indices) -> Floats:
        """Return a column of some rows (k,) in double precision."""
        return np.asarray(self.columns[name][rows], dtype=np.float64)

    def of_events(self, events: Indices) -> tuple[Indices, Indices]:
        """Return the rows (m,) of some events (k,), and the place of the event of each in ``events``.

        Example:
            >>> rows, place = DisplacedList(np.array([0, 2, 2, 5]), {}).of_events(np.array([0, 2]))
            >>> rows.tolist(), place.tolist()
            ([0, 1, 2, 3, 4], [0, 0, 1, 1, 1])
        """
        counts = self.offsets[events + 1] - self.offsets[events]
        place = np.repeat(np.arange(len(events)), counts)
        shift = self.offsets[events] - (np.cumsum(counts) - counts)
        return np.arange(len(place)) + shift[place], place


@dataclass(frozen=True)
class DisplacedEvents:
    """Tracks and vertices of all events of a chunk.

    Attributes:
        tracks: variables of the identification may be NaN.
        vertices: the distance to the material may be infinite.
        photons: None if they are not read.
    """

    tracks: DisplacedList
    vertices: DisplacedList
    photons: DisplacedList | None


def is_weighted(config: DisplacedSearchConfig, kind: str) -> bool:
    """Return whether samples of a kind count with probabilities of the identification instead of its answers.

    Raises:
        UnknownNameError: a kind nobody knows.
    """
    return is_simulated(kind) and kind != "signal" and config.selection.background_identification == "weighted"


def identification_columns(config: DisplacedSearchConfig) -> tuple[str, ...]:
    """Return the columns of all variables of the identification that any region asks for, in a fixed order."""
    wanted = {PAIR_SPECIES[region.pair] for region in config.regions}
    wanted |= {hypothesis for region in config.regions for hypothesis in region.vetoed_identification}
    if config.selection.b_candidate is not None:
        kaons = {region.kaon for region in config.regions}
        wanted |= {"kaon", "pion"} if "kstar0" in kaons else {"kaon"}
    return tuple(f"track_{variable}" for hypothesis, variable in HYPOTHESES.items() if hypothesis in wanted)


def list_columns(config: DisplacedSearchConfig, kind: str) -> tuple[str, ...]:
    """Return all columns of lists that are read for samples of a kind.

    Raises:
        UnknownNameError: a kind nobody knows.
    """
    identification = TRACK_TRUTH_COLUMNS if is_weighted(config, kind) else identification_columns(config)
    tracks = (*_track_columns(config), *identification)
    return (*tracks, *VERTEX_COLUMNS, *_material_columns(config), *_photon_columns(config))


def displaced_events(events: ak.Array, config: DisplacedSearchConfig, source: ChunkSource) -> DisplacedEvents:
    """Read the lists of a chunk.

    Raises:
        EventContentError: a number is not finite (variables of the identification may be NaN, distances to the
            material infinite), or lists of one event differ in length.
        InputFileError: a column holds one number an event.
    """
    weighted = is_weighted(config, source.kind)
    tracks = _track_columns(config) + (TRACK_TRUTH_COLUMNS if weighted else ())
    # NaN, as basf2 has it for tracks without information, passes no cut
    variables = () if weighted else identification_columns(config)
    photons = _photon_columns(config)
    return DisplacedEvents(
        _read(events, tracks, variables, source),
        _read(events, VERTEX_COLUMNS, _material_columns(config), source),
        _read(events, photons, (), source) if photons else None,
    )


def _read(events: ak.Array, finite: tuple[str, ...], others: tuple[str, ...], source: ChunkSource) -> DisplacedList:
    """Read the columns of one list; those of ``finite`` must be finite, the material may be infinitely far away."""
    offsets, first = _stored_column(events, finite[0], source)
    columns = {finite[0]: first}
    for name in (*finite[1:], *others):
        own, columns[name] = _stored_column(events, name, source)
        if not np.array_equal(own, offsets):
            event = int(np.argmax(np.diff(own) != np.diff(offsets)))
            raise EventContentError(
                f"lists '{finite[0]}' and '{name}' of an event differ in length",
                where=f"{source.filename} entry {source.first_entry + event}",
                next_step="write all variables of one list together",
            )
    for name in finite:
        _require_finite(name, columns[name], offsets, source)
    if MATERIAL_COLUMN in others:
        distance = columns[MATERIAL_COLUMN]
        # without any layer the closest one is infinitely far away
        _require_finite(MATERIAL_COLUMN, np.where(distance == np.inf, 0.0, distance), offsets, source)
    return DisplacedList(offsets, columns)


def _stored_column(events: ak.Array, name: str, source: ChunkSource) -> tuple[Indices, Stored]:
    """Return what ``list_column`` returns, values of the type stored."""
    layout: Any = ak.to_layout(ak.materialize(events[name]))
    if not layout.is_list:
        # raises
        return list_column(events, name, source.filename)
    compact = layout.to_ListOffsetArray64(True)
    offsets = np.asarray(compact.offsets.data, dtype=np.int64)
    return offsets, np.asarray(compact.content.to_backend_array())[: offsets[-1]]


def _require_finite(name: str, values: Stored, offsets: Indices, source: ChunkSource) -> None:
    if np.issubdtype(values.dtype, np.floating) and not np.isfinite(values.sum()):
        source.require_finite(name, values.astype(np.float64), events_of_rows(offsets))


def _track_columns(config: DisplacedSearchConfig) -> tuple[str, ...]:
    return TRACK_COLUMNS if config.selection.b_candidate is None else (*TRACK_COLUMNS, *IMPACT_COLUMNS)


def _material_columns(config: DisplacedSearchConfig) -> tuple[str, ...]:
    wanted = any(region.material_distance is not None for region in config.regions)
    return (MATERIAL_COLUMN,) if wanted else ()


def _photon_columns(config: DisplacedSearchConfig) -> tuple[str, ...]:
    b_candidate = config.selection.b_candidate
    return () if b_candidate is None or b_candidate.fox_wolfram_ratio is None else PHOTON_COLUMNS
