"""House style of all figures: one font, one colour table, one label; no global matplotlib state is left changed."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

COLOURS: Final = {
    "observed": "#000000",
    "expected": "#1b4f8a",
    "one_sigma": "#6cbf73",
    "two_sigma": "#fbe08a",
    "published": "#c0392b",
    "data": "#000000",
    "background": "#9dc3e6",
    "background_edge": "#2f6da8",
    "uncertainty": "#4a4a4a",
    "signal": "#d1495b",
}
"""The colour table: bands differ in lightness as well as in hue, so they survive colour blindness and grey printing."""

CYCLE: Final = ("#1b4f8a", "#e08e1b", "#3b8f5a", "#a14da0", "#7a7a7a", "#c0392b", "#28a0b4", "#8a5a2b")

_SMALL_MASS: Final = 0.01
_SETTINGS: Final[Any] = {
    "figure.figsize": (7.6, 5.6),
    "figure.facecolor": "white",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "mathtext.fontset": "dejavusans",
    "font.size": 13.0,
    "axes.labelsize": 15.0,
    "axes.linewidth": 1.1,
    "axes.axisbelow": False,
    "legend.fontsize": 11.0,
    "legend.title_fontsize": 12.0,
    "legend.frameon": False,
    "legend.handlelength": 1.8,
    "lines.linewidth": 1.8,
    "xaxis.labellocation": "right",
    "yaxis.labellocation": "top",
    "svg.fonttype": "path",
    "svg.hashsalt": "darkreach",
} | {
    f"{axis}tick.{key}": value
    for axis in "xy"
    for key, value in {
        "direction": "in",
        "major.size": 7.0,
        "minor.size": 3.5,
        "minor.visible": True,
        {"x": "top", "y": "right"}[axis]: True,
    }.items()
}


@dataclass(frozen=True)
class FigureLabel:
    """What every figure says of its data.

    Attributes:
        data_kind: ``pseudo-data`` for simulated data, ``data`` for recorded ones.
        luminosity_inverse_fb: integrated luminosity, fb^-1.
        sqrt_s: centre-of-mass energy, GeV.
    """

    data_kind: str
    luminosity_inverse_fb: float
    sqrt_s: float

    @property
    def text(self) -> str:
        """Luminosity and energy as mathtext."""
        return rf"$\int L\,dt$ = {luminosity_text(self.luminosity_inverse_fb)}, $\sqrt{{s}}$ = {self.sqrt_s:.2f} GeV"

    @property
    def plain_text(self) -> str:
        """The same without mathtext, for pages."""
        luminosity = luminosity_text(self.luminosity_inverse_fb).replace("$^{-1}$", "\u207b\u00b9")
        return f"\u222bL dt = {luminosity}, \u221as = {self.sqrt_s:.2f} GeV"


def luminosity_text(luminosity_inverse_fb: float) -> str:
    """Return an integrated luminosity (fb^-1) in the unit people say it in.

    Example:
        >>> luminosity_text(0.445), luminosity_text(364.0), luminosity_text(50000.0)
        ('445 pb$^{-1}$', '364 fb$^{-1}$', '50 ab$^{-1}$')
    """
    for scale, unit in ((1e3, "ab"), (1.0, "fb")):
        if luminosity_inverse_fb >= scale:
            return f"{luminosity_inverse_fb / scale:.4g} {unit}$^{{-1}}$"
    return f"{luminosity_inverse_fb * 1e3:.4g} pb$^{{-1}}$"


def percent(confidence_level: float) -> str:
    """Return a confidence level as people say it.

    Example:
        >>> percent(0.9), percent(0.95), percent(0.683)
        ('90 % CL', '95 % CL', '68.3 % CL')
    """
    return f"{100.0 * confidence_level:.4g} % CL"


@contextmanager
def house_style() -> Iterator[None]:
    """Apply the style inside a with-block; afterwards all matplotlib settings are as before."""
    with mpl.rc_context(_SETTINGS):
        yield


def new_figure(**subplots: Any) -> tuple[Figure, Any]:
    """Return a figure with its axes, one or an array of them as ``Figure.subplots`` gives; call inside the style."""
    figure = Figure(layout=ConstrainedLayoutEngine(hspace=0.0, h_pad=0.04))
    return figure, figure.subplots(**subplots)


def write_label(axes: Axes, label: FigureLabel) -> None:
    """Write the label above the axes: who and which kind of data left, luminosity and energy right."""
    axes.set_title(rf"$\mathbf{{darkreach}}$ {label.data_kind}", loc="left", fontsize=13.0)
    axes.set_title(label.text, loc="right", fontsize=12.0)


def plain_logarithmic(axes: Axes, axis: str) -> None:
    """Label a logarithmic axis with plain numbers (0.2, 1, 5) where powers of ten would be too coarse."""
    chosen = axes.xaxis if axis == "x" else axes.yaxis
    chosen.set_major_formatter(lambda value, _: f"{value:g}")
    chosen.set_minor_formatter(lambda value, _: f"{value:g}" if _leading_digit(value) in (2, 5) else "")


def scale_masses(axes: Axes, lowest: float, highest: float) -> None:
    """Scale a mass axis (GeV): logarithmic, unless the smallest mass would take decades in which nothing changes."""
    if lowest > _SMALL_MASS * highest:
        logarithmic_masses(axes, lowest, highest)
    else:
        axes.set_xlim(-0.02 * highest, 1.03 * highest)


def logarithmic_masses(axes: Axes, lowest: float, highest: float) -> None:
    """Scale a mass axis (GeV) logarithmically with plain numbers, for what changes at thresholds of light particles."""
    axes.set_xscale("log")
    axes.set_xlim(lowest * 0.95, highest * 1.06)
    plain_logarithmic(axes, "x")


def _leading_digit(value: float) -> int:
    return round(value / 10.0 ** math.floor(math.log10(value) + 1e-9))


def save_svg(figure: Figure) -> str:
    """Return the figure as SVG text; the same figure gives the same bytes (no dates, fixed identifiers)."""
    buffer = io.StringIO()
    with house_style():
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return buffer.getvalue()
