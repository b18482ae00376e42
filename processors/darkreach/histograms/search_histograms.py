"""The histograms of one search: what the processing stage hands to the workspace stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hist import Hist

from darkreach.events.manifest import SampleManifest

NOMINAL = "nominal"
VARIATIONS = (
    NOMINAL,
    "energy_scale_up",
    "energy_scale_down",
    "resolution_up",
    "resolution_down",
    "photon_efficiency_up",
    "photon_efficiency_down",
)


@dataclass(frozen=True)
class LedgerEntry:
    """Events read from one file of one sample, to be compared with the plan."""

    sample: str
    path: str
    planned: int
    processed: int


@dataclass(frozen=True)
class SearchHistograms:
    """All histograms of a search; simulated ones are in fb, (pseudo-)data in events. Nothing is normalised yet.

    Attributes:
        search: name of the search.
        histograms: by name (the axis of samples is ``dataset``: hist reserves the name ``sample``):
            ``region/<region>``: axes dataset, variation (StrCategory) and observable (Variable, GeV^2), Weight storage;
            ``signal_shape/<region>``: axes dataset, variation and pull (Regular), Weight storage, signals only,
            pull = (squared mass - m^2)/resolution(m);
            ``decay_boost/<region>``: axes dataset and beta_gamma (Regular) of the decaying particle in the laboratory,
            one entry per selected signal event, Weight storage;
            ``cutflow``: axes dataset and cut (StrCategory, in order of the cuts), Weight storage;
            ``cutflow_entries``: the same axes, Double storage, unweighted event counts.
        samples: the manifest of every sample.
        ledger: events planned and processed, by file.
        record: provenance.
    """

    search: str
    histograms: Mapping[str, Hist[Any]]
    samples: Mapping[str, SampleManifest]
    ledger: tuple[LedgerEntry, ...]
    record: Mapping[str, Any]
