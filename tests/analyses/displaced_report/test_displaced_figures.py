"""Figures of limits against mass and lifetime: titles, levels, gaps that stay open, contours that are closed."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.collections import PolyCollection, QuadMesh
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch

from darkreach.configuration.displaced_search import COMBINED
from darkreach.couplings import ExcludedInterval, LifetimeLimit
from darkreach.errors import LimitError
from darkreach.figures import FigureLabel
from darkreach.figures.displaced_truth import TrueEfficiency, true_efficiency
from darkreach.figures.lifetime_bands import MarkedLimits, draw_channel_bands, draw_mass_panels
from darkreach.figures.lifetime_curves import draw_lifetime_curves
from darkreach.figures.lifetime_islands import draw_islands, exclusion_contours
from darkreach.figures.lifetime_limit_grid import lifetime_limit_grid
from darkreach.figures.lifetime_map import draw_lifetime_map
from darkreach.figures.process_stacks import ProcessStack
from darkreach.report import DisplacedReportContent, displaced_report_figures
from darkreach.report.displaced_names import channel_text, left_out_masses, quantity_title
from darkreach.report.displaced_spectra import mass_stacks

LEVEL = 0.95
LABEL = FigureLabel("pseudo-data", 189.0, 10.58)
K_SHORT = (0.46, 0.54)


def texts(figure: Figure) -> str:
    """Return everything that is written in a figure."""
    found = [figure.get_suptitle(), figure.get_supylabel(), figure.get_supxlabel()]
    legends = [*figure.legends, *(axes.get_legend() for axes in figure.axes)]
    for axes in figure.axes:
        found += [axes.get_xlabel(), axes.get_ylabel(), *(axes.get_title(loc=place) for place in ("left", "right"))]
    for legend in legends:
        if legend is not None:
            found += [legend.get_title().get_text(), *(text.get_text() for text in legend.get_texts())]
    return "\n".join(found)


def bridges(figure: Figure, low: float, high: float) -> int:
    """Return how many lines and bands lead across a range of the horizontal axis."""
    count = 0
    for axes in figure.axes:
        for line in axes.lines:
            x, y = (np.asarray(values, dtype=float) for values in line.get_data())
            count += sum(
                bool(np.isfinite([*y[[i, j]]]).all() and min(x[i], x[j]) < high and max(x[i], x[j]) > low)
                for i, j in pairwise(range(len(x)))
                if x[i] != x[j]
            )
        for band in axes.collections:
            if isinstance(band, PolyCollection):
                spans = [(path.vertices[:, 0].min(), path.vertices[:, 0].max()) for path in band.get_paths()]
                count += sum(start < low and end > high for start, end in spans)
    return count


def test_lines_and_bands_break_where_masses_are_left_out(displaced: DisplacedReportContent) -> None:
    grids = [displaced.grid(name, LEVEL) for name in ("kplus_mumu", "kplus_pipi")]
    names = {grid.channel: channel_text(displaced.search, grid.channel) for grid in grids}
    titles = (displaced.mass_title, quantity_title(displaced.search, "kplus_pipi", ""))
    bands = draw_channel_bands(grids, 1.0, titles, names, LABEL)
    for low, high in (K_SHORT, (1.82, 1.91)):
        assert bridges(draw_lifetime_curves(grids[1], [0.01, 1.0], titles, "pions", LABEL), low, high) == 0
        assert bridges(draw_lifetime_curves(grids[0], [1.0], titles, "muons", LABEL), low, high) == 2
    # observed and median of both channels, and two bands each: only those of the muons cross
    assert bridges(bands, *K_SHORT) == 4
    written = texts(bands)
    for word in ("95 % CL", "CL$_s$", "pseudo-data", "189 fb", "[GeV]", "product of branching fractions", "1 cm"):
        assert word in written, word
    assert r"$K^+(\pi^+\pi^-)$" in written


def test_masses_left_out_are_those_that_no_region_serves(displaced: DisplacedReportContent) -> None:
    assert left_out_masses(displaced.search, "kplus_pipi") == (K_SHORT, (1.82, 1.91))
    # muons serve what pions leave out
    assert left_out_masses(displaced.search, COMBINED) == ()
    pions_alone = displaced.search.model_copy(update={"regions": displaced.search.regions[1:]})
    assert left_out_masses(pions_alone, COMBINED) == (K_SHORT, (1.82, 1.91))


def test_a_limit_that_is_none_breaks_the_line() -> None:
    rows = [
        LifetimeLimit("mumu", mass, 1.0, quantile, np.inf if mass == 2.0 else 1e-7)
        for mass in (1.0, 2.0, 3.0)
        for quantile in ("observed", "0")
    ]
    grid = lifetime_limit_grid(rows, "mumu", LEVEL)
    assert np.isnan(grid.observed[:, 0]).tolist() == [False, True, False]
    figure = draw_lifetime_curves(grid, [1.0], ("m", "limit"), "muons", LABEL)
    assert bridges(figure, 1.5, 2.5) == 0
    with pytest.raises(LimitError, match="two limits"):
        lifetime_limit_grid([*rows, rows[0]], "mumu", LEVEL)
    with pytest.raises(LimitError, match="no limits of this channel"):
        lifetime_limit_grid(rows, "ee", LEVEL)


def test_maps_stay_blank_where_masses_are_left_out(displaced: DisplacedReportContent) -> None:
    grid = displaced.grid("kplus_pipi", LEVEL)
    figure = draw_lifetime_map(grid, (displaced.mass_title, "limit"), "pions", LABEL)
    meshes = [one for axes in figure.axes[:2] for one in axes.collections if isinstance(one, QuadMesh)]
    assert len(meshes) == 2
    for mesh, values in zip(meshes, (grid.observed, grid.expected[2]), strict=True):
        edges = mesh.get_coordinates()[0, :, 0]
        column = int(np.searchsorted(edges, 0.5)) - 1
        assert (edges[column], edges[column + 1]) == K_SHORT
        cells = np.ma.getmaskarray(mesh.get_array()).reshape(len(grid.ctaus_cm), -1)
        assert cells[:, column].all()
        assert cells.sum() == 2 * len(grid.ctaus_cm)
        drawn = np.ma.compressed(mesh.get_array())
        assert np.sort(drawn) == pytest.approx(np.sort(values.ravel()), abs=0.0)
    assert "95 % CL upper limit, CL$_s$" in texts(figure)


def test_published_limits_stand_at_their_mass_only(displaced: DisplacedReportContent) -> None:
    grid = displaced.grid("kplus_mumu", LEVEL)
    marked = MarkedLimits("a paper (95 % CL)", np.array([0.301, 0.301]), np.array([0.1, 1.0]), np.array([1e-7, 2e-7]))
    figure = draw_mass_panels(grid, [0.3, 1.3], "limit", ("m_S", "muons"), LABEL, [marked])
    drawn = [[line.get_xydata().tolist() for line in axes.lines if line.get_marker() == "D"] for axes in figure.axes]
    assert drawn == [[[[0.1, 1e-7], [1.0, 2e-7]]], []]
    assert "a paper (95 % CL)" in texts(figure)
    assert r"$c\tau$ [cm]" in texts(figure)


def test_contours_are_closed_and_agree_in_both_planes(displaced: DisplacedReportContent) -> None:
    (reading,) = displaced.readings
    coupling, lifetime = (displaced.contours(reading, LEVEL, plane) for plane in ("coupling", "lifetime"))
    assert set(coupling.strips) == {"observed", "-2", "-1", "0", "1", "2"}
    for quantile, strips in coupling.strips.items():
        for strip, other in zip(strips, lifetime.strips[quantile], strict=True):
            assert strip.masses_gev.tolist() == other.masses_gev.tolist()
            # the lifetime goes as the inverse square of the coupling
            assert strip.lower**2 * other.upper == pytest.approx(strip.upper**2 * other.lower, rel=1e-6, abs=0.0)
    for contours, title in ((coupling, r"$\sin\theta$"), (lifetime, r"$c\tau$ [cm]")):
        figure = draw_islands(contours, (displaced.mass_title, title), "the search", LABEL)
        (axes,) = figure.axes
        outlines = [line.get_xydata() for line in axes.lines]
        assert len(outlines) == len(contours.strips["observed"]) + len(contours.strips["0"])
        for outline in outlines:
            assert outline[0].tolist() == outline[-1].tolist()
        written = texts(figure)
        for word in ("95 % CL excluded, CL$_s$", "observed", "expected, median", r"expected $\pm 1\sigma$", title):
            assert word in written, word


def test_regions_do_not_lead_across_masses_left_out() -> None:
    intervals = [
        ExcludedInterval(mass, 1.0, quantile, 1e-4 * width, 1e-2 / width)
        for mass in (0.3, 0.4, 0.6, 0.7)
        for quantile, width in (("observed", 1.0), ("0", 1.0), ("-1", 0.5), ("1", 2.0))
    ]
    masses = [0.3, 0.4, 0.6, 0.7]
    joined = exclusion_contours(intervals, masses, LEVEL, "coupling", 1.0)
    parted = exclusion_contours(intervals, masses, LEVEL, "coupling", 1.0, [K_SHORT])
    assert [len(one.strips["observed"]) for one in (joined, parted)] == [1, 2]
    figure = draw_islands(parted, ("m", "g"), "text", LABEL)
    assert bridges(figure, *K_SHORT) == 0
    observed, ring = (one.get_path() for one in figure.axes[0].patches if isinstance(one, PathPatch))
    assert observed.contains_points([(0.35, 1e-3), (0.5, 1e-3), (0.65, 1e-3)]).tolist() == [True, False, True]
    # between one standard deviation below and above, and not in the middle, which both exclude
    assert winding(ring.to_polygons(), (0.35, 7e-5)) != 0
    assert winding(ring.to_polygons(), (0.35, 1e-3)) == 0
    endless = [replace(intervals[0], upper=np.inf)]
    closed = exclusion_contours(endless, masses, LEVEL, "lifetime", 1.0).strips["observed"][0]
    assert closed.lower == pytest.approx([1e-8], abs=0.0)
    with pytest.raises(LimitError, match="no tested mass"):
        exclusion_contours(intervals, masses[1:], LEVEL, "coupling", 1.0)


def winding(polygons: list[np.ndarray], point: tuple[float, float]) -> int:
    """Return how often polygons go around a point."""
    total = 0.0
    for polygon in polygons:
        angles = np.unwrap(np.arctan2(*((polygon - point) * [1.0, 1e3]).T[::-1]))
        total += float(angles[-1] - angles[0])
    return round(total / (2.0 * np.pi))


def test_masses_without_any_limit_end_lines_and_regions(displaced: DisplacedReportContent) -> None:
    (reading,) = displaced.readings
    lacking = replace(displaced, without_limits=[(COMBINED, 0.5), ("kplus_mumu", 0.4), ("kplus_mumu", 0.5)])
    whole, parted = (one.contours(reading, LEVEL, "coupling").strips["observed"] for one in (displaced, lacking))
    assert whole[0].masses_gev[[0, -1]].tolist() == [0.3, 0.6]
    assert [strip.masses_gev.tolist() for strip in parted[:2]] == [[0.3, 0.4, 0.45], [0.6]]
    # at 0.4 GeV there are limits at other lifetimes
    observed = dict(zip(*lacking.grid("kplus_mumu", LEVEL).at_lifetime(1.0)[:2], strict=True))
    assert np.isnan(observed[0.5])
    assert np.isfinite([observed[0.4], observed[0.6]]).all()


def test_efficiencies_are_ratios_of_sums() -> None:
    decays, selected = np.array([[4.0, 0.0], [4.0, 8.0]]), np.array([[1.0, 0.0], [2.0, 3.0]])
    edges = np.array([0.0, 1.0, 2.0])
    one = TrueEfficiency("mumu", edges, edges, decays, decays, selected)
    efficiency, error = one.along(0)
    assert efficiency.tolist() == [0.25, 5.0 / 12.0]
    # unit weights: binomial errors of 4 and 12 events
    assert error == pytest.approx([np.sqrt(0.25 * 0.75 / 4.0), np.sqrt(35.0 / 144.0 / 12.0)])
    assert one.along(1)[0] == pytest.approx([3.0 / 8.0, 3.0 / 8.0])
    assert np.isnan(one.cells).tolist() == [[False, True], [False, False]]


def test_signals_of_a_region_are_added(displaced: DisplacedReportContent) -> None:
    truth = true_efficiency(displaced.histograms, "kplus_mumu")
    view = displaced.histograms.histograms["decays/kplus_mumu"].view()
    assert len(view) == 5
    assert truth.decays.sum() == pytest.approx(view["value"].sum())
    assert truth.along(0)[0][0] == 0.0


def test_bins_merged_for_display_keep_all_events(displaced: DisplacedReportContent) -> None:
    drawn = {"kplus_mumu": (np.ones(shape_of(displaced)), 2.0 * np.ones(shape_of(displaced)))}
    muons, pions = mass_stacks(replace(displaced, drawn=drawn), 0)
    histogram = displaced.histograms.histograms["mass_radius/kplus_mumu"]
    assert muons.background.sum() == pytest.approx(189.0 * histogram.view()["value"][:, :, 0].sum())
    assert muons.observed is not None
    assert muons.drawn_from is not None
    assert muons.observed.sum() == shape_of(displaced)[0] == 0.5 * muons.drawn_from.sum()
    assert pions.observed is None
    assert len(pions.excluded) >= 2
    stack = ProcessStack("t", np.array([0.0, 1.0, 2.0, 3.0]), {"a": np.array([1.0, 2.0, 4.0])}, np.array([3.0, 4.0, 0]))
    merged = stack.rebinned(2)
    assert merged.edges.tolist() in ([0.0, 1.0, 3.0], [0.0, 2.0, 3.0])
    assert merged.background.sum() == 7.0


def shape_of(content: DisplacedReportContent) -> tuple[int, int]:
    """Return the numbers of cells of mass and radius of the muons."""
    axes = content.histograms.histograms["mass_radius/kplus_mumu"].axes
    return axes[1].size, axes[2].size


@pytest.mark.slow
def test_all_figures_say_what_they_show(displaced: DisplacedReportContent) -> None:
    figures = {one.name: one for one in displaced_report_figures(displaced)}
    assert len(figures) == 2 + 1 + 3 * 3 + 2 + 2 + 4
    for one in figures.values():
        assert re.search(r"pseudo-data, ∫L dt = 189 fb⁻¹, √s = 10\.58 GeV\.$", one.caption), one.name
        if one.section in ("limits", "channels", "combined", "excluded"):
            assert "95 % CL" in one.caption
