"""Observed and expected limits against anything, as lines and bands on axes."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from darkreach.figures.style import COLOURS

Floats = NDArray[np.float64]

# beyond this many points, markers hide the line they stand on
MOST_MARKERS: Final = 60


def draw_limit_lines(axes: Axes, x: Floats, observed: Floats, expected: Floats) -> None:
    """Draw the observed line, the median and the bands on axes of any scale.

    Args:
        axes: to draw on.
        x: (n,) rising.
        observed: (n,), NaN where there is none: lines and bands break there.
        expected: (5, n), for -2, -1, 0, +1, +2 standard deviations.
    """
    marker = "o" if x.size <= MOST_MARKERS else ""
    axes.plot(x, observed, "-", marker=marker, markersize=4.0, color=COLOURS["observed"], label="observed")
    axes.plot(x, expected[2], "--", color=COLOURS["expected"], label="expected, median")
    # below the lines, whose zorder is 2
    for low, high, name, sigmas in ((1, 3, "one_sigma", 1), (0, 4, "two_sigma", 2)):
        axes.fill_between(
            x, expected[low], expected[high], color=COLOURS[name], linewidth=0.0, zorder=1.6 - 0.1 * sigmas,
            label=rf"expected $\pm {sigmas}\sigma$",
        )  # fmt: skip
