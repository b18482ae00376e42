"""The pull plot: constrained parameters in units of their uncertainty before the fit."""

from __future__ import annotations

from matplotlib.figure import Figure

from darkreach.errors import ConfigError
from darkreach.figures.fit_axes import ROW_HEIGHT, write_fit_title, write_rows
from darkreach.figures.style import COLOURS, house_style, new_figure
from darkreach.fits import FitResult, Pull, pulls

MAXIMUM_ROWS = 40


def draw_pulls(result: FitResult, *, maximum: int = MAXIMUM_ROWS) -> Figure:
    """Draw the pulls of all constrained parameters; of more than ``maximum`` the largest, in the order of the fit.

    Args:
        result: a best fit.
        maximum: number of rows.

    Raises:
        ConfigError: the fit has no constrained parameter.
    """
    listed = pulls(result, unconstrained=False)
    shown = _chosen(listed, maximum)
    if not shown:
        raise ConfigError("a fit without constrained parameters has no pulls", where=result.hypothesis)
    with house_style():
        figure, axes = new_figure()
        figure.set_size_inches(7.6, 1.6 + ROW_HEIGHT * len(shown))
        axes.axvspan(-2.0, 2.0, color=COLOURS["two_sigma"], zorder=0.1, linewidth=0.0)
        axes.axvspan(-1.0, 1.0, color=COLOURS["one_sigma"], zorder=0.2, linewidth=0.0)
        axes.axvline(0.0, color="#333333", linewidth=1.0, linestyle=":", zorder=0.3)
        write_rows(axes, [pull.name for pull in shown])
        for row, pull in enumerate(shown):
            axes.errorbar(
                pull.value, row, xerr=pull.error, fmt="o", color=COLOURS["observed"], markersize=4.5, linewidth=1.6,
                markerfacecolor="white" if pull.error is None else COLOURS["observed"],
            )  # fmt: skip
        reach = max(2.6, *(abs(pull.value) + (pull.error or 0.0) + 0.2 for pull in shown))
        axes.set_xlim(-reach, reach)
        axes.set_xlabel(r"$(\hat\theta - \theta_0)\,/\,\Delta\theta_0$")
        write_fit_title(axes, result, f"largest {len(shown)} of {len(listed)}" if len(shown) < len(listed) else "")
    return figure


def _chosen(listed: tuple[Pull, ...], maximum: int) -> list[Pull]:
    largest = sorted(range(len(listed)), key=lambda index: -abs(listed[index].value))[:maximum]
    return [listed[index] for index in sorted(largest)]
