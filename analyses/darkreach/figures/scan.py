"""The profile likelihood scan of one parameter."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from darkreach.errors import ConfigError
from darkreach.figures.axis_text import plain
from darkreach.figures.fit_axes import short, value_text
from darkreach.figures.style import COLOURS, house_style, new_figure
from darkreach.fits import ProfileScan

_LEVELS = ((1.0, r"$1\sigma$"), (4.0, r"$2\sigma$"), (9.0, r"$3\sigma$"))


def draw_scan(scan: ProfileScan, title: str = "") -> Figure:
    """Draw -2 delta log L against a parameter, with the errors read off at 1 and the parabola of the symmetric error.

    Args:
        scan: the profile.
        title: what was fitted.

    Raises:
        ConfigError: the scan has no point.
    """
    points = [(value, rise) for value, rise in zip(scan.values, scan.delta, strict=True) if math.isfinite(rise)]
    if not points:
        raise ConfigError("no point to draw", where=scan.parameter, given=scan.reason)
    values, rises = np.array(points).T
    with house_style():
        figure, axes = new_figure()
        top = min(max(1.15 * float(rises.max()), 2.0), 16.0)
        _draw_levels(axes, top)
        if scan.error is not None:
            grid = np.linspace(values.min(), values.max(), 200)
            axes.plot(grid, ((grid - scan.best) / scan.error) ** 2, color="#7a7a7a", linestyle="--", linewidth=1.3,
                      label="parabola of the symmetric error")  # fmt: skip
        axes.plot(values, rises, color=COLOURS["expected"], marker="o", markersize=3.5, label="profile likelihood")
        for side, error in ((-1.0, scan.error_down), (1.0, scan.error_up)):
            if error is not None:
                axes.vlines(scan.best + side * error, 0.0, 1.0, color=COLOURS["signal"], linewidth=1.5)
        axes.set_xlim(values.min(), values.max())
        axes.set_ylim(0.0, top)
        axes.set_xlabel(plain(scan.parameter))
        axes.set_ylabel(r"$-2\,\Delta\ln L$")
        axes.legend(loc="upper center", title=f"{plain(scan.parameter)} = {errors_text(scan)}")
        axes.set_title(rf"$\mathbf{{darkreach}}$ {short(title, 40)}", loc="left", fontsize=13.0)
    return figure


def errors_text(scan: ProfileScan) -> str:
    r"""Return the best fit with its asymmetric errors; a side that ends at a bound has none.

    Example:
        >>> errors_text(ProfileScan("mu", 1.234, 0.4, 0.35, 0.42, (), ()))
        '$1.23^{+0.42}_{-0.35}$'
        >>> errors_text(ProfileScan("mu", 0.1, 0.4, None, 0.42, (), ()))
        '$0.10^{+0.42}$'
    """
    known = [error for error in (scan.error_down, scan.error_up) if error]
    if not known:
        return value_text(scan.best, scan.error)
    digits = max(1 - math.floor(math.log10(min(known))), 0)
    up = "" if scan.error_up is None else f"^{{+{scan.error_up:.{digits}f}}}"
    down = "" if scan.error_down is None else f"_{{-{scan.error_down:.{digits}f}}}"
    return f"${scan.best:.{digits}f}{up}{down}$"


def _draw_levels(axes: Axes, top: float) -> None:
    for level, text in _LEVELS:
        if level < top:
            axes.axhline(level, color="#999999", linewidth=0.9, linestyle=":")
            axes.text(0.985, level, text, transform=axes.get_yaxis_transform(), ha="right", va="bottom", fontsize=10.5)
