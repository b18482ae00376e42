"""Pseudo-data drawn from the templates, for searches whose data nobody simulates event by event."""

from __future__ import annotations

from typing import Final

import numpy as np

from darkreach.building.region_spectra import RegionSpectra
from darkreach.building.rounding import FloatArray
from darkreach.generators.random_streams import random_stream

DATA_KIND: Final = "pseudo-data drawn from the templates"
"""What the metadata of every patch say of such data."""


def drawn_counts(spectra: RegionSpectra, seed: int, signal: FloatArray | None = None) -> FloatArray:
    """Return Poisson counts of the expected background, and of a signal if one is injected, shape (bins,).

    The random numbers depend on the seed and the name of the region or control alone, not on their order. Counts of
    different regions are independent, also where regions of different mass ranges share events.

    Args:
        spectra: of the region or control.
        seed: root of the random numbers.
        signal: events injected, shape (bins,).
    """
    expected = spectra.total_background if signal is None else spectra.total_background + signal
    return poisson_counts(spectra.name, expected, seed)


def poisson_counts(name: str, expected: FloatArray, seed: int) -> FloatArray:
    """Return Poisson counts of expected events, of the same shape; the random numbers depend on seed and name alone.

    Args:
        name: of what is drawn.
        expected: events.
        seed: root of the random numbers.
    """
    drawn = random_stream(seed, f"pseudo-data of {name}", 0).poisson(expected)
    return np.asarray(drawn, dtype=np.float64)
