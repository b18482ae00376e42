"""All figures of the report of a plane search, by file name, with captions that say data, luminosity and level."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from darkreach.figures import percent, save_svg
from darkreach.figures.axis_text import axis_title, coupling_text, plain, plain_coupling
from darkreach.figures.plane_cells import point_cells
from darkreach.figures.plane_events import draw_plane_events, plane_events
from darkreach.figures.plane_frame import Floats, PlaneBox
from darkreach.figures.plane_limits import PlaneLimits
from darkreach.figures.plane_map import PlaneMap, draw_plane_map
from darkreach.figures.plane_slice import draw_plane_slice
from darkreach.published import CROSS_SECTION
from darkreach.report.plane_comparison import LARGEST_ATTOBARN, range_text
from darkreach.report.plane_content import PlaneReading, PlaneReportContent
from darkreach.report.plane_excess import excess_map
from darkreach.report.plane_points import slice_values
from darkreach.report.report_figure import ReportFigure
from darkreach.report.table import readable_process

_FEWEST_IN_A_SLICE: Final = 4


def plane_report_figures(content: PlaneReportContent) -> Iterator[ReportFigure]:
    """Draw all figures: maps of limits and slices by confidence level, local p-values, events, efficiency."""
    where = f"{content.data_kind}, {content.label.plain_text}"
    for level in content.confidence_levels:
        yield from _cross_section_figures(content, level, where)
        for reading in content.readings:
            yield from _coupling_figures(content, reading, level, where)
    yield from excess_map(content, where)
    yield from _event_figures(content, where)
    yield from _window_figures(content, where)


def _cross_section_figures(content: PlaneReportContent, level: float, where: str) -> Iterator[ReportFigure]:
    limits = content.cross_sections(level)
    unit = cross_section_unit(limits)
    scale = 1e3 if unit == "ab" else 1.0
    scaled = PlaneLimits(level, limits.masses, scale * limits.observed, scale * limits.expected)
    title = axis_title(rf"$\sigma(e^+e^-\to {content.search.labels.final_state})$", unit)
    words = f"the cross-section in {unit}"
    yield from _limit_maps(content, scaled, CROSS_SECTION, title, f"cross_section_{_digits(level)}", words, where)
    # points that form no rows have no line through them
    for fixed in (0, 1) if point_cells(content.masses) is not None else ():
        for value in slice_values(content.masses, fixed):
            if scaled.slice(fixed, value)[1].mass_gev.size < _FEWEST_IN_A_SLICE:
                continue
            figure = draw_plane_slice(scaled, fixed, value, title, content.label)
            mass = ("dark photon", "dark Higgs boson")[fixed]
            caption = (
                f"{percent(level)} CLs upper limits on the cross-section in {unit} at a fixed mass of the {mass} near "
                f"{value:g} GeV, observed and expected; {where}."
            )
            name = f"cross_section_{_digits(level)}_at_{('photon', 'higgs')[fixed]}_{_digits(value / 100.0)}"
            yield ReportFigure(name, "slices", caption, save_svg(figure))


def _coupling_figures(
    content: PlaneReportContent, reading: PlaneReading, level: float, where: str
) -> Iterator[ReportFigure]:
    settings = reading.settings
    limits = content.coupling_limits(reading, level)
    stated = "".join(f", {name.replace('_', ' ')} = {one.value:.4g}" for name, one in settings.parameters.items())
    title = axis_title(coupling_text(settings.name), settings.unit)
    alpha = settings.parameters.get("alpha_dark")
    if alpha is not None:
        title += rf" at $\alpha_D$ = {alpha.value:.4g}"
    words = f"{plain_coupling(settings.name)}{stated}"
    yield from _limit_maps(content, limits, settings.name, title, f"{settings.name}_{_digits(level)}", words, where)


def _limit_maps(
    content: PlaneReportContent, limits: PlaneLimits, quantity: str, title: str, name: str, words: str, where: str
) -> Iterator[ReportFigure]:
    level, median = limits.confidence_level, limits.expected[2]
    published = content.published_on(quantity, level)
    frame = content.frame(
        [
            PlaneBox(one.dark_photon_mass_gev, one.dark_higgs_mass_gev, range_text(one))
            for one in published
            # where nothing is said of the masses there is no outline
            if one.dark_photon_mass_gev or one.dark_higgs_mass_gev
        ]
    )
    beside = "".join(f" Red outline: {range_text(one).replace(chr(10), ', ')}." for one in published)
    process = plain(readable_process(content.search.title))
    both = np.concatenate([limits.observed, median])
    both = both[np.isfinite(both) & (both > 0.0)]
    # both maps in the same colours
    ends = (float(np.percentile(both, 1.5)), float(np.percentile(both, 98.5))) if both.size else None
    lines, cell = (" lines: median expected limit, smoothed;", "cell")
    if point_cells(content.masses) is None:
        lines, cell = ("", "square")
    for kind, values in (("observed", limits.observed), ("median expected", median)):
        shown = PlaneMap(
            values, title, (f"{percent(level)} upper limit, CL$_s$: {kind}", process), contours=median,
            contour_text="median expected limit, smoothed", range=ends,
        )  # fmt: skip
        caption = (
            f"{percent(level)} CLs upper limits on {words}, {kind}, one {cell} a hypothesis, blank where none was "
            f"tested;{lines} colours end at the central 97 % of limits; {where}."
            f"{beside}"
        )
        figure = save_svg(draw_plane_map(frame, shown))
        yield ReportFigure(f"{name}_{kind.split()[-1]}", "limits", caption, figure)


def _event_figures(content: PlaneReportContent, where: str) -> Iterator[ReportFigure]:
    plane, regions = content.search.plane, content.search.regions
    for kind, chosen in (("plane", regions), ("sideband", [region for region in regions if region.sideband])):
        if not chosen:
            continue
        names = [region.name for region in chosen]
        events = plane_events(content.histograms, names, content.luminosity_inverse_fb, kind)
        if not events.background.any() and events.data is None:
            continue
        words = "the sidebands of all regions" if kind == "sideband" else "all regions"
        caption = (
            f"Entries in {words} by both observables, cells merged for display, before any fit; expected background"
            f"{'' if events.data is None else f' and {content.data_kind}'}; {where}."
        )
        figure = draw_plane_events(events, (plane.x, plane.y), content.label)
        yield ReportFigure(f"{kind}_events", "events", caption, save_svg(figure))


def _window_figures(content: PlaneReportContent, where: str) -> Iterator[ReportFigure]:
    windows, process = content.windows, plain(readable_process(content.search.title))
    together = " of all regions together" if len(windows.regions) > 1 else ""
    one = len(windows.regions) == 1
    efficiency = windows.efficiency[:, 0] if one else windows.signal_fraction
    maps: tuple[tuple[str, str, Floats, str, bool, str], ...] = (
        ("window_background", "events", windows.total_background, "expected background events", True,
         f"Background expected in the windows{together}"),
        ("window_observed", "events", windows.total_observed, "observed events", False,
         f"Events observed in the windows{together}"),
        ("efficiency", "cutflow", 100.0 * efficiency, "signal efficiency [%]" if one else "signal events seen [%]",
         False, "Events of the signal in the window, of all that decay as its region wants" if one else
         "Events of the signal in the windows of all regions, of all that are produced"),
    )  # fmt: skip
    for name, section, values, title, logarithmic, words in maps:
        shown = PlaneMap(values, title, (title.split(" [")[0], process), logarithmic=logarithmic)
        caption = f"{words}, one cell a hypothesis; {where}."
        yield ReportFigure(name, section, caption, save_svg(draw_plane_map(content.frame(), shown)))


def cross_section_unit(limits: PlaneLimits) -> str:
    """Return ``ab`` where half of the median expected limits are below 0.3 fb, else ``fb``."""
    finite = limits.expected[2][np.isfinite(limits.expected[2])]
    return "ab" if finite.size and float(np.median(finite)) < LARGEST_ATTOBARN else "fb"


def _digits(value: float) -> str:
    return f"{100.0 * value:.4g}".replace(".", "p")
