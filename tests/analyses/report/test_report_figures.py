from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

from darkreach.report import ReportContent, report_figures, write_figures
from darkreach.report.inline_svg import inline_svg


def test_every_figure_file_is_svg_with_kind_luminosity_and_level(content: ReportContent, tmp_path: Path) -> None:
    paths = write_figures(tmp_path / "figures", report_figures(content))
    assert [path.name for path in paths] == [
        "limit_90.svg", "cross_section_90.svg", "limit_95.svg", "cross_section_95.svg", "spectrum_pair_mass_low.svg",
        "spectrum_pair_mass_high.svg", "spectrum_recoil_mass.svg", "efficiency.svg",
    ]  # fmt: skip
    for path in paths:
        svg = path.read_text(encoding="utf-8")
        ET.fromstring(svg)
        assert "pseudo-data" in svg
        assert "445 pb" in svg
        level = path.stem[-2:]
        if level in ("90", "95"):
            assert f"{level} % CL upper limits" in svg


def test_inlined_svg_has_own_identifiers_and_no_comment() -> None:
    svg = '<?xml version="1.0"?>\n<!DOCTYPE svg>\n<svg width="1pt" height="2pt" viewBox="0 0 1 2" xmlns="http://a">'
    svg += '<!-- <b> --><g id="a"/><use xlink:href="#a" clip-path="url(#c)"/></svg>'
    page = inline_svg(svg, "one", 'say "hi"')
    assert page == (
        '<svg viewBox="0 0 1 2" role="img" aria-label="say &#34;hi&#34;"><g id="one-a"/>'
        '<use xlink:href="#one-a" clip-path="url(#one-c)"/></svg>'
    )
