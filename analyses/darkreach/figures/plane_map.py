"""Colour maps over a plane of two masses, one cell a hypothesis: limits, efficiencies, events, p-values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PolyCollection
from matplotlib.colorbar import Colorbar
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.path import Path
from matplotlib.patheffects import withStroke

from darkreach.errors import LimitError
from darkreach.figures.axis_text import number_text
from darkreach.figures.plane_cells import linked_points, point_cells, smoothed
from darkreach.figures.plane_frame import Floats, PlaneFrame, finish_plane
from darkreach.figures.style import COLOURS, house_style, new_figure

_RESOLUTION: Final = 220.0
"""Dots an inch of the colours, which are pixels inside the SVG: thousands of cells as paths would be megabytes."""

_OUTSIDE_PERCENT: Final = 1.5
_SMOOTHING: Final = 6
_FEWEST_FOR_LINES: Final = 100
_STEPS: Final = (
    ((1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0), 1), ((1.0, 2.0, 3.0, 5.0), 1), ((1.0, 2.0, 5.0), 1), ((1.0, 3.0), 1),
    ((1.0,), 1), ((1.0,), 2), ((1.0,), 3),
)  # fmt: skip
"""Leading digits of round numbers, and every how many powers of ten."""

_STROKE: Final = withStroke(linewidth=2.6, foreground=(0.0, 0.0, 0.0, 0.55))


@dataclass(frozen=True, eq=False)
class PlaneMap:
    """What a map shows.

    Attributes:
        values: (n,) of the hypotheses of the frame; NaN is left blank.
        title: of the colours, mathtext with unit.
        lines: what is shown, e.g. confidence level and search, above the legend.
        logarithmic: colours; values must then be positive, others are left blank.
        contours: (n,) values whose lines are drawn, smoothed; None for no lines.
        contour_text: for the legend.
        marked: a point (masses in GeV) to mark, with its text for the legend.
        range: of the colours; None to take it from the values.
        colours: name of a matplotlib map.
    """

    values: Floats
    title: str
    lines: tuple[str, ...]
    logarithmic: bool = True
    contours: Floats | None = None
    contour_text: str = ""
    marked: tuple[tuple[float, float], str] | None = None
    range: tuple[float, float] | None = None
    colours: str = "viridis"


def draw_plane_map(frame: PlaneFrame, shown: PlaneMap) -> Figure:
    """Draw a map; hypotheses too few to form rows are drawn as squares of their own.

    Raises:
        LimitError: the map has another number of values than the frame has hypotheses.
    """
    if len(shown.values) != len(frame.masses) or not len(frame.masses):
        raise LimitError(
            "a map needs one value a hypothesis", given=f"{len(shown.values)} values, {len(frame.masses)} hypotheses"
        )
    drawn = np.isfinite(shown.values) & ((shown.values > 0.0) | (not shown.logarithmic))
    norm = _norm(shown, drawn)
    with house_style():
        figure, axes = new_figure()
        figure.set_dpi(_RESOLUTION)
        cells = point_cells(frame.masses)
        if cells is None:
            axes.scatter(*frame.masses[drawn].T, c=shown.values[drawn], norm=norm, cmap=shown.colours, marker="s",
                         s=45.0, edgecolors="#333333", linewidths=0.5)  # fmt: skip
        else:
            colours = PolyCollection(list(cells[drawn]), array=shown.values[drawn], norm=norm, cmap=shown.colours,
                                     antialiased=False, linewidths=0.0, rasterized=True, zorder=1)  # fmt: skip
            axes.add_collection(colours)
            colours.set_clip_path(Path(frame.allowed()), axes.transData)
        lines = [] if cells is None else _draw_contours(axes, frame, shown, norm)
        handles = [*lines, *_mark(axes, shown)]
        _colour_bar(figure, axes, shown, norm, drawn)
        finish_plane(axes, frame, shown.lines, handles)
    return figure


def round_levels(low: float, high: float, most: int) -> list[float]:
    """Return round numbers between two, fewer leading digits and powers of ten where they would be too many.

    Example:
        >>> round_levels(0.8, 30.0, 6), round_levels(1.0, 1e6, 4)
        ([1.0, 2.0, 5.0, 10.0, 20.0], [1.0, 100.0, 10000.0, 1000000.0])
    """
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps, every in _STEPS:
        # as text, so that 5 times 10^-3 is 0.005
        levels = [float(f"{step:g}e{power}") for power in powers if power % every == 0 for step in steps]
        inside = [level for level in levels if low <= level <= high]
        if len(inside) <= most:
            break
    return inside


def _norm(shown: PlaneMap, drawn: np.ndarray) -> Normalize:
    if shown.range is not None:
        low, high = shown.range
    elif not drawn.any():
        low, high = 1.0, 10.0
    else:
        low, high = np.percentile(shown.values[drawn], [_OUTSIDE_PERCENT, 100.0 - _OUTSIDE_PERCENT])
    if shown.logarithmic:
        # one value everywhere still needs a range
        return LogNorm(low, max(high, low * 1.2))
    return Normalize(low, high if high > low else low + 1.0)


def _draw_contours(axes: Axes, frame: PlaneFrame, shown: PlaneMap, norm: Normalize) -> list[Line2D]:
    if shown.contours is None or not shown.logarithmic:
        return []
    usable = np.isfinite(shown.contours) & (shown.contours > 0.0)
    if np.count_nonzero(usable) < _FEWEST_FOR_LINES:
        return []
    points = frame.masses[usable]
    spans = np.ptp(points, axis=0)
    if not (spans > 0.0).all():
        return []
    links = linked_points(points, (float(spans[0]), float(spans[1])))
    values = smoothed(links, np.log10(shown.contours[usable]), _SMOOTHING)
    levels = [level for level in round_levels(float(norm.vmin or 0.0), float(norm.vmax or 1.0), 7)
              if values.min() < math.log10(level) < values.max()]  # fmt: skip
    if not levels:
        return []
    lines = axes.tricontour(links, values, levels=np.log10(levels), colors="white", linewidths=1.3, linestyles="solid",
                            zorder=2)  # fmt: skip
    labels = axes.clabel(lines, fmt=_level_text, fontsize=10.0, inline=True, inline_spacing=3)
    for label in labels:
        label.set_path_effects([_STROKE])
    lines.set_path_effects([_STROKE])
    return [Line2D([], [], color="#bbbbbb", linewidth=2.0, label=shown.contour_text)] if shown.contour_text else []


def _level_text(logarithm: float) -> str:
    # rounded: the level itself went through a logarithm
    return number_text(float(f"{10.0**logarithm:.3g}"))


def _mark(axes: Axes, shown: PlaneMap) -> list[Line2D]:
    if shown.marked is None:
        return []
    point, text = shown.marked
    return list(
        axes.plot(*[[mass] for mass in point], "o", markersize=15.0, markerfacecolor="none", markeredgewidth=2.2,
                  color=COLOURS["expected"], label=text, zorder=7, linestyle="none")
    )  # fmt: skip


def _colour_bar(figure: Figure, axes: Axes, shown: PlaneMap, norm: Normalize, drawn: np.ndarray) -> None:
    values = shown.values[drawn]
    below, above = (bool(values.size and values.min() < norm.vmin), bool(values.size and values.max() > norm.vmax))
    extend = {(False, False): "neither", (True, False): "min", (False, True): "max", (True, True): "both"}[below, above]
    bar = figure.colorbar(ScalarMappable(norm, shown.colours), ax=axes, pad=0.02, aspect=28.0, extend=extend)
    if bar.solids is not None:
        bar.solids.set_rasterized(True)
    bar.ax.set_ylabel(shown.title, loc="top", fontsize=14.0)
    if shown.logarithmic:
        set_round_ticks(bar, norm)


def set_round_ticks(bar: Colorbar, norm: Normalize) -> None:
    """Put plain round numbers at logarithmic colours."""
    ticks = round_levels(float(norm.vmin or 0.0), float(norm.vmax or 1.0), 9)
    bar.set_ticks(ticks, labels=[number_text(tick) for tick in ticks])
    bar.ax.minorticks_off()
