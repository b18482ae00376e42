"""Bins merged for display, where the resolution is finer than the number of events can show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from darkreach.figures.spectrum import Array, Spectrum


def merge_bins(spectrum: Spectrum, minimum_background: float) -> Spectrum:
    """Merge neighbouring bins until every one expects at least so many background events; totals are kept.

    What remains at the upper end joins the last merged bin. For the eye only: limits use the bins as they are.
    """
    starts, collected = [0], float(spectrum.background[0])
    for index, expected in enumerate(spectrum.background[1:], start=1):
        if collected >= minimum_background:
            starts.append(index)
            collected = 0.0
        collected += float(expected)
    if collected < minimum_background and len(starts) > 1:
        starts.pop()

    def summed(values: Array) -> Array:
        return np.asarray(np.add.reduceat(values, starts))

    signal = spectrum.signal
    return replace(
        spectrum,
        edges=np.append(spectrum.edges[starts], spectrum.edges[-1]),
        observed=summed(spectrum.observed),
        background=summed(spectrum.background),
        background_error=np.sqrt(summed(spectrum.background_error**2)),
        signal=None if signal is None else replace(signal, events=summed(signal.events)),
    )
