"""Histograms: binning, the histograms of one search, and their file."""

from darkreach.histograms.binning import kinematic_end, region_edges, squared_mass_resolution
from darkreach.histograms.file import read_histograms, write_histograms
from darkreach.histograms.search_histograms import NOMINAL, LedgerEntry, SearchHistograms

__all__ = [
    "NOMINAL",
    "LedgerEntry",
    "SearchHistograms",
    "kinematic_end",
    "read_histograms",
    "region_edges",
    "squared_mass_resolution",
    "write_histograms",
]
