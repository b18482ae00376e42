"""Report pages as text: templates filled in, figures put inside, everything foreign escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from darkreach.report.inline_svg import inline_svg, is_broad
from darkreach.report.report_figure import ReportFigure

_TEMPLATES: Final = Path(__file__).parent / "templates"


def fill_template(template: str, variables: Mapping[str, Any]) -> str:
    """Return a page; equal variables give equal text.

    Args:
        template: file name among the templates of this stage.
        variables: all that it uses; text in them is escaped.
    """
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    page = environment.get_template(template).render(variables)
    # an empty variable leaves blanks at line ends
    return "\n".join(line.rstrip() for line in page.splitlines()) + "\n"


def page_figures(figures: Iterable[ReportFigure]) -> list[tuple[str, str, Markup, bool]]:
    """Return section, caption, markup, and whether it gets the whole width, of every figure."""
    return [
        (figure.section, figure.caption, inline_svg(figure.svg, figure.name, figure.caption), is_broad(figure.svg))
        for figure in figures
    ]
