"""Figures of a plane of two masses: cells without false interpolation, borders, published ranges, round numbers."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.collections import PolyCollection

from darkreach.couplings import PlaneInterval
from darkreach.errors import LimitError
from darkreach.figures import FigureLabel, save_svg
from darkreach.figures.plane_cells import linked_points, point_cells, smoothed
from darkreach.figures.plane_frame import PlaneBox, PlaneFrame
from darkreach.figures.plane_limits import PlaneLimits, plane_coupling_limits
from darkreach.figures.plane_map import PlaneMap, draw_plane_map, round_levels
from darkreach.figures.plane_slice import draw_plane_slice

LABEL = FigureLabel("pseudo-data", 8.34, 10.58)


def rows_of(first: np.ndarray, steps: int = 12) -> np.ndarray:
    """Return points below the diagonal and below what kinematics allow."""
    ends = np.minimum(first, 10.58 - first)
    return np.array([(x, y) for x, end in zip(first, ends, strict=True) for y in np.linspace(0.1, end, steps)])


POINTS = rows_of(np.concatenate([np.arange(1.0, 3.01, 0.2), np.arange(4.0, 9.61, 0.2)]))


def test_cells_fill_rows_without_overlap_and_leave_gaps_empty() -> None:
    shuffled = np.random.default_rng(1).permutation(POINTS)
    cells = point_cells(shuffled)
    assert cells is not None
    low, high = cells.min(axis=1), cells.max(axis=1)
    assert np.all((low < shuffled) & (shuffled < high))
    row = np.flatnonzero(shuffled[:, 0] == 5.0)
    row = row[np.argsort(shuffled[row, 1])]
    assert high[row[:-1], 1] == pytest.approx(low[row[1:], 1])
    assert (low[row, 0], high[row, 0]) == (pytest.approx(4.9), pytest.approx(5.1))
    # rows at both sides of the gap from 3 to 4 are no wider than others
    below, above = shuffled[:, 0] < 3.5, shuffled[:, 0] > 3.5
    assert high[below, 0].max() == pytest.approx(3.1)
    assert low[above, 0].min() == pytest.approx(3.9)


def test_points_without_rows_have_no_cells() -> None:
    assert point_cells(np.array([[1.0, 0.5], [2.0, 0.7], [3.0, 0.2]])) is None
    frame = PlaneFrame(np.array([[1.0, 0.5], [2.0, 0.7], [3.0, 0.2]]), "lighter_higgs", LABEL)
    figure = draw_plane_map(frame, PlaneMap(np.array([1.0, np.nan, 3.0]), "fb", ("limit",)))
    assert figure.axes[0].collections[0].get_offsets().tolist() == [[1.0, 0.5], [3.0, 0.2]]


def test_lines_keep_out_of_gaps_and_smoothing_keeps_what_is_flat() -> None:
    links = linked_points(POINTS, (9.0, 5.0))
    used = POINTS[links.get_masked_triangles()][:, :, 0]
    assert not np.any((used.min(axis=1) < 3.5) & (used.max(axis=1) > 3.5))
    assert len(used) > 0.9 * 2 * len(POINTS) * 11 / 12 * 37 / 40
    assert smoothed(links, np.full(len(POINTS), 2.5), 5) == pytest.approx(np.full(len(POINTS), 2.5))
    noise = np.random.default_rng(2).normal(size=len(POINTS))
    assert smoothed(links, noise, 5).std() < 0.5 * noise.std()


def test_a_map_shows_every_value_once_and_says_what_it_is() -> None:
    values = 1.0 + POINTS[:, 0] + 0.1 * POINTS[:, 1]
    values[3] = np.nan
    frame = PlaneFrame(POINTS, "lighter_higgs", LABEL, (PlaneBox((4.0, 9.7), None, "published: 1.7 – 5.0 fb"),))
    shown = PlaneMap(values, "limit [fb]", ("90 % CL upper limit",), contours=values, contour_text="median",
                     marked=((5.0, 1.0), "here"))  # fmt: skip
    figure = draw_plane_map(frame, shown)
    axes = figure.axes[0]
    (cells,) = [one for one in axes.collections if isinstance(one, PolyCollection)]
    assert cells.get_array().tolist() == values[np.isfinite(values)].tolist()
    assert len(cells.get_paths()) == len(values) - 1
    assert cells.get_rasterized()
    legend = axes.get_legend()
    assert legend.get_title().get_text() == "90 % CL upper limit"
    assert {text.get_text() for text in legend.get_texts()} == {"median", "here", "published: 1.7 – 5.0 fb"}
    assert [text.get_text() for text in axes.texts[-2:]] == [
        r"$m_{h^\prime} = m_{A^\prime}$", r"$m_{h^\prime} = \sqrt{s} - m_{A^\prime}$",
    ]  # fmt: skip
    box = next(line for line in axes.lines if line.get_label().startswith("published")).get_xydata()
    assert (box[:, 0].min(), box[:, 0].max()) == (4.0, pytest.approx(9.7))
    # kinematics cut the box: at its upper end by the energy, below that by the mass of the dark photon
    assert np.all(box[:, 1] <= np.minimum(box[:, 0], 10.58 - box[:, 0]) + 1e-9)
    assert box[:, 1].max() == pytest.approx(5.29, abs=0.02)
    assert "pseudo-data" in axes.get_title(loc="left")
    svg = save_svg(figure)
    ET.fromstring(svg)
    assert svg.count("<image") == 2
    assert len(svg) < 300_000


def test_a_heavy_higgs_is_above_twice_the_dark_photon() -> None:
    frame = PlaneFrame(np.array([[0.5, 1.5], [3.0, 7.0]]), "pair", LABEL)
    outline = frame.allowed()
    assert np.all(outline[:, 1] >= 2.0 * outline[:, 0] - 1e-9)
    assert np.all(outline.sum(axis=1) <= 10.58 + 1e-9)
    # borders meet at a third of the energy
    assert outline[:, 0].max() == pytest.approx(10.58 / 3.0, rel=0.01)


def test_round_numbers_are_never_too_many() -> None:
    assert round_levels(1.2, 8.0, 7) == [1.5, 2.0, 3.0, 4.0, 5.0, 7.0]
    assert round_levels(1e-8, 1e-6, 5) == [1e-8, 3e-8, 1e-7, 3e-7, 1e-6]
    assert len(round_levels(1e-9, 1e3, 5)) <= 5


def test_slices_follow_rows_and_cross_them() -> None:
    observed = POINTS[:, 0] + 10.0 * POINTS[:, 1]
    limits = PlaneLimits(0.9, POINTS, observed, np.stack([observed * scale for scale in (0.5, 0.7, 1.0, 1.4, 2.0)]))
    found, band = limits.slice(0, 5.04)
    assert found == pytest.approx(5.0)
    assert band.observed == pytest.approx(5.0 + 10.0 * band.mass_gev)
    assert band.mass_gev.size == 12
    _, across = limits.slice(1, 2.0)
    # every row whose last cell reaches 2 GeV, each with its nearest point
    ends = np.minimum(POINTS[:, 0], 10.58 - POINTS[:, 0])
    reach = np.unique(POINTS[ends + 0.5 * (ends - 0.1) / 11.0 >= 2.0][:, 0])
    assert across.mass_gev.tolist() == reach.tolist()
    assert np.all(np.abs((across.observed - across.mass_gev) / 10.0 - 2.0) < 0.25)
    figure = draw_plane_slice(limits, 0, 5.04, "limit [fb]", LABEL)
    assert any("5$ GeV" in text.get_text() for text in figure.axes[0].texts)
    with pytest.raises(LimitError, match="on this line"):
        draw_plane_slice(limits, 1, 20.0, "limit [fb]", LABEL)


def test_intervals_find_their_point_and_others_are_refused() -> None:
    one = PlaneInterval(1.0, float(POINTS[0, 1]), "observed", 3e-8, float("inf"))
    limits = plane_coupling_limits([one, replace(one, quantile="0", lower=2e-8)], POINTS, 0.9)
    assert (limits.observed[0], limits.expected[2, 0]) == (3e-8, 2e-8)
    assert np.isnan(limits.observed[1:]).all()
    for wrong in (replace(one, upper=1.0), replace(one, dark_photon_mass_gev=1.05), replace(one, quantile="3")):
        with pytest.raises(LimitError):
            plane_coupling_limits([wrong], POINTS, 0.9)
    with pytest.raises(LimitError, match="only one"):
        plane_coupling_limits([one, one], POINTS, 0.9)


def test_a_map_needs_a_value_for_every_hypothesis() -> None:
    with pytest.raises(LimitError, match="one value"):
        draw_plane_map(PlaneFrame(POINTS, "pair", LABEL), PlaneMap(np.ones(3), "fb", ("limit",)))
