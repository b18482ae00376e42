"""Two leptons and nothing else: e+e- -> l l + invisible, searched in the mass that the pair recoils against."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import awkward as ak
import numpy as np
from coffea.processor import ProcessorABC
from numpy.typing import NDArray

from darkreach.configuration import DetectorConfig
from darkreach.configuration.two_leptons import TwoLeptonsConfig
from darkreach.errors import unknown_name
from darkreach.histograms.search_histograms import NOMINAL
from darkreach.searches.chunk_source import ChunkSource, is_simulated
from darkreach.searches.lepton_events import (
    TRACK_COLUMNS,
    TRACK_TRUTH_COLUMNS,
    LeptonCandidates,
    identification_columns,
    lepton_candidates,
)
from darkreach.searches.lepton_pairs import ELECTRONS
from darkreach.searches.photon_corrections import varied_names
from darkreach.searches.photon_events import event_weights, number_column
from darkreach.searches.photon_list import PHOTON_COLUMNS
from darkreach.searches.recoil_histograms import RecoilSums, empty_recoil_histograms
from darkreach.searches.two_leptons_selection import SelectedPairs, TwoLeptonCuts, inside

Floats = NDArray[np.float64]

COMMON_CUTS: Final = ("all", "trigger", "two_tracks")
SIGNAL_CUTS: Final = ("flavours", "track_acceptance", "pair_momentum", "photon_vetoes", "tau_suppression")
"""Cuts before the regions, in order; ``two_tracks``: of opposite charge from the collision, and no third one."""


class TwoLeptons(ProcessorABC):  # type: ignore[misc]  # coffea is untyped
    """The search for two leptons as an ordinary coffea processor.

    Events carry ``metadata`` with dataset, filename, ``kind`` (signal, background, data, pseudo_data) and, for signals,
    ``mass_gev``. Simulated samples fill all variations in one pass, kinematic ones with a selection of their own, so
    that events migrate over the cuts; (pseudo-)data fill the nominal only. Which leptons, and which of them are
    controls, is a matter of the configuration.

    Attributes:
        config: the search.
        detector: beams and names of trigger lines; its response plays no role here.
        variations: nominal and those of the configuration.
    """

    def __init__(self, config: TwoLeptonsConfig, detector: DetectorConfig) -> None:
        """Keep everything: the processor is pickled to every worker.

        Raises:
            UnknownNameError: a trigger line that the detector does not have.
        """
        self.config = config
        self.detector = detector
        self.variations = (NOMINAL, *varied_names(config.variations.stems))
        self._cuts = TwoLeptonCuts(config.selection, detector)
        flavours = [config.selection.flavours, *(control.flavours for control in config.controls)]
        self._electrons = {ELECTRONS[pair] for pair in flavours if pair is not None}
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
        identification = identification_columns(self.config.selection)
        return ("__weight__", *self._line_columns, *TRACK_COLUMNS, *identification, *PHOTON_COLUMNS, *own)

    def identity(self) -> dict[str, Any]:
        """Return the JSON-like content that decides the output besides the events and the code."""
        config = self.config.model_dump(mode="json")
        deciding = ("search", "selection", "regions", "controls", "binning", "variations")
        return {**{key: config[key] for key in deciding}, "beams": self.detector.beams.model_dump(mode="json")}

    def process(self, events: ak.Array) -> dict[str, Any]:
        """Fill one chunk.

        Returns:
            ``{"histograms": {name: Hist}, "ledger": {dataset: {filename: events}}}``; outputs of chunks can be added.

        Raises:
            EventContentError: a weight, or a number of a photon or a track, is not finite.
        """
        source = ChunkSource.from_metadata(events.metadata)
        cuts = (*COMMON_CUTS, *SIGNAL_CUTS)
        histograms = empty_recoil_histograms(self.config, self._cuts.sqrt_s, source, self.variations, cuts)
        sums = RecoilSums(histograms, self.config, source)
        weight = event_weights(events, source)
        if source.simulated:
            weight = weight * self.config.selection.event_efficiency.value
        triggered = self._trigger(events, source)
        two_tracks, candidates = lepton_candidates(events, self.config.selection, triggered, self._electrons, source)
        for cut, chosen in zip(COMMON_CUTS, (weight, weight[triggered], weight[two_tracks]), strict=True):
            sums.cutflow.count(cut, chosen)
        own = weight[candidates.event]
        for variation, selected in self._kinematic_variations(candidates):
            weights = {variation: own}
            if variation == NOMINAL:
                for cut, passing in zip(SIGNAL_CUTS, self._cuts.steps(selected), strict=True):
                    sums.cutflow.count(cut, own[passing])
                if source.simulated:
                    weights |= self._identification_variations(own, candidates)
            self._fill(sums, selected, weights)
        sums.finish()
        return {"histograms": histograms, "ledger": {source.dataset: {source.filename: len(weight)}}}

    def postprocess(self, accumulator: dict[str, Any]) -> dict[str, Any]:
        """Return the accumulator as it is: nothing is normalised here."""
        return accumulator

    @property
    def _line_columns(self) -> tuple[str, ...]:
        return tuple(f"l1_{line}" for line in self.config.selection.trigger_lines)

    def _trigger(self, events: ak.Array, source: ChunkSource) -> NDArray[np.bool_]:
        fired = []
        for name in self._line_columns:
            values = number_column(events, name)
            source.require_finite(name, values)
            fired.append(values > 0.5)
        return np.asarray(np.any(fired, axis=0))

    def _kinematic_variations(self, candidates: LeptonCandidates) -> Iterator[tuple[str, SelectedPairs]]:
        """Select anew with varied tracks or photons, so that events migrate over the cuts."""
        measured = candidates.measured
        yield NOMINAL, self._cuts.select(candidates, measured)
        if candidates.truth is None:
            return
        sizes = self.config.variations
        for direction, sign in (("up", 1.0), ("down", -1.0)):
            if sizes.track_momentum_scale is not None:
                factor = 1.0 + sign * sizes.track_momentum_scale.value
                yield f"track_momentum_scale_{direction}", self._cuts.select(candidates, measured, scale=factor)
            if sizes.recoil_resolution is not None:
                varied = candidates.residuals_scaled(1.0 + sign * sizes.recoil_resolution.value)
                yield f"recoil_resolution_{direction}", self._cuts.select(candidates, varied)
            if sizes.photon_veto is not None:
                factor = 1.0 + sign * sizes.photon_veto.value
                yield f"photon_veto_{direction}", self._cuts.select(candidates, measured, photon_scale=factor)

    def _identification_variations(self, weight: Floats, candidates: LeptonCandidates) -> dict[str, Floats]:
        """Return weights with both leptons' efficiencies up and down; a momentum on an edge belongs above it."""
        steps = self.config.variations.lepton_identification
        if steps is None:
            return {}
        bins = np.searchsorted(steps.momentum_edges, candidates.measured.momentum, side="right")
        size = np.asarray(steps.values)[bins].reshape(-1, 2)
        return {
            f"lepton_identification_{direction}": weight * np.prod(1.0 + sign * size, axis=1)
            for direction, sign in (("up", 1.0), ("down", -1.0))
        }

    def _fill(self, sums: RecoilSums, selected: SelectedPairs, weights: dict[str, Floats]) -> None:
        common = self._cuts.steps(selected)[-1]
        for region in self.config.regions:
            accepted = common & inside(selected.recoil_polar_angle, region.polar_range)
            sums.fill(region.name, selected.observable(region.observable), accepted, weights)
        for control in self.config.controls:
            accepted = self._cuts.in_control(control, selected)
            sums.fill(control.name, selected.observable(control.observable), accepted, weights)
