"""Three dark photons of one mass, two of them from a dark Higgs boson: six tracks, or four leptons and a recoil."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import awkward as ak
import numpy as np
from coffea.processor import ProcessorABC
from numpy.typing import NDArray

from darkreach.configuration import DetectorConfig
from darkreach.configuration.plane_search import PlaneRegion
from darkreach.configuration.six_tracks import SixTracksConfig
from darkreach.configuration.two_leptons import LeptonEfficiencyVariation
from darkreach.errors import unknown_name
from darkreach.histograms.plane_grid import PlaneGrid
from darkreach.histograms.search_histograms import NOMINAL
from darkreach.searches.chunk_source import ChunkSource, is_simulated
from darkreach.searches.photon_corrections import varied_names
from darkreach.searches.photon_events import event_weights, number_column
from darkreach.searches.plane_histograms import PlaneSums, empty_plane_histograms
from darkreach.searches.six_tracks_events import (
    TRACK_COLUMNS,
    TRACK_TRUTH_COLUMNS,
    TrackCandidates,
    collision_tracks,
    identification_columns,
)
from darkreach.searches.six_tracks_masses import ENTRIES
from darkreach.searches.six_tracks_pairing import ELECTRON, MUON
from darkreach.searches.six_tracks_selection import SelectedEvents, SixTrackCuts, mode_of, seen_pairs

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Weights = dict[str, Floats]

SIX_TRACK_CUTS: Final = ("balance", "three_pairs", "track_acceptance", "conversions")
FOUR_LEPTON_CUTS: Final = ("no_balance", "two_pairs", "lepton_acceptance", "lepton_conversions", "recoil_mass")
CUTS: Final = ("all", "trigger", "six_tracks", *SIX_TRACK_CUTS, "four_leptons", *FOUR_LEPTON_CUTS)
CHECKS: Final = ("cross_feed", "wrong_sign")
"""Counts that no cut is made on: signal of other decays in the regions, and combinations of the wrong charges."""


@dataclass(frozen=True)
class ChunkCandidates:
    """Events of a chunk that may be in a region.

    Attributes:
        six: with three positive and three negative tracks from the collision.
        four: with two positive and two negative leptons from the collision, whatever other tracks there are.
    """

    six: TrackCandidates
    four: TrackCandidates


class SixTracks(ProcessorABC):  # type: ignore[misc]  # coffea is untyped
    """The search for three dark photons as an ordinary coffea processor.

    Events carry ``metadata`` with dataset, filename, ``kind`` (signal, background, data, pseudo_data) and, for signals,
    ``dark_photon_mass_gev`` and ``dark_higgs_mass_gev``. An event is in one region at most and has three entries there,
    one for each dark photon that is not of the dark Higgs boson. Signal events count where their tracks are what they
    are taken for, the others are ``cross_feed``; their masses are not vetoed. Simulated samples fill all variations in
    one pass.

    Attributes:
        config: the search.
        detector: beams and names of trigger lines; its response plays no role here.
        variations: nominal and those of the configuration.
    """

    def __init__(self, config: SixTracksConfig, detector: DetectorConfig) -> None:
        """Keep everything: the processor is pickled to every worker.

        Raises:
            UnknownNameError: a trigger line that the detector does not have.
        """
        self.config = config
        self.detector = detector
        self.variations = (NOMINAL, *varied_names(config.variations.stems))
        self._cuts = SixTrackCuts(config.selection, detector, config.regions)
        for line in config.selection.trigger_lines:
            if line not in detector.trigger.lines:
                where = f"{config.search}: selection.trigger_lines"
                raise unknown_name("trigger line", line, detector.trigger.lines, where=where)

    def required_columns(self, kind: str) -> tuple[str, ...]:
        """Return the ntuple columns read for a sample of this kind; nothing else is touched.

        Raises:
            UnknownNameError: a kind nobody knows.
        """
        own = ("generatorWeight", *TRACK_TRUTH_COLUMNS) if is_simulated(kind) else ()
        identification = identification_columns(self.config.selection.identification)
        return ("__weight__", *self._line_columns, *TRACK_COLUMNS, *identification, *own)

    def identity(self) -> dict[str, Any]:
        """Return the JSON-like content that decides the output besides the events and the code."""
        config = self.config.model_dump(mode="json")
        deciding = ("search", "selection", "regions", "plane", "variations")
        return {**{key: config[key] for key in deciding}, "beams": self.detector.beams.model_dump(mode="json")}

    def process(self, events: ak.Array) -> dict[str, Any]:
        """Fill one chunk.

        Returns:
            ``{"histograms": {name: Hist}, "ledger": {dataset: {filename: events}}}``; outputs of chunks can be added.

        Raises:
            EventContentError: a weight, or a number of a track, is not finite.
        """
        source = ChunkSource.from_metadata(events.metadata)
        grid = PlaneGrid(self.config.plane, self._cuts.sqrt_s)
        histograms = empty_plane_histograms(self.config, grid, source, self.variations, (*CUTS, *CHECKS))
        sums = PlaneSums(histograms, self.config, grid, source)
        weight = event_weights(events, source)
        if source.simulated:
            weight = weight * self.config.selection.event_efficiency.value
        triggered = self._trigger(events, source, len(weight))
        tracks = collision_tracks(events, self.config.selection, source)
        leptons = tracks.near & ((tracks.flavour == ELECTRON) | (tracks.flavour == MUON))
        found = ChunkCandidates(tracks.candidates(tracks.near, triggered, 3), tracks.candidates(leptons, triggered, 2))
        sums.cutflow.count("all", weight)
        sums.cutflow.count("trigger", weight[triggered])
        for variation, six, four in self._selections(found):
            if variation == NOMINAL:
                self._count(sums, found, six, four, weight, source)
            for selected, candidates in ((six, found.six), (four, found.four)):
                weights = {variation: weight[selected.event]}
                if variation == NOMINAL and source.simulated:
                    weights |= self._identification_variations(weights[NOMINAL], candidates)
                self._fill(sums, selected, weights, source)
        sums.finish()
        return {"histograms": histograms, "ledger": {source.dataset: {source.filename: len(weight)}}}

    def postprocess(self, accumulator: dict[str, Any]) -> dict[str, Any]:
        """Return the accumulator as it is: nothing is normalised here."""
        return accumulator

    @property
    def _line_columns(self) -> tuple[str, ...]:
        return tuple(f"l1_{line}" for line in self.config.selection.trigger_lines)

    def _trigger(self, events: ak.Array, source: ChunkSource, number: int) -> Mask:
        fired = np.full(number, not self._line_columns)
        for name in self._line_columns:
            values = number_column(events, name)
            source.require_finite(name, values)
            fired |= values > 0.5
        return fired

    def _selections(self, found: ChunkCandidates) -> Iterator[tuple[str, SelectedEvents, SelectedEvents]]:
        """Select anew with varied tracks, so that events migrate over the cuts and choose other pairs."""
        yield NOMINAL, *self._select(found, 1.0, 1.0)
        if found.six.truth is None:
            return
        sizes = self.config.variations
        for direction, sign in (("up", 1.0), ("down", -1.0)):
            if sizes.track_momentum_scale is not None:
                scale = 1.0 + sign * sizes.track_momentum_scale.value
                yield f"track_momentum_scale_{direction}", *self._select(found, scale, 1.0)
            if sizes.track_resolution is not None:
                residuals = 1.0 + sign * sizes.track_resolution.value
                yield f"track_resolution_{direction}", *self._select(found, 1.0, residuals)

    def _select(self, found: ChunkCandidates, scale: float, residuals: float) -> tuple[SelectedEvents, SelectedEvents]:
        six, four = (
            one.measured if residuals == 1.0 else one.residuals_scaled(residuals) for one in (found.six, found.four)
        )
        three = self._cuts.select_six(found.six, six, scale=scale)
        return three, self._cuts.select_four(found.four, four, three.event[three.steps[0]], scale=scale)

    def _identification_variations(self, weight: Floats, candidates: TrackCandidates) -> Weights:
        """Return weights with the efficiencies of all tracks of a flavour up and down."""
        varied: Weights = {}
        sizes = self.config.variations
        for stem, flavour, steps in (
            ("electron_identification", ELECTRON, sizes.electron_identification),
            ("muon_identification", MUON, sizes.muon_identification),
        ):
            if steps is None:
                continue
            size = np.where(candidates.flavour == flavour, _steps_at(candidates.measured.momentum, steps), 0.0)
            for direction, sign in (("up", 1.0), ("down", -1.0)):
                varied[f"{stem}_{direction}"] = weight * np.prod(1.0 + sign * size, axis=1)
        return varied

    def _count(
        self,
        sums: PlaneSums,
        found: ChunkCandidates,
        six: SelectedEvents,
        four: SelectedEvents,
        weight: Floats,
        source: ChunkSource,
    ) -> None:
        for first, names, selected in (("six_tracks", SIX_TRACK_CUTS, six), ("four_leptons", FOUR_LEPTON_CUTS, four)):
            sums.cutflow.count(first, weight[selected.event])
            for name, passing in zip(names, selected.steps, strict=True):
                sums.cutflow.count(name, weight[selected.event[passing]])
            if source.kind == "signal":
                foreign = selected.steps[-1] & self._cuts.in_region(selected.spread) & ~selected.own
                sums.cutflow.count("cross_feed", weight[selected.event[foreign]])
        wrong = self._cuts.wrong_sign(found.six, found.six.measured)
        sums.cutflow.count("wrong_sign", weight[found.six.event[wrong]])

    def _fill(self, sums: PlaneSums, selected: SelectedEvents, weights: Weights, source: ChunkSource) -> None:
        passing = selected.steps[-1]
        for region in self.config.regions:
            if seen_pairs(region) != selected.pairs:
                continue
            own = passing & (selected.mode == mode_of(region))
            # vetoed masses are no hypotheses of the region, but the efficiency next to them is interpolated across
            own &= selected.own if source.kind == "signal" else _outside(selected.values[:, 0, 0], region)
            for chosen, sideband in (
                (self._cuts.in_region(selected.spread), False),
                (self._cuts.in_sideband(selected.spread), True),
            ):
                rows = np.flatnonzero(own & chosen)
                sums.fill(
                    region.name,
                    selected.values[rows].reshape(-1, 2),
                    np.repeat(selected.event[rows], ENTRIES),
                    {name: np.repeat(values[rows], ENTRIES) for name, values in weights.items()},
                    sideband=sideband,
                )


def _outside(mass: Floats, region: PlaneRegion) -> Mask:
    """Return which masses (k,) lie in none of the vetoed ranges of a region."""
    outside = np.ones(len(mass), dtype=np.bool_)
    for vetoed in region.vetoed_mass:
        outside &= (mass < vetoed.low) | (mass > vetoed.high)
    return outside


def _steps_at(momentum: Floats, steps: LeptonEfficiencyVariation) -> Floats:
    """Return sizes in the shape of the momenta; a momentum on an edge belongs above it."""
    return np.asarray(np.asarray(steps.values)[np.searchsorted(steps.momentum_edges, momentum, side="right")])
