"""Report: one self-contained page with figures, tables, provenance and every number whose source is not verified."""

from darkreach.report.comparison import ComparedPoint, compare
from darkreach.report.content import CouplingReading, NamedEffect, ReportContent
from darkreach.report.page import report_html, write_report
from darkreach.report.report_figure import ReportFigure
from darkreach.report.report_figures import report_figures, write_figures

__all__ = [
    "ComparedPoint",
    "CouplingReading",
    "NamedEffect",
    "ReportContent",
    "ReportFigure",
    "compare",
    "report_figures",
    "report_html",
    "write_figures",
    "write_report",
]
