"""Displaced vertices of two tracks, alone or with a kaon from a B meson, in the mass of the pair and its radius."""

from __future__ import annotations

from typing import Any, Final

import awkward as ak
import numpy as np
from coffea.processor import ProcessorABC
from numpy.typing import NDArray

from darkreach.configuration import DetectorConfig
from darkreach.configuration.displaced_search import DisplacedRegion, DisplacedSearchConfig, Kaon
from darkreach.errors import unknown_name
from darkreach.histograms.displaced_cells import region_cells
from darkreach.searches.chunk_source import ChunkSource, is_simulated
from darkreach.searches.displaced_candidates import CandidateCuts
from darkreach.searches.displaced_event_shape import event_shapes
from darkreach.searches.displaced_events import (
    DECAY_COLUMNS,
    DisplacedEvents,
    displaced_events,
    is_weighted,
    list_columns,
)
from darkreach.searches.displaced_histograms import empty_displaced_histograms
from darkreach.searches.displaced_identification import (
    SampledIdentification,
    TrackIdentification,
    WeightedIdentification,
)
from darkreach.searches.displaced_kaons import CollisionTracks, KaonSystems, wanted_energies
from darkreach.searches.displaced_sums import DisplacedSums, TrueDecays, regions_of
from darkreach.searches.displaced_vertices import VERTEX_CUTS, DisplacedVertices, displaced_vertices
from darkreach.searches.photon_events import event_weights, number_column

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

COMMON_CUTS: Final = ("all", "trigger", *VERTEX_CUTS)
EVENT_SHAPE: Final = "event_shape"


