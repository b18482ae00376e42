"""The limit figure: excluded couplings against mass, published values as markers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from textwrap import shorten
from typing import Final

from matplotlib.figure import Figure

from darkreach.figures.axis_text import axis_title, coupling_text, plain
from darkreach.figures.band import LimitBand
from darkreach.figures.band_axes import draw_band, finish_band
from darkreach.figures.style import COLOURS, FigureLabel, house_style, luminosity_text, new_figure, percent
from darkreach.published import PublishedLimits

_MARKERS: Final = "Dsv^"
# a legend as wide as the axes would leave them no room; captions have the whole text
_LONGEST_SOURCE: Final = 40


def draw_limit_band(
    band: LimitBand,
    coupling: str,
    unit: str,
    label: FigureLabel,
    published: Sequence[PublishedLimits] = (),
    mass: str = "m_a",
) -> Figure:
    """Draw excluded couplings against mass; everything above a line is excluded.

    Args:
        band: lower edges of the excluded couplings (lines) and closed excluded intervals (bars).
        coupling: name of the coupling.
        unit: of the coupling.
        label: data kind, luminosity, energy.
        published: markers that carry their own paper, confidence level and luminosity, a shape each.
        mass: mathtext of the mass.
    """
    with house_style():
        figure, axes = new_figure()
        draw_band(axes, band, label, mass)
        everything: list[tuple[float, float]] = []
        for one, marker in zip(published, cycle(_MARKERS), strict=False):
            points = [(point.mass_gev, point.limit) for point in one.points]
            text = (
                f"{plain(shorten(one.source, _LONGEST_SOURCE, placeholder='…'))}, {one.kind}\n"
                f"({percent(one.confidence_level)}, {luminosity_text(one.luminosity_inverse_fb)})"
            )
            axes.plot(*zip(*points, strict=True), marker, color=COLOURS["published"], markersize=6.0, label=text,
                      markerfacecolor="white", markeredgewidth=1.6)  # fmt: skip
            everything += points
        axes.set_ylabel(axis_title(coupling_text(coupling), unit))
        finish_band(axes, band, everything)
    return figure
