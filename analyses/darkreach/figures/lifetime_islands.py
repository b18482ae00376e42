"""Excluded regions with closed contours, in mass and coupling or in mass and lifetime."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path

from darkreach.couplings.couplings_file import QUANTILES, ExcludedInterval
from darkreach.couplings.exclusion_strips import ExclusionStrip, exclusion_strips
from darkreach.errors import LimitError
from darkreach.figures.lifetime_limit_grid import Floats, Gap, broken_places
from darkreach.figures.style import (
    COLOURS,
    FigureLabel,
    house_style,
    logarithmic_masses,
    new_figure,
    percent,
    write_label,
)

Plane = Literal["coupling", "lifetime"]

_BOUNDARY: Final = 3.0
_ROOM: Final = 3.0
_OBSERVED_FILL: Final = "#8a8a8a"


@dataclass(frozen=True, eq=False)
class ExclusionContours:
    """Excluded regions by quantile, in one plane.

    Attributes:
        confidence_level: e.g. 0.95.
        masses_gev: (m,) all masses that were tested, GeV.
        strips: closed regions by quantile (observed, -2, -1, 0, 1, 2); those without any are left out.
    """

    confidence_level: float
    masses_gev: Floats
    strips: Mapping[str, Sequence[ExclusionStrip]]

    def ends(self) -> tuple[float, float] | None:
        """Return the smallest and largest edge of all regions that is positive and finite; None without any."""
        edges = [np.concatenate([strip.lower, strip.upper]) for strips in self.strips.values() for strip in strips]
        values = np.concatenate([*edges, np.empty(0)])
        values = values[np.isfinite(values) & (values > 0.0)]
        return (float(values.min()), float(values.max())) if values.size else None


def exclusion_contours(
    intervals: Iterable[ExcludedInterval],
    masses_gev: Sequence[float],
    confidence_level: float,
    plane: Plane,
    largest_coupling: float,
    gaps_gev: Sequence[Gap] = (),
) -> ExclusionContours:
    """Join excluded intervals of neighbouring masses to closed regions.

    The lifetime goes as the inverse square of the coupling.

    Args:
        intervals: of the coupling, of one confidence level.
        masses_gev: all masses that were tested, GeV; one without an interval ends a region.
        confidence_level: of the intervals.
        plane: ``coupling``, or ``lifetime`` in cm.
        largest_coupling: that was looked at: intervals without an upper end end there.
        gaps_gev: ranges of mass that were left out: no region leads across them.

    Raises:
        LimitError: an interval belongs to no tested mass.

    Example:
        >>> one = ExcludedInterval(1.0, 8.0, "observed", 0.001, 0.002)
        >>> strip = exclusion_contours([one], [1.0, 2.0], 0.95, "lifetime", 1.0).strips["observed"][0]
        >>> strip.lower.tolist(), strip.upper.tolist()
        ([2.0], [8.0])
    """
    masses = np.unique(np.asarray(masses_gev, dtype=np.float64))
    found: dict[str, dict[float, list[tuple[float, float]]]] = {}
    for one in intervals:
        if one.mass_gev not in masses:
            raise LimitError("an excluded interval belongs to no tested mass", given=f"{one.mass_gev} GeV")
        ends = (one.lower, min(one.upper, largest_coupling))
        if plane == "lifetime":
            ends = (one.ctau_cm * (ends[0] / ends[1]) ** 2, one.ctau_cm)
        found.setdefault(str(one.quantile), {}).setdefault(one.mass_gev, []).append(ends)
    broken = set(broken_places(masses, gaps_gev).tolist())
    strips = {}
    for quantile in QUANTILES:
        scan: list[tuple[float, list[tuple[float, float]]]] = []
        for number, mass in enumerate(masses.tolist()):
            if number in broken:
                scan.append((0.5 * (float(masses[number - 1]) + mass), []))
            scan.append((mass, sorted(found.get(quantile, {}).get(mass, []))))
        if joined := exclusion_strips(scan):
            strips[quantile] = joined
    return ExclusionContours(confidence_level, masses, strips)


def draw_islands(contours: ExclusionContours, titles: tuple[str, str], text: str, label: FigureLabel) -> Figure:
    """Draw what is excluded: observed filled, the expected median dashed, and the range of one standard deviation.

    Args:
        contours: in one plane.
        titles: of the mass axis and of the other one, mathtext with units.
        text: names the search or the model, mathtext.
        label: data kind, luminosity, energy.
    """
    ends = contours.ends() or (1.0, 10.0)
    floor, ceiling = ends[0] / _BOUNDARY, 10.0 ** math.ceil(math.log10(ends[1]))
    with house_style():
        figure, axes = new_figure()
        axes.set_yscale("log")
        lowest, highest = float(contours.masses_gev[0]), float(contours.masses_gev[-1])
        logarithmic_masses(axes, lowest, highest)
        outlines = {name: [strip.outline(np.inf) for strip in strips] for name, strips in contours.strips.items()}
        handles = _draw_outlines(axes, outlines)
        axes.set_ylim(floor, ceiling * (ceiling / floor) ** (1.0 / _ROOM))
        axes.set_xlabel(titles[0])
        axes.set_ylabel(titles[1])
        write_label(axes, label)
        title = f"{percent(contours.confidence_level)} excluded, CL$_s$\n{text}"
        if not handles:
            axes.set_yticks([], minor=False)
            axes.set_yticks([], minor=True)
            axes.text(0.5, 0.5, "nothing is excluded", transform=axes.transAxes, ha="center", color="#666666")
        axes.legend(handles=handles, title=title, loc="upper left", alignment="left", ncols=2).set_in_layout(False)
    return figure


def _draw_outlines(axes: Axes, outlines: Mapping[str, Sequence[Floats]]) -> list[Line2D | Patch]:
    """Draw the regions and return the entries of the legend."""
    handles: list[Line2D | Patch] = []
    if "observed" in outlines:
        axes.add_patch(PathPatch(_path(outlines["observed"]), facecolor=_OBSERVED_FILL, alpha=0.35, linewidth=0.0,
                                 zorder=1.0))  # fmt: skip
        for outline in outlines["observed"]:
            axes.plot(*outline.T, "-", color=COLOURS["observed"], zorder=3.0)
        handles.append(Patch(facecolor="#cfcfcf", edgecolor=COLOURS["observed"], linewidth=1.6, label="observed"))
    if "0" in outlines:
        for outline in outlines["0"]:
            axes.plot(*outline.T, "--", color=COLOURS["expected"], zorder=3.1)
        handles.append(Line2D([], [], color=COLOURS["expected"], linestyle="--", label="expected, median"))
    if "-1" in outlines:
        # the other way round inside: what is excluded at +1 sigma too is a hole
        ring = [*outlines["-1"], *(outline[::-1] for outline in outlines.get("1", ()))]
        axes.add_patch(PathPatch(_path(ring), facecolor=COLOURS["one_sigma"], alpha=0.75, linewidth=0.0, zorder=1.5))
        handles.append(Patch(facecolor=COLOURS["one_sigma"], alpha=0.75, label=r"expected $\pm 1\sigma$"))
    return handles


def _path(outlines: Sequence[Floats]) -> Path:
    return Path.make_compound_path(*(Path(outline, closed=True) for outline in outlines))
