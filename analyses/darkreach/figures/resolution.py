"""The resolution figure: a measured quantity with its central 68 % shaded."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from darkreach.figures.style import COLOURS, house_style, new_figure

Array = NDArray[np.float64]


def draw_resolution(
    edges: Array, content: Array, median: float, width: float, *, axis: str, title: str, note: str
) -> Figure:
    """Draw a distribution and the band median +- width.

    Args:
        edges: (n + 1,).
        content: (n,) share of each bin.
        median: of the distribution.
        width: half of the central 68 %.
        axis: text of the horizontal axis, with its unit.
        title: above the axes.
        note: title of the legend.
    """
    with house_style():
        figure, axes = new_figure()
        axes.axvspan(median - width, median + width, color=COLOURS["one_sigma"], alpha=0.35, label="central 68 %")
        axes.stairs(content / np.diff(edges), edges, color=COLOURS["expected"], label="simulation")
        axes.set_xlim(edges[0], edges[-1])
        axes.set_ylim(0.0, 1.35 * float(np.max(content / np.diff(edges))))
        axes.set_xlabel(axis)
        axes.set_ylabel("(1/N) dN/dx")
        axes.legend(title=note, loc="upper right")
        axes.set_title(title, loc="left", fontsize=13.0)
    return figure
