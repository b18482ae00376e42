"""The windows of a plane search as counts that share cells: what the look-elsewhere effect is computed from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from darkreach.building.background_groups import grouped_samples
from darkreach.building.plane_background import read_plane_background
from darkreach.building.plane_cells import PlaneCells
from darkreach.building.plane_points import plane_points
from darkreach.configuration.plane_search import PlaneSearchConfig
from darkreach.fits.plane_windows import PlaneCounting, window_matrix
from darkreach.histograms import SearchHistograms
from darkreach.histograms.plane_grid import PlaneGrid
from darkreach.sharing import Hypothesis


def plane_counting(
    config: PlaneSearchConfig,
    histograms: SearchHistograms,
    hypotheses: Sequence[Hypothesis],
    *,
    luminosity_inverse_fb: float,
    sqrt_s: float,
) -> PlaneCounting:
    """Return the windows of all hypotheses, over all regions that each of them uses.

    What local p-values take as expected is what the patches say, which is not nothing where no simulated event is; of
    regions with a sideband (its events + 1) over those expected there for one in the window.

    Args:
        config: the search.
        histograms: whose simulated background is expected in the cells.
        hypotheses: of the search, with the metadata of their patches.
        luminosity_inverse_fb: of the data.
        sqrt_s: GeV.
    """
    cells = PlaneCells(PlaneGrid(config.plane, sqrt_s))
    groups = grouped_samples(histograms.samples.values(), config.workspace.groups)
    size = cells.shape[0] * cells.shape[1]
    offsets = {region.name: number * size for number, region in enumerate(config.regions)}
    expectation = [
        read_plane_background(histograms, cells, region, groups, luminosity_inverse_fb, ()).total.ravel()
        for region in config.regions
    ]
    points = plane_points(cells.grid, [_masses(hypothesis) for hypothesis in hypotheses])
    settings, windows = config.workspace, []
    for hypothesis, point in zip(hypotheses, points, strict=True):
        window = (
            cells.ellipse(point, settings.window_radius)
            if settings.extraction == "window"
            else cells.square(point, settings.template_half_width)
        )
        numbers = window.numbers(cells.shape[1])
        used: Sequence[str] = hypothesis.meaning["regions"]
        windows.append(np.concatenate([numbers + offsets[name] for name in used]))
    return PlaneCounting(
        tuple(hypothesis.name for hypothesis in hypotheses),
        np.concatenate(expectation),
        window_matrix(windows, size * len(config.regions)),
        _observed(hypotheses),
        estimated_background=np.array([_background(hypothesis.meaning) for hypothesis in hypotheses]),
    )


def _masses(hypothesis: Hypothesis) -> tuple[float, float]:
    first, second = (float(hypothesis.values[name]) for name in ("dark_photon_mass_gev", "dark_higgs_mass_gev"))
    return first, second


def _background(meaning: Mapping[str, Any]) -> float:
    factors: Mapping[str, float] = meaning.get("sideband_factor", {})
    return sum(
        (float(meaning["sideband_observed"][region]) + 1.0) / float(factors[region])
        if region in factors
        else float(meaning["background_events"][region])
        for region in meaning["regions"]
    )


def _observed(hypotheses: Sequence[Hypothesis]) -> NDArray[np.float64]:
    def counted(meaning: Mapping[str, Any]) -> float:
        return float(sum(meaning["observed"].values()))

    return np.array([counted(hypothesis.meaning) for hypothesis in hypotheses])
