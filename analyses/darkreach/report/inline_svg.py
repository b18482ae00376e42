"""SVG files made fit to stand inside a page: no prolog, no comments, identifiers that differ from figure to figure."""

from __future__ import annotations

import re
from typing import Final

from markupsafe import Markup, escape

_BROAD: Final = 1.7
"""Width over height from which a figure gets the whole width of a page."""

_WIDE: Final = 800.0
"""The same width alone, points: small multiples in several rows."""


def inline_svg(svg: str, prefix: str, description: str) -> Markup:
    """Return SVG markup for a page.

    Args:
        svg: as ``save_svg`` writes it, i.e. from matplotlib, with all text escaped.
        prefix: put before every identifier, because identifiers must be unique in a page.
        description: read out by screen readers.
    """
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<!--.*?-->\n?", "", body, flags=re.DOTALL)
    body = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', body)
    body = re.sub(r'(href="|url\()#', rf"\1#{prefix}-", body)
    head, rest = body.split(">", 1)
    # a page knows the name spaces of SVG; the size is the page's business
    head = re.sub(r'\s(?:xmlns(?::\w+)?|width|height|version)="[^"]*"', "", head)
    described = f'{head} role="img" aria-label="{escape(description)}">{rest}'
    return Markup(described)  # noqa: S704


def is_broad(svg: str) -> bool:
    """Return whether a figure has panels side by side, which two columns of a page would make too small to read.

    Example:
        >>> is_broad('<svg viewBox="0 0 800 400">'), is_broad('<svg viewBox="0 0 500 400">')
        (True, False)
    """
    box = re.search(r'viewBox="\S+ \S+ (\S+) (\S+)"', svg)
    return box is not None and float(box.group(1)) > min(_BROAD * float(box.group(2)), _WIDE)
