"""Two leptons and nothing else: e+e- -> l l + invisible, searched in the mass that the pair recoils against."""

from __future__ import annotations

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
    identification_columns,
    lepton_candidates,
)
from darkreach.searches.lepton_pairs import ELECTRONS
from darkreach.searches.lepton_variations import identification_variations, kinematic_variations, triggered_events
from darkreach.searches.photon_corrections import varied_names
from darkreach.searches.photon_events import event_weights
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
        triggered = triggered_events(events, self._line_columns, source)
        two_tracks, candidates = lepton_candidates(events, self.config.selection, triggered, self._electrons, source)
        for cut, chosen in zip(COMMON_CUTS, (weight, weight[triggered], weight[two_tracks]), strict=True):
            sums.cutflow.count(cut, chosen)
        own, sizes = weight[candidates.event], self.config.variations
        for variation, selected in kinematic_variations(candidates, sizes, self._cuts.select):
            weights = {variation: own}
            if variation == NOMINAL:
                for cut, passing in zip(SIGNAL_CUTS, self._cuts.steps(selected), strict=True):
                    sums.cutflow.count(cut, own[passing])
                if source.simulated:
                    weights |= identification_variations(own, candidates, sizes.lepton_identification)
            self._fill(sums, selected, weights)
        sums.finish()
        return {"histograms": histograms, "ledger": {source.dataset: {source.filename: len(weight)}}}

    def postprocess(self, accumulator: dict[str, Any]) -> dict[str, Any]:
        """Return the accumulator as it is: nothing is normalised here."""
        return accumulator

    @property
    def _line_columns(self) -> tuple[str, ...]:
        return tuple(f"l1_{line}" for line in self.config.selection.trigger_lines)

    def _fill(self, sums: RecoilSums, selected: SelectedPairs, weights: dict[str, Floats]) -> None:
        common = self._cuts.steps(selected)[-1]
        for region in self.config.regions:
            accepted = common & inside(selected.recoil_polar_angle, region.polar_range)
            sums.fill(region.name, selected.observable(region.observable), accepted, weights)
        for control in self.config.controls:
            accepted = self._cuts.in_control(control, selected)
            sums.fill(control.name, selected.observable(control.observable), accepted, weights)
