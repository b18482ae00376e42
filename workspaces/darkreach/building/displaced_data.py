"""Counts of a region in cells of mass and radius: observed, or pseudo-data drawn from smoothed simulation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from darkreach.building.rounding import FloatArray


def smoothed(contents: FloatArray, stretches: Sequence[slice], reach: int) -> FloatArray:
    """Return contents averaged along the mass, in each bin of the radius alone, shapes (cells, radius bins).

    The average is over up to ``reach`` cells on both sides, as far as the stretch goes: never across excluded or vetoed
    masses. Cells outside of all stretches keep their contents.

    Args:
        contents: events, shape (cells, radius bins).
        stretches: ranges of cells without a gap.
        reach: half the width of the average, cells.

    Example:
        >>> smoothed(np.array([[3.0], [0.0], [0.0], [4.0], [8.0]]), [slice(0, 3), slice(4, 5)], 1)[:, 0].tolist()
        [1.5, 1.0, 0.0, 4.0, 8.0]
    """
    averaged = contents.copy()
    for stretch in stretches:
        part = contents[stretch]
        total = np.concatenate([np.zeros((1, part.shape[1])), np.cumsum(part, axis=0)])
        places = np.arange(len(part))
        low, high = np.maximum(places - reach, 0), np.minimum(places + reach + 1, len(part))
        # differences of sums may be negative by rounding
        averaged[stretch] = np.maximum(total[high] - total[low], 0.0) / (high - low)[:, np.newaxis]
    return averaged
