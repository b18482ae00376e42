"""The report of a search for displaced vertices: complete, self-contained, and with the numbers of its inputs."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from darkreach.configuration import unverified_numbers
from darkreach.couplings import write_couplings, write_efficiency_grids
from darkreach.histograms import write_histograms
from darkreach.limits import write_limits
from darkreach.pipeline.displaced_report_content import displaced_report_content
from darkreach.pipeline.run_folder import RunFolder
from darkreach.pipeline.settings import run_settings
from darkreach.provenance import write_json
from darkreach.published import PublishedLifetimes
from darkreach.report import DisplacedReportContent, ReportFigure, write_displaced_report
from darkreach.report.displaced_comparison import lifetime_comparison_table
from darkreach.report.displaced_page import displaced_report_html
from darkreach.report.displaced_tables import (
    displaced_limit_table,
    displaced_region_table,
    effective_events_table,
    island_table,
    shown_displaced_samples,
)

LEVEL = 0.95
PLAIN = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
HOSTILE = '</td><script>alert("x")</script>&<img src=http://evil.example/x>'


@pytest.fixture(scope="module")
def html(displaced: DisplacedReportContent) -> str:
    svg = '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 500 400"><g id="a"/></svg>'
    sections = ("excluded", "limits", "combined", "channels", "efficiency", "events")
    return displaced_report_html(displaced, [ReportFigure(f"of_{one}", one, f"of {one}", svg) for one in sections])


def rows_of(html: str, section: str) -> list[list[str]]:
    part = html[html.index(f'id="{section}"') :]
    part = part[: part.index("</section>")]
    return [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", part, re.DOTALL)]


def written(cell: str) -> float:
    """Return the number that a cell holds."""
    mantissa, _, power = cell.partition(" × 10")
    return float(mantissa) * 10.0 ** int(power.translate(PLAIN) or 0)


def test_the_page_is_complete_and_needs_nothing_but_itself(html: str, displaced: DisplacedReportContent) -> None:
    assert not re.search(r"<(link|script|iframe|img)\b|https?://(?!www\.w3\.org)|@import", html)
    for section in ("excluded", "limits", "combined", "channels", "efficiency", "events"):
        assert f"<figcaption>of {section}</figcaption>" in html
    summary = dict(row for row in rows_of(html, "summary") if len(row) == 2)
    assert summary["data"] == "pseudo-data"
    assert summary["luminosity, energy"].startswith("∫L dt = 189 fb⁻¹")
    assert summary["hypotheses"].startswith(f"{len(displaced.limits.limits)}: 9 masses from 0.3 to 3 GeV, 5 lifetimes")
    assert "some sin θ at masses of 0.3 to" in summary["excluded at 95 % CL"]
    listed = {row[0] for row in rows_of(html, "unverified") if row}
    assert {f"long_lived_scalar: {entry.key}" for entry in unverified_numbers(displaced.search)} <= listed
    systematics = {row[0]: row for row in rows_of(html, "systematics") if row}
    assert systematics["sidebands to window"][1] == "10 %"


def test_limits_of_the_table_are_those_of_the_document(displaced: DisplacedReportContent) -> None:
    table = displaced_limit_table(displaced, LEVEL)
    assert {row[0] for row in table.rows} == {"K⁺(μ⁺μ⁻)", "K⁺(π⁺π⁻)", "all channels"}
    row = next(row for row in table.rows if row[:3] == ("K⁺(μ⁺μ⁻)", "0.3", "1"))
    limit = next(one for one in displaced.limits.limits if one.name == "kplus_mumu_m300_ctau1")
    assert limit.observed is not None
    values = [limit.observed, *limit.expected]
    assert [written(cell) for cell in row[3:9]] == pytest.approx([1e-7 * one for one in values], rel=6e-3, abs=0.0)
    assert row[9:] == ("10.0", "120", "1.30", "1", "asymptotic, compiled", "ok", "0.0500")
    # a region's efficiency says nothing of all channels together
    assert next(row for row in table.rows if row[0] == "all channels")[9] == "–"


def test_islands_are_those_of_the_intervals(displaced: DisplacedReportContent) -> None:
    table = island_table(displaced, LEVEL)
    intervals = displaced.readings[0].intervals[LEVEL]
    assert [row[0] for row in table.rows] == [f"{mass:g}" for mass in sorted({one.mass_gev for one in intervals})]
    first = next(one for one in intervals if one.quantile == "observed")
    ends = [written(cell) for cell in table.rows[0][1].split(" – ")]
    assert ends == pytest.approx([first.lower, first.upper], rel=6e-3, abs=0.0)


def test_fewest_effective_events_are_named(displaced: DisplacedReportContent) -> None:
    grid = displaced.grids["kplus_mumu"]
    worth = grid.effective_events.copy()
    worth[2, 1] = 7.0
    grids = {**displaced.grids, "kplus_mumu": replace(grid, effective_events=worth)}
    muons, pions = effective_events_table(replace(displaced, grids=grids)).rows
    assert muons[:6] == ("K⁺(μ⁺μ⁻)", "25", "6", "7.00", f"{grid.masses_gev[2]:g}", "0.1")
    # 3000 c tau/(c tau + 0.3) is below 100 at 0.01 cm alone
    assert (pions[2], pions[3], pions[5]) == ("5", "96.8", "0.01")


def test_regions_say_what_they_leave_out(displaced: DisplacedReportContent) -> None:
    muons, pions = displaced_region_table(displaced).rows
    assert muons[3] == "–"
    assert pions[3].startswith("0.46 – 0.54")
    assert "pπ 1.109 – 1.123" in pions[6]
    events = displaced.histograms.histograms["mass_radius/kplus_pipi"].sum()
    assert float(pions[7]) == pytest.approx(189.0 * events.value, rel=6e-3)
    assert float(pions[8]) == pytest.approx(events.value**2 / events.variance, rel=6e-3)
    assert shown_displaced_samples(displaced.histograms)[:2] == ["b_meson_pair", "charm_pair"]
    assert "signal_kplus_mumu_600MeV" in shown_displaced_samples(displaced.histograms)


def published(**changes: object) -> PublishedLifetimes:
    values = [
        {"channel": "kplus_mumu", "mass_gev": mass, "ctau_cm": ctau, "upper": 1e-7}
        for mass, ctau in ((0.303, 1.0), (0.303, 3.0), (0.7, 1.0))
    ]
    content = {
        "paper": "a paper", "source": "unverified", "quantity": "product of branching fractions", "kind": "observed",
        "confidence_level": LEVEL, "luminosity_inverse_fb": 189.0, "values": values,
    }  # fmt: skip
    return PublishedLifetimes.model_validate(content | changes)


def test_published_limits_are_compared_at_their_place(displaced: DisplacedReportContent) -> None:
    same, between, far = lifetime_comparison_table(displaced, published()).rows
    grid = displaced.grid("kplus_mumu", LEVEL)
    column = int(np.flatnonzero(grid.ctaus_cm == 1.0)[0])
    assert float(same[7]) == pytest.approx(grid.expected[2, 0, column] / 1e-7, rel=6e-3)
    assert same[4] == "0.3"
    # between the lifetimes of 1 and 10 cm
    ends = sorted(grid.expected[2, 0, column : column + 2] / 1e-7)
    assert ends[0] < float(between[7]) < ends[1]
    assert far[4:] == ("–", "–", "–", "–")
    others = (published(confidence_level=0.9), published(quantity="something"))
    html = displaced_report_html(replace(displaced, published=(published(), *others)), [])
    assert html.count("Not compared") == 2
    assert html.count("a paper (unverified), observed, 95 % CL") == 1


def test_hostile_text_stays_text(displaced: DisplacedReportContent) -> None:
    hostile = replace(
        displaced,
        search=displaced.search.model_copy(update={"title": HOSTILE}),
        limits=replace(displaced.limits, mu_one=HOSTILE, record={HOSTILE: HOSTILE}),
        cautions=(HOSTILE,),
        published=(published(paper=HOSTILE, note=HOSTILE),),
    )
    html = displaced_report_html(hostile, [])
    assert "<script" not in html
    assert "<img" not in html
    assert html.count("&lt;script") > 5


def test_results_of_a_run_are_read_back(displaced: DisplacedReportContent, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    settings = replace(run_settings("long_lived_scalar"), config=displaced.search)
    write_histograms(folder.histograms, displaced.histograms)
    write_limits(folder.limits, displaced.limits)
    write_efficiency_grids(folder.efficiency_grid, displaced.grids.values(), {"search": "test"})
    (reading,) = displaced.readings
    header = {"coupling": "sin_theta", "unit": "", "confidence_level": "0.95", "luminosity": "189", "data": "none"}
    write_couplings(folder.couplings(LEVEL, (LEVEL,)), reading.intervals[LEVEL], header)
    patch = {"metadata": {"name": "one", "values": ["kplus_mumu", 0.3, 1.0]}, "patch": []}
    metadata = {
        "labels": ["channel", "mass_gev", "ctau_cm"], "description": "none", "digests": {"sha256": 64 * "0"},
        "references": {"hepdata": "ins0000000"}, "hypotheses_without_signal": ["kplus_kk_m1000_ctau1"],
    }  # fmt: skip
    folder.workspace.mkdir()
    write_json(folder.workspace / "patchset.json", {"metadata": metadata, "patches": [patch], "version": "1.0.0"})
    content = displaced_report_content(settings, displaced.search, folder)
    assert content.drawn == {}
    (caution,) = content.cautions
    assert caution.startswith("1 hypotheses have too little simulated signal")
    assert caution.endswith("such as kplus_kk_m1000_ctau1.")
    assert {one.confidence_level for one in content.published} == {LEVEL}
    names = [
        write_displaced_report(tmp_path / name, replace(one, published=(), effects=(), cautions=()), []).read_bytes()
        for name, one in (("first.html", content), ("second.html", displaced))
    ]
    assert names[0] == names[1]
