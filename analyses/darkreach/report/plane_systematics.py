"""Systematic uncertainties of a plane search, as a table."""

from __future__ import annotations

from darkreach.configuration.plane_search import PlaneSearchConfig
from darkreach.report.setting_tables import signal_rows, uncertainty_row, variation_rows
from darkreach.report.table import NOTHING, Table


def plane_systematics_table(search: PlaneSearchConfig) -> Table:
    """Return every systematic uncertainty of a plane search with its size, what it acts on, and its source."""
    workspace = search.workspace
    rows = [*variation_rows(search.variations, "the signal and the background"), *signal_rows(workspace)]
    for group in workspace.groups:
        title = f"rate of {group.name.replace('_', ' ')}"
        if group.uncertainty is None:
            size = "free" if group.rate == "floating" else "fixed to the simulation"
            rows.append((title, size, "all regions together", NOTHING))
        else:
            rows.append(uncertainty_row(title, group.uncertainty, "all regions together"))
    if workspace.sideband is not None:
        rows.append(
            ("background rate of a region", "free", "region and its sideband together, one factor each", NOTHING)
        )
        rows.append(
            uncertainty_row("sideband to region", workspace.sideband.ratio_uncertainty, "each region on its own")
        )
    rows.append(("size of the simulated background", "√Σw²", "every channel on its own", "computed"))
    return Table(("uncertainty", "size", "acts on", "source"), tuple(rows), text_columns=frozenset({0, 1, 2, 3}))
