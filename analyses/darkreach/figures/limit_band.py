"""The limit figure: excluded couplings against mass, published values as markers."""

from __future__ import annotations

from matplotlib.figure import Figure

from darkreach.figures.axis_text import axis_title, coupling_text, plain
from darkreach.figures.band import LimitBand
from darkreach.figures.band_axes import draw_band, finish_band
from darkreach.figures.style import COLOURS, FigureLabel, house_style, luminosity_text, new_figure, percent
from darkreach.published import PublishedLimits


def draw_limit_band(
    band: LimitBand, coupling: str, unit: str, label: FigureLabel, published: PublishedLimits | None = None
) -> Figure:
    """Draw excluded couplings against mass; everything above a line is excluded.

    Args:
        band: lower edges of the excluded couplings (lines) and closed excluded intervals (bars).
        coupling: name of the coupling.
        unit: of the coupling.
        label: data kind, luminosity, energy.
        published: markers that carry their own paper, confidence level and luminosity.
    """
    with house_style():
        figure, axes = new_figure()
        draw_band(axes, band, label)
        points = () if published is None else tuple((point.mass_gev, point.limit) for point in published.observed)
        if published is not None:
            text = (
                f"{plain(published.source)}, observed\n"
                f"({percent(published.confidence_level)}, {luminosity_text(published.luminosity_inverse_fb)})"
            )
            axes.plot(*zip(*points, strict=True), "D", color=COLOURS["published"], markersize=6.0, label=text,
                      markerfacecolor="white", markeredgewidth=1.6)  # fmt: skip
        axes.set_ylabel(axis_title(coupling_text(coupling), unit))
        finish_band(axes, band, points)
    return figure
