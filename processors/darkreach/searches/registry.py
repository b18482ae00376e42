"""The searches by name: the one table to extend when a search is added."""

from __future__ import annotations

from typing import Final

from darkreach.errors import unknown_name
from darkreach.searches.axion_to_photons import AxionToPhotons

SEARCHES: Final[dict[str, type[AxionToPhotons]]] = {
    "axion_to_photons": AxionToPhotons,
}


def search_processor(name: str) -> type[AxionToPhotons]:
    """Return the processor class of a search.

    Raises:
        UnknownNameError: no search of this name; proposes the closest one.

    Example:
        >>> search_processor("axion_to_photons").__name__
        'AxionToPhotons'
    """
    if name not in SEARCHES:
        raise unknown_name("search", name, SEARCHES)
    return SEARCHES[name]
