"""Limits of a channel in colours over mass and lifetime, observed beside expected."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from darkreach.figures.lifetime_bands import LIFETIME_TITLE
from darkreach.figures.lifetime_limit_grid import Floats, Gap, LifetimeLimitGrid, broken_places
from darkreach.figures.panels import new_panels, title_panels
from darkreach.figures.plane_map import set_round_ticks
from darkreach.figures.style import FigureLabel, house_style, logarithmic_masses, percent

_RESOLUTION: Final = 220.0
_OUTSIDE_PERCENT: Final = 1.5
_WIDTH: Final = 1.2
_LARGEST: Final = 3e3
"""Range of the colours: limits above say nothing."""


def draw_lifetime_map(grid: LifetimeLimitGrid, titles: tuple[str, str], text: str, label: FigureLabel) -> Figure:
    """Draw observed and median expected limits in the same colours; masses that were left out stay blank.

    Args:
        grid: of the channel.
        titles: of the mass axis and of the limits, mathtext with units.
        text: names the channel, mathtext.
        label: data kind, luminosity, energy.
    """
    shown = grid.finite()
    low, high = np.percentile(shown, [_OUTSIDE_PERCENT, 100.0 - _OUTSIDE_PERCENT]) if shown.size else (1.0, 10.0)
    high = min(high, _LARGEST * low)
    norm = LogNorm(low, max(high, 1.2 * low))
    edges, columns = mass_edges(grid.masses_gev, grid.gaps_gev)
    lifetimes = np.exp(_edges(np.log(grid.ctaus_cm)))
    with house_style():
        figure, panels = new_panels(2, label)
        figure.set_dpi(_RESOLUTION)
        figure.set_size_inches(*(figure.get_size_inches() * np.array([1.15, 1.1])))
        for axes, kind, values in zip(panels, ("observed", "median expected"), (grid.observed, grid.expected[2]),
                                      strict=True):  # fmt: skip
            cells = np.full((len(edges) - 1, len(grid.ctaus_cm)), np.nan)
            cells[columns] = values
            mesh = axes.pcolormesh(edges, lifetimes, cells.T, norm=norm, cmap="viridis", rasterized=True)
            axes.set_title(f"{text}, {kind}", loc="left", fontsize=13.0)
        panels[0].set_yscale("log")
        panels[0].set_ylim(lifetimes[0], lifetimes[-1])
        logarithmic_masses(panels[0], float(edges[0]), float(edges[-1]))
        panels[0].set_xlim(edges[0], edges[-1])
        title_panels(figure, panels, titles[0], LIFETIME_TITLE)
        outside = (bool((shown < low).any()), bool((shown > high).any()))
        extend = {(False, False): "neither", (True, False): "min", (False, True): "max", (True, True): "both"}[outside]
        bar = figure.colorbar(mesh, ax=panels, pad=0.01, aspect=28.0, extend=extend)
        if bar.solids is not None:
            bar.solids.set_rasterized(True)
        set_round_ticks(bar, norm)
        bar.ax.set_ylabel(f"{percent(grid.confidence_level)} upper limit, CL$_s$\n{titles[1]}", loc="top", fontsize=12)
    return figure


def mass_edges(masses_gev: Floats, gaps_gev: tuple[Gap, ...]) -> tuple[Floats, np.ndarray]:
    """Return edges of cells about masses, half way between neighbours or where a gap begins, and which cell each has.

    Example:
        >>> edges, places = mass_edges(np.array([1.0, 2.0, 3.0]), ((2.25, 2.5),))
        >>> edges.tolist(), places.tolist()
        ([0.5, 1.5, 2.25, 2.5, 3.5], [0, 1, 3])
    """
    if masses_gev.size == 1:
        return masses_gev[0] * np.array([1.0 / _WIDTH, _WIDTH]), np.zeros(1, dtype=np.int64)
    broken = set(broken_places(masses_gev, gaps_gev).tolist())
    half = 0.5 * np.diff(masses_gev)
    edges, places = [max(float(masses_gev[0] - half[0]), 0.5 * float(masses_gev[0]))], [0]
    for number in range(1, masses_gev.size):
        before, after = float(masses_gev[number - 1]), float(masses_gev[number])
        if number in broken:
            crossed = [(low, high) for low, high in gaps_gev if low < after and high > before]
            edges += [max(before, min(low for low, _ in crossed)), min(after, max(high for _, high in crossed))]
        else:
            edges.append(0.5 * (before + after))
        places.append(len(edges) - 1)
    edges.append(float(masses_gev[-1] + half[-1]))
    return np.array(edges), np.array(places)


def _edges(values: Floats) -> Floats:
    if values.size == 1:
        return np.asarray(values[0] + np.array([-0.5, 0.5]))
    middles = 0.5 * (values[1:] + values[:-1])
    return np.concatenate([[2.0 * values[0] - middles[0]], middles, [2.0 * values[-1] - middles[-1]]])
