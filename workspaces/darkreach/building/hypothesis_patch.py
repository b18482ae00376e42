"""The patch of one mass hypothesis: what is removed from and added to the background-only workspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from darkreach.building.bernstein import bernstein_background
from darkreach.building.channels import Channel
from darkreach.building.region_spectra import RegionSpectra
from darkreach.building.rounding import FloatArray, significant
from darkreach.building.signal_samples import SignalTemplate, signal_sample
from darkreach.building.signal_strength import signal_strength
from darkreach.building.spurious_signal import spurious_fractions, spurious_modifiers
from darkreach.configuration import WorkspaceSettings
from darkreach.errors import WorkspaceError
from darkreach.histograms.search_histograms import NOMINAL

Operation = dict[str, Any]


@dataclass(frozen=True)
class RegionWindow:
    """What a hypothesis uses of one region.

    Attributes:
        spectra: of the region.
        channels: those kept, in order.
        signal: in their bins.
    """

    spectra: RegionSpectra
    channels: tuple[Channel, ...]
    signal: SignalTemplate

    @property
    def bins(self) -> slice:
        """All bins of the window, as an index into the arrays of the region."""
        return slice(self.channels[0].start, self.channels[-1].stop)


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
    windows: Sequence[RegionWindow],
    controls: Mapping[str, Mapping[str, FloatArray]],
    background_only: dict[str, Any],
    settings: WorkspaceSettings,
    *,
    smallest_bound: float = 0.0,
) -> HypothesisPatch:
    """Build the patch of one hypothesis.

    It removes every channel but those of the windows and the controls, with their observations, from the last to the
    first so that no index moves before it is used; adds the sample ``signal`` wherever there is any; adds the spurious
    signal to the background of the regions; and sets start and bound of the parameter of interest. With Bernstein
    backgrounds, one polynomial over each window replaces those of its two channels.

    Args:
        windows: one a region that acts in this hypothesis.
        controls: the signal in each control, by variation.
        background_only: the workspace to be patched.
        settings: of the workspace.
        smallest_bound: of the parameter of interest.

    Raises:
        WorkspaceError: the spurious signal exceeds the background, or no signal is in any window.
    """
    if not any(window.signal.nominal.sum() > 0.0 for window in windows):
        names = ", ".join(window.spectra.name for window in windows)
        raise WorkspaceError("no signal is in the window", where=f"region {names}, mass {windows[0].signal.mass:g} GeV")
    kept = [channel.name for window in windows for channel in window.channels] + list(controls)
    operations = removals(background_only, set(kept))
    places = {channel["name"]: channel["samples"] for channel in background_only["channels"] if channel["name"] in kept}
    paths = {name: f"/channels/{index}/samples" for index, name in enumerate(places)}
    parameters = [_signal_strength(windows, smallest_bound)]
    chi_square, degrees_of_freedom = 0.0, 0
    for window in windows:
        samples = places
        if settings.background == "bernstein":
            polynomial = bernstein_background(
                window.spectra, window.channels, settings.bernstein_order, settings.patch_digits
            )
            samples = polynomial.samples
            parameters += polynomial.parameters
            chi_square += polynomial.chi_square
            degrees_of_freedom += polynomial.degrees_of_freedom
        operations += _window_operations(window, samples, paths, settings)
    nuisances = windows[0].spectra.nuisances
    for name, events in controls.items():
        if np.any(events[NOMINAL] > 0.0):
            operations.append(_add(f"{paths[name]}/-", signal_sample(events, settings, nuisances)))
    operations.append({"op": "replace", "path": "/measurements/0/config/parameters", "value": parameters})
    description: dict[str, Any] = {"channels": [channel.name for window in windows for channel in window.channels]}
    if controls:
        description["controls"] = list(controls)
    if settings.background == "bernstein":
        description["background_chi_square"] = significant([chi_square], settings.patch_digits)[0]
        description["background_degrees_of_freedom"] = degrees_of_freedom
    return HypothesisPatch(operations, description)


def _window_operations(
    window: RegionWindow,
    background: Mapping[str, list[dict[str, Any]]],
    paths: Mapping[str, str],
    settings: WorkspaceSettings,
) -> list[Operation]:
    """Return what is added to the channels of one region; nothing where it has no signal."""
    signal, fraction = window.signal, settings.spurious_signal_fraction.value
    anything = signal.nominal.sum() > 0.0
    parts = np.zeros(len(signal.nominal))
    if anything:
        parts = spurious_fractions(signal, window.spectra, window.bins, fraction)
    operations = []
    for channel in window.channels:
        here = slice(channel.start - window.bins.start, channel.stop - window.bins.start)
        samples, path = background[channel.name], paths[channel.name]
        if settings.background == "bernstein":
            operations.append({"op": "replace", "path": path, "value": samples})
        if not anything:
            continue
        if fraction > 0.0:
            spurious = spurious_modifiers(samples, parts[here], settings.patch_digits)
            operations += [_add(f"{path}/{number}/modifiers/-", item) for number, item in enumerate(spurious)]
        events = {variation: values[here] for variation, values in signal.events.items()}
        operations.append(_add(f"{path}/-", signal_sample(events, settings, window.spectra.nuisances)))
    return operations


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


def _signal_strength(windows: Sequence[RegionWindow], smallest_bound: float) -> dict[str, Any]:
    information = sum(
        float(
            np.sum(
                window.signal.nominal**2
                / (window.spectra.total_background[window.bins] + window.spectra.total_variances[window.bins])
            )
        )
        for window in windows
    )
    events = sum(float(window.signal.nominal.sum()) for window in windows)
    return signal_strength(information, events, smallest_bound)
