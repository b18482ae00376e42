"""Regions whose background the events of a sideband tell: on and off channels of one bin each."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from darkreach.building.modifiers import lognormal, normfactor
from darkreach.building.plane_cells import CellWindow, PlaneCells
from darkreach.building.plane_inputs import PlaneRegionInputs
from darkreach.building.plane_part import HypothesisCells, RegionPart, RegionSignal
from darkreach.building.plane_regions import sideband_ratio, window_area
from darkreach.building.plane_samples import plane_signal_sample
from darkreach.building.rounding import significant
from darkreach.configuration.plane_search import PlaneRegion, PlaneWorkspaceSettings, SidebandSettings
from darkreach.errors import WorkspaceError

_SMALLEST_START: Final = 1.0e-3
_NEGLIGIBLE: Final = 1.0e-3
"""Of the signal in a region, what of it in the sideband would pretend to be background there."""


def sideband_channel(region: str) -> str:
    """Return the name of the off channel of a region."""
    return f"{region}_sideband"


def sideband_part(
    inputs: PlaneRegionInputs,
    cells: PlaneCells,
    hypothesis: HypothesisCells,
    signal: RegionSignal | None,
    settings: PlaneWorkspaceSettings,
    parameters: tuple[str, ...],
) -> RegionPart:
    """Return the on and off channel of a region in a hypothesis.

    ``background_<region>`` is the number of background events expected in the window. In the off channel it is
    multiplied by tau, the ratio of the sideband to the region in equal parts of the plane times that of the areas they
    are taken from, as far as these can have events. ``sideband_<region>`` is the uncertainty of that ratio. Signal in
    the sideband is part of the off channel unless negligible.

    Args:
        inputs: of the region.
        cells: of the plane.
        hypothesis: its cells.
        signal: in the window; None for background alone.
        settings: of the workspace.
        parameters: of the variations of the signal.

    Raises:
        WorkspaceError: the region has no sideband.
    """
    region, digits = inputs.region, settings.patch_digits
    if settings.sideband is None or inputs.sideband_observed is None or hypothesis.sideband is None:
        raise WorkspaceError("a region has no sideband", where=f"region {region.name}", next_step="configure one")
    observed = float(hypothesis.window.sums(inputs.observed))
    off = float(hypothesis.sideband.sums(inputs.sideband_observed))
    windows = (hypothesis.window, hypothesis.sideband)
    tau = significant([_tau(inputs, cells, windows, settings.sideband)], digits)[0]
    samples: dict[str, list[dict[str, Any]]] = _background(region, tau, settings.sideband)
    events = np.zeros(1)
    if signal is not None:
        varied = signal.produced * signal.efficiencies[:, np.newaxis]
        events = varied[0]
        samples[region.name].append(plane_signal_sample(varied, parameters, settings))
        leaking = _leaking(inputs, hypothesis, signal)
        if leaking > _NEGLIGIBLE * tau * events[0]:
            sample = plane_signal_sample(np.array([[leaking]]), (), settings)
            samples[sideband_channel(region.name)].append(sample)
    background = significant([off / tau], digits)[0]
    return RegionPart(
        region=region.name,
        samples=samples,
        observations={region.name: [observed], sideband_channel(region.name): [off]},
        signal=events,
        background=np.array([background]),
        variances=np.array([(off + 1.0) / tau**2]),
        parameters=[_start(region.name, observed, off, tau)],
        description={
            "background_events": background,
            "observed": observed,
            "sideband_observed": off,
            "sideband_factor": tau,
        },
    )


def _tau(
    inputs: PlaneRegionInputs, cells: PlaneCells, windows: tuple[CellWindow, CellWindow], sideband: SidebandSettings
) -> float:
    on, off = (window_area(inputs.areas, cells, window) for window in windows)
    return sideband_ratio(inputs.region, sideband) * off / on


def _background(region: PlaneRegion, tau: float, sideband: SidebandSettings) -> dict[str, list[dict[str, Any]]]:
    factor = normfactor(f"background_{region.name}")
    ratio = lognormal(f"sideband_{region.name}", sideband.ratio_uncertainty.value)
    return {
        region.name: [{"name": "background", "data": [1.0], "modifiers": [factor, ratio]}],
        sideband_channel(region.name): [{"name": "background", "data": [tau], "modifiers": [factor]}],
    }


def _leaking(inputs: PlaneRegionInputs, hypothesis: HypothesisCells, signal: RegionSignal) -> float:
    if inputs.sideband_signal is None or hypothesis.sideband_overlap is None:
        return 0.0
    return signal.produced * float(inputs.sideband_signal.window(hypothesis.sideband_overlap, signal.weights)[0])


def _start(region: str, observed: float, off: float, tau: float) -> dict[str, Any]:
    # a start on the bound itself has no slope for optimisers that map the bounded range to the whole line
    start = float(f"{max(off / tau, _SMALLEST_START):.3g}")
    largest = 10.0 * max(1.0, observed, (off + 1.0) / tau)
    return {
        "name": f"background_{region}",
        "inits": [start],
        "bounds": [[0.0, 10.0 ** math.ceil(math.log10(largest))]],
    }
