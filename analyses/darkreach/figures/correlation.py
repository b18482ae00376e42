"""The correlation matrix of a fit, with the parameters that are most correlated."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from darkreach.errors import ConfigError
from darkreach.figures.axis_text import plain
from darkreach.figures.fit_axes import data_text, short
from darkreach.figures.style import house_style, new_figure
from darkreach.fits import FitResult

MAXIMUM_ROWS = 20
_NUMBERS_UP_TO = 24


def draw_correlation(result: FitResult, *, maximum: int = MAXIMUM_ROWS) -> Figure:
    """Draw the correlations of the most correlated parameters, the parameter of interest among them.

    Args:
        result: a best fit.
        maximum: number of parameters.

    Raises:
        ConfigError: fewer than two parameters have errors.
    """
    places = _chosen(result, maximum)
    if len(places) < 2:
        raise ConfigError("fewer than two parameters have errors", where=result.hypothesis)
    names = [plain(result.names[place]) for place in places]
    matrix = result.correlation[np.ix_(places, places)]
    with house_style():
        figure, axes = new_figure()
        side = max(2.6 + 0.4 * len(places), 5.0)
        figure.set_size_inches(side + 1.0, side)
        image = axes.imshow(matrix, cmap="RdBu_r", vmin=-1.0, vmax=1.0, aspect="auto")
        axes.set_xticks(range(len(names)), names, rotation=90, fontsize=10.0)
        axes.set_yticks(range(len(names)), names, fontsize=10.0)
        axes.tick_params(which="both", length=0.0)
        axes.minorticks_off()
        if len(names) <= _NUMBERS_UP_TO:
            _write_numbers(axes, matrix)
        bar = figure.colorbar(image, ax=axes, fraction=0.045, pad=0.02)
        bar.set_label(f"correlation (cells in %), {data_text(result)}", loc="center")
        bar.ax.minorticks_off()
        name = short(result.hypothesis, 10 + len(places))
        axes.set_title(rf"$\mathbf{{darkreach}}$ {name}", loc="left", fontsize=13.0)
    return figure


def _chosen(result: FitResult, maximum: int) -> list[int]:
    own = np.abs(result.correlation - np.diag(np.diagonal(result.correlation)))
    free = [index for index, flag in enumerate(result.flags) if not flag]
    strongest = sorted(free, key=lambda index: -own[index].max(initial=0.0))[:maximum]
    poi = result.index(result.poi)
    if poi in free and poi not in strongest:
        strongest[-1] = poi
    # the parameter of interest first, then in the order of the fit
    return sorted(strongest, key=lambda index: (index != poi, index))


def _write_numbers(axes: Axes, matrix: NDArray[np.float64]) -> None:
    for row, column in np.ndindex(*matrix.shape):
        value = matrix[row, column]
        text = f"{100.0 * value:.0f}"
        if row != column and text not in ("0", "-0"):
            colour = "white" if abs(value) > 0.55 else "black"
            axes.text(column, row, text, ha="center", va="center", fontsize=7.5, color=colour)
