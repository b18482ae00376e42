from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from darkreach.configuration import unverified_numbers
from darkreach.errors import LimitError
from darkreach.report import NamedEffect, ReportContent, report_html, write_report

HOSTILE = '</td><script>alert("x")</script>&<img src=http://evil.example/x>'


class Page(HTMLParser):
    """Collects elements, text, identifiers and whatever a browser would fetch."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text: list[str] = []
        self.identifiers: list[str] = []
        self.fetched: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.identifiers.append(value or "")
            if name in ("src", "href", "xlink:href", "data", "action", "srcset") and not (value or "").startswith("#"):
                self.fetched.append(f"{tag} {name}={value}")

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture(scope="module")
def html(content: ReportContent) -> str:
    return report_html(content)


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_page_needs_nothing_but_itself(html: str, page: Page) -> None:
    assert page.fetched == []
    assert not {"link", "img", "iframe", "object", "embed", "base"} & set(page.tags)
    assert not re.search(r"https?://|//cdn|@import|url\((?!#)", html)
    assert "default-src 'none'" in html


def test_identifiers_are_unique_and_references_resolve(html: str, page: Page) -> None:
    assert len(page.identifiers) == len(set(page.identifiers))
    used = set(re.findall(r'(?:href="|url\()#([^")]+)', html))
    assert used <= set(page.identifiers)


def test_every_figure_says_kind_luminosity_and_every_limit_its_level(html: str) -> None:
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", html)
    assert len(captions) == 2 * 2 + 3 + 1
    assert all("pseudo-data" in caption and "445 pb⁻¹" in caption for caption in captions)
    assert sum(caption.startswith("90 % CL") for caption in captions) == 2
    assert sum(caption.startswith("95 % CL") for caption in captions) == 2
    # published values are 95 % CL and stay out of the figure of 90 %
    assert [caption[:7] for caption in captions if "arXiv" in caption] == ["95 % CL"]


def test_every_unverified_number_is_listed(page: Page, content: ReportContent) -> None:
    cells = set(page.text)
    used = {name: getattr(content.detector, name) for name in content.search.detector_sections}
    for section, file in ((content.search, "axion_to_photons"), (used, "belle2")):
        entries = list(unverified_numbers(section))
        assert entries
        for entry in entries:
            assert f"{file}: {entry.key}" in cells
            assert entry.value in cells


def test_limits_are_in_the_table(html: str) -> None:
    row = re.search(r"<td>1</td>(.*?)</tr>", html)
    assert row is not None
    cells = re.findall(r"<td[^>]*>(.*?)</td>", row[1])
    # (1 + 0.4)/(1 - 1/111.93) times sqrt(0.84) at 90 % CL, in 1e-3 per GeV
    median = 1.4 / (1 - 1 / 111.93) * 0.84**0.5
    assert cells[3] == f"{median:.2f}"
    assert cells[7] == f"{median**2 * 118.4 * (1 - 1 / 111.93) ** 3:.0f}"
    assert cells[8:11] == ["asymptotic, pyhf", "ok", "0.1000"]


def test_failed_hypotheses_are_shown_with_their_reason(html: str) -> None:
    assert "axion_6, 90 % CL: failed (the fit did not converge)" in html
    assert "13 ok, 1 failed" in html


def test_effects_provenance_and_ledger_are_shown(html: str) -> None:
    assert "1.10 in g, not simulated" in html
    assert "libraries.numpy" in html
    assert "seeds.simulation" in html
    assert html.count(">complete<") == 6
    assert "INCOMPLETE" not in html


def test_hostile_text_stays_text(content: ReportContent) -> None:
    limits = tuple(
        replace(limit, reason=HOSTILE) if limit.status == "failed" else limit for limit in content.limits.limits
    )
    hostile = replace(
        content,
        search=content.search.model_copy(update={"title": HOSTILE}),
        limits=replace(content.limits, mu_one=HOSTILE, limits=limits, record={HOSTILE: HOSTILE}),
        effects=(NamedEffect(HOSTILE, HOSTILE),),
    )
    html = report_html(hostile)
    page = Page(html)
    # the plot brings two: its numbers and its script
    assert page.tags.count("script") == 2
    assert "img" not in page.tags
    assert page.fetched == []
    assert page.text.count(HOSTILE) >= 5


def test_same_content_gives_same_bytes(content: ReportContent, html: str, tmp_path: Path) -> None:
    path = write_report(tmp_path / "report.html", content)
    assert path.read_text(encoding="utf-8") == html
    assert [item.name for item in tmp_path.iterdir()] == ["report.html"]


def test_luminosities_must_agree(content: ReportContent) -> None:
    other = replace(content, limits=replace(content.limits, luminosity_inverse_fb=0.5))
    with pytest.raises(LimitError, match="one luminosity"):
        report_html(other)


def test_recorded_data_are_not_called_pseudo_data(content: ReportContent) -> None:
    samples = dict(content.histograms.samples)
    samples["pseudo_data"] = replace(samples["pseudo_data"], kind="data")
    recorded = replace(content, histograms=replace(content.histograms, samples=samples))
    assert recorded.data_kind == "data"
    assert "All events of this report are simulated" not in report_html(recorded)


def test_methods_of_the_limits_are_told(content: ReportContent) -> None:
    lowest = min(limit.values["mass_gev"] for limit in content.limits.limits)
    limits = tuple(
        replace(limit, method="toys") if limit.values["mass_gev"] == lowest else limit
        for limit in content.limits.limits
    )
    text = " ".join(Page(report_html(replace(content, limits=replace(content.limits, limits=limits)))).text)
    masses = {limit.values["mass_gev"] for limit in limits}
    assert f"asymptotic at {len(masses) - 1} masses" in text
    assert f"toys at {lowest:g} GeV" in text
