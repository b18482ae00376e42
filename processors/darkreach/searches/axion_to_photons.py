"""e+e- -> gamma a, a -> gamma gamma: three photons, searched in pair and recoil masses (arXiv:2007.13071)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import awkward as ak
import numpy as np
from coffea.processor import ProcessorABC
from hist import Hist
from numpy.typing import NDArray

from darkreach.configuration import DetectorConfig, RegionSettings, SearchConfig
from darkreach.histograms.search_histograms import NOMINAL
from darkreach.searches.axion_histograms import add_cutflow, empty_histograms, region_cut
from darkreach.searches.axion_sums import AxionSums
from darkreach.searches.chunk_source import ChunkSource, is_simulated
from darkreach.searches.compiled_selection import CompiledPhotonSelection
from darkreach.searches.photon_events import (
    DATA_COLUMNS,
    SIMULATION_COLUMNS,
    CandidateEvents,
    candidate_events,
    event_weights,
    number_column,
)
from darkreach.searches.photon_selection import (
    ALL,
    NO_TRACKS,
    POLAR_ANGLES,
    THREE_PHOTON_MASS,
    THREE_PHOTONS,
    SelectedEvents,
)
from darkreach.searches.photon_variations import efficiency_factor
from darkreach.selection import Cutflow

Floats = NDArray[np.float64]

BLOCK_EVENTS: Final = 32_000
"""Events computed at a time, so that temporaries stay at some megabytes."""


class AxionToPhotons(ProcessorABC):  # type: ignore[misc]  # coffea is untyped
    """The axion search as an ordinary coffea processor; also runs under stock coffea with ``Basf2EventSchema``.

    Events carry ``metadata`` with dataset, filename, ``kind`` (signal, background, data, pseudo_data) and, for signals,
    ``mass_gev``. Each event fills every histogram three times, once a pairing. Simulated samples fill all variations in
    one pass: kinematic ones repeat the selection, so that events migrate over the cuts; (pseudo-)data fill the nominal
    only.

    Attributes:
        config: the search.
        detector: beams; its response plays no role here.
    """

    def __init__(self, config: SearchConfig, detector: DetectorConfig) -> None:
        """Keep the configurations and nothing else: the processor is pickled to every worker."""
        self.config = config
        self.detector = detector
        self._selection = CompiledPhotonSelection(config.selection, detector)

    @staticmethod
    def required_columns(kind: str) -> tuple[str, ...]:
        """Return the ntuple columns read for a sample of this kind; nothing else is touched."""
        return SIMULATION_COLUMNS if is_simulated(kind) else DATA_COLUMNS

    def process(self, events: ak.Array) -> dict[str, Any]:
        """Fill one chunk.

        Returns:
            ``{"histograms": {name: Hist}, "ledger": {dataset: {filename: events}}}``; outputs of chunks can be added.

        Raises:
            EventContentError: a weight is not finite, or photons of an event without tracks are not.
        """
        source = ChunkSource.from_metadata(events.metadata)
        histograms = empty_histograms(self.config, self._selection.sqrt_s, source)
        weight = event_weights(events, source)
        tracks = number_column(events, "nTracks")
        source.require_finite("nTracks", tracks)
        no_tracks = tracks == 0.0
        candidates = candidate_events(events, weight, no_tracks, source)
        cutflow = Cutflow(list(histograms["cutflow"].axes[1]))
        cutflow.count(ALL, weight)
        cutflow.count(NO_TRACKS, weight[no_tracks])
        sums = AxionSums(histograms, self.config, source)
        for block in candidates.blocks(BLOCK_EVENTS):
            self._fill_block(histograms, sums, cutflow, source, block)
        sums.finish()
        add_cutflow(histograms, source.dataset, cutflow)
        return {"histograms": histograms, "ledger": {source.dataset: {source.filename: len(weight)}}}

    def postprocess(self, accumulator: dict[str, Any]) -> dict[str, Any]:
        """Return the accumulator as it is: nothing is normalised here."""
        return accumulator

    def _fill_block(
        self,
        histograms: Mapping[str, Hist[Any]],
        sums: AxionSums,
        cutflow: Cutflow,
        source: ChunkSource,
        candidates: CandidateEvents,
    ) -> None:
        for variation, selected in self._kinematic_variations(candidates):
            weight = candidates.weight[selected.event]
            weights = {variation: weight}
            if variation == NOMINAL:
                self._count(cutflow, candidates, selected)
                self._fill_boosts(histograms, source, candidates, selected)
                if source.simulated:
                    weights |= self._efficiency_variations(weight, selected)
            for region in self.config.regions:
                sums.fill(region, selected.squared_masses[region.observable], weights, _passes(region, selected))

    def _kinematic_variations(self, candidates: CandidateEvents) -> Iterator[tuple[str, SelectedEvents]]:
        """Select anew with varied photons, so that events migrate over the cuts."""
        nominal = self._selection.kinematics(candidates.photons)
        yield NOMINAL, self._selection.select(nominal, candidates.offsets)
        if candidates.truth is None:
            return
        scale = self.config.variations.energy_scale.value
        resolution = self.config.variations.resolution.value
        for direction, sign in (("up", 1.0), ("down", -1.0)):
            scaled = self._selection.select(nominal, candidates.offsets, 1.0 + sign * scale)
            yield f"energy_scale_{direction}", scaled
            photons = self._selection.residuals_scaled(candidates.photons, candidates.truth, 1.0 + sign * resolution)
            selected = self._selection.select(self._selection.kinematics(photons), candidates.offsets)
            yield f"resolution_{direction}", selected

    def _efficiency_variations(self, weight: Floats, selected: SelectedEvents) -> dict[str, Floats]:
        steps = self.config.variations.photon_efficiency
        return {
            "photon_efficiency_up": weight * efficiency_factor(selected.energy, steps, +1),
            "photon_efficiency_down": weight * efficiency_factor(selected.energy, steps, -1),
        }

    def _count(self, cutflow: Cutflow, candidates: CandidateEvents, selected: SelectedEvents) -> None:
        cutflow.count(THREE_PHOTONS, candidates.weight[selected.three_photons])
        cutflow.count(POLAR_ANGLES, candidates.weight[selected.polar_angles])
        cutflow.count(THREE_PHOTON_MASS, candidates.weight[selected.event])
        for region in self.config.regions:
            passing = selected.event[_passes(region, selected)]
            cutflow.count(region_cut(region.name), candidates.weight[passing])

    def _fill_boosts(
        self,
        histograms: Mapping[str, Hist[Any]],
        source: ChunkSource,
        candidates: CandidateEvents,
        selected: SelectedEvents,
    ) -> None:
        if candidates.beta_gamma is None:
            return
        for region in self.config.regions:
            event = selected.event[_passes(region, selected)]
            boost = histograms[f"decay_boost/{region.name}"]
            boost.fill(source.dataset, candidates.beta_gamma[event], weight=candidates.weight[event])


def _passes(region: RegionSettings, selected: SelectedEvents) -> NDArray[np.bool_]:
    return np.asarray(selected.minimum_energy_cm > region.minimum_photon_energy_cm.value)
