"""Limits along a line of the plane, one mass fixed, as a band."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.figure import Figure

from darkreach.errors import LimitError
from darkreach.figures.band_axes import draw_band, finish_band
from darkreach.figures.plane_limits import PlaneLimits
from darkreach.figures.style import FigureLabel, house_style, new_figure, plain_logarithmic

SYMBOLS: Final = (r"m_{A^\prime}", r"m_{h^\prime}")
_SMALLEST_PLAIN: Final = 2e-3


def draw_plane_slice(limits: PlaneLimits, fixed: int, value: float, title: str, label: FigureLabel) -> Figure:
    """Draw observed and expected limits against one mass at a fixed value of the other.

    Args:
        limits: over the plane.
        fixed: 0 for the mass of the dark photon, 1 for that of the dark Higgs boson.
        value: of it, GeV; the nearest hypotheses are taken.
        title: of the vertical axis, mathtext with unit.
        label: data kind, luminosity, energy.

    Raises:
        LimitError: no hypothesis is near.
    """
    found, band = limits.slice(fixed, value)
    if not band.mass_gev.size:
        raise LimitError("no hypothesis of the plane is on this line", given=f"{SYMBOLS[fixed]} = {value} GeV")
    with house_style():
        figure, axes = new_figure()
        draw_band(axes, band, label, SYMBOLS[1 - fixed])
        axes.set_ylabel(title)
        finish_band(axes, band)
        # on a logarithmic axis the first step from a light mass would take most of it
        axes.set_xscale("linear")
        margin = 0.03 * float(np.ptp(band.mass_gev)) or 0.05 * float(band.mass_gev[0])
        axes.set_xlim(float(band.mass_gev.min()) - margin, float(band.mass_gev.max()) + margin)
        if min(axes.get_ylim()) > _SMALLEST_PLAIN:
            plain_logarithmic(axes, "y")
        nearly = "=" if fixed == 0 else r"\approx"
        axes.text(0.97, 0.96, rf"${SYMBOLS[fixed]} {nearly} {found:.4g}$ GeV", transform=axes.transAxes, ha="right",
                  va="top", fontsize=14.0)  # fmt: skip
    return figure
