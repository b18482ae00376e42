"""The cutflow of one sample as numbers: events, cross-section and efficiencies after each cut."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from hist import Hist

from darkreach.histograms.search_histograms import SearchHistograms

REGION_PREFIX: Final = "region:"
CONTROL_PREFIX: Final = "control:"
SIDEBAND_PREFIX: Final = "sideband:"
"""Cuts of these names select one region, control or sideband each: alternatives after the common cuts, not a chain."""


@dataclass(frozen=True)
class CutflowRow:
    """What is left after one cut; None where a number has no meaning for the sample.

    Attributes:
        cut: name.
        entries: events, unweighted.
        weight_fb: sum of weights, fb; None for (pseudo-)data.
        weight_error_fb: its statistical error, fb.
        step: efficiency of this cut alone; for a cut that selects a region, of what the common cuts left.
        total: efficiency of all cuts so far, of everything generated.
        total_error: binomial error of ``total`` from the number of generated events.
    """

    cut: str
    entries: float
    weight_fb: float | None
    weight_error_fb: float | None
    step: float | None
    total: float | None
    total_error: float | None


@dataclass(frozen=True)
class Cutflow:
    """The cutflow of one sample, in the order of the cuts."""

    sample: str
    process: str
    kind: str
    rows: tuple[CutflowRow, ...]


def sample_cutflow(histograms: SearchHistograms, sample: str) -> Cutflow:
    """Read the cutflow of one sample from the histograms."""
    manifest = histograms.samples[sample]
    weights, entries = histograms.histograms["cutflow"], histograms.histograms["cutflow_entries"]
    weighted = manifest.weight_column is not None and manifest.cross_section_fb is not None
    rows: list[CutflowRow] = []
    for cut in weights.axes[1]:
        count = float(_cell(entries, sample, cut))
        before = _before(rows)
        if not weighted:
            step = count / before.entries if before is not None and before.entries else None
            rows.append(CutflowRow(cut, count, None, None, step, None, None))
            continue
        cell = _cell(weights, sample, cut)
        total = float(cell.value) / float(manifest.cross_section_fb or math.nan)
        step = float(cell.value) / before.weight_fb if before is not None and before.weight_fb else None
        error = math.sqrt(max(total * (1.0 - total), 0.0) / manifest.generated_events)
        rows.append(CutflowRow(cut, count, float(cell.value), math.sqrt(float(cell.variance)), step, total, error))
    return Cutflow(sample, manifest.process, manifest.kind, tuple(rows))


def is_alternative(cut: str) -> bool:
    """Return whether a cut selects one region, control or sideband after the common cuts.

    Example:
        >>> [is_alternative(cut) for cut in ("region:low", "control:ee", "sideband:ee", "trigger")]
        [True, True, True, False]
    """
    return cut.startswith((REGION_PREFIX, CONTROL_PREFIX, SIDEBAND_PREFIX))


def _before(rows: Sequence[CutflowRow]) -> CutflowRow | None:
    return next((row for row in reversed(rows) if not is_alternative(row.cut)), None)


def _cell(histogram: Hist[Any], sample: str, cut: str) -> Any:
    return histogram[{histogram.axes[0].name: sample, histogram.axes[1].name: cut}]
