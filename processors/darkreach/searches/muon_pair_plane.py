"""A muon pair and nothing else: e+e- -> A' h', A' -> mu mu, h' unseen, in the plane of pair mass and recoil mass."""

from __future__ import annotations

from typing import Any, Final

import awkward as ak
import numpy as np
from coffea.processor import ProcessorABC
from numpy.typing import NDArray

from darkreach.configuration import DetectorConfig
from darkreach.configuration.muon_pair_plane import MuonPairPlaneConfig
from darkreach.errors import unknown_name
from darkreach.histograms.plane_grid import PlaneGrid
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
from darkreach.searches.muon_pair_plane_selection import MuonPairCuts, SelectedMuonPairs
from darkreach.searches.photon_corrections import varied_names
from darkreach.searches.photon_events import event_weights
from darkreach.searches.photon_list import PHOTON_COLUMNS
from darkreach.searches.plane_histograms import PlaneSums, empty_plane_histograms
from darkreach.searches.two_leptons_selection import inside

Floats = NDArray[np.float64]

COMMON_CUTS: Final = ("all", "trigger", "two_tracks")
SIGNAL_CUTS: Final = ("flavours", "track_acceptance", "pair_momentum", "photon_vetoes", "tau_suppression", "helicity")
"""Cuts before the regions, in order; ``two_tracks``: of opposite charge from the collision, and no third one."""


class MuonPairPlane(ProcessorABC):  # type: ignore[misc]  # coffea is untyped
    """The search for a muon pair in the plane as an ordinary coffea processor.

    Events carry ``metadata`` with dataset, filename, ``kind`` (signal, background, data, pseudo_data) and, for signals,
    ``dark_photon_mass_gev`` and ``dark_higgs_mass_gev``. Simulated samples fill all variations in one pass, kinematic
    ones with a selection of their own; (pseudo-)data fill the nominal only.

    Attributes:
        config: the search.
        detector: beams and names of trigger lines; its response plays no role here.
        variations: nominal and those of the configuration.
    """

    def __init__(self, config: MuonPairPlaneConfig, detector: DetectorConfig) -> None:
        """Keep everything: the processor is pickled to every worker.

        Raises:
            UnknownNameError: a trigger line that the detector does not have.
        """
        self.config = config
        self.detector = detector
        self.variations = (NOMINAL, *varied_names(config.variations.stems))
        self._cuts = MuonPairCuts(config.selection, detector)
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
        deciding = ("search", "selection", "regions", "plane", "variations")
        return {**{key: config[key] for key in deciding}, "beams": self.detector.beams.model_dump(mode="json")}

    def process(self, events: ak.Array) -> dict[str, Any]:
        """Fill one chunk.

        Returns:
            ``{"histograms": {name: Hist}, "ledger": {dataset: {filename: events}}}``; outputs of chunks can be added.

        Raises:
            EventContentError: a weight, or a number of a photon or a track, is not finite.
        """
        source = ChunkSource.from_metadata(events.metadata)
        selection, grid = self.config.selection, PlaneGrid(self.config.plane, self._cuts.sqrt_s)
        histograms = empty_plane_histograms(self.config, grid, source, self.variations, (*COMMON_CUTS, *SIGNAL_CUTS))
        sums = PlaneSums(histograms, self.config, grid, source)
        weight = event_weights(events, source)
        if source.simulated:
            weight = weight * selection.event_efficiency.value
        triggered = triggered_events(events, self._line_columns, source)
        wanted = {ELECTRONS[selection.flavours]}
        two_tracks, candidates = lepton_candidates(events, selection, triggered, wanted, source)
        for cut, chosen in zip(COMMON_CUTS, (weight, weight[triggered], weight[two_tracks]), strict=True):
            sums.cutflow.count(cut, chosen)
        own, sizes = weight[candidates.event], self.config.variations
        for variation, selected in kinematic_variations(candidates, sizes, self._cuts.select):
            weights, steps = {variation: own}, self._cuts.steps(selected)
            if variation == NOMINAL:
                for cut, passing in zip(SIGNAL_CUTS, steps, strict=True):
                    sums.cutflow.count(cut, own[passing])
                if source.simulated:
                    weights |= identification_variations(own, candidates, sizes.lepton_identification)
            self._fill(sums, selected, steps[-1], candidates.event, weights)
        sums.finish()
        return {"histograms": histograms, "ledger": {source.dataset: {source.filename: len(weight)}}}

    def postprocess(self, accumulator: dict[str, Any]) -> dict[str, Any]:
        """Return the accumulator as it is: nothing is normalised here."""
        return accumulator

    @property
    def _line_columns(self) -> tuple[str, ...]:
        return tuple(f"l1_{line}" for line in self.config.selection.trigger_lines)

    def _fill(
        self,
        sums: PlaneSums,
        selected: SelectedMuonPairs,
        passing: NDArray[np.bool_],
        event: NDArray[np.int64],
        weights: dict[str, Floats],
    ) -> None:
        for region in self.config.regions:
            rows = np.flatnonzero(passing & inside(selected.pairs.recoil_polar_angle, region.polar_range))
            chosen = {variation: weight[rows] for variation, weight in weights.items()}
            sums.fill(region.name, selected.points.values[rows], event[rows], chosen)
