"""The validation page: one HTML file with every check, its number beside the reference, and the distributions."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from darkreach import report
from darkreach.configuration import DetectorConfig, unverified_numbers
from darkreach.figures import draw_polar_angle, draw_resolution, save_svg
from darkreach.provenance import run_record, write_text
from darkreach.report.inline_svg import inline_svg
from darkreach.report.table import Table, measured, number, readable_process
from darkreach.validation.angle_check import AngleResult
from darkreach.validation.check_result import CheckResult
from darkreach.validation.resolution_check import ResolutionResult
from darkreach.validation.validate import Validation

_TEMPLATES: Final = (Path(__file__).parent / "templates", Path(report.__file__).parent / "templates")
PASSED: Final = "passed"
FAILED: Final = "NOT PASSED"


def write_validation(path: Path, validation: Validation, detector: DetectorConfig) -> Path:
    """Write the page and return its path; equal results give equal bytes.

    Raises:
        OutputError: the page cannot be written.
    """
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    page = environment.get_template("validation.html.j2").render(_variables(validation, detector))
    write_text(path, "\n".join(line.rstrip() for line in page.splitlines()) + "\n")
    return path


def _variables(validation: Validation, detector: DetectorConfig) -> dict[str, Any]:
    checks = len(validation.numbers) + len(validation.angles)
    return {
        "title": validation.config.title,
        "summary": [
            ("checks", f"{checks - len(validation.failed)} of {checks} passed"),
            ("detector", validation.config.detector),
            ("seed", str(validation.config.seed)),
            ("software", f"darkreach {run_record('', seeds={}).as_dict()['darkreach']}"),
        ],
        "failed": validation.failed,
        "cross_sections": number_table(validation.cross_sections, "Cross-sections"),
        "resolutions": number_table([found.result for found in validation.resolutions], "Resolutions"),
        "angles": _angle_table(validation.angles),
        "resolution_figures": [_resolution_figure(index, found) for index, found in enumerate(validation.resolutions)],
        "angle_figures": [_angle_figure(index, found) for index, found in enumerate(validation.angles)],
        "unverified": _unverified(detector),
    }


def number_table(results: list[CheckResult] | tuple[CheckResult, ...], caption: str) -> Table:
    """Return checks of single numbers, ours beside the reference."""
    rows = tuple(
        (
            readable_process(result.name),
            result.process,
            measured(result.computed, result.error),
            number(result.reference, 5),
            result.unit,
            f"{100.0 * result.deviation:+.2f} ± {100.0 * result.error / abs(result.reference):.2f}",
            f"{100.0 * result.tolerance:g}",
            f"{result.effective_events:,.0f}",
            PASSED if result.passed else FAILED,
            result.source,
        )
        for result in results
    )
    header = (
        "check", "process", "simulation", "reference", "unit", "difference (%)", "tolerance (%)", "effective events",
        "", "reference from",
    )  # fmt: skip
    return Table(header, rows, caption, frozenset({0, 1, 4, 8, 9}))


def _angle_table(results: tuple[AngleResult, ...]) -> Table:
    rows = tuple(
        (
            readable_process(result.name),
            result.process,
            f"{result.chi_squared:.1f} / {len(result.shares) - 1}",
            number(result.probability, 2),
            PASSED if result.passed else FAILED,
        )
        for result in results
    )
    header = ("distribution", "process", "χ² / degrees of freedom", "probability", "")
    return Table(header, rows, "Polar angles", frozenset({0, 1, 4}))


def _resolution_figure(index: int, found: ResolutionResult) -> tuple[str, Markup]:
    result = found.result
    note = f"{number(result.computed)} {result.unit} (reference {number(result.reference)})"
    figure = draw_resolution(
        found.edges, found.content, found.median, result.computed,
        axis=f"measured [{result.unit}]", title=readable_process(result.name), note=note,
    )  # fmt: skip
    return result.name, inline_svg(save_svg(figure), f"resolution{index}", result.name)


def _angle_figure(index: int, found: AngleResult) -> tuple[str, Markup]:
    note = rf"$\chi^2$/ndf = {found.chi_squared:.1f}/{len(found.shares) - 1}"
    title = readable_process(found.name)
    figure = draw_polar_angle(found.edges, found.shares, found.errors, found.expected, title, note)
    return found.name, inline_svg(save_svg(figure), f"angle{index}", found.name)


def _unverified(detector: DetectorConfig) -> Table:
    rows = tuple((entry.key, entry.value, entry.note) for entry in unverified_numbers(detector))
    return Table(("number", "value", "note"), rows, "", frozenset({0, 1, 2}))
