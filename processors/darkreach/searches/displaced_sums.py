"""What fills the histograms of one chunk of a search for displaced vertices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from hist import Hist
from numpy.typing import NDArray

from darkreach.configuration.displaced_search import DisplacedRegion, DisplacedSearchConfig
from darkreach.errors import InputFileError
from darkreach.generators.decays import lifetime_weights
from darkreach.histograms.displaced_cells import PULL_RANGE, DisplacedCells
from darkreach.searches.axion_histograms import add_cutflow, region_cut
from darkreach.searches.chunk_source import ChunkSource
from darkreach.searches.displaced_candidates import RegionCandidates
from darkreach.searches.displaced_histograms import is_signal_of
from darkreach.selection import Cutflow

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TrueDecays:
    """The decay of the new particle in each of the n events of a chunk of signal.

    Attributes:
        proper_length: (n,) c times the proper time lived, cm.
        radius: (n,) of the decay, cm.
        transverse_momentum: (n,) of the particle, GeV, laboratory.
    """

    proper_length: Floats
    radius: Floats
    transverse_momentum: Floats


class DisplacedSums:
    """Adds candidates to the histograms of a chunk.

    Attributes:
        cutflow: counts; ``fill`` counts those of regions, the search all others.
    """

    def __init__(
        self,
        histograms: Mapping[str, Hist[Any]],
        config: DisplacedSearchConfig,
        cells: Mapping[str, DisplacedCells],
        source: ChunkSource,
    ) -> None:
        """Take everything from the empty histograms of the chunk.

        Raises:
            InputFileError: a signal without a mass or a lifetime.
        """
        if source.kind == "signal" and (source.mass is None or source.generated_ctau_cm is None):
            raise InputFileError(
                "signal sample has no mass or no lifetime",
                where=source.dataset,
                allowed="mass_gev and lifetime_ctau_cm in the parameters of its manifest",
                given=f"mass_gev {source.mass}, lifetime_ctau_cm {source.generated_ctau_cm}",
                next_step="give signals of a search for displaced vertices both",
            )
        self._histograms, self._cells, self._source = histograms, cells, source
        self._lifetimes = config.lifetimes_cm
        self.cutflow = Cutflow(list(histograms["cutflow"].axes[-1]))

    def fill(
        self,
        region: DisplacedRegion,
        candidates: RegionCandidates,
        weight: Floats,
        decays: TrueDecays | None,
        *,
        best: bool,
    ) -> None:
        """Add the candidates of a region.

        Args:
            region: one of the search; of signals those that their efficiency comes from.
            candidates: of the region.
            weight: (n,) of all events of the chunk.
            decays: of all events of the chunk; None unless signal.
            best: one candidate an event, not all.
        """
        name, dataset = region.name, self._source.dataset
        rows = candidates.chosen(candidates.passing, best=best)
        event = candidates.event[rows]
        own = weight[event] * candidates.factor[rows]
        self.cutflow.count(region_cut(name), own)
        mass, radius = candidates.mass[rows], candidates.radius[rows]
        if decays is not None:
            self._fill_signal(name, mass, radius, own, _selected(decays, event))
            return
        self._histograms[f"mass_radius/{name}"].fill(dataset, self._cells[name].expected(mass), radius, weight=own)
        for kind, values, mask in (
            ("beam_constrained_mass", candidates.constrained_mass, candidates.all_but_mass),
            ("energy_difference", candidates.energy_difference, candidates.all_but_energy),
        ):
            if values is not None:
                rows = candidates.chosen(mask, best=best)
                own = weight[candidates.event[rows]] * candidates.factor[rows]
                self._histograms[f"{kind}/{name}"].fill(dataset, values[rows], weight=own)

    def fill_decays(self, region: str, decays: TrueDecays, weight: Floats) -> None:
        """Add all recorded events of a signal to the decays that efficiencies are relative to."""
        self._histograms[f"decays/{region}"].fill(
            self._source.dataset, decays.radius, decays.transverse_momentum, weight=weight
        )

    def finish(self) -> None:
        """Add the cutflow to the histograms; once."""
        add_cutflow(self._histograms, self._source.dataset, self.cutflow)

    def _fill_signal(self, name: str, mass: Floats, radius: Floats, weight: Floats, decays: TrueDecays) -> None:
        cells, source = self._cells[name], self._source
        if source.mass is None or source.generated_ctau_cm is None:
            return
        pull = (cells.expected(mass) - cells.expected(source.mass)) / cells.resolution(source.mass)
        generated = source.generated_ctau_cm
        factors = np.stack([lifetime_weights(decays.proper_length, generated, tau) for tau in self._lifetimes])
        number = len(self._lifetimes)
        self._histograms[f"signal_lifetime/{name}"].fill(
            source.dataset,
            np.repeat(np.arange(number), len(mass)),
            np.tile(radius, number),
            np.tile(pull, number),
            weight=(factors * weight).reshape(-1),
        )
        near = np.abs(pull) < PULL_RANGE
        self._histograms[f"selected_decays/{name}"].fill(
            source.dataset, decays.radius[near], decays.transverse_momentum[near], weight=weight[near]
        )


def regions_of(config: DisplacedSearchConfig, source: ChunkSource) -> list[DisplacedRegion]:
    """Return the regions that a sample counts in: all, of signals those that their efficiency comes from."""
    return [one for one in config.regions if source.kind != "signal" or is_signal_of(one, source.dataset)]


def _selected(decays: TrueDecays, event: NDArray[np.int64]) -> TrueDecays:
    return TrueDecays(decays.proper_length[event], decays.radius[event], decays.transverse_momentum[event])
