"""The largest excess over the plane of a finished run, for ``darkreach significance``."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from darkreach.command_line.display import print_line, print_table
from darkreach.configuration.plane_search import PlaneSearchConfig
from darkreach.errors import ConfigError
from darkreach.fits.plane_significance import PlaneSignificance, plane_significance
from darkreach.histograms import read_histograms
from darkreach.pipeline import RunFolder, read_settings
from darkreach.pipeline.plane_windows import plane_counting
from darkreach.sharing import apply_patches, read_patchset, read_workspace

MAXIMUM_ROWS = 10
"""A terminal shows so many hypotheses, those with the smallest local p-values; the JSON result holds all."""


def plane_excess(run: Path, *, toys: int, seed: int) -> PlaneSignificance:
    """Return the largest excess over the plane of a run, and what it is worth by background-only toys.

    Args:
        run: its folder, with histograms and workspace.
        toys: number of planes to draw.
        seed: of the toys.

    Raises:
        ConfigError: the run is of no plane search, or there are no toys.
        InputFileError: a file of the run is missing.
    """
    folder = RunFolder(run)
    settings = read_settings(folder.settings)
    config = settings.config
    if not isinstance(config, PlaneSearchConfig):
        raise ConfigError(
            "only runs of searches in a plane are given by their folder",
            where=str(run),
            given=config.search,
            next_step="give BkgOnly.json and --patchset patchset.json",
        )
    workspace = folder.workspace
    counting = plane_counting(
        config,
        read_histograms(folder.histograms),
        apply_patches(read_workspace(workspace / "BkgOnly.json"), read_patchset(workspace / "patchset.json")),
        luminosity_inverse_fb=settings.luminosity_inverse_fb,
        sqrt_s=settings.sqrt_s,
    )
    return plane_significance(counting, toys=toys, seed=seed)


def print_plane_excess(found: PlaneSignificance) -> None:
    """Print the smallest local p-values and the global one."""
    smallest = sorted(zip(found.local_p_values, found.names, strict=True))[:MAXIMUM_ROWS]
    rows = [[name, f"{p_value:.3g}"] for p_value, name in smallest]
    print_table(f"Largest excesses of {len(found.names)} windows", ["hypothesis", "local p-value"], rows)
    if found.local_p_value >= 1.0:
        print_line("no window has an excess")
        return
    print_line(
        f"{found.best}: {found.observed:g} events, {found.background:.3g} expected, local p-value"
        f" {found.local_p_value:.3g} ({found.local_significance:.2f} standard deviations)"
    )
    deviations = "" if found.significance is None else f" ({found.significance:.2f})"
    print_line(
        f"by toys: {found.toys_as_extreme} of {found.toys} have as large an excess, global p-value"
        f" {found.p_value:.3g} ± {found.p_value_error:.1g}{deviations}"
    )
    if found.independent_windows is not None:
        print_line(f"as many as {found.independent_windows:.0f} windows without overlap")


def plane_excess_as_json(found: PlaneSignificance) -> dict[str, Any]:
    """Return the result as JSON-like data, null where there is no number, e.g. no excess at all."""
    content = found.as_dict()
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in content.items()
    }
