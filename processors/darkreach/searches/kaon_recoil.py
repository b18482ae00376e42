"""A kaon and something invisible: B+ -> K+ + invisible, searched in q^2, the other B tagged.

The tag is not simulated. Its efficiency is a number, and where it gives the momentum of the signal B, q^2 is

    q^2 = q^2(kaon alone, measured) - q^2(kaon alone, true) + m^2 + resolution of the tag

for kaons of a signal of mass m: the motion of the B drops out, the resolution of the track stays. All other kaons keep
the q^2 of the kaon alone, smeared in the same way: their spectra are smooth over the motion of the B.
"""

from __future__ import annotations

from typing import Any, Final

import awkward as ak
import numpy as np
from coffea.processor import ProcessorABC
from numpy.typing import NDArray

from darkreach.configuration import DetectorConfig
from darkreach.configuration.kaon_recoil import EfficiencyCurve, KaonRecoilConfig, KaonRegion
from darkreach.errors import InputFileError, unknown_name
from darkreach.histograms.search_histograms import NOMINAL
from darkreach.searches.chunk_source import ChunkSource, is_simulated
from darkreach.searches.kaon_recoil_events import (
    IDENTIFICATION,
    KAON_COLUMNS,
    KAON_TRUTH_COLUMNS,
    KaonCandidates,
    kaon_candidates,
)
from darkreach.searches.kaon_recoil_kinematics import beam_recoil_mass_squared, even_deviates, kaon_energy_cm
from darkreach.searches.photon_corrections import varied_names
from darkreach.searches.photon_events import event_weights, number_column
from darkreach.searches.recoil_histograms import RecoilSums, empty_recoil_histograms

Floats = NDArray[np.float64]

CUTS: Final = ("all", "kaon")
"""Cuts before the regions, in order."""

_EVENT: Final = "__event__"
_SIGNS: Final = (("up", 1.0), ("down", -1.0))


