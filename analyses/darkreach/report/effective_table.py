"""How many simulated events stand behind the expectation of each region, and whether weights of different size mix."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from darkreach.histograms.effective_events import LARGEST_MIXING, effective_events
from darkreach.histograms.search_histograms import NOMINAL, SearchHistograms
from darkreach.report.table import NOTHING, Table, number

Array = NDArray[np.float64]

ENOUGH: Final = 10.0
"""Effective events a bin should have: below, its statistical error is itself uncertain."""


def effective_table(histograms: SearchHistograms, regions: tuple[str, ...]) -> Table:
    """Return a row a region: effective background events of its bins, and the largest mixing of weights.

    The effective number is (sum w)^2/sum w^2. Weights are compared by sum w^2/sum w, the mean weight of an event's
    weight; their ratio is taken between backgrounds that fill the same bin.

    Args:
        histograms: of the search.
        regions: names.
    """
    backgrounds = [name for name, manifest in histograms.samples.items() if manifest.kind == "background"]
    rows = tuple(_row(histograms, region, backgrounds) for region in regions)
    header = (
        "region",
        "backgrounds",
        "fewest effective events in a bin",
        "bins below 10",
        "largest ratio of weights",
        "",
    )
    return Table(header, rows, "Statistics of the simulated background", frozenset({0, 5}))


def _row(histograms: SearchHistograms, region: str, backgrounds: list[str]) -> tuple[str, ...]:
    found = [sums for name in backgrounds if (sums := _sums(histograms.histograms[f"region/{region}"], name))]
    if not found:
        return (region, "0", NOTHING, NOTHING, NOTHING, "")
    content, squared = (np.array([sums[column] for sums in found]) for column in (0, 1))
    effective = effective_events(content.sum(axis=0), squared.sum(axis=0))
    filled = squared.sum(axis=0) > 0.0
    if not filled.any():
        return (region, str(len(found)), NOTHING, NOTHING, NOTHING, "no simulated background at all")
    few = int(np.count_nonzero(effective[filled] < ENOUGH))
    mixing = _mixing(content, squared)
    remarks = ["few events"] * (few > 0) + ["weights mixed"] * (mixing > LARGEST_MIXING)
    return (
        region,
        str(len(found)),
        number(float(effective[filled].min())),
        f"{few} of {int(filled.sum())}",
        number(mixing, 2),
        ", ".join(remarks),
    )


def _sums(histogram: Any, sample: str) -> tuple[Array, Array] | None:
    """Return the nominal sums of weights and of their squares in the bins, None if the sample is not there."""
    if sample not in set(histogram.axes[0]):
        return None
    chosen = histogram[{histogram.axes[0].name: sample, histogram.axes[1].name: NOMINAL}].view()
    return np.asarray(chosen["value"], dtype=np.float64), np.asarray(chosen["variance"], dtype=np.float64)


def _mixing(content: Array, squared: Array) -> float:
    """Return the largest ratio, over the bins, of the weights of two samples in one bin; one for a single sample."""
    filled = (squared > 0.0) & (content > 0.0)
    mean = np.divide(squared, content, out=np.full(content.shape, np.nan), where=filled)
    several = filled.sum(axis=0) > 1
    if not several.any():
        return 1.0
    return float(np.max(np.nanmax(mean[:, several], axis=0) / np.nanmin(mean[:, several], axis=0)))
