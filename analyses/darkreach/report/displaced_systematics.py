"""Systematic uncertainties of a search for displaced vertices, as a table."""

from __future__ import annotations

from darkreach.configuration.displaced_search import DisplacedSearchConfig
from darkreach.report.setting_tables import signal_rows, uncertainty_row, variation_rows
from darkreach.report.table import NOTHING, Table


def displaced_systematics_table(search: DisplacedSearchConfig) -> Table:
    """Return every systematic uncertainty with its size, what it acts on, and its source."""
    workspace = search.workspace
    rows = [
        *variation_rows(search.variations, "the signal"),
        *signal_rows(workspace),
        (
            "background of a window",
            "free",
            "window and sidebands together, one factor a region and radius bin",
            NOTHING,
        ),
        uncertainty_row("sidebands to window", workspace.sideband.ratio_uncertainty, "each region on its own"),
    ]
    return Table(("uncertainty", "size", "acts on", "source"), tuple(rows), text_columns=frozenset({0, 1, 2, 3}))
