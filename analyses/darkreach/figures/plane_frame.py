"""Axes of a plane of two masses: kinematic borders, published ranges, the label; what is in them comes from others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.transforms import offset_copy
from numpy.typing import NDArray

from darkreach.figures.style import COLOURS, FigureLabel, write_label

Floats = NDArray[np.float64]

X_TITLE: Final = r"$m_{A^\prime}$ [GeV]"
Y_TITLE: Final = r"$m_{h^\prime}$ [GeV]"
_BORDER: Final = "#666666"


@dataclass(frozen=True)
class PlaneBox:
    """A part of the plane that something published is about.

    Attributes:
        dark_photon_mass: its range, GeV; None if only kinematics limits it.
        dark_higgs_mass: its range, GeV; None if only kinematics limits it.
        text: for the legend.
    """

    dark_photon_mass: tuple[float, float] | None
    dark_higgs_mass: tuple[float, float] | None
    text: str


@dataclass(frozen=True, eq=False)
class PlaneFrame:
    """What all figures of a plane share.

    Attributes:
        masses: (n, 2) of all hypotheses, GeV; they decide the ranges of the axes.
        order: ``lighter_higgs`` or ``pair``, as in the configuration.
        label: data kind, luminosity, energy.
        boxes: published ranges.
    """

    masses: Floats
    order: Literal["lighter_higgs", "pair"]
    label: FigureLabel
    boxes: tuple[PlaneBox, ...] = ()

    def allowed(self) -> Floats:
        """Return the outline (k, 2) of the part of the plane that kinematics and the order of the masses allow."""
        first = np.linspace(0.0, self.label.sqrt_s, 501)
        low, high = self.lowest(first), self.highest(first)
        first, low, high = first[low <= high], low[low <= high], high[low <= high]
        return np.concatenate([np.column_stack([first, high]), np.column_stack([first, low])[::-1]])

    def highest(self, dark_photon_mass: Floats) -> Floats:
        """Return the largest dark Higgs mass (GeV) that is produced, and invisible where it must be."""
        produced = self.label.sqrt_s - dark_photon_mass
        return np.asarray(produced if self.order == "pair" else np.minimum(produced, dark_photon_mass))

    def lowest(self, dark_photon_mass: Floats) -> Floats:
        """Return the smallest dark Higgs mass (GeV): it decays to two dark photons, or none."""
        return np.asarray(2.0 * dark_photon_mass if self.order == "pair" else 0.0 * dark_photon_mass)


def finish_plane(axes: Axes, frame: PlaneFrame, lines: Sequence[str], handles: Sequence[Line2D] = ()) -> None:
    """Set ranges and titles, draw borders and published ranges, and write what is shown where no hypothesis is.

    Args:
        axes: with everything drawn.
        frame: of the plane.
        lines: what is shown, e.g. confidence level and search.
        handles: further entries of the legend.
    """
    low, high = frame.masses.min(axis=0), frame.masses.max(axis=0)
    for number, box in enumerate(frame.boxes):
        outline = _outline(box, frame)
        if not outline.size:
            continue
        style = ("-", "--", ":")[number % 3]
        (line,) = axes.plot(*outline.T, style, color=COLOURS["published"], linewidth=2.0, label=box.text, zorder=5)
        handles = [*handles, line]
        low, high = np.minimum(low, outline.min(axis=0)), np.maximum(high, outline.max(axis=0))
    margin = 0.035 * (high - low)
    axes.set_xlim(max(low[0] - margin[0], 0.0), high[0] + margin[0])
    # room for the legend
    axes.set_ylim(0.0, high[1] * (1.32 if frame.order == "pair" else 1.42))
    _draw_borders(axes, frame)
    axes.set_xlabel(X_TITLE)
    axes.set_ylabel(Y_TITLE)
    write_label(axes, frame.label)
    # above the borders: a light Higgs leaves the left of that empty, a heavy one the right
    place: Literal["upper right", "upper left"] = "upper right" if frame.order == "pair" else "upper left"
    legend = axes.legend(
        handles=list(handles), title="\n".join(lines), loc=place, alignment="left", fontsize=10.5, title_fontsize=11.5,
    )  # fmt: skip
    legend.set_in_layout(False)
    legend.set_zorder(6)


def _outline(box: PlaneBox, frame: PlaneFrame) -> Floats:
    """Return the closed outline (k, 2) of what kinematics leave of a box; empty if that is nothing."""
    first = np.linspace(*(box.dark_photon_mass or (0.0, frame.label.sqrt_s)), 201)
    low, high = frame.lowest(first), frame.highest(first)
    if box.dark_higgs_mass is not None:
        low, high = np.maximum(low, box.dark_higgs_mass[0]), np.minimum(high, box.dark_higgs_mass[1])
    inside = low <= high
    first, low, high = first[inside], low[inside], high[inside]
    upper, lower = np.column_stack([first, high]), np.column_stack([first, low])[::-1]
    return np.concatenate([upper, lower, upper[:1]])


def _draw_borders(axes: Axes, frame: PlaneFrame) -> None:
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    energy = frame.label.sqrt_s
    # the two borders meet at the top
    slope_below, own = (2.0, r"$m_{h^\prime} = 2m_{A^\prime}$") if frame.order == "pair" else (
        1.0, r"$m_{h^\prime} = m_{A^\prime}$")  # fmt: skip
    meet = energy / (1.0 + slope_below)
    for slope, offset, first, last, text in (
        (slope_below, 0.0, 0.0, meet, own),
        (-1.0, energy, 0.0 if frame.order == "pair" else meet, meet if frame.order == "pair" else energy,
         r"$m_{h^\prime} = \sqrt{s} - m_{A^\prime}$"),
    ):  # fmt: skip
        ends = sorted(np.clip([(bottom - offset) / slope, (top - offset) / slope], max(left, first), min(right, last)))
        if ends[1] - ends[0] < 0.02 * (right - left):
            continue
        axes.plot(ends, [slope * end + offset for end in ends], color=_BORDER, linewidth=1.2, dashes=(5, 3), zorder=4)
        below = frame.order == "pair" and slope > 0.0
        place = ends[0] + (0.32 if slope > 0.0 else 0.5) * (ends[1] - ends[0])
        moved = offset_copy(axes.transData, axes.get_figure(root=True), y=-3.0 if below else 3.0, units="points")
        axes.text(
            place, slope * place + offset, text, transform=moved, rotation=np.degrees(np.arctan(slope)),
            rotation_mode="anchor", transform_rotates_text=True, ha="center", va="top" if below else "bottom",
            fontsize=11.0, color=_BORDER, zorder=6,
        )  # fmt: skip
