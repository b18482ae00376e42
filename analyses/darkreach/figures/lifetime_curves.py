"""Limits against mass, a line a lifetime."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from darkreach.figures.axis_text import number_text
from darkreach.figures.lifetime_limit_grid import LifetimeLimitGrid
from darkreach.figures.limit_lines import MOST_MARKERS
from darkreach.figures.style import (
    FigureLabel,
    house_style,
    logarithmic_masses,
    new_figure,
    percent,
    write_label,
)

_SIZE: Final = (9.4, 5.6)
_LAST_COLOUR: Final = 0.88


def line_colours(count: int) -> list[tuple[float, float, float, float]]:
    """Return colours of lines that follow an order, dark to light, the lightest still dark enough on white.

    Example:
        >>> len(line_colours(3)), len(line_colours(1))
        (3, 1)
    """
    return [mpl.colormaps["viridis"](place) for place in np.linspace(0.0, _LAST_COLOUR, count)]


def draw_lifetime_curves(
    grid: LifetimeLimitGrid, ctaus_cm: Sequence[float], titles: tuple[str, str], text: str, label: FigureLabel
) -> Figure:
    """Draw the observed limits as lines and the medians dashed, one colour a lifetime; lines break at gaps.

    Args:
        grid: of the channel.
        ctaus_cm: lifetimes to draw, cm.
        titles: of the mass axis and of the limits, mathtext with units.
        text: names the channel, mathtext.
        label: data kind, luminosity, energy.
    """
    with house_style():
        figure, axes = new_figure()
        figure.set_size_inches(*_SIZE)
        axes.set_yscale("log")
        handles = [
            Line2D([], [], color="#333333", label="observed"),
            Line2D([], [], color="#333333", linestyle="--", linewidth=1.3, label="expected, median"),
        ]
        for ctau, colour in zip(ctaus_cm, line_colours(len(ctaus_cm)), strict=True):
            masses, observed, expected = grid.at_lifetime(ctau)
            marker = "o" if masses.size <= MOST_MARKERS else ""
            (line,) = axes.plot(
                masses, observed, "-", color=colour, marker=marker, markersize=3.5,
                label=rf"$c\tau$ = {number_text(ctau)} cm",
            )  # fmt: skip
            axes.plot(masses, expected[2], "--", color=colour, linewidth=1.3)
            handles.append(line)
        axes.set_ylim(*grid.shown_range())
        logarithmic_masses(axes, float(grid.masses_gev[0]), float(grid.masses_gev[-1]))
        axes.set_xlabel(titles[0])
        axes.set_ylabel(titles[1])
        write_label(axes, label)
        figure.legend(
            handles=handles, title=f"{text}\n{percent(grid.confidence_level)} upper\nlimits, CL$_s$",
            loc="outside right upper", alignment="left",
        )  # fmt: skip
    return figure
