"""Report: one self-contained page with figures, tables, provenance and every number whose source is not verified."""

from darkreach.report.comparison import ComparedPoint, compare
from darkreach.report.content import CouplingReading, NamedEffect, ReportContent
from darkreach.report.displaced_content import DisplacedReportContent
from darkreach.report.displaced_figures import displaced_report_figures
from darkreach.report.displaced_page import write_displaced_report
from darkreach.report.page import report_html, write_report
from darkreach.report.plane_content import PlaneReading, PlaneReportContent
from darkreach.report.plane_figures import plane_report_figures
from darkreach.report.plane_page import write_plane_report
from darkreach.report.report_figure import ReportFigure
from darkreach.report.report_figures import report_figures, write_figures

__all__ = [
    "ComparedPoint",
    "CouplingReading",
    "DisplacedReportContent",
    "NamedEffect",
    "PlaneReading",
    "PlaneReportContent",
    "ReportContent",
    "ReportFigure",
    "compare",
    "displaced_report_figures",
    "plane_report_figures",
    "report_figures",
    "report_html",
    "write_displaced_report",
    "write_figures",
    "write_plane_report",
    "write_report",
]
