"""The report of a plane search: complete, self-contained, and with the numbers of its inputs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from darkreach.configuration import unverified_numbers
from darkreach.errors import LimitError
from darkreach.figures import FigureLabel
from darkreach.figures.plane_events import draw_plane_events, plane_events
from darkreach.fits.plane_significance import PlaneSignificance, plane_significance
from darkreach.fits.plane_windows import PlaneCounting, counting_p_values, window_matrix
from darkreach.report import PlaneReportContent, plane_report_figures, write_plane_report
from darkreach.report.limit_status import problem_lines
from darkreach.report.plane_comparison import compare_range, range_text
from darkreach.report.plane_excess import excess_map, excess_rows, local_p_values
from darkreach.report.plane_figures import cross_section_unit
from darkreach.report.plane_page import plane_report_html
from darkreach.report.plane_points import shown_points, slice_values
from darkreach.report.plane_tables import plane_limit_table, region_table, window_table
from darkreach.report.table import Table

LABEL = FigureLabel("pseudo-data", 8.34, 10.58)
HOSTILE = '</td><script>alert("x")</script>&<img src=http://evil.example/x>'


@pytest.fixture(scope="module")
def significance(plane_content: PlaneReportContent) -> PlaneSignificance:
    """Return the excess of windows that are all separate."""
    windows, number = plane_content.windows, len(plane_content.names)
    members = [np.array([index]) for index in range(number)]
    counting = PlaneCounting(
        plane_content.names, windows.total_background, window_matrix(members, number), windows.total_observed
    )
    return plane_significance(counting, toys=200, seed=1)


@pytest.fixture(scope="module")
def html(plane_content: PlaneReportContent, significance: PlaneSignificance) -> str:
    content = replace(plane_content, significance=significance)
    figures = [*islice(plane_report_figures(content), 1), *excess_map(content, "where")]
    return plane_report_html(content, figures)


def rows_of(html: str, section: str) -> list[list[str]]:
    part = html[html.index(f'id="{section}"') :]
    part = part[: part.index("</section>")]
    return [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", part, re.DOTALL)]


def test_the_page_needs_nothing_but_itself(html: str) -> None:
    assert not re.search(r"<(link|script|iframe|img)\b|https?://(?!www\.w3\.org)|@import", html)
    # maps are pictures inside of the drawing
    assert "img-src data:" in html
    assert re.findall(r'<image [^>]*xlink:href="(data:image/png;base64)', html, re.DOTALL)
    used = set(re.findall(r'(?:href="|url\()#([^")]+)', html))
    assert used <= set(re.findall(r'\bid="([^"]+)"', html))


def test_limits_of_the_table_are_those_of_the_document(plane_content: PlaneReportContent) -> None:
    table = plane_limit_table(plane_content, 0.9)
    assert len(table.rows) == len(shown_points(plane_content.masses)) < 27
    row = next(row for row in table.rows if row[:2] == ("5.5", "0.2"))
    limit = next(one for one in plane_content.limits.limits if one.name == "mA_5500_mh_200")
    scale = 3.0 * (1.0 - 5.5 / 12.0) * (1.0 - 0.2 / 12.0)
    assert limit.observed is not None
    assert float(row[2]) == pytest.approx(limit.observed * scale, rel=5e-3)
    assert float(row[5]) == pytest.approx((1.2 + 0.2 * np.sin(5.5)) * scale, rel=5e-3)
    # couplings in units of a power of ten: epsilon^2 alpha_D is 1e-7 times the strength
    place = table.header.index("ε²α_D observed [10⁻⁹]")
    assert float(row[place]) == pytest.approx(limit.observed * 100.0, rel=5e-3)
    assert row[-4:] == ("exact, compiled", "ok", "0.1000", "")


def test_a_note_of_all_limits_is_said_once(plane_content: PlaneReportContent) -> None:
    def noted(*notes: str) -> Table:
        limits = [
            replace(limit, quality=replace(limit.quality, note=notes[number % len(notes)]))
            for number, limit in enumerate(plane_content.limits.limits)
        ]
        return plane_limit_table(
            replace(plane_content, limits=replace(plane_content.limits, limits=tuple(limits))), 0.9
        )

    alike, different = noted("exact"), noted("exact", "toys")
    assert alike.caption.endswith("At all of these: exact.")
    assert {row[-1] for row in alike.rows} == {""}
    assert "At all" not in different.caption
    assert {row[-1] for row in different.rows} == {"exact", "toys"}


@pytest.mark.slow
def test_scattered_points_have_no_slices(plane_content: PlaneReportContent) -> None:
    chosen = plane_content.limits.limits[::17]
    sparse = replace(plane_content, limits=replace(plane_content.limits, limits=chosen), readings=())
    first, second, third = islice(plane_report_figures(sparse), 3)
    assert [one.name for one in (first, second, third)] == [
        "cross_section_90_observed", "cross_section_90_expected", "local_p_values",
    ]  # fmt: skip
    assert "lines:" not in first.caption
    assert "one square a hypothesis" in first.caption
    assert "Limits at a fixed mass" not in plane_report_html(sparse, [first])


def test_regions_and_windows_say_what_the_patches_say(plane_content: PlaneReportContent) -> None:
    muons, electrons = region_table(plane_content).rows
    heavy = int((plane_content.masses[:, 0] >= 5.0).sum())
    assert (int(muons[5]), int(electrons[5])) == (len(plane_content.names), len(plane_content.names) - heavy)
    assert muons[6] == "11.0 – 19.4"
    assert plane_content.windows.regions_used[[0, -1]].tolist() == [2.0, 1.0]
    # two regions of a quarter of the decays each at 1 GeV
    assert plane_content.windows.signal_fraction[0] == pytest.approx(2 * 0.25 * 0.11)
    window = next(row for row in window_table(plane_content).rows if row[:3] == ("1", "0.2", "electrons"))
    assert window[3:6] == ("11.0", "25.0", "1.02")


def test_a_failed_hypothesis_is_blank_and_named(plane_content: PlaneReportContent, html: str) -> None:
    limits = plane_content.cross_sections(0.9)
    assert np.flatnonzero(np.isnan(limits.observed)).tolist() == [10]
    failed = plane_content.names[10]
    assert f"{failed}, 90 % CL: failed (no convergence)" in html
    bad = [replace(limit, status="failed") for limit in plane_content.limits.limits]
    assert problem_lines(bad, 5)[-1] == f"and {len(bad) - 5} more"


def test_published_ranges_are_compared_where_they_are(plane_content: PlaneReportContent, html: str) -> None:
    section, coupling, other = plane_content.published
    found = compare_range(plane_content, section)
    assert found is not None
    inside = plane_content.masses[:, 0] >= 4.0
    values = plane_content.cross_sections(0.9).observed[inside]
    assert found.hypotheses == inside.sum()
    assert found.inside == pytest.approx(np.mean((values >= 1.7) & (values <= 5.0)))
    assert (found.lowest, found.highest) == pytest.approx(tuple(np.quantile(values, [0.05, 0.95])))
    # a published cross-section with decays is smaller by their probability, about 0.15 to 0.17 here
    decayed = compare_range(plane_content, section.model_copy(update={"decays": ("muons",)}))
    assert decayed is not None
    assert 0.14 < decayed.typical / found.typical < 0.18
    assert compare_range(plane_content, other) is None
    assert compare_range(plane_content, coupling.model_copy(update={"quantity": "kappa"})) is None
    shown = rows_of(html, "published")
    assert [row[1] for row in shown if len(row) > 3] == [
        "σ, observed, 90 % CL", "ε²α_D, observed, 90 % CL", "σ, observed, 95 % CL",
    ]  # fmt: skip
    assert "no limit of ours on it there" in html


def test_the_excess_is_that_of_the_toys(
    plane_content: PlaneReportContent, significance: PlaneSignificance, html: str
) -> None:
    windows = plane_content.windows
    poisson = counting_p_values(windows.total_observed, windows.total_background)
    assert local_p_values(plane_content) == pytest.approx(poisson)
    assert local_p_values(replace(plane_content, significance=significance)) == pytest.approx(poisson)
    rows = dict(row for row in rows_of(html, "excess") if len(row) == 2)
    assert rows["largest excess at"].startswith(significance.best)
    assert rows["local p-value"].startswith(f"{poisson.min():.3g}")
    assert rows["toys"].startswith("200 ")
    assert excess_rows(plane_content) == []


def test_everything_unverified_is_listed(plane_content: PlaneReportContent, html: str) -> None:
    listed = {row[0] for row in rows_of(html, "unverified") if row}
    entries = list(unverified_numbers(plane_content.search))
    assert entries
    assert {f"plane_of_tests: {entry.key}" for entry in entries} <= listed
    assert "rate of lost photon" in {row[0] for row in rows_of(html, "systematics") if row}


def test_hostile_text_stays_text(plane_content: PlaneReportContent) -> None:
    hostile = replace(
        plane_content,
        search=plane_content.search.model_copy(update={"title": HOSTILE}),
        limits=replace(plane_content.limits, mu_one=HOSTILE, record={HOSTILE: HOSTILE}),
        cautions=(HOSTILE,),
    )
    html = plane_report_html(hostile, [])
    assert "<script" not in html
    assert "<img" not in html


def test_luminosities_must_agree(plane_content: PlaneReportContent) -> None:
    with pytest.raises(LimitError, match="one luminosity"):
        plane_report_html(replace(plane_content, limits=replace(plane_content.limits, luminosity_inverse_fb=None)), [])


def test_small_limits_are_in_attobarn(plane_content: PlaneReportContent) -> None:
    limits = plane_content.cross_sections(0.9)
    assert cross_section_unit(limits) == "fb"
    assert cross_section_unit(replace(limits, expected=limits.expected / 100.0)) == "ab"
    published = plane_content.published[0].model_copy(update={"low": 0.01, "high": 0.1})
    assert range_text(published) == "published, σ: 10 – 100 ab\narXiv:2207.00509 (90 % CL, 8.34 fb⁻¹)"
    assert "1.7 – 5.0 fb" in range_text(plane_content.published[0])


def test_points_shown_are_all_or_spread() -> None:
    few = np.array([(1.0, y) for y in range(5)])
    assert shown_points(few) == [0, 1, 2, 3, 4]
    many = np.array([(x, y) for x in range(30) for y in range(30)], dtype=float)
    chosen = shown_points(many)
    assert len(chosen) == 21
    assert {0, 29, 870, 899} <= set(chosen)
    assert slice_values(many, 0) == [9.7, 19.0]


@pytest.fixture(scope="module")
def drawn(plane_content: PlaneReportContent, significance: PlaneSignificance) -> Iterator[list[tuple[str, str, str]]]:
    content = replace(plane_content, significance=significance)
    yield [(one.name, one.caption, one.svg) for one in plane_report_figures(content)]


@pytest.mark.slow
def test_all_figures_say_data_luminosity_and_level(drawn: list[tuple[str, str, str]]) -> None:
    names = [name for name, _, _ in drawn]
    assert len(set(names)) == len(names) == 15
    assert all("pseudo-data" in caption and "8.34 fb⁻¹" in caption for _, caption, _ in drawn)
    limits = [caption for name, caption, _ in drawn if "_90" in name]
    assert len(limits) == 10
    assert all(caption.startswith("90 % CL") for caption in limits)
    assert sum("arXiv:2207.00509" in caption for caption in limits) == 4
    assert all(len(svg) < 400_000 for _, _, svg in drawn)


@pytest.mark.slow
def test_equal_content_gives_equal_bytes(plane_content: PlaneReportContent, tmp_path: Path) -> None:
    first, second = (
        write_plane_report(tmp_path / name, plane_content).read_bytes() for name in ("first.html", "second.html")
    )
    assert first == second


@pytest.mark.parametrize("cells", [110, 30])
def test_merged_cells_keep_all_events(
    plane_content: PlaneReportContent, cells: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("darkreach.figures.plane_events._SHOWN_CELLS", cells)
    histograms, plane = plane_content.histograms, plane_content.search.plane
    events = plane_events(histograms, ["muons", "electrons"], 8.34)
    total = sum(float(histograms.histograms[f"plane/{name}"].values().sum()) for name in ("muons", "electrons"))
    assert events.background.sum() == pytest.approx(8.34 * total)
    assert events.background.shape == (len(events.x_edges) - 1, len(events.y_edges) - 1) == (min(cells, 100),) * 2
    assert (events.x_edges[0], events.y_edges[-1]) == (plane.x.low, plane.y.high)
    assert events.data is None
    assert events.background[0].sum() > 2.0 * events.background[-1].sum()


def test_data_stand_beside_the_background_in_the_same_colours(plane_content: PlaneReportContent) -> None:
    plane = plane_content.search.plane
    events = plane_events(plane_content.histograms, ["muons"], 8.34)
    figure = draw_plane_events(replace(events, data=np.round(events.background)), (plane.x, plane.y), LABEL)
    first, second = (axes.collections[0] for axes in figure.axes[:2])
    assert first.get_clim() == second.get_clim()
    assert [axes.texts[0].get_text() for axes in figure.axes[:2]] == ["expected background", "pseudo-data"]
