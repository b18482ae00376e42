"""One hypothesis of a plane search: which regions take part in it, and its patch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from darkreach.building.drawn_data import DATA_KIND
from darkreach.building.hypothesis_patch import Operation
from darkreach.building.plane_anchors import AnchorWeights
from darkreach.building.plane_inputs import PlaneInputs, PlaneRegionInputs
from darkreach.building.plane_part import HypothesisCells, RegionPart, RegionSignal
from darkreach.building.plane_points import PlanePoint
from darkreach.building.plane_regions import takes_part
from darkreach.building.plane_sideband import sideband_part
from darkreach.building.plane_simulated import counted_region, template_region
from darkreach.building.rounding import significant
from darkreach.building.signal_strength import signal_strength

_NEGLIGIBLE: Final = 1.0e-4
"""Of the signal of all regions, what one must have to take part."""


def plane_patch(inputs: PlaneInputs, point: PlanePoint, places: Mapping[str, int]) -> dict[str, Any] | None:
    """Return the patch of a hypothesis with its metadata; None if no region has signal.

    It replaces the background by that of the window and adds the signal, removes the channels of other regions, and
    replaces observations and parameters as a whole.

    Args:
        inputs: of the plane.
        point: the hypothesis.
        places: number of each channel in the background-only workspace.
    """
    cells = hypothesis_cells(inputs, point)
    signals = region_signals(inputs, cells)
    if not signals:
        return None
    parts = [region_part(inputs, region, cells, signals[region.region.name])
             for region in inputs.regions if region.region.name in signals]  # fmt: skip
    smallest = 0.0 if inputs.injected is None else 4.0 * inputs.injected[1]
    events = sum(float(part.signal.sum()) for part in parts)
    strength = signal_strength(sum(part.information for part in parts), events, smallest)
    return {
        "metadata": _metadata(inputs, point, parts, signals),
        "patch": _operations(parts, strength, places),
    }


def hypothesis_cells(inputs: PlaneInputs, point: PlanePoint) -> HypothesisCells:
    """Return the cells that a hypothesis uses of every region."""
    settings, cells, signal = inputs.config.workspace, inputs.cells, inputs.regions[0].signal
    if settings.extraction == "template":
        window = cells.square(point, settings.template_half_width)
    else:
        window = cells.ellipse(point, settings.window_radius)
    overlap = signal.overlap(cells, point, window)
    if settings.sideband is None:
        return HypothesisCells(point, window, overlap)
    sideband = cells.ellipse(point, settings.sideband.radius)
    return HypothesisCells(point, window, overlap, sideband, signal.overlap(cells, point, sideband))


def region_signals(inputs: PlaneInputs, hypothesis: HypothesisCells) -> dict[str, RegionSignal]:
    """Return the signal of all regions that take part and have some, by name; negligible ones are left out."""
    point, cells = hypothesis.point, inputs.cells
    produced = inputs.produced(point.masses)
    found: dict[str, RegionSignal] = {}
    weights: dict[tuple[str, ...], AnchorWeights] = {}
    for one in inputs.regions:
        region = one.region
        if produced > 0.0 and takes_part(region, cells, point, hypothesis.window):
            share = inputs.decay_share(region, point.masses[0])
            if share > 0.0:
                anchors = one.signal.anchors
                if anchors.samples not in weights:
                    weights[anchors.samples] = anchors.weights(point.masses)
                own = weights[anchors.samples]
                efficiencies = one.signal.window(hypothesis.overlap, own)
                found[region.name] = RegionSignal(share, produced * share, efficiencies, own)
    total = sum(signal.events for signal in found.values())
    return {name: signal for name, signal in found.items() if signal.events > _NEGLIGIBLE * total}


def region_part(
    inputs: PlaneInputs, region: PlaneRegionInputs, hypothesis: HypothesisCells, signal: RegionSignal | None
) -> RegionPart:
    """Return what a region contributes to a hypothesis; background alone in one bin without signal."""
    settings, cells = inputs.config.workspace, inputs.cells
    parameters = tuple(inputs.nuisances)
    if region.background is None or region.region.sideband:
        return sideband_part(region, cells, hypothesis, signal, settings, parameters)
    if signal is None or settings.extraction == "window":
        binned = counted_region(region, region.background, cells, hypothesis, signal, settings.window_radius)
    else:
        binned = template_region(region, region.background, cells, hypothesis, signal)
    return binned.part(settings, parameters)


def _operations(parts: Sequence[RegionPart], strength: dict[str, Any], places: Mapping[str, int]) -> list[Operation]:
    operations: list[Operation] = []
    for part in parts:
        for channel, samples in part.samples.items():
            operations.append({"op": "replace", "path": f"/channels/{places[channel]}/samples", "value": samples})
    kept = {channel for part in parts for channel in part.samples}
    for channel, place in sorted(places.items(), key=lambda item: -item[1]):
        if channel not in kept:
            operations.append({"op": "remove", "path": f"/channels/{place}"})
    observations = [{"name": name, "data": data} for part in parts for name, data in part.observations.items()]
    operations.append({"op": "replace", "path": "/observations", "value": observations})
    parameters = [strength, *(parameter for part in parts for parameter in part.parameters)]
    operations.append({"op": "replace", "path": "/measurements/0/config/parameters", "value": parameters})
    return operations


def _metadata(
    inputs: PlaneInputs, point: PlanePoint, parts: Sequence[RegionPart], signals: Mapping[str, RegionSignal]
) -> dict[str, Any]:
    digits = inputs.config.workspace.patch_digits
    numbers = {
        "cross_section_fb": inputs.produced(point.masses) / inputs.luminosity_inverse_fb,
        "coupling": inputs.config.simulation.reference_coupling.value,
        "luminosity_inverse_fb": inputs.luminosity_inverse_fb,
        "expected_signal_events": sum(float(part.signal.sum()) for part in parts),
    }
    content: dict[str, Any] = {"name": point.name, "values": list(point.masses)}
    content |= dict(zip(numbers, significant(numbers.values(), digits), strict=True))
    if inputs.data_sample is None:
        content["data_kind"] = DATA_KIND
    content["regions"] = [part.region for part in parts]
    content["efficiency"] = {
        part.region: significant([float(np.sum(part.signal)) / signals[part.region].produced], digits)[0]
        for part in parts
    }
    content["branching"] = {part.region: significant([signals[part.region].branching], digits)[0] for part in parts}
    for name in dict.fromkeys(name for part in parts for name in part.description):
        content[name] = {part.region: part.description[name] for part in parts if name in part.description}
    return content
