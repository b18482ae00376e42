"""Searches: coffea processors from events to histograms, one file a search."""

from darkreach.searches.axion_to_photons import AxionToPhotons
from darkreach.searches.registry import SEARCHES, search_processor

__all__ = ["SEARCHES", "AxionToPhotons", "search_processor"]
