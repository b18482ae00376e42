"""One figure of a report."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ReportFigure:
    """One drawn figure: file name without ending, section of the report, caption, SVG text."""

    name: str
    section: str
    caption: str
    svg: str
