"""Reading the published limits that are shipped."""

from __future__ import annotations

from darkreach.configuration import config_path, known_configs, read_config
from darkreach.errors import ConfigError
from darkreach.published.limits import PublishedLimits, PublishedSearch


def published_search(search: str) -> PublishedSearch:
    """Read what is published about a search.

    Raises:
        UnknownNameError: nothing published is stored for this search.
        ConfigError: the file holds unknown keys or values out of range, or belongs to another search.

    Example:
        >>> [limits.confidence_level for limits in published_search("axion_to_photons").limits]
        [0.95]
    """
    path = config_path("published", search)
    published = read_config(path, PublishedSearch)
    if published.search != search:
        raise ConfigError(
            "the published limits are of another search", where=str(path), allowed=search, given=published.search
        )
    return published


def published_or_none(search: str) -> PublishedSearch | None:
    """Return what is published about a search, or None if nothing is stored.

    Raises:
        ConfigError: as ``published_search``.
    """
    return published_search(search) if search in known_configs("published") else None


def read_published(search: str) -> PublishedLimits:
    """Return the main published curve of a search.

    Raises:
        UnknownNameError, ConfigError: as ``published_search``; or no curve is published.

    Example:
        >>> published = read_published("axion_to_photons")
        >>> published.confidence_level, published.observed[3].limit
        (0.95, 0.0013)
    """
    published = published_search(search)
    if not published.limits:
        raise ConfigError("no curve is published, only ranges of limits or single values", where=search)
    return published.limits[0]
