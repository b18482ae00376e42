"""e+e- -> gamma a, a -> gamma gamma: three photons, searched in pair and recoil masses (arXiv:2007.13071)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import awkward as ak
import numpy as np
from coffea.processor import ProcessorABC
from hist import Hist
from numpy.typing import NDArray

from darkreach.configuration import AxionConfig, DetectorConfig, PhotonRegion
from darkreach.corrections import read_corrections
from darkreach.histograms.search_histograms import NOMINAL
from darkreach.searches.axion_histograms import add_coverage, add_cutflow, empty_histograms, region_cut
from darkreach.searches.axion_sums import AxionSums
from darkreach.searches.chunk_source import ChunkSource, is_simulated
from darkreach.searches.compiled_selection import CompiledPhotonSelection
from darkreach.searches.photon_corrections import MEASURED, CorrectedEvents, PhotonCorrections, variation_names
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
    only. Corrections move photons and weigh events after the selection; the cutflow counts weights without them.

    Attributes:
        config: the search.
        detector: beams; its response plays no role here.
        corrections: those the search names.
        variations: nominal, those of the configuration, and the nuisance parameters of the corrections.
    """

    def __init__(self, config: AxionConfig, detector: DetectorConfig) -> None:
        """Read the corrections and keep everything: the processor is pickled to every worker.

        Raises:
            ConfigError, InputFileError, UnknownNameError: corrections that cannot be used in this search.
        """
        self.config = config
        self.detector = detector
        self.corrections = read_corrections(config.correction_files)
        self.variations = variation_names(config, self.corrections)
        with_photons = bool(self.corrections.corrections)
        self._selection = CompiledPhotonSelection(config.selection, detector, with_photons=with_photons)
        self._corrections = {
            True: PhotonCorrections(self.corrections, "simulation"),
            False: PhotonCorrections(self.corrections, "data"),
        }

    def required_columns(self, kind: str) -> tuple[str, ...]:
        """Return the ntuple columns read for a sample of this kind; nothing else is touched."""
        simulated = is_simulated(kind)
        own = SIMULATION_COLUMNS if simulated else DATA_COLUMNS
        return tuple(dict.fromkeys((*own, *self._corrections[simulated].columns)))

    def identity(self) -> dict[str, Any]:
        """Return the JSON-like content that decides the output besides the events and the code.

        The response of the detector, the simulation and the workspace are not in it: they change no histogram.
        """
        config = self.config.model_dump(mode="json")
        deciding = {key: config[key] for key in ("search", "selection", "regions", "binning", "variations")}
        descriptions = [one.description for one in self.corrections.corrections]
        return {
            **deciding,
            "beams": self.detector.beams.model_dump(mode="json"),
            "corrections": [f"{one.name} {one.version} ({one.source})" for one in descriptions],
            "corrections_digest": self.corrections.digest,
        }

    def process(self, events: ak.Array) -> dict[str, Any]:
        """Fill one chunk.

        Returns:
            ``{"histograms": {name: Hist}, "ledger": {dataset: {filename: events}}}``; outputs of chunks can be added.

        Raises:
            EventContentError: a weight is not finite, or photons of an event without tracks are not.
        """
        source = ChunkSource.from_metadata(events.metadata)
        corrections = self._corrections[source.simulated]
        names = [one.description.name for one in self.corrections.corrections]
        histograms = empty_histograms(self.config, self._selection.sqrt_s, source, self.variations, names)
        weight = event_weights(events, source)
        tracks = number_column(events, "nTracks")
        source.require_finite("nTracks", tracks)
        no_tracks = tracks == 0.0
        further = tuple(name for name in corrections.columns if name not in MEASURED)
        candidates = candidate_events(events, weight, no_tracks, source, further)
        cutflow = Cutflow(list(histograms["cutflow"].axes[1]))
        cutflow.count(ALL, weight)
        cutflow.count(NO_TRACKS, weight[no_tracks])
        sums = AxionSums(histograms, self.config, source)
        for block in candidates.blocks(BLOCK_EVENTS):
            self._fill_block(histograms, sums, cutflow, source, corrections.apply(block))
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
        corrected: CorrectedEvents,
    ) -> None:
        for variation, selected in self._kinematic_variations(corrected):
            weights = corrected.weights(variation, selected)
            if variation == NOMINAL:
                self._count(cutflow, corrected.candidates, selected)
                self._fill_boosts(histograms, source, corrected.candidates, selected, weights[NOMINAL])
                if source.simulated:
                    weights |= self._efficiency_variations(weights[NOMINAL], selected)
            for region in self.config.regions:
                sums.fill(region, selected.squared_masses[region.observable], weights, _passes(region, selected))
        add_coverage(histograms, source.dataset, corrected.coverage)

    def _kinematic_variations(self, corrected: CorrectedEvents) -> Iterator[tuple[str, SelectedEvents]]:
        """Select anew with varied photons, so that events migrate over the cuts."""
        candidates, offsets = corrected.candidates, corrected.candidates.offsets
        nominal = self._selection.kinematics(candidates.photons)
        yield NOMINAL, self._selection.select(nominal, offsets)
        if candidates.truth is None:
            return
        scale, resolution = self.config.variations.energy_scale, self.config.variations.resolution
        for direction, sign in (("up", 1.0), ("down", -1.0)):
            if scale is not None:
                yield f"energy_scale_{direction}", self._selection.select(nominal, offsets, 1.0 + sign * scale.value)
            if resolution is not None:
                factor = 1.0 + sign * resolution.value
                photons = self._selection.residuals_scaled(candidates.photons, candidates.truth, factor)
                yield f"resolution_{direction}", self._selection.select(self._selection.kinematics(photons), offsets)
        for variation, photons in corrected.varied_photons.items():
            yield variation, self._selection.select(self._selection.kinematics(photons), offsets)

    def _efficiency_variations(self, weight: Floats, selected: SelectedEvents) -> dict[str, Floats]:
        steps = self.config.variations.photon_efficiency
        if steps is None:
            return {}
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
        weight: Floats,
    ) -> None:
        if candidates.beta_gamma is None:
            return
        for region in self.config.regions:
            passing = _passes(region, selected)
            boost = histograms[f"decay_boost/{region.name}"]
            boost.fill(source.dataset, candidates.beta_gamma[selected.event[passing]], weight=weight[passing])


def _passes(region: PhotonRegion, selected: SelectedEvents) -> NDArray[np.bool_]:
    return np.asarray(selected.minimum_energy_cm > region.minimum_photon_energy_cm.value)
