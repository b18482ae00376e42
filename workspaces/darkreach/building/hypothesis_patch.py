"""The patch of one mass hypothesis: what is removed from and added to the background-only workspace."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from darkreach.building.bernstein import bernstein_background
from darkreach.building.channels import Channel
from darkreach.building.modifiers import PARAMETER_OF_INTEREST
from darkreach.building.region_spectra import RegionSpectra
from darkreach.building.rounding import significant
from darkreach.building.signal_samples import SignalTemplate, signal_samples
from darkreach.building.spurious_signal import spurious_fractions, spurious_modifiers
from darkreach.configuration import WorkspaceSettings
from darkreach.errors import WorkspaceError

Operation = dict[str, Any]


@dataclass(frozen=True)
class HypothesisPatch:
    """JSON patch operations of a hypothesis, and numbers that describe its fit.

    Attributes:
        operations: RFC 6902 operations on the background-only workspace.
        description: what goes into the metadata of the patch.
    """

    operations: list[Operation]
    description: dict[str, Any]


def hypothesis_patch(
    signal: SignalTemplate,
    spectra: RegionSpectra,
    window: Sequence[Channel],
    background_only: dict[str, Any],
    settings: WorkspaceSettings,
) -> HypothesisPatch:
    """Build the patch of one hypothesis.

    It removes every channel but those of the window, with their observations, from the last to the first so that no
    index moves before it is used; adds the sample ``signal``; adds the spurious signal to the background; and sets
    start and bound of the parameter of interest. With Bernstein backgrounds, one polynomial over the window replaces
    those of the two channels.

    Args:
        signal: template of the window.
        spectra: of the region.
        window: channels kept, in order.
        background_only: the workspace to be patched.
        settings: of the workspace.

    Raises:
        WorkspaceError: the spurious signal exceeds the background, or no signal is in the window.
    """
    bins = slice(window[0].start, window[-1].stop)
    if not signal.nominal.sum() > 0.0:
        raise WorkspaceError("no signal is in the window", where=f"region {spectra.name}, mass {signal.mass:g} GeV")
    operations = removals(background_only, {channel.name for channel in window})
    parameters = [_signal_strength(signal, spectra, bins)]
    description: dict[str, Any] = {"channels": [channel.name for channel in window]}
    kept = {channel["name"]: channel["samples"] for channel in background_only["channels"]}
    if settings.background == "bernstein":
        polynomial = bernstein_background(spectra, window, settings.bernstein_order, settings.patch_digits)
        kept = polynomial.samples
        parameters += polynomial.parameters
        description["background_chi_square"] = significant([polynomial.chi_square], settings.patch_digits)[0]
        description["background_degrees_of_freedom"] = polynomial.degrees_of_freedom
    parts = spurious_fractions(signal, spectra, bins, settings.spurious_signal_fraction.value)
    signals = signal_samples(signal, window, settings, spectra.nuisances)
    for index, channel in enumerate(window):
        here = slice(channel.start - bins.start, channel.stop - bins.start)
        samples = kept[channel.name]
        path = f"/channels/{index}/samples"
        if settings.background == "bernstein":
            operations.append({"op": "replace", "path": path, "value": samples})
        if settings.spurious_signal_fraction.value > 0.0:
            spurious = spurious_modifiers(samples, parts[here], settings.patch_digits)
            operations += [_add(f"{path}/{number}/modifiers/-", item) for number, item in enumerate(spurious)]
        operations.append(_add(f"{path}/-", signals[index]))
    operations.append({"op": "replace", "path": "/measurements/0/config/parameters", "value": parameters})
    return HypothesisPatch(operations, description)


def removals(workspace: dict[str, Any], kept: set[str]) -> list[Operation]:
    """Return the operations that remove all channels and observations but those kept, highest index first.

    Example:
        >>> both = [{"name": "a"}, {"name": "b"}]
        >>> [operation["path"] for operation in removals({"channels": both, "observations": both}, {"a"})]
        ['/channels/1', '/observations/1']
    """
    return [
        {"op": "remove", "path": f"/{section}/{index}"}
        for section in ("channels", "observations")
        for index in range(len(workspace[section]) - 1, -1, -1)
        if workspace[section][index]["name"] not in kept
    ]


def _add(path: str, value: Any) -> Operation:
    return {"op": "add", "path": path, "value": value}


def _signal_strength(signal: SignalTemplate, spectra: RegionSpectra, bins: slice) -> dict[str, Any]:
    """Return start and bounds of mu; ten or the power of ten above twenty times its expected uncertainty."""
    variances = spectra.total_background[bins] + spectra.total_variances[bins]
    uncertainty = 1.0 / math.sqrt(float(np.sum(signal.nominal**2 / variances)))
    bound = 10.0 ** max(1, math.ceil(math.log10(20.0 * uncertainty)))
    return {"name": PARAMETER_OF_INTEREST, "inits": [1.0], "bounds": [[0.0, bound]]}
