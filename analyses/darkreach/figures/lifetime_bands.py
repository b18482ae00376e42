"""Limits with their expected bands in panels: of all channels at one lifetime, or of one channel at some masses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from darkreach.figures.axis_text import number_text
from darkreach.figures.lifetime_limit_grid import Floats, LifetimeLimitGrid
from darkreach.figures.limit_lines import draw_limit_lines
from darkreach.figures.panels import new_panels, outside_legend, title_panels
from darkreach.figures.style import COLOURS, FigureLabel, house_style, logarithmic_masses, percent

LIFETIME_TITLE: Final = r"$c\tau$ [cm]"
_NEAR: Final = 0.02
_MARKERS: Final = "Dsv^"
_MARGIN: Final = 1.5


@dataclass(frozen=True, eq=False)
class MarkedLimits:
    """Limits of others on the same quantity, drawn as markers.

    Attributes:
        text: for the legend, mathtext: paper, kind, confidence level, luminosity.
        masses_gev: (n,), GeV.
        ctaus_cm: (n,), cm.
        limits: (n,).
    """

    text: str
    masses_gev: Floats
    ctaus_cm: Floats
    limits: Floats


def draw_channel_bands(
    grids: Sequence[LifetimeLimitGrid], ctau_cm: float, titles: tuple[str, str], names: Mapping[str, str],
    label: FigureLabel,
) -> Figure:  # fmt: skip
    """Draw the limits of several channels against mass at one lifetime, a panel a channel.

    Args:
        grids: of the channels, of one confidence level and one quantity.
        ctau_cm: lifetime; of every channel the nearest is taken, cm.
        titles: of the mass axis and of the limits, mathtext with units.
        names: of the channels, mathtext.
        label: data kind, luminosity, energy.
    """
    with house_style():
        figure, panels = new_panels(len(grids), label)
        for axes, grid in zip(panels, grids, strict=True):
            draw_limit_lines(axes, *grid.at_lifetime(ctau_cm))
            axes.set_title(names[grid.channel], loc="left", fontsize=13.0)
        panels[0].set_yscale("log")
        masses = np.concatenate([grid.masses_gev for grid in grids])
        logarithmic_masses(panels[0], float(masses.min()), float(masses.max()))
        title_panels(figure, panels, *titles)
        level = percent(grids[0].confidence_level)
        outside_legend(figure, panels, rf"{level} upper limits, CL$_s$, $c\tau$ = {number_text(ctau_cm)} cm")
    return figure


def draw_mass_panels(
    grid: LifetimeLimitGrid, masses_gev: Sequence[float], title: str, names: tuple[str, str], label: FigureLabel,
    marked: Sequence[MarkedLimits] = (),
) -> Figure:  # fmt: skip
    """Draw the limits of a channel against the lifetime, a panel a mass, with limits of others within 2 % of the mass.

    Args:
        grid: of the channel.
        masses_gev: the nearest of the grid are taken, GeV.
        title: of the limits, mathtext with unit.
        names: mathtext of the mass (without dollar signs), and of the channel.
        label: data kind, luminosity, energy.
        marked: limits of others on the same quantity and at the same level.
    """
    with house_style():
        figure, panels = new_panels(len(masses_gev), label)
        for axes, mass in zip(panels, masses_gev, strict=True):
            found, observed, expected = grid.at_mass(mass)
            draw_limit_lines(axes, grid.ctaus_cm, observed, expected)
            _draw_marked(axes, marked, found)
            axes.set_title(rf"${names[0]}$ = {found:.4g} GeV", loc="left", fontsize=13.0)
        panels[0].set_yscale("log")
        panels[0].set_ylim(*grid.shown_range())
        panels[0].set_xscale("log")
        panels[0].set_xlim(grid.ctaus_cm[0] / _MARGIN, grid.ctaus_cm[-1] * _MARGIN)
        title_panels(figure, panels, LIFETIME_TITLE, title)
        title = f"{names[1]}, {percent(grid.confidence_level)} upper limits, CL$_s$"
        outside_legend(figure, panels, title, columns=3 if marked else 4)
    return figure


def _draw_marked(axes: Axes, marked: Sequence[MarkedLimits], mass: float) -> None:
    for one, marker in zip(marked, cycle(_MARKERS), strict=False):
        near = np.abs(one.masses_gev / mass - 1.0) < _NEAR
        if near.any():
            axes.plot(
                one.ctaus_cm[near], one.limits[near], marker, color=COLOURS["published"], markersize=6.0,
                label=one.text, markerfacecolor="white", markeredgewidth=1.6,
            )  # fmt: skip
