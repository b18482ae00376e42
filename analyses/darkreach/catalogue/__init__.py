"""The catalogue: stored workspaces, limits and couplings, and their reproduction."""

from darkreach.catalogue.compared_limits import relative_difference
from darkreach.catalogue.entry import CatalogueEntry, known_entries
from darkreach.catalogue.reproduce import PublishedComparison, Reproduction, reproduce_entry
from darkreach.catalogue.store import store_entry

__all__ = [
    "CatalogueEntry",
    "PublishedComparison",
    "Reproduction",
    "known_entries",
    "relative_difference",
    "reproduce_entry",
    "store_entry",
]
