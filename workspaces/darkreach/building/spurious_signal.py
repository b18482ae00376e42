"""The spurious signal: a wrong background shape that looks like the signal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from darkreach.building.modifiers import SPURIOUS_SIGNAL, histosys
from darkreach.building.region_spectra import RegionSpectra
from darkreach.building.rounding import FloatArray
from darkreach.building.signal_samples import SignalTemplate
from darkreach.errors import WorkspaceError

PEAK_HALF_WIDTH: Final = 1.4
"""Resolutions on either side of the peak: the window of best S/sqrt(B) for a Gaussian over a flat background."""


def spurious_fractions(signal: SignalTemplate, spectra: RegionSpectra, bins: slice, fraction: float) -> FloatArray:
    """Return the spurious signal as a part of the background in each bin of a window, shape (bins,).

    It has the nominal shape of the signal and ``fraction`` of the background within 1.4 resolutions of the peak.

    Args:
        signal: template of the window.
        spectra: of the region.
        bins: of the window, in the arrays of the region.
        fraction: spurious_signal_fraction of the configuration.

    Raises:
        WorkspaceError: the spurious signal exceeds the background in a bin.
    """
    half = PEAK_HALF_WIDTH * signal.resolution
    events = fraction * spectra.background_between(signal.mass**2 - half, signal.mass**2 + half)
    parts = events * signal.nominal / np.sum(signal.nominal) / spectra.total_background[bins]
    if np.any(parts >= 1.0):
        raise WorkspaceError(
            "the spurious signal exceeds the background in a bin",
            where=f"region {spectra.name}, mass {signal.mass:g} GeV",
            allowed="a part of the background below 1 in every bin",
            given=f"{parts.max():.3g}",
            next_step="lower spurious_signal_fraction",
        )
    return np.asarray(parts, dtype=np.float64)


def spurious_modifiers(samples: Sequence[dict[str, Any]], parts: FloatArray, digits: int) -> list[dict[str, Any]]:
    """Return the modifier ``spurious_signal`` for every background sample of one channel, in order.

    The obvious form, a sample of its own with nominal zero and variations +S and -S, is not portable: HistFactory in
    ROOT makes every sample positive (``PiecewiseInterpolation::setPositiveDefinite``), so that the lower half of the
    variation is cut off and the spurious signal could only ever be an excess; other tools refuse a negative template.
    As a variation of the background samples, hi = B (1 + S/B_total) and lo = B (1 - S/B_total), it is the same number
    of events for every tool and never negative.

    Args:
        samples: background samples of the channel.
        parts: spurious part of the background in each bin of the channel.
        digits: significant digits written.
    """
    modifiers = []
    for sample in samples:
        nominal = np.asarray(sample["data"], dtype=np.float64)
        modifiers.append(histosys(SPURIOUS_SIGNAL, nominal, nominal * (1.0 + parts), nominal * (1.0 - parts), digits))
    return modifiers
