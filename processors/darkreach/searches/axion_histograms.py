"""The empty histograms of the axion search, one set a chunk; what they hold is in ``histograms.search_histograms``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import hist
from hist import Hist

from darkreach.configuration import AxionConfig
from darkreach.corrections import Coverage
from darkreach.histograms.binning import region_edges
from darkreach.searches.chunk_source import ChunkSource
from darkreach.searches.photon_selection import COMMON_CUTS
from darkreach.selection import Cutflow

PULL_BINS: Final = 1200
PULL_RANGE: Final = (-30.0, 30.0)
BOOST_BINS: Final = 800
BOOST_RANGE: Final = (0.0, 40.0)
"""p/m in the laboratory: a mass of 0.2 GeV reaches 35 (5.29 GeV, boosted forwards); lighter ones fill the overflow."""

COVERAGE_COUNTS: Final = ["seen", "acted_on", "outside_table"]

OBSERVABLE_LABELS: Final = {
    "pair_mass_squared": r"$M^2_{\gamma\gamma}$ [GeV$^2$]",
    "recoil_mass_squared": r"$M^2_{\mathrm{recoil}}$ [GeV$^2$]",
}


def region_cut(region: str) -> str:
    """Return the name of a region's cut in the cutflow."""
    return f"region:{region}"


def empty_histograms(
    config: AxionConfig,
    sqrt_s: float,
    source: ChunkSource,
    variations: Sequence[str],
    corrections: Sequence[str],
) -> dict[str, Hist[Any]]:
    """Return all histograms of the search with the sample of this chunk on their axes, nothing filled.

    The set of names is the same for every kind of sample, so that the outputs of any two chunks can be added.

    Args:
        config: the search.
        sqrt_s: GeV.
        source: of the chunk.
        variations: nominal first.
        corrections: names of the corrections; without any there is no histogram of their coverage.
    """
    sample = [source.dataset]
    signal = sample if source.kind == "signal" else []
    cuts = [*COMMON_CUTS, *(region_cut(region.name) for region in config.regions)]
    histograms: dict[str, Hist[Any]] = {}
    for region in config.regions:
        edges = region_edges(region, config, sqrt_s)
        observable = hist.axis.Variable(edges, name="observable", label=OBSERVABLE_LABELS[region.observable])
        histograms[f"region/{region.name}"] = Hist(
            _dataset_axis(sample), _variation_axis(variations), observable, storage=hist.storage.Weight()
        )
        histograms[f"signal_shape/{region.name}"] = Hist(
            _dataset_axis(signal),
            _variation_axis(variations),
            hist.axis.Regular(PULL_BINS, *PULL_RANGE, name="pull", label=r"$(M^2 - m^2)/\sigma(m)$"),
            storage=hist.storage.Weight(),
        )
        histograms[f"decay_boost/{region.name}"] = Hist(
            _dataset_axis(signal),
            hist.axis.Regular(BOOST_BINS, *BOOST_RANGE, name="beta_gamma", label=r"$\beta\gamma$ (laboratory)"),
            storage=hist.storage.Weight(),
        )
    histograms["cutflow"] = Hist(_dataset_axis(sample), _cut_axis(cuts), storage=hist.storage.Weight())
    histograms["cutflow_entries"] = Hist(_dataset_axis(sample), _cut_axis(cuts), storage=hist.storage.Double())
    if corrections:
        histograms["correction_coverage"] = Hist(
            _dataset_axis(sample),
            hist.axis.StrCategory(list(corrections), name="correction", label="correction", overflow=False),
            hist.axis.StrCategory(COVERAGE_COUNTS, name="count", label="photons or events", overflow=False),
            storage=hist.storage.Double(),
        )
    return histograms


def add_coverage(histograms: Mapping[str, Hist[Any]], dataset: str, coverage: Iterable[Coverage]) -> None:
    """Add how many photons (or events) the corrections acted on, and how many lay outside their tables."""
    for one in coverage:
        target = histograms["correction_coverage"]
        for count, number in zip(COVERAGE_COUNTS, (one.rows, one.applied, one.outside), strict=True):
            target.fill(dataset, one.correction, count, weight=float(number))


def add_cutflow(histograms: Mapping[str, Hist[Any]], dataset: str, cutflow: Cutflow) -> None:
    """Add the counts of a chunk to the two cutflow histograms."""
    weighted: Any = histograms["cutflow"].view(flow=True)
    entries: Any = histograms["cutflow_entries"].view(flow=True)
    sample = histograms["cutflow"].axes[0].index(dataset)
    weighted.value[sample] += cutflow.sum_of_weights
    weighted.variance[sample] += cutflow.sum_of_squares
    entries[sample] += cutflow.entries


def _dataset_axis(samples: list[str]) -> hist.axis.StrCategory:
    return hist.axis.StrCategory(samples, growth=True, name="dataset", label="sample")


def _variation_axis(variations: Sequence[str]) -> hist.axis.StrCategory:
    return hist.axis.StrCategory(list(variations), name="variation", label="variation", overflow=False)


def _cut_axis(cuts: list[str]) -> hist.axis.StrCategory:
    return hist.axis.StrCategory(cuts, name="cut", label="cut", overflow=False)