class KaonRecoil(ProcessorABC):  # type: ignore[misc]  # coffea is untyped
    """The search for a kaon and something invisible as an ordinary coffea processor.

    Events carry ``metadata`` with dataset, filename, ``kind`` (signal, background) and, for signals, ``mass_gev``.
    There is no (pseudo-)data: nothing in them says which events are tagged.

    Attributes:
        config: the search.
        detector: beams; its response plays no role here.
        variations: nominal and those of the configuration.
    """

    def __init__(self, config: KaonRecoilConfig, detector: DetectorConfig) -> None:
        """Keep everything: the processor is pickled to every worker."""
        self.config = config
        self.detector = detector
        self.variations = (NOMINAL, *varied_names(config.variations.stems))
        self._beams = detector.beams.beams()

    def required_columns(self, kind: str) -> tuple[str, ...]:
        """Return the ntuple columns read for a sample of this kind; nothing else is touched.

        Raises:
            UnknownNameError: a kind nobody knows.
        """
        own = ("generatorWeight", *KAON_TRUTH_COLUMNS) if is_simulated(kind) else ()
        return ("__weight__", _EVENT, *KAON_COLUMNS, IDENTIFICATION, *own)

    def identity(self) -> dict[str, Any]:
        """Return the JSON-like content that decides the output besides the events and the code."""
        config = self.config.model_dump(mode="json")
        deciding = {key: config[key] for key in ("search", "selection", "regions", "binning", "variations")}
        return {**deciding, "beams": self.detector.beams.model_dump(mode="json")}

    def process(self, events: ak.Array) -> dict[str, Any]:
        """Fill one chunk.

        Returns:
            ``{"histograms": {name: Hist}, "ledger": {dataset: {filename: events}}}``; outputs of chunks can be added.

        Raises:
            InputFileError: the sample is not simulated.
            UnknownNameError: a background without efficiencies.
            EventContentError: a weight, or a number of a track, is not finite.
        """
        source = ChunkSource.from_metadata(events.metadata)
        if not source.simulated:
            raise InputFileError(
                "this search cannot read data: its tag is a number, not a selection",
                where=source.filename,
                allowed="signal, background",
                given=source.kind,
                next_step="leave the sample out: pseudo-data are drawn from the templates",
            )
        histograms = empty_recoil_histograms(self.config, self._beams.sqrt_s, source, self.variations, CUTS)
        sums = RecoilSums(histograms, self.config, source)
        weight = event_weights(events, source)
        kaons = kaon_candidates(events, self.config.selection, self._beams, source)
        deviates = even_deviates(number_column(events, _EVENT).astype(np.int64))
        sums.cutflow.count("all", weight)
        sums.cutflow.count("kaon", weight[np.unique(kaons.event)])
        left = weight.copy()
        for region in self.config.regions:
            chosen = kaons.fastest(of_signal=region.is_tagged and source.mass is not None)
            alone = beam_recoil_mass_squared(chosen.energy_cm, self._beams.sqrt_s)
            taken = left[chosen.event] * _efficiency(region, source).at(alone)
            self._fill(sums, region, chosen, taken, deviates[chosen.event])
            left[chosen.event] -= taken
        sums.finish()
        return {"histograms": histograms, "ledger": {source.dataset: {source.filename: len(weight)}}}

    def postprocess(self, accumulator: dict[str, Any]) -> dict[str, Any]:
        """Return the accumulator as it is: nothing is normalised here."""
        return accumulator

    def _fill(
        self, sums: RecoilSums, region: KaonRegion, kaons: KaonCandidates, weight: Floats, deviates: Floats
    ) -> None:
        sizes, accepted = self.config.variations, np.ones(len(weight), dtype=np.bool_)
        by_weight = {NOMINAL: weight}
        for name, setting, acts in (
            ("tag_efficiency", sizes.tag_efficiency, region.is_tagged),
            ("inclusive_efficiency", sizes.inclusive_efficiency, not region.is_tagged),
        ):
            if setting is not None:
                size = setting.value if acts else 0.0
                by_weight |= {f"{name}_{direction}": weight * (1.0 + sign * size) for direction, sign in _SIGNS}
        sums.fill(region.name, self._observable(region, kaons, deviates), accepted, by_weight)
        for direction, sign in _SIGNS:
            if sizes.track_momentum_scale is not None:
                moved = self._observable(region, kaons, deviates, scale=1.0 + sign * sizes.track_momentum_scale.value)
                sums.fill(region.name, moved, accepted, {f"track_momentum_scale_{direction}": weight})
            if sizes.tag_resolution is not None:
                factor = 1.0 + sign * sizes.tag_resolution.value
                smeared = self._observable(region, kaons, deviates, smearing=factor)
                sums.fill(region.name, smeared, accepted, {f"tag_resolution_{direction}": weight})

    def _observable(
        self, region: KaonRegion, kaons: KaonCandidates, deviates: Floats, *, scale: float = 1.0, smearing: float = 1.0
    ) -> Floats:
        """Return q^2 (k,), with all momenta scaled, or the resolution of the tag for kaons of the signal decay."""
        energy = kaons.energy_cm if scale == 1.0 else kaon_energy_cm(kaons.measured, self._beams, scale=scale)
        alone = beam_recoil_mass_squared(energy, self._beams.sqrt_s)
        if region.resolution is None:
            return alone
        of_signal = np.isfinite(kaons.offset)
        # the other spectra are wide: a change would be noise
        resolution = region.resolution.value * np.where(of_signal, smearing, 1.0)
        return np.asarray(alone + np.where(of_signal, kaons.offset, 0.0) + resolution * deviates)


def _efficiency(region: KaonRegion, source: ChunkSource) -> EfficiencyCurve:
    if source.mass is not None:
        return region.signal_efficiency
    known = region.background_efficiencies
    # samples of one process with other parameters have these in their name
    fitting = [name for name in known if source.dataset == name or source.dataset.startswith(f"{name}_")]
    if not fitting:
        raise unknown_name("background with efficiencies", source.dataset, known, where=f"region {region.name}")
    return known[max(fitting, key=len)]