class DisplacedPairs(ProcessorABC):  # type: ignore[misc]  # coffea is untyped
    """The search for displaced vertices as an ordinary coffea processor.

    Events carry ``metadata`` with dataset, filename, ``kind`` (signal, background, data, pseudo_data) and, for signals,
    ``mass_gev`` and ``lifetime_ctau_cm``. An event may be in several regions. In each of them signals and (pseudo-)data
    have one candidate an event: that of the smallest absolute value of Delta E or, without B mesons, of the largest
    momentum across the beams.

    With ``background_identification: weighted`` simulated background has no cut on the identification. Every candidate
    counts with the probability that its tracks pass, and all candidates of an event count: what is filled is the
    expected number of candidates, not of events. It is never below the expected number of events, and above it by no
    more than the mean number of candidates left after the identification in events that have one: 12 % for vertices of
    pi pi in charm pairs, 4 % for K K there, below 1 % elsewhere and with a kaon (tests/benchmarks/displaced_speed.py).

    Attributes:
        config: the search.
        detector: beams and names of trigger lines; of weighted background also its identification.
    """

    def __init__(self, config: DisplacedSearchConfig, detector: DetectorConfig) -> None:
        """Keep everything: the processor is pickled to every worker.

        Raises:
            UnknownNameError: a trigger line that the detector does not have.
        """
        self.config = config
        self.detector = detector
        self._cuts = CandidateCuts(config, detector)
        self._cells = region_cells(config)
        for line in config.selection.trigger_lines:
            if line not in detector.trigger.lines:
                where = f"{config.search}: selection.trigger_lines"
                raise unknown_name("trigger line", line, detector.trigger.lines, where=where)

    def required_columns(self, kind: str) -> tuple[str, ...]:
        """Return the ntuple columns read for a sample of this kind; nothing else is touched.

        Raises:
            UnknownNameError: a kind nobody knows.
        """
        own = ("generatorWeight",) if is_simulated(kind) else ()
        decays = DECAY_COLUMNS if kind == "signal" else ()
        return ("__weight__", *self._line_columns, *list_columns(self.config, kind), *own, *decays)

    def identity(self) -> dict[str, Any]:
        """Return the JSON-like content that decides the output besides the events and the code."""
        config = self.config.model_dump(mode="json")
        deciding = ("search", "selection", "regions", "mass", "lifetimes_cm", "radius_edges")
        identity = {**{key: config[key] for key in deciding}, "beams": self.detector.beams.model_dump(mode="json")}
        identification = self.detector.identification.model_dump(mode="json")
        identity["working_points"] = {name: one["working_point"] for name, one in identification.items()}
        if self.config.selection.background_identification == "weighted":
            scales = self.detector.scales.model_dump(mode="json")
            identity["identification"] = identification
            identity["scales"] = {key: scales[key] for key in ("identification_inefficiency", "misidentification")}
        return identity

    def process(self, events: ak.Array) -> dict[str, Any]:
        """Fill one chunk.

        Returns:
            ``{"histograms": {name: Hist}, "ledger": {dataset: {filename: events}}}``; outputs of chunks can be added.

        Raises:
            EventContentError: a weight, or a number of a track, a vertex, a photon or a decay, is not finite, or a
                vertex names a track that is not there.
            InputFileError: a signal without a mass or a lifetime.
        """
        source = ChunkSource.from_metadata(events.metadata)
        histograms = empty_displaced_histograms(self.config, self._cells, source, self._common_cuts)
        sums = DisplacedSums(histograms, self.config, self._cells, source)
        recorded = event_weights(events, source)
        weight = recorded * self.config.selection.event_efficiency.value if source.simulated else recorded
        triggered = self._trigger(events, source, len(weight))
        lists = displaced_events(events, self.config, source)
        regions = regions_of(self.config, source)
        vertices = self._cuts.wanted(regions, self._vertices(lists, triggered, weight, sums, source))
        decays = _true_decays(events, source) if source.kind == "signal" else None
        weighted = is_weighted(self.config, source.kind)
        identification = self._identification(lists, weighted=weighted)
        systems = self._systems(lists, vertices, regions, identification)
        for region in regions:
            candidates = self._cuts.candidates(region, vertices, systems, identification)
            sums.fill(region, candidates, weight, decays, best=not weighted)
            if decays is not None:
                # all that were recorded: the trigger belongs to what efficiencies describe
                sums.fill_decays(region.name, decays, recorded)
        sums.finish()
        return {"histograms": histograms, "ledger": {source.dataset: {source.filename: len(weight)}}}

    def postprocess(self, accumulator: dict[str, Any]) -> dict[str, Any]:
        """Return the accumulator as it is: nothing is normalised here."""
        return accumulator

    @property
    def _line_columns(self) -> tuple[str, ...]:
        return tuple(f"l1_{line}" for line in self.config.selection.trigger_lines)

    @property
    def _largest_ratio(self) -> float | None:
        b_candidate = self.config.selection.b_candidate
        if b_candidate is None or b_candidate.fox_wolfram_ratio is None:
            return None
        return b_candidate.fox_wolfram_ratio.value

    @property
    def _common_cuts(self) -> tuple[str, ...]:
        return COMMON_CUTS if self._largest_ratio is None else (*COMMON_CUTS, EVENT_SHAPE)

    def _trigger(self, events: ak.Array, source: ChunkSource, number: int) -> Mask:
        fired = np.full(number, not self._line_columns)
        for name in self._line_columns:
            values = number_column(events, name)
            source.require_finite(name, values)
            fired |= values > 0.5
        return fired

    def _vertices(
        self, lists: DisplacedEvents, triggered: Mask, weight: Floats, sums: DisplacedSums, source: ChunkSource
    ) -> DisplacedVertices:
        """Return the vertices that pass the common cuts, and count the events of each."""
        sums.cutflow.count("all", weight)
        sums.cutflow.count("trigger", weight[triggered])
        vertices, steps = displaced_vertices(lists, self.config, triggered, source)
        for cut, event in zip(VERTEX_CUTS, steps, strict=True):
            sums.cutflow.count(cut, weight[event])
        if self._largest_ratio is None or lists.photons is None:
            return vertices
        ratio = event_shapes(lists.tracks, lists.photons, steps[-1], self.detector.beams.beams().boost)
        round_events = steps[-1][ratio <= self._largest_ratio]
        sums.cutflow.count(EVENT_SHAPE, weight[round_events])
        return vertices.select(np.flatnonzero(np.isin(vertices.event, round_events)))

    def _identification(self, lists: DisplacedEvents, *, weighted: bool) -> TrackIdentification:
        if weighted:
            return WeightedIdentification(lists.tracks, self.detector)
        return SampledIdentification(lists.tracks)

    def _systems(
        self,
        lists: DisplacedEvents,
        vertices: DisplacedVertices,
        regions: list[DisplacedRegion],
        identification: TrackIdentification,
    ) -> dict[Kaon, KaonSystems]:
        settings, beams = self.config.selection.b_candidate, self.detector.beams.beams()
        if settings is None or not regions:
            return {}
        tracks = CollisionTracks(lists.tracks, wanted_energies(vertices, regions, settings, beams), settings, beams)
        return {kaon: tracks.systems(kaon, identification) for kaon in sorted({region.kaon for region in regions})}


def _true_decays(events: ak.Array, source: ChunkSource) -> TrueDecays:
    columns = [number_column(events, name) for name in DECAY_COLUMNS]
    for name, values in zip(DECAY_COLUMNS, columns, strict=True):
        source.require_finite(name, values)
    return TrueDecays(*columns)
