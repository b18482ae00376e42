"""Effective events and mixed weights of a region, against numbers counted by hand."""

from __future__ import annotations

from dataclasses import replace

import hist
import pytest

from darkreach.histograms.search_histograms import SearchHistograms
from darkreach.report.effective_table import effective_table


def with_region(histograms: SearchHistograms, fills: dict[str, list[tuple[float, float, int]]]) -> SearchHistograms:
    """Return the histograms with one region ``r`` filled by (value, weight, times) for each sample."""
    background = next(m for m in histograms.samples.values() if m.kind == "background")
    region = hist.Hist(
        hist.axis.StrCategory([], growth=True, name="dataset"),
        hist.axis.StrCategory([], growth=True, name="variation"),
        hist.axis.Regular(2, 0.0, 2.0, name="observable"),
        storage=hist.storage.Weight(),
    )
    for sample, entries in fills.items():
        for value, weight, times in entries:
            region.fill(dataset=sample, variation="nominal", observable=[value] * times, weight=weight)
    samples = {name: replace(background, sample=name) for name in fills}
    return replace(histograms, samples=samples, histograms={"region/r": region})


@pytest.mark.parametrize(
    ("fills", "expected"),
    [
        ({"a": [(0.5, 2.0, 40), (1.5, 0.1, 25)]}, ("r", "1", "25.0", "0 of 2", "1.0", "")),
        ({"a": [(0.5, 1.0, 4), (1.5, 1.0, 30)]}, ("r", "1", "4.00", "1 of 2", "1.0", "few events")),
        # (100 + 20)^2/(100 + 400) = 28.8 effective events; a weight of 20 against 1
        ({"a": [(0.5, 1.0, 100)], "b": [(0.5, 20.0, 1)]}, ("r", "2", "28.8", "0 of 1", "20", "weights mixed")),
        # heavy events in another bin do no harm
        ({"a": [(0.5, 1.0, 100)], "b": [(1.5, 20.0, 50)]}, ("r", "2", "50.0", "0 of 2", "1.0", "")),
    ],
)
def test_events_and_weights_are_counted(
    histograms: SearchHistograms, fills: dict[str, list[tuple[float, float, int]]], expected: tuple[str, ...]
) -> None:
    table = effective_table(with_region(histograms, fills), ("r",))
    assert table.rows == (expected,)


def test_a_region_without_background_says_so(histograms: SearchHistograms) -> None:
    empty = with_region(histograms, {"a": [(5.0, 1.0, 3)]})
    assert effective_table(empty, ("r",)).rows[0][-1] == "no simulated background at all"
    assert effective_table(replace(empty, samples={}), ("r",)).rows[0][1] == "0"
