"""The impact plot: pulls on the left, shifts of the parameter of interest on the right, the largest on top."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from darkreach.errors import ConfigError
from darkreach.figures.axis_text import plain
from darkreach.figures.fit_axes import ROW_HEIGHT, shade_rows, short, value_text, write_rows
from darkreach.figures.style import house_style, new_figure
from darkreach.fits import Impact, Impacts

MAXIMUM_ROWS = 20
_UP, _DOWN = "#1b4f8a", "#e08e1b"


def draw_impacts(impacts: Impacts, *, maximum: int = MAXIMUM_ROWS) -> Figure:
    """Draw the largest impacts on the parameter of interest.

    Filled bars are fits with the parameter held at its best fit plus (blue) or minus (orange) its error after the fit,
    outlines those with its error before.

    Args:
        impacts: of one fit.
        maximum: number of rows.

    Raises:
        ConfigError: the fit failed or has no nuisance parameter.
    """
    shown = impacts.ranked[:maximum]
    if not shown:
        raise ConfigError(
            "no impacts to draw", where=impacts.fit.hypothesis, given=impacts.fit.reason or "no nuisance parameter"
        )
    with house_style():
        figure, (left, right) = new_figure(ncols=2, sharey=True, width_ratios=(1.0, 1.35))
        figure.set_size_inches(9.4, 2.3 + ROW_HEIGHT * len(shown))
        write_rows(left, [f"{impact.parameter.name}  {row + 1}" for row, impact in enumerate(shown)])
        shade_rows(left, len(shown))
        shade_rows(right, len(shown))
        right.tick_params(axis="y", which="both", length=0.0)
        _draw_pulls(left, shown)
        _draw_shifts(right, shown, impacts.fit.poi)
        _write_titles(left, right, impacts)
        figure.legend(handles=_legend(), loc="outside lower center", ncols=3, fontsize=10.5)
    return figure


def _draw_pulls(axes: Axes, shown: Sequence[Impact]) -> None:
    for edge in (-1.0, 1.0):
        axes.axvline(edge, color="#999999", linewidth=0.9, linestyle=":", zorder=0.5)
    axes.axvline(0.0, color="#333333", linewidth=0.9, zorder=0.5)
    for row, impact in enumerate(shown):
        fitted = impact.parameter
        if fitted.pull is None:
            text = value_text(fitted.value, fitted.error)
            axes.text(0.5, row, text, transform=axes.get_yaxis_transform(), ha="center", va="center", fontsize=9.5)
        else:
            axes.errorbar(fitted.pull, row, xerr=fitted.constraint_ratio, fmt="o", color="#000000", markersize=4.0,
                          linewidth=1.4)  # fmt: skip
    largest = max((abs(i.parameter.pull or 0.0) + (i.parameter.constraint_ratio or 0.0) for i in shown), default=0.0)
    axes.set_xlim(-max(1.8, 1.15 * largest), max(1.8, 1.15 * largest))
    axes.set_xlabel(r"$(\hat\theta - \theta_0)\,/\,\Delta\theta_0$", loc="center")


def _draw_shifts(axes: Axes, shown: Sequence[Impact], poi: str) -> None:
    for row, impact in enumerate(shown):
        for shift, colour in ((impact.postfit_up, _UP), (impact.postfit_down, _DOWN)):
            if shift is not None:
                axes.barh(row, shift, height=0.62, color=colour, alpha=0.85, linewidth=0.0, zorder=2)
        for shift, colour in ((impact.prefit_up, _UP), (impact.prefit_down, _DOWN)):
            if shift is not None:
                axes.barh(row, shift, height=0.78, fill=False, edgecolor=colour, linewidth=1.1, zorder=3)
    axes.axvline(0.0, color="#333333", linewidth=0.9, zorder=4)
    shifts = [
        abs(shift)
        for impact in shown
        for shift in (impact.postfit_up, impact.postfit_down, impact.prefit_up, impact.prefit_down)
        if shift is not None
    ]
    reach = 1.12 * float(np.max(shifts, initial=0.0)) or 1.0
    axes.set_xlim(-reach, reach)
    axes.set_xlabel(f"shift of {plain(poi)}", loc="center")
    axes.xaxis.set_major_locator(MaxNLocator(5, symmetric=True))


def _write_titles(left: Axes, right: Axes, impacts: Impacts) -> None:
    fitted = impacts.fit[impacts.fit.poi]
    left.set_title(rf"$\mathbf{{darkreach}}$ {short(impacts.fit.hypothesis, 28)}", loc="left", fontsize=13.0)
    right.set_title(f"{plain(fitted.name)} = {value_text(fitted.value, fitted.error)}", loc="right", fontsize=12.0)


def _legend() -> list[Patch | Line2D]:
    return [
        Line2D([], [], color="#000000", marker="o", markersize=4.0, linewidth=1.4, label="pull"),
        Line2D([], [], linestyle="none", label=""),
        Patch(color=_UP, alpha=0.85, linewidth=0.0, label=r"$+1\sigma$ after the fit"),
        Patch(color=_DOWN, alpha=0.85, linewidth=0.0, label=r"$-1\sigma$ after the fit"),
        Patch(fill=False, edgecolor=_UP, linewidth=1.1, label=r"$+1\sigma$ before the fit"),
        Patch(fill=False, edgecolor=_DOWN, linewidth=1.1, label=r"$-1\sigma$ before the fit"),
    ]
