"""Published limits: values of papers that results are compared with, each with its source and confidence level."""

from darkreach.published.lifetimes import PublishedLifetimeLimit, PublishedLifetimes
from darkreach.published.limits import PublishedLimits, PublishedPoint, PublishedSearch
from darkreach.published.ranges import CROSS_SECTION, PublishedRange
from darkreach.published.read import published_or_none, published_search, read_published

__all__ = [
    "CROSS_SECTION",
    "PublishedLifetimeLimit",
    "PublishedLifetimes",
    "PublishedLimits",
    "PublishedPoint",
    "PublishedRange",
    "PublishedSearch",
    "published_or_none",
    "published_search",
    "read_published",
]
