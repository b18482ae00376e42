"""The histograms of searches for displaced vertices, one set a chunk: names, axes, and empty ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import hist
import numpy as np
from hist import Hist

from darkreach.configuration.displaced_search import DisplacedRegion, DisplacedSearchConfig
from darkreach.histograms.displaced_cells import PULL_BINS, PULL_RANGE, DisplacedCells
from darkreach.searches.axion_histograms import region_cut
from darkreach.searches.chunk_source import ChunkSource

TRUE_RADII: Final = (0.0, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 12.0, 16.0, 24.0, 32.0, 40.0, 50.0, 60.0)
"""Edges of the bins of the true radius that efficiencies are given in, cm."""

TRUE_MOMENTA: Final = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0)
"""Edges of the bins of the true momentum across the beams of the decaying particle, GeV, laboratory."""

BEAM_CONSTRAINED_MASSES: Final = (60, 5.20, 5.29)
ENERGY_DIFFERENCE_BINS: Final = 50


def empty_displaced_histograms(
    config: DisplacedSearchConfig, cells: Mapping[str, DisplacedCells], source: ChunkSource, cuts: Sequence[str]
) -> dict[str, Hist[Any]]:
    """Return all histograms of the search with the sample of this chunk on their axes, nothing filled.

    By region, Weight storage, simulated samples in fb, (pseudo-)data in events:
    ``mass_radius/<region>``: axes dataset, mass, radius: candidates that are no signal;
    ``signal_lifetime/<region>``: axes dataset, lifetime, radius, pull: those of its signals, re-weighted to each of
    ``lifetimes_cm``, pull = (observable - expected)/resolution;
    ``decays/<region>`` and ``selected_decays/<region>``: axes dataset, true_radius, true_momentum: recorded decays of
    its signals and those of them that were selected with a pull below ``PULL_RANGE``, at the generated lifetime;
    ``beam_constrained_mass/<region>`` and ``energy_difference/<region>``: axes dataset, value: with a B meson, each
    with all cuts but that on itself, of samples that are no signal.
    ``cutflow`` and ``cutflow_entries`` as in all searches. The set of names is the same for every kind of sample.

    Args:
        config: the search.
        cells: mass axes of the regions.
        source: of the chunk.
        cuts: common to all regions, in order; those of regions follow.
    """
    other = [] if source.kind == "signal" else [source.dataset]
    radius = hist.axis.Variable(config.radius_edges, name="radius", label="radius of the vertex [cm]")
    histograms: dict[str, Hist[Any]] = {}
    for region in config.regions:
        # there are many signals: each is there where its events count only
        signal = [source.dataset] if source.kind == "signal" and is_signal_of(region, source.dataset) else []
        histograms[f"mass_radius/{region.name}"] = _weighted(other, cells[region.name].axis, radius)
        lifetime = hist.axis.IntCategory(
            range(len(config.lifetimes_cm)), name="lifetime", label="number of the lifetime", overflow=False
        )
        pull = hist.axis.Regular(PULL_BINS, -PULL_RANGE, PULL_RANGE, name="pull", label="pull of the mass")
        histograms[f"signal_lifetime/{region.name}"] = _weighted(signal, lifetime, radius, pull)
        truth = (
            hist.axis.Variable(TRUE_RADII, name="true_radius", label="true radius of the decay [cm]"),
            hist.axis.Variable(TRUE_MOMENTA, name="true_momentum", label=r"true $p_T$ [GeV]"),
        )
        for name in ("decays", "selected_decays"):
            histograms[f"{name}/{region.name}"] = _weighted(signal, *truth)
        if config.selection.b_candidate is not None:
            histograms |= _b_histograms(config, region, other)
    names = [*cuts, *(region_cut(region.name) for region in config.regions)]
    for name, storage in (("cutflow", hist.storage.Weight()), ("cutflow_entries", hist.storage.Double())):
        cut = hist.axis.StrCategory(names, name="cut", label="cut", overflow=False)
        histograms[name] = Hist(_datasets([source.dataset]), cut, storage=storage)
    return histograms


def is_signal_of(region: DisplacedRegion, sample: str) -> bool:
    """Return whether the efficiency of a region comes from this sample, named as ``displaced_signal_name`` does."""
    return sample.startswith(f"signal_{region.signal}_") and sample.count("_") == region.signal.count("_") + 2


def _b_histograms(config: DisplacedSearchConfig, region: DisplacedRegion, samples: list[str]) -> dict[str, Hist[Any]]:
    b_candidate = config.selection.b_candidate
    largest = np.inf if b_candidate is None else b_candidate.sideband_energy_difference.value
    constrained = hist.axis.Regular(*BEAM_CONSTRAINED_MASSES, name="value", label=r"$M_{bc}$ [GeV]")
    difference = hist.axis.Regular(ENERGY_DIFFERENCE_BINS, -largest, largest, name="value", label=r"$\Delta E$ [GeV]")
    return {
        f"beam_constrained_mass/{region.name}": _weighted(samples, constrained),
        f"energy_difference/{region.name}": _weighted(samples, difference),
    }


def _weighted(samples: list[str], *axes: Any) -> Hist[Any]:
    return Hist(_datasets(samples), *axes, storage=hist.storage.Weight())


def _datasets(samples: list[str]) -> hist.axis.StrCategory:
    return hist.axis.StrCategory(samples, growth=True, name="dataset", label="sample")
