"""Efficiencies against where a particle decays and how hard it is: for production that nobody simulated here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from darkreach.configuration.displaced_search import DisplacedSearchConfig
from darkreach.couplings.labelled_table import write_labelled_table
from darkreach.histograms import SearchHistograms

COLUMNS: Final = (
    "channel",
    "mass_gev",
    "radius_from_cm",
    "radius_to_cm",
    "momentum_from_gev",
    "momentum_to_gev",
    "efficiency",
    "error",
)
HEADER: Final = {
    "quantity": "share of recorded decays that are selected, with a mass near that of the particle",
    "units": "true transverse radius of the decay in cm, true transverse momentum of the particle in GeV, laboratory",
}


def write_radius_efficiencies(path: Path, histograms: SearchHistograms, config: DisplacedSearchConfig) -> Path:
    """Write the efficiency in bins of true radius and true transverse momentum as CSV, and return the path.

    One row a channel, simulated mass and bin with decays. All bins of the measured radius count together, and the
    last bins have what lies beyond in none of them. The error is that of selected weights over all weights.

    Args:
        path: file to write.
        histograms: of the search, with ``decays/<region>`` and ``selected_decays/<region>``.
        config: of the search.

    Raises:
        OutputError: the folder cannot be written to.
    """
    return write_labelled_table(path, COLUMNS, _rows(histograms, config), {"search": config.search, **HEADER})


def _rows(histograms: SearchHistograms, config: DisplacedSearchConfig) -> Iterator[list[str]]:
    for region in config.regions:
        every, chosen = (histograms.histograms[f"{name}/{region.name}"] for name in ("decays", "selected_decays"))
        radii, momenta = (np.asarray(every.axes[name].edges) for name in ("true_radius", "true_momentum"))
        found = sorted(
            (float(histograms.samples[name].parameters["mass_gev"]), number)
            for number, name in enumerate(every.axes["dataset"])
        )
        for mass, number in found:
            all_, selected = (_of(histogram, number) for histogram in (every, chosen))
            for place in np.argwhere(all_["value"] > 0.0):
                first, second = place.tolist()
                total = all_["value"][first, second]
                edges = (*radii[first : first + 2], *momenta[second : second + 2])
                value, error = selected["value"][first, second], np.sqrt(selected["variance"][first, second])
                numbers = [f"{number:g}" for number in (mass, *edges)]
                yield [region.name, *numbers, f"{value / total:.5g}", f"{error / total:.3g}"]


def _of(histogram: Any, number: int) -> Any:
    return histogram.view(flow=False)[number]
