"""All figures of the report of a search for displaced vertices, with captions that say data, luminosity and level."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from darkreach.configuration.displaced_search import COMBINED
from darkreach.figures import percent, save_svg
from darkreach.figures.axis_text import plain
from darkreach.figures.displaced_truth import draw_true_efficiencies, draw_true_maps, true_efficiency
from darkreach.figures.lifetime_bands import LIFETIME_TITLE, MarkedLimits, draw_channel_bands, draw_mass_panels
from darkreach.figures.lifetime_curves import draw_lifetime_curves
from darkreach.figures.lifetime_efficiency import ENOUGH, draw_lifetime_efficiencies
from darkreach.figures.lifetime_islands import draw_islands
from darkreach.figures.lifetime_limit_grid import LifetimeLimitGrid, spread_values
from darkreach.figures.lifetime_map import draw_lifetime_map
from darkreach.figures.process_stacks import draw_process_stacks
from darkreach.figures.style import luminosity_text
from darkreach.published import PublishedLifetimes
from darkreach.report.displaced_comparison import NEAR
from darkreach.report.displaced_content import DisplacedReportContent
from darkreach.report.displaced_names import channel_text, plain_channel, quantity_title
from darkreach.report.displaced_spectra import b_meson_stacks, mass_stacks, process_titles, radius_text
from darkreach.report.report_figure import ReportFigure
from darkreach.report.table import readable_process

_LIFETIMES: Final = 5
_FAR: Final = 100.0
_MASSES: Final = 4
_MOST_MASSES: Final = 6


def displaced_report_figures(content: DisplacedReportContent) -> Iterator[ReportFigure]:
    """Draw all figures: excluded regions, limits by confidence level and channel, spectra, efficiencies."""
    where = f"{content.data_kind}, {content.label.plain_text}"
    for level in content.confidence_levels:
        yield from _island_figures(content, level, where)
        yield from _band_figures(content, level, where)
        for channel in content.channels(level):
            yield from _channel_figures(content, content.grid(channel, level), where)
    yield from _spectrum_figures(content, where)
    yield from _efficiency_figures(content, where)


def _island_figures(content: DisplacedReportContent, level: float, where: str) -> Iterator[ReportFigure]:
    process = plain(readable_process(content.search.title))
    for number, reading in enumerate(content.readings):
        symbol = content.coupling[0] if number == 0 else plain(reading.settings.name)
        for plane, title in (("coupling", symbol), ("lifetime", LIFETIME_TITLE)):
            contours = content.contours(reading, level, plane)  # type: ignore[arg-type]  # a tuple of literals
            figure = draw_islands(contours, (content.mass_title, title), process, content.label)
            caption = (
                f"Excluded at {percent(level)} (CLs), all channels together, in mass and {plane}: observed filled, "
                "median expected dashed, and the range of one standard deviation. A contour ends at the last mass at "
                f"which something is excluded, at masses that are left out, at {content.coupling[1]} = 1, and at "
                f"the shortest lifetime that was tested, {content.shortest_lifetime(level):g} cm; {where}."
            )
            yield ReportFigure(f"excluded_{reading.settings.name}_{plane}_{_digits(level)}", "excluded", caption,
                               save_svg(figure))  # fmt: skip


def _band_figures(content: DisplacedReportContent, level: float, where: str) -> Iterator[ReportFigure]:
    grids = [content.grid(channel, level) for channel in content.channels(level) if channel != COMBINED]
    if not grids:
        return
    ctau = content.central_lifetime(level)
    names = {grid.channel: channel_text(content.search, grid.channel) for grid in grids}
    titles = content.mass_title, quantity_title(content.search, grids[0].channel, content.coupling[0])
    figure = draw_channel_bands(grids, ctau, titles, names, content.label)
    caption = (
        f"{percent(level)} CLs upper limits on the {content.search.quantity} against the mass at cτ = {ctau:g} cm, "
        f"channel by channel, with the expected ranges of one and two standard deviations{_note(content)}; {where}."
    )
    yield ReportFigure(f"bands_{_digits(level)}", "limits", caption, save_svg(figure))


def _channel_figures(content: DisplacedReportContent, grid: LifetimeLimitGrid, where: str) -> Iterator[ReportFigure]:
    search, label, level = content.search, content.label, percent(grid.confidence_level)
    text, words = channel_text(search, grid.channel), plain_channel(search, grid.channel)
    title = quantity_title(search, grid.channel, content.coupling[0])
    name, on = f"{grid.channel}_{_digits(grid.confidence_level)}", _limited(content, grid.channel)
    section = "combined" if grid.channel == COMBINED else "channels"
    titles = content.mass_title, title
    curves = draw_lifetime_curves(grid, _shown_lifetimes(grid), titles, text, label)
    caption = f"{level} CLs upper limits on {on} for several lifetimes, {words}; lines break where nothing was tested"
    yield ReportFigure(f"curves_{name}", section, f"{caption}; {where}.", save_svg(curves))
    marked = [_marked(one, grid.channel) for one in content.published_at(grid.confidence_level)]
    marked = [one for one in marked if one.limits.size]
    masses = _panel_masses(grid, marked)
    panels = draw_mass_panels(grid, masses, title, (content.mass_symbol, text), label, marked)
    caption = f"{level} CLs upper limits on {on} against the lifetime at some masses, {words}{_beside(marked)}"
    yield ReportFigure(f"lifetimes_{name}", section, f"{caption}; {where}.", save_svg(panels))
    caption = f"{level} CLs upper limits on {on} over mass and lifetime, {words}: observed and median expected"
    caption += ", in the same colours, which end at the central 97 % of limits; blank where there is none"
    drawn = draw_lifetime_map(grid, titles, text, label)
    yield ReportFigure(f"map_{name}", section, f"{caption}; {where}.", save_svg(drawn))


def _spectrum_figures(content: DisplacedReportContent, where: str) -> Iterator[ReportFigure]:
    titles = process_titles(content.histograms)
    axis = f"${content.search.mass.label.strip('$')}$ [GeV]"
    for number in range(len(content.search.radius_edges) - 1):
        radius = radius_text(content, number)
        stacks = mass_stacks(content, number)
        figure = draw_process_stacks(stacks, axis, "GeV", content.label, titles)
        caption = (
            f"Candidates with a vertex at a radius of {radius} by region: background by process before any fit, and "
            f"{content.data_kind}; cells merged for display, shaded: masses without a hypothesis; {where}."
        )
        yield ReportFigure(f"masses_r{number}", "events", caption, save_svg(figure))
    for kind, title, stacks in b_meson_stacks(content):
        figure = draw_process_stacks(stacks, title, "GeV", content.label, titles)
        words = {"beam_constrained_mass": "Beam-constrained mass", "energy_difference": "Energy difference"}[kind]
        caption = f"{words} of B candidates with all other cuts, all masses together, before any fit; {where}."
        yield ReportFigure(kind, "events", caption, save_svg(figure))


def _efficiency_figures(content: DisplacedReportContent, where: str) -> Iterator[ReportFigure]:
    search, label = content.search, content.label
    names = {region.name: channel_text(search, region.name) for region in search.regions}
    grids = [content.grids[name] for name in names if name in content.grids]
    for quantity, words in (
        ("efficiency", "Selected decays over all decays of the channel, wherever they are, with statistical errors"),
        ("effective_events", f"Events that the re-weighted efficiencies are worth; dotted: {ENOUGH:g}"),
    ):
        if grids:
            figure = draw_lifetime_efficiencies(grids, quantity, content.mass_symbol, names, label)
            caption = f"{words}, against the lifetime, some simulated masses; {where}."
            yield ReportFigure(f"lifetime_{quantity}", "efficiency", caption, save_svg(figure))
    truth = [true_efficiency(content.histograms, name) for name in names]
    truth = [one for one in truth if one.decays.any()]
    if truth:
        words = "Selected decays over decays, all simulated masses together, against the true radius"
        caption = f"{words} and against the true transverse momentum of the decaying particle; {where}."
        figure = draw_true_efficiencies(truth, names, label)
        yield ReportFigure("true_efficiency", "efficiency", caption, save_svg(figure))
        caption = f"{words} and transverse momentum; blank where nothing decayed; {where}."
        yield ReportFigure("true_maps", "efficiency", caption, save_svg(draw_true_maps(truth, names, label)))


def _shown_lifetimes(grid: LifetimeLimitGrid) -> list[float]:
    """Return some lifetimes, cm, of those whose best limit is not far above the best of all."""
    best = np.min(np.where(np.isfinite(grid.expected[2]), grid.expected[2], np.inf), axis=0)
    near = np.isfinite(best) & (best <= _FAR * best.min())
    return spread_values(grid.ctaus_cm[near] if near.any() else grid.ctaus_cm, _LIFETIMES)


def _panel_masses(grid: LifetimeLimitGrid, marked: list[MarkedLimits]) -> list[float]:
    """Return masses of the grid: those near published ones, and others as far from all of them as can be."""
    chosen: list[float] = []
    for mass in np.unique(np.concatenate([one.masses_gev for one in marked] or [np.empty(0)])):
        nearest = float(grid.masses_gev[np.argmin(np.abs(grid.masses_gev - mass))])
        if abs(nearest / mass - 1.0) < NEAR and nearest not in chosen:
            chosen.append(nearest)
    others = [mass for mass in spread_values(grid.masses_gev, _MASSES + 2)[1:-1] if mass not in chosen]
    while len(chosen) < _MASSES and others:
        farthest = max(others, key=lambda mass: min((abs(np.log(mass / one)) for one in chosen), default=0.0))
        chosen.append(farthest)
        others.remove(farthest)
    return sorted(chosen or grid.masses_gev.tolist())[:_MOST_MASSES]


def _marked(published: PublishedLifetimes, channel: str) -> MarkedLimits:
    values = [value for value in published.values if value.channel == channel]
    columns = np.array([(value.mass_gev, value.ctau_cm, value.upper) for value in values]).reshape(-1, 3).T
    text = (
        f"{plain(published.paper)}, {published.kind}\n({percent(published.confidence_level)}, "
        f"{luminosity_text(published.luminosity_inverse_fb)})"
    )
    return MarkedLimits(text, *columns)


def _beside(marked: list[MarkedLimits]) -> str:
    return "".join(f", beside {one.text.replace('$^{-1}$', '⁻¹').replace(chr(10), ' ')}" for one in marked)


def _limited(content: DisplacedReportContent, channel: str) -> str:
    """Return what the limits of a channel are on, in words."""
    if channel == COMBINED:
        return f"{content.squared_coupling} with the lifetime held fixed"
    return f"the {content.search.quantity}"


def _note(content: DisplacedReportContent) -> str:
    note = content.search.simulation.reference_coupling.note
    return f" ({note})" if note else ""


def _digits(value: float) -> str:
    return f"{100.0 * value:.4g}".replace(".", "p")
