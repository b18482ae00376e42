"""The histograms of one search: what the processing stage hands to the workspace stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hist import Hist

from darkreach.events.manifest import SampleManifest

NOMINAL = "nominal"


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
            ``control/<control>``, of searches with controls: axes dataset, variation and observable, Weight storage;
            ``decay_boost/<region>``: axes dataset and beta_gamma (Regular) of the decaying particle in the laboratory,
            one entry per selected signal event, Weight storage; in a recoil search of the invisible particle, with the
            weights of an axion;
            ``cutflow``: axes dataset and cut (StrCategory, in order of the cuts), Weight storage;
            ``cutflow_entries``: the same axes, Double storage, unweighted event counts;
            ``correction_coverage``, only with corrections: axes dataset, correction and count (StrCategory): photons or
            events seen, acted on, and outside the table, Double storage.
            Variations are nominal and, by name of what varies, ``<name>_up`` and ``<name>_down``; the cutflow counts
            weights before corrections.
        samples: the manifest of every sample.
        ledger: events planned and processed, by file.
        record: provenance.
    """

    search: str
    histograms: Mapping[str, Hist[Any]]
    samples: Mapping[str, SampleManifest]
    ledger: tuple[LedgerEntry, ...]
    record: Mapping[str, Any]
