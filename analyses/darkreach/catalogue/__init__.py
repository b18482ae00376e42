"""The catalogue: stored workspaces, limits and couplings, and their reproduction."""

from darkreach.catalogue.compared_limits import relative_difference
from darkreach.catalogue.entry import CatalogueEntry, known_entries
from darkreach.catalogue.lifetime_comparison import (
    LARGEST_FACTOR,
    MEDIAN_RATIO_GOAL,
    ComparedLifetimes,
    beside_lifetimes,
)
from darkreach.catalogue.published_comparison import (
    GOAL,
    MEDIAN_GOAL,
    ComparedCurve,
    PublishedComparison,
    beside_published,
)
from darkreach.catalogue.range_comparison import MARGIN, ComparedRange, OurRange, beside_range
from darkreach.catalogue.reproduce import Reproduction, reproduce_entry
from darkreach.catalogue.store import store_entry

__all__ = [
    "GOAL",
    "LARGEST_FACTOR",
    "MARGIN",
    "MEDIAN_GOAL",
    "MEDIAN_RATIO_GOAL",
    "CatalogueEntry",
    "ComparedCurve",
    "ComparedLifetimes",
    "ComparedRange",
    "OurRange",
    "PublishedComparison",
    "Reproduction",
    "beside_lifetimes",
    "beside_published",
    "beside_range",
    "known_entries",
    "relative_difference",
    "reproduce_entry",
    "store_entry",
]
