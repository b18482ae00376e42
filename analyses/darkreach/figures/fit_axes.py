"""What the figures of a fit share: title, rows of parameters, numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes

from darkreach.figures.axis_text import plain
from darkreach.fits import FitResult

ROW_HEIGHT: Final = 0.27
"""Inches of one parameter."""

_DATA_TEXT: Final = {"observed": "observed data", "asimov": "Asimov data"}


def write_fit_title(axes: Axes, result: FitResult, note: str = "") -> None:
    """Write above the axes what was fitted, to which data, and a note."""
    axes.set_title(rf"$\mathbf{{darkreach}}$ {short(result.hypothesis, 22 if note else 32)}", loc="left", fontsize=13.0)
    text = data_text(result)
    axes.set_title(f"{note}, {text}" if note else text, loc="right", fontsize=12.0)


def data_text(result: FitResult) -> str:
    """Return what a fit was made to, in words."""
    return _DATA_TEXT.get(result.data, result.data)


def short(name: str, length: int) -> str:
    """Return a name that fits above a figure, without mathtext.

    Example:
        >>> short("a_long_name", 7), short("name", 7)
        ('a_long…', 'name')
    """
    return plain(name if len(name) <= length else name[: length - 1] + "…")


def write_rows(axes: Axes, names: Sequence[str]) -> None:
    """Give each parameter a row, the first one on top."""
    axes.set_yticks(np.arange(len(names)), [plain(name) for name in names], fontsize=10.5)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="y", which="both", length=0.0)


def shade_rows(axes: Axes, rows: int) -> None:
    """Shade every other row."""
    for row in range(1, rows, 2):
        axes.axhspan(row - 0.5, row + 0.5, color="#f2f4f7", zorder=0, linewidth=0.0)


def value_text(value: float, error: float | None) -> str:
    r"""Return a value with its error, rounded to two digits of the error.

    Example:
        >>> value_text(1.23456, 0.0456), value_text(0.5, None), value_text(1234.5, 210.0)
        ('1.235 ± 0.046', '0.5', '1234 ± 210')
    """
    if error is None or not error > 0.0:
        return f"{value:.4g}"
    digits = max(1 - int(np.floor(np.log10(error))), 0)
    return f"{value:.{digits}f} ± {error:.{digits}f}"
