"""Histograms: binning, the histograms of one search, and their file."""

from darkreach.histograms.binning import region_edges, squared_mass_resolution
from darkreach.histograms.effective_events import (
    LARGEST_MIXING,
    WeightedBins,
    effective_events,
    weight_mixing,
    weighted_bins,
)
from darkreach.histograms.file import read_histograms, write_histograms
from darkreach.histograms.search_histograms import NOMINAL, LedgerEntry, SearchHistograms

__all__ = [
    "LARGEST_MIXING",
    "NOMINAL",
    "LedgerEntry",
    "SearchHistograms",
    "WeightedBins",
    "effective_events",
    "read_histograms",
    "region_edges",
    "squared_mass_resolution",
    "weight_mixing",
    "weighted_bins",
    "write_histograms",
]
