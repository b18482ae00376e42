"""What must hold between histograms, configuration and request before anything is built."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from darkreach.building.mass_grid import hypothesis_name
from darkreach.building.rounding import FloatArray
from darkreach.configuration import SearchConfig
from darkreach.errors import WorkspaceError
from darkreach.histograms.search_histograms import SearchHistograms


def check_masses(masses: Sequence[float]) -> None:
    """Refuse an empty list and masses that share a name.

    Raises:
        WorkspaceError: names the masses given twice.
    """
    names = [hypothesis_name(mass) for mass in masses]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated or not names:
        raise WorkspaceError(
            "every mass must be given once" if repeated else "no mass was given",
            where="masses",
            given=", ".join(repeated),
            next_step="give at least one mass in GeV, each once",
        )


def check_data_sample(histograms: SearchHistograms, name: str, luminosity_inverse_fb: float) -> None:
    """Refuse a data sample that is not there, or of another luminosity (fb^-1).

    Raises:
        WorkspaceError: names the samples there are, or the luminosity recorded.
    """
    known = {m.sample: m for m in histograms.samples.values() if m.kind in ("pseudo_data", "data")}
    if name not in known:
        raise WorkspaceError(
            f"the histograms hold no data sample '{name}'", where="samples", allowed=", ".join(known), given=name
        )
    recorded = known[name].luminosity_inverse_fb
    if recorded is not None and not np.isclose(recorded, luminosity_inverse_fb, rtol=1e-6):
        raise WorkspaceError(
            "the luminosity is not that of the data",
            where=f"manifest of {name}: luminosity_inverse_fb",
            allowed=f"{recorded:g} fb^-1",
            given=f"{luminosity_inverse_fb:g} fb^-1",
            next_step="use the luminosity of the sample, or make pseudo-data of the other luminosity",
        )


def check_binning(histograms: SearchHistograms, config: SearchConfig, region: str, expected: FloatArray) -> None:
    """Refuse histograms that were filled with other bin edges than the configuration asks for.

    Raises:
        WorkspaceError: the histogram of the region is missing or has other edges.
    """
    name = f"region/{region}"
    if name not in histograms.histograms:
        raise WorkspaceError(
            f"the histograms hold no '{name}'", where="histograms", allowed=", ".join(histograms.histograms), given=name
        )
    edges = histograms.histograms[name].axes[-1].edges
    if len(edges) != len(expected) or not np.allclose(edges, expected, rtol=1e-9, atol=1e-12):
        raise WorkspaceError(
            "the histogram has other bins than the configuration",
            where=name,
            allowed=f"{len(expected) - 1} bins from {expected[0]:.6g} to {expected[-1]:.6g}",
            given=f"{len(edges) - 1} bins from {edges[0]:.6g} to {edges[-1]:.6g}",
            next_step=f"process the events again with the configuration of {config.search}",
        )
