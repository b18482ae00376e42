"""Regions whose background is simulated: counts in a window, or all bins of a square about the hypothesis."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from darkreach.building.plane_background import (
    PlaneBackground,
    change_factors,
    effective_events,
    window_background,
)
from darkreach.building.plane_cells import PlaneCells
from darkreach.building.plane_inputs import PlaneRegionInputs
from darkreach.building.plane_part import HypothesisCells, RegionPart, RegionSignal
from darkreach.building.plane_samples import plane_group_sample, plane_signal_sample
from darkreach.building.plane_template_bins import template_bins
from darkreach.building.rounding import FloatArray, significant
from darkreach.configuration.plane_search import PlaneWorkspaceSettings


@dataclass(frozen=True, eq=False)
class BinnedRegion:
    """A region with simulated background in the bins of its channel.

    Attributes:
        region: its name.
        groups: of backgrounds.
        values: events, shape (groups, bins).
        variances: their squared uncertainties.
        factors: variations, up and down of each parameter over nominal, shape (groups, 2 parameters, bins).
        observed: events, shape (bins,).
        signal: events by variation, shape (1 + 2 parameters, bins); None for background alone.
        description: for the metadata.
    """

    region: str
    groups: tuple[str, ...]
    values: FloatArray
    variances: FloatArray
    factors: FloatArray
    observed: FloatArray
    signal: FloatArray | None
    description: dict[str, Any] = field(default_factory=dict)

    def part(self, settings: PlaneWorkspaceSettings, parameters: tuple[str, ...]) -> RegionPart:
        """Return the channel; with a signal, groups without events in it are left out."""
        samples = [
            plane_group_sample(group, self.region, values, variances, factors, parameters, settings)
            for group, values, variances, factors in zip(
                self.groups, self.values, self.variances, self.factors, strict=True
            )
            if self.signal is None or values.any()
        ]
        if self.signal is not None:
            samples.append(plane_signal_sample(self.signal, parameters, settings))
        numbers = [float(self.values.sum()), effective_events(self.values, self.variances)]
        background, effective = significant(numbers, settings.patch_digits)
        return RegionPart(
            region=self.region,
            samples={self.region: samples},
            observations={self.region: self.observed.tolist()},
            signal=np.zeros(len(self.observed)) if self.signal is None else self.signal[0],
            background=self.values.sum(axis=0),
            variances=self.variances.sum(axis=0),
            description={
                "background_events": background,
                "observed": float(self.observed.sum()),
                "effective_events": effective,
                **self.description,
            },
        )


def counted_region(
    inputs: PlaneRegionInputs,
    background: PlaneBackground,
    cells: PlaneCells,
    hypothesis: HypothesisCells,
    signal: RegionSignal | None,
    radius: float,
) -> BinnedRegion:
    """Return a region as one bin: what is in the window of a hypothesis.

    The metadata say of which groups the window holds no simulated event: ``background_from_radius``, the radius of the
    ellipse that their density is taken from, in radii of the window, or 0 where there are none in any.

    Args:
        inputs: of the region.
        background: simulated.
        cells: of the plane.
        hypothesis: its cells.
        signal: in the window; None for background alone.
        radius: of the window, resolutions.
    """
    window = hypothesis.window
    found = window_background(background, inputs.areas, cells, hypothesis.point, radius, window)
    other = {group: float(far) for group, far in zip(background.groups, found.radii, strict=True) if far != 1.0}
    return BinnedRegion(
        inputs.region.name,
        background.groups,
        found.values[:, np.newaxis],
        found.variances[:, np.newaxis],
        background.changes(window)[..., np.newaxis],
        np.array([float(window.sums(inputs.observed))]),
        None if signal is None else signal.produced * signal.efficiencies[:, np.newaxis],
        {"background_from_radius": other} if other else {},
    )


def template_region(
    inputs: PlaneRegionInputs,
    background: PlaneBackground,
    cells: PlaneCells,
    hypothesis: HypothesisCells,
    signal: RegionSignal,
) -> BinnedRegion:
    """Return a region in all bins of the square about a hypothesis.

    Args:
        inputs: of the region.
        background: simulated.
        cells: of the plane.
        hypothesis: its cells, those of the square.
        signal: whose events are spread over the bins.
    """
    window, point = hypothesis.window, hypothesis.point
    bins = template_bins(cells, point, window, background.total, background.variances.sum(axis=0))
    parts = [
        np.add.reduceat(parts[place], starts, axis=0)
        for parts, place, starts in (
            (background.x_parts, window.x, bins.x_starts),
            (background.y_parts, window.y, bins.y_starts),
        )
    ]
    x_pulls, y_pulls = cells.pull_edges(point, window)
    efficiencies = inputs.signal.rectangles(point, x_pulls[[*bins.x_starts, -1]], y_pulls[[*bins.y_starts, -1]])
    values, variances, observed = (
        bins.merged(bins.rectangles(window.box(one)))
        for one in (background.values, background.variances, inputs.observed)
    )
    return BinnedRegion(
        inputs.region.name,
        background.groups,
        values,
        variances,
        change_factors(bins.merged(parts[0] @ background.coarse @ parts[1].T)),
        observed,
        signal.produced * bins.merged(efficiencies),
        {"bins": len(observed)},
    )
