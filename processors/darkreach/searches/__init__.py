"""Searches: processors that turn the events of a search into its histograms."""

from darkreach.searches.axion_to_photons import AxionToPhotons
from darkreach.searches.registry import (
    SEARCHES,
    SearchKind,
    SearchProcessor,
    read_search,
    search_from,
    search_processor,
)

__all__ = [
    "SEARCHES",
    "AxionToPhotons",
    "SearchKind",
    "SearchProcessor",
    "read_search",
    "search_from",
    "search_processor",
]
