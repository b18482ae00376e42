"""The figure of cross-section limits against mass."""

from __future__ import annotations

from matplotlib.figure import Figure

from darkreach.figures.band import LimitBand
from darkreach.figures.band_axes import draw_band, finish_band
from darkreach.figures.style import FigureLabel, house_style, new_figure


def draw_cross_section_band(
    band: LimitBand, label: FigureLabel, process: str = r"\gamma a", mass: str = "m_a"
) -> Figure:
    r"""Draw limits on the cross-section.

    Args:
        band: limits in fb.
        label: data kind, luminosity, energy.
        process: final state as mathtext, e.g. ``\gamma a``.
        mass: mathtext of the mass.
    """
    with house_style():
        figure, axes = new_figure()
        draw_band(axes, band, label, mass)
        axes.set_ylabel(rf"$\sigma(e^+e^-\to {process})$ [fb]")
        finish_band(axes, band)
    return figure
