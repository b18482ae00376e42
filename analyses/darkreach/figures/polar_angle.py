"""The polar-angle figure: a simulated distribution on its law, with their ratio below."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from darkreach.figures.style import COLOURS, house_style, new_figure

Array = NDArray[np.float64]


def draw_polar_angle(edges: Array, shares: Array, errors: Array, expected: Array, title: str, note: str) -> Figure:
    """Draw a distribution of cos(theta*).

    Args:
        edges: (n + 1,) cosines.
        shares: (n,) simulated share of each bin.
        errors: (n,) statistical.
        expected: (n,) of the law.
        title: above the axes.
        note: under the legend, such as the chi-squared.
    """
    width, centre = np.diff(edges), 0.5 * (edges[1:] + edges[:-1])
    with house_style():
        figure, (upper, lower) = new_figure(nrows=2, sharex=True, gridspec_kw={"height_ratios": (3.2, 1.0)})
        upper.stairs(expected / width, edges, color=COLOURS["expected"], label="closed form")
        upper.errorbar(
            centre, shares / width, yerr=errors / width, fmt="o", markersize=4.0, color=COLOURS["data"],
            label="simulation",
        )  # fmt: skip
        upper.set_ylim(0.0, 1.45 * float(np.max(shares / width)))
        upper.set_ylabel(r"(1/N) dN/d cos$\,\theta^*$")
        upper.legend(title=note, loc="upper center", ncols=2)
        upper.set_title(title, loc="left", fontsize=13.0)
        lower.axhline(1.0, color=COLOURS["expected"], linewidth=1.2)
        lower.errorbar(
            centre, shares / expected, yerr=errors / expected, fmt="o", markersize=4.0, color=COLOURS["data"]
        )
        half = 1.3 * float(np.max(np.abs(shares / expected - 1.0) + errors / expected))
        lower.set_ylim(1.0 - half, 1.0 + half)
        lower.set_xlim(edges[0], edges[-1])
        lower.set_xlabel(r"cos$\,\theta^*$")
        lower.set_ylabel("ratio", loc="center")
        figure.align_ylabels((upper, lower))
    return figure
