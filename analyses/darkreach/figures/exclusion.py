"""The interactive exclusion plot: one self-contained piece of HTML, drawn by a short script, without any network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from numpy.typing import NDArray

from darkreach.figures.axis_text import plain_coupling, plain_unit
from darkreach.figures.band import LimitBand
from darkreach.figures.style import COLOURS, FigureLabel, percent
from darkreach.published import PublishedLimits

_LONGEST_SOURCE = 60

_TEMPLATES = Path(__file__).parent / "templates"


def exclusion_html(
    bands: Sequence[LimitBand], coupling: str, unit: str, label: FigureLabel, published: PublishedLimits | None = None
) -> Markup:
    """Return the plot as a piece of HTML; one button a confidence level, numbers at the pointer.

    Args:
        bands: one a confidence level.
        coupling: name of the coupling.
        unit: of the coupling.
        label: data kind, luminosity, energy.
        published: shown only with the limits of its own confidence level.
    """
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
    )
    symbol, raised = plain_coupling(coupling), plain_unit(unit)
    numbers = {
        "axis": f"{symbol} [{raised}]" if unit else symbol,
        "unit": f"{symbol} in {raised}" if unit else symbol,
        "data_kind": label.data_kind,
        "label": label.plain_text,
        "colours": COLOURS,
        "published_name": "" if published is None else _legend(published),
        "levels": [_level(band, published) for band in bands],
    }
    # the output of an autoescaping template: its text is escaped already
    return Markup(environment.get_template("exclusion.html.j2").render(numbers=numbers))  # noqa: S704


def _level(band: LimitBand, published: PublishedLimits | None) -> dict[str, Any]:
    points = [] if published is None or published.confidence_level != band.confidence_level else published.points
    return {
        "name": percent(band.confidence_level),
        "mass_gev": band.mass_gev.tolist(),
        "observed": _numbers(band.observed),
        "expected": [_numbers(quantile) for quantile in band.expected],
        "islands": [vars(island) for island in band.islands],
        "published": [point.model_dump() for point in points],
    }


def _legend(published: PublishedLimits) -> str:
    # a long source would leave the frame; the table of comparison has all of it
    source = published.source if len(published.source) <= _LONGEST_SOURCE else published.source[:_LONGEST_SOURCE] + "…"
    return f"{source}, {published.kind} ({percent(published.confidence_level)})"


def _numbers(values: NDArray[np.float64] | Iterable[float]) -> list[float | None]:
    """Return JSON numbers: six digits are more than a limit has, and JSON has no NaN."""
    return [float(f"{value:.6g}") if np.isfinite(value) else None for value in values]
