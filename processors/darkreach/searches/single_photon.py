"""One photon and nothing else: e+e- -> gamma + invisible, searched in the mass the photon recoils against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import awkward as ak
import numpy as np
from coffea.processor import ProcessorABC
from numpy.typing import NDArray

from darkreach.configuration import DetectorConfig
from darkreach.configuration.single_photon import SinglePhotonConfig
from darkreach.errors import unknown_name
from darkreach.histograms.search_histograms import NOMINAL
from darkreach.searches.chunk_source import ChunkSource, is_simulated
from darkreach.searches.photon_corrections import varied_names
from darkreach.searches.photon_events import event_weights, number_column
from darkreach.searches.photon_list import (
    MUON_SYSTEM_COLUMNS,
    PHOTON_COLUMNS,
    PHOTON_TRUTH_COLUMNS,
    TRACK_COLUMNS,
    PhotonList,
    events_of_rows,
    jagged_columns,
    photon_list,
)
from darkreach.searches.recoil_histograms import RecoilSums, empty_recoil_histograms
from darkreach.searches.single_photon_axion import axion_weights, recoil_beta_gamma
from darkreach.searches.single_photon_selection import SinglePhotonCuts, SinglePhotons, in_region, unit_vectors

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

CUTS: Final = ("all", "trigger", "no_tracks", "photon", "single_photon", "no_opposite_cluster", "covered")
"""Cuts before the regions, in order; ``trigger``: a line of any region has fired."""


class SinglePhoton(ProcessorABC):  # type: ignore[misc]  # coffea is untyped
    """The search for a single photon as an ordinary coffea processor.

    Events carry ``metadata`` with dataset, filename, ``kind`` (signal, background, data, pseudo_data) and, for signals,
    ``mass_gev``. Simulated samples fill all variations in one pass, kinematic ones with a selection of their own, so
    that events migrate over the cuts; (pseudo-)data fill the nominal only.

    Attributes:
        config: the search.
        detector: beams and names of trigger lines; its response plays no role here.
        variations: nominal and those of the configuration.
    """

    def __init__(self, config: SinglePhotonConfig, detector: DetectorConfig) -> None:
        """Keep everything: the processor is pickled to every worker.

        Raises:
            UnknownNameError: a trigger line that the detector does not have.
        """
        self.config = config
        self.detector = detector
        self.variations = (NOMINAL, *varied_names(config.variations.stems))
        self._cuts = SinglePhotonCuts(config.selection, detector)
        self._lines = tuple(dict.fromkeys(line for region in config.regions for line in region.trigger_lines))
        for line in self._lines:
            if line not in detector.trigger.lines:
                raise unknown_name("trigger line", line, detector.trigger.lines, where=f"{config.search}: regions")

    def required_columns(self, kind: str) -> tuple[str, ...]:
        """Return the ntuple columns read for a sample of this kind; nothing else is touched.

        Raises:
            UnknownNameError: a kind nobody knows.
        """
        own = ("generatorWeight", *PHOTON_TRUTH_COLUMNS) if is_simulated(kind) else ()
        lines = tuple(f"l1_{line}" for line in self._lines)
        return ("__weight__", *lines, *TRACK_COLUMNS, *MUON_SYSTEM_COLUMNS, *PHOTON_COLUMNS, *own)

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
            EventContentError: a weight, or a number of a photon, a track or a cluster, is not finite.
        """
        source = ChunkSource.from_metadata(events.metadata)
        histograms = empty_recoil_histograms(
            self.config, self._cuts.sqrt_s, source, self.variations, CUTS, with_boosts=True
        )
        sums = RecoilSums(histograms, self.config, source)
        weight = event_weights(events, source)
        fired = self._trigger(events, source)
        triggered = np.any(list(fired.values()), axis=0)
        kept = np.flatnonzero(triggered & ~self._with_tracks(events, source))
        for cut, chosen in (("all", weight), ("trigger", weight[triggered]), ("no_tracks", weight[kept])):
            sums.cutflow.count(cut, chosen)
        photons = photon_list(events, source)
        cluster_event, clusters = self._muon_system(events, source)
        for variation, selected in self._kinematic_variations(photons, kept):
            free = self._cuts.without_opposite_cluster(selected, cluster_event, clusters)
            covered = free & self._cuts.covered(selected)
            own = weight[selected.event]
            weights = {variation: own}
            if variation == NOMINAL:
                _count(sums, weight, selected, free, covered)
                if source.simulated:
                    weights |= self._efficiency_variations(own, selected)
            for region in self.config.regions:
                lines = np.any([fired[line] for line in region.trigger_lines], axis=0)
                accepted = covered & lines[selected.event] & in_region(region, selected)
                sums.fill(region.name, selected.recoil_mass_squared, accepted, weights)
                if variation == NOMINAL and source.mass is not None:
                    self._fill_boosts(sums, region.name, photons, selected, accepted, own, source.mass)
        sums.finish()
        return {"histograms": histograms, "ledger": {source.dataset: {source.filename: len(weight)}}}

    def postprocess(self, accumulator: dict[str, Any]) -> dict[str, Any]:
        """Return the accumulator as it is: nothing is normalised here."""
        return accumulator

    def _trigger(self, events: ak.Array, source: ChunkSource) -> Mapping[str, Mask]:
        fired = {}
        for line in self._lines:
            values = number_column(events, f"l1_{line}")
            source.require_finite(f"l1_{line}", values)
            fired[line] = values > 0.5
        return fired

    def _with_tracks(self, events: ak.Array, source: ChunkSource) -> Mask:
        """Return which events have a track from the collision."""
        selection = self.config.selection
        offsets, (p, theta, dr, dz) = jagged_columns(events, TRACK_COLUMNS, source)
        good = p * np.sin(theta) > selection.track_transverse_momentum.value
        good &= np.abs(dr) < selection.track_transverse_impact.value
        good &= np.abs(dz) < selection.track_longitudinal_impact.value
        running = np.concatenate([[0], np.cumsum(good)])
        return np.asarray(running[offsets[1:]] > running[offsets[:-1]])

    def _muon_system(self, events: ak.Array, source: ChunkSource) -> tuple[Indices, Floats]:
        """Return events (c,) and directions (c, 3) of the clusters of the muon system."""
        offsets, (theta, phi) = jagged_columns(events, MUON_SYSTEM_COLUMNS, source)
        return events_of_rows(offsets), unit_vectors(theta, phi)

    def _kinematic_variations(self, photons: PhotonList, events: Indices) -> Iterator[tuple[str, SinglePhotons]]:
        """Select anew with varied photons, so that events migrate over the cuts."""
        measured, offsets = photons.measured, photons.offsets
        energy_cm = self._cuts.energies_cm(measured)
        yield NOMINAL, self._cuts.select(measured, energy_cm, offsets, events)
        if photons.truth is None:
            return
        scale, resolution = self.config.variations.energy_scale, self.config.variations.resolution
        for direction, sign in (("up", 1.0), ("down", -1.0)):
            if scale is not None:
                factor = 1.0 + sign * scale.value
                yield f"energy_scale_{direction}", self._cuts.select(measured, energy_cm, offsets, events, factor)
            if resolution is not None:
                varied = photons.residuals_scaled(1.0 + sign * resolution.value)
                selected = self._cuts.select(varied, self._cuts.energies_cm(varied), offsets, events)
                yield f"resolution_{direction}", selected

    def _efficiency_variations(self, weight: Floats, selected: SinglePhotons) -> dict[str, Floats]:
        steps = self.config.variations.photon_efficiency
        if steps is None:
            return {}
        size = np.asarray(steps.values)[np.searchsorted(steps.energy_edges, selected.energy, side="right")]
        return {
            "photon_efficiency_up": weight * (1.0 + size),
            "photon_efficiency_down": weight * (1.0 - size),
        }

    def _fill_boosts(
        self,
        sums: RecoilSums,
        region: str,
        photons: PhotonList,
        selected: SinglePhotons,
        accepted: Mask,
        weight: Floats,
        mass: float,
    ) -> None:
        """Fill with the true direction of the photon; with the measured one where no photon is behind the cluster."""
        if photons.truth is None or photons.genuine is None:
            return
        rows = selected.photon[accepted]
        true = unit_vectors(photons.truth.theta[rows], photons.truth.phi[rows])
        direction = np.where(photons.genuine[rows][:, np.newaxis], true, selected.direction[accepted])
        factor = axion_weights(self._cuts.cosines_cm(direction), mass, self._cuts.sqrt_s**2)
        beta_gamma = recoil_beta_gamma(direction, mass, self._cuts.total)
        sums.fill_boosts(region, beta_gamma, np.ones(len(rows), dtype=np.bool_), weight[accepted] * factor)


def _count(sums: RecoilSums, weight: Floats, selected: SinglePhotons, free: Mask, covered: Mask) -> None:
    sums.cutflow.count("photon", weight[selected.with_photon])
    sums.cutflow.count("single_photon", weight[selected.event])
    sums.cutflow.count("no_opposite_cluster", weight[selected.event[free]])
    sums.cutflow.count("covered", weight[selected.event[covered]])
