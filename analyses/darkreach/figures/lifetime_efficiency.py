"""Efficiency of displaced decays against the lifetime, and how many events each number is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from matplotlib.figure import Figure

from darkreach.couplings.efficiency_grid import EfficiencyGrid
from darkreach.figures.lifetime_bands import LIFETIME_TITLE
from darkreach.figures.lifetime_curves import line_colours
from darkreach.figures.lifetime_limit_grid import Floats, spread_values
from darkreach.figures.panels import new_panels, outside_legend, title_panels
from darkreach.figures.style import FigureLabel, house_style

ENOUGH: Final = 100.0
"""Effective events below which a re-weighted efficiency is worse than 10 %."""

_SHOWN: Final = 5
_DECADES: Final = 5.0
_LINES: Final = ("-", "--", "-.", ":", (0, (4, 1, 1, 1, 1, 1)))


def shown_anchors(grids: Sequence[EfficiencyGrid]) -> list[float]:
    """Return some masses that most of the grids have, spread evenly in the logarithm, GeV."""
    masses, times = np.unique(np.concatenate([grid.masses_gev for grid in grids]), return_counts=True)
    return spread_values(masses[2 * times >= times.max()], _SHOWN)


def draw_lifetime_efficiencies(
    grids: Sequence[EfficiencyGrid], quantity: str, mass: str, names: Mapping[str, str], label: FigureLabel
) -> Figure:
    """Draw the efficiency with its error, or the effective events behind it, a panel a channel and a line a mass.

    Args:
        grids: of the channels.
        quantity: ``efficiency`` or ``effective_events``.
        mass: mathtext without dollar signs.
        names: of the channels, mathtext.
        label: data kind, luminosity, energy.
    """
    masses = shown_anchors(grids)
    drawn = []
    with house_style():
        figure, panels = new_panels(len(grids), label)
        for axes, grid in zip(panels, grids, strict=True):
            for one, colour, line in zip(masses, line_colours(len(masses)), _LINES, strict=False):
                # a channel that has no such anchor has no such line
                row = int(np.argmin(np.abs(grid.masses_gev - one)))
                if grid.masses_gev[row] != one:
                    continue
                values = np.where(getattr(grid, quantity)[row] > 0.0, getattr(grid, quantity)[row], np.nan)
                axes.plot(grid.ctaus_cm, values, linestyle=line, color=colour, label=rf"${mass}$ = {one:.4g} GeV")
                if quantity == "efficiency":
                    below, above = (values + sign * grid.error[row] for sign in (-1.0, 1.0))
                    axes.fill_between(grid.ctaus_cm, np.maximum(below, 1e-12), above, color=colour, alpha=0.25,
                                      linewidth=0.0)  # fmt: skip
                drawn.append(values)
            if quantity == "effective_events":
                axes.axhline(ENOUGH, color="#666666", linewidth=1.0, linestyle=(0, (1, 2)))
            axes.set_title(names[grid.channel], loc="left", fontsize=13.0)
        panels[0].set_xscale("log")
        panels[0].set_yscale("log")
        if (ends := _ends(drawn)) is not None:
            panels[0].set_ylim(*ends)
        title_panels(figure, panels, LIFETIME_TITLE, "efficiency" if quantity == "efficiency" else r"$n_\mathrm{eff}$")
        outside_legend(figure, panels, "")
    return figure


def _ends(drawn: Sequence[Floats]) -> tuple[float, float] | None:
    values = np.concatenate([*drawn, np.empty(0)])
    values = values[np.isfinite(values)]
    if not values.size:
        return None
    high = float(values.max())
    return max(float(values.min()) / 1.5, high * 10.0**-_DECADES), 2.0 * high
