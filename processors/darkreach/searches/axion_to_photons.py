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
from darkreach.histograms.binning import squared_mass_resolution
from darkreach.histograms.search_histograms import NOMINAL
from darkreach.searches.axion_histograms import empty_histograms, region_cut
from darkreach.searches.chunk_source import ChunkSource, is_simulated
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
    PhotonKinematics,
    SelectedEvents,
    ThreePhotonSelection,
)
from darkreach.searches.photon_variations import efficiency_factor, scaled_residuals

Floats = NDArray[np.float64]

BLOCK_EVENTS: Final = 32_000
"""Events computed at a time: temporaries of a few megabytes; 1.4 times faster than half a million at once."""


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
        self._selection = ThreePhotonSelection(config.selection, detector)

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
        cutflow = _Cutflow(histograms, source.dataset)
        cutflow.count(ALL, weight)
        cutflow.count(NO_TRACKS, weight[no_tracks])
        for block in candidates.blocks(BLOCK_EVENTS):
            self._fill_block(histograms, cutflow, source, block)
        return {"histograms": histograms, "ledger": {source.dataset: {source.filename: len(weight)}}}

    def postprocess(self, accumulator: dict[str, Any]) -> dict[str, Any]:
        """Return the accumulator as it is: nothing is normalised here."""
        return accumulator

    def _fill_block(
        self, histograms: Mapping[str, Hist[Any]], cutflow: _Cutflow, source: ChunkSource, candidates: CandidateEvents
    ) -> None:
        for variation, photons in self._kinematic_variations(candidates):
            selected = self._selection.select(photons, candidates.offsets)
            if variation == NOMINAL:
                self._count(cutflow, candidates, selected)
            for region in self.config.regions:
                self._fill_region(histograms, source, region, variation, candidates, selected)

    def _kinematic_variations(self, candidates: CandidateEvents) -> Iterator[tuple[str, PhotonKinematics]]:
        nominal = self._selection.kinematics(candidates.photons)
        yield NOMINAL, nominal
        if candidates.truth is None:
            return
        scale = self.config.variations.energy_scale.value
        resolution = self.config.variations.resolution.value
        for direction, sign in (("up", 1.0), ("down", -1.0)):
            yield f"energy_scale_{direction}", nominal.scaled(1.0 + sign * scale)
            photons = scaled_residuals(candidates.photons, candidates.truth, 1.0 + sign * resolution)
            yield f"resolution_{direction}", self._selection.kinematics(photons)

    def _count(self, cutflow: _Cutflow, candidates: CandidateEvents, selected: SelectedEvents) -> None:
        cutflow.count(THREE_PHOTONS, candidates.weight[selected.three_photons])
        cutflow.count(POLAR_ANGLES, candidates.weight[selected.polar_angles])
        cutflow.count(THREE_PHOTON_MASS, candidates.weight[selected.event])
        for region in self.config.regions:
            passing = selected.event[_passes(region, selected)]
            cutflow.count(region_cut(region.name), candidates.weight[passing])

    def _fill_region(
        self,
        histograms: Mapping[str, Hist[Any]],
        source: ChunkSource,
        region: RegionSettings,
        variation: str,
        candidates: CandidateEvents,
        selected: SelectedEvents,
    ) -> None:
        """Fill one region for one kinematic variation, and for the efficiency variations along with the nominal."""
        passing = _passes(region, selected)
        event = selected.event[passing]
        weight = candidates.weight[event]
        squared_mass = selected.squared_masses[region.observable][passing]
        weights = {variation: weight}
        if variation == NOMINAL and source.simulated:
            energy = selected.energy[passing]
            steps = self.config.variations.photon_efficiency
            weights["photon_efficiency_up"] = weight * efficiency_factor(energy, steps, +1)
            weights["photon_efficiency_down"] = weight * efficiency_factor(energy, steps, -1)
        _fill_pairings(histograms[f"region/{region.name}"], source.dataset, squared_mass, weights)
        if source.mass is not None:
            resolution = float(squared_mass_resolution(region.observable, source.mass, self.config))
            pull = (squared_mass - source.mass**2) / resolution
            _fill_pairings(histograms[f"signal_shape/{region.name}"], source.dataset, pull, weights)
        if variation == NOMINAL and candidates.beta_gamma is not None:
            boost = histograms[f"decay_boost/{region.name}"]
            boost.fill(source.dataset, candidates.beta_gamma[event], weight=weight)


def _passes(region: RegionSettings, selected: SelectedEvents) -> NDArray[np.bool_]:
    return np.asarray(selected.minimum_energy_cm > region.minimum_photon_energy_cm.value)


def _fill_pairings(histogram: Hist[Any], dataset: str, values: Floats, weights: Mapping[str, Floats]) -> None:
    """Fill values (n, 3), one entry a pairing, once for every variation with event weights (n,)."""
    flat = values.ravel()
    for variation, weight in weights.items():
        histogram.fill(dataset, variation, flat, weight=np.repeat(weight, values.shape[1]))


class _Cutflow:
    """Adds events to the two cutflow histograms of a chunk."""

    def __init__(self, histograms: Mapping[str, Hist[Any]], dataset: str) -> None:
        self._weighted = histograms["cutflow"]
        self._entries = histograms["cutflow_entries"]
        self._dataset = dataset

    def count(self, cut: str, weight: Floats) -> None:
        """Add events with these weights (n,) to one cut."""
        position = (self._weighted.axes[0].index(self._dataset), self._weighted.axes[1].index(cut))
        view: Any = self._weighted.view(flow=True)
        view.value[position] += weight.sum()
        view.variance[position] += np.square(weight).sum()
        self._entries.view(flow=True)[position] += len(weight)
