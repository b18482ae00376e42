"""Drawing a limit band: shared by the figures of couplings and of cross-sections."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.axes import Axes

from darkreach.figures.band import LimitBand
from darkreach.figures.limit_lines import draw_limit_lines
from darkreach.figures.style import COLOURS, FigureLabel, percent, plain_logarithmic, write_label


def draw_band(axes: Axes, band: LimitBand, label: FigureLabel, mass_title: str = "m_a") -> None:
    """Draw the observed line, the median, the bands and the islands on logarithmic axes, and the label above them.

    Args:
        axes: to draw on.
        band: what to draw.
        label: data kind, luminosity, energy.
        mass_title: mathtext of the mass.
    """
    axes.set_xscale("log")
    axes.set_yscale("log")
    draw_limit_lines(axes, band.mass_gev, band.observed, band.expected)
    _draw_islands(axes, band)
    axes.set_xlabel(rf"${mass_title}$ [GeV]")
    write_label(axes, label)


def _draw_islands(axes: Axes, band: LimitBand) -> None:
    """Draw closed excluded intervals as capped vertical bars; the expected median beside the observed one."""
    for quantile, colour, shift, text in (
        ("observed", COLOURS["observed"], 1.0, "observed, closed interval"),
        ("0", COLOURS["expected"], 1.012, "median, closed interval"),
    ):
        chosen = [island for island in band.islands if island.quantile == quantile]
        if not chosen:
            continue
        mass = np.array([island.mass_gev for island in chosen]) * shift
        centre = np.array([0.5 * (island.lower + island.upper) for island in chosen])
        half = np.array([0.5 * (island.upper - island.lower) for island in chosen])
        axes.errorbar(mass, centre, yerr=half, fmt="none", ecolor=colour, elinewidth=2.0, capsize=4.0, label=text)


def finish_band(axes: Axes, band: LimitBand, extra: Sequence[tuple[float, float]] = ()) -> None:
    """Set ranges that leave room for the legend, and say the confidence level in its title.

    Args:
        axes: with everything drawn.
        band: what was drawn.
        extra: further (mass, value) that must be inside, e.g. published ones.
    """
    heights = [*_drawn(band), *extra]
    if heights:
        axes.set_ylim(*_height_range(heights))
    if band.mass_gev.size:
        axes.set_xlim(float(band.mass_gev.min()) * 0.95, float(band.mass_gev.max()) * 1.06)
    plain_logarithmic(axes, "x")
    legend = axes.legend(
        title=f"{percent(band.confidence_level)} upper limits, CL$_s$",
        loc="upper left",
        alignment="left",
        reverse=False,
    )
    # a long text must not squeeze the axes
    legend.set_in_layout(False)


def _height_range(drawn: list[tuple[float, float]]) -> tuple[float, float]:
    """Return the y range that holds all (mass, value), with the upper left free for the legend."""
    mass, value = np.log(np.array(drawn)).T
    bottom, top = float(value.min()) - 0.4, float(value.max()) + 0.4
    # what stands under the legend, the left half of the axis, may reach 55 % of the height
    left = value[mass <= mass.min() + 0.5 * (mass.max() - mass.min())]
    top = max(top, bottom + (float(left.max()) - bottom) / 0.55)
    return float(np.exp(bottom)), float(np.exp(top))


def _drawn(band: LimitBand) -> Iterator[tuple[float, float]]:
    """Yield mass and height of everything drawn that is a positive number."""
    for curve in (band.observed, *band.expected):
        for mass, value in zip(band.mass_gev.tolist(), curve.tolist(), strict=True):
            if math.isfinite(value) and value > 0.0:
                yield mass, value
    for island in band.islands:
        yield from ((island.mass_gev, island.lower), (island.mass_gev, island.upper))
