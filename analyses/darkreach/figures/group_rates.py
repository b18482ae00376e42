"""Expected events of each background group before and after the fit without signal, with the error of their sum."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import UnknownNameError, unknown_name
from darkreach.fits import FitModel, JointBackground, fit_model, joint_background
from darkreach.fits.fit_data import expected_events
from darkreach.fits.joint_background import with_empty_signal

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FittedChannel:
    """One channel of a likelihood, in events per bin.

    Attributes:
        name: of the channel.
        observed: (n,).
        before: (n,) expected by group, before the fit.
        before_error: (n,) of the sum, from all constrained parameters.
        after: (n,) by group, after the fit.
        after_error: (n,) of the sum, from the covariance of the fit.
        all_groups: names of the groups of the whole workspace, so that figures can give each a colour of its own.
    """

    name: str
    observed: Array
    before: Mapping[str, Array]
    before_error: Array
    after: Mapping[str, Array]
    after_error: Array
    all_groups: tuple[str, ...] = ()


def fitted_channels(
    workspace: Mapping[str, Any], channels: Collection[str] | None = None, *, measurement: str | None = None
) -> dict[str, FittedChannel]:
    """Fit a background-only workspace and return its channels by name.

    Args:
        workspace: pyhf 1.0.0 workspace without signal.
        channels: fitted ones; None for all. Regions of different mass ranges share events: fit those of one range, with
            the controls.
        measurement: name of the measurement; None for the first.

    Raises:
        UnknownNameError: no such channel.
        WorkspaceError: the workspace is not usable.
        ConfigError: the fit failed.
    """
    part = _restricted(workspace, channels)
    joint = joint_background(part, measurement)
    fitted = joint.values
    nominal = {one.name: one.centre for one in joint.model.parameters}
    widths = np.array([one.width for one in joint.model.parameters])
    before_error = _errors(joint.model, nominal, np.diag(widths**2))
    after_error = _errors(joint.model, fitted, joint.point.covariance)
    before, after = (_by_group(part, values, measurement) for values in (nominal, fitted))
    bins = _bins(joint)
    return {
        name: FittedChannel(
            name=name,
            observed=joint.model.arrays.counts[places].copy(),
            before=before[name],
            before_error=before_error[places],
            after=after[name],
            after_error=after_error[places],
            all_groups=group_names(workspace),
        )
        for name, places in bins.items()
    }


def _restricted(workspace: Mapping[str, Any], channels: Collection[str] | None) -> Mapping[str, Any]:
    if channels is None:
        return workspace
    known = [channel["name"] for channel in workspace["channels"]]
    missing = sorted(set(channels) - set(known))
    if missing:
        error = unknown_name("channel", missing[0], known)
        raise UnknownNameError(error.what, allowed=error.allowed, given=missing[0], next_step=error.next_step)
    return {
        **workspace,
        "channels": [channel for channel in workspace["channels"] if channel["name"] in channels],
        "observations": [entry for entry in workspace["observations"] if entry["name"] in channels],
    }


def group_names(workspace: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of all samples of a workspace, in alphabetical order."""
    return tuple(sorted({sample["name"] for channel in workspace["channels"] for sample in channel["samples"]}))


def _bins(joint: JointBackground) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for index, name in enumerate(joint.model.compiled.bin_names):
        places.setdefault(name.rsplit("[", 1)[0], []).append(index)
    return places


def _rates(model: FitModel, values: Mapping[str, float]) -> Array:
    """Return the expected events of all bins with parameters by name; those not named stay nominal."""
    theta, gammas = model.arrays.initial.copy(), np.ones(model.arrays.counts.size)
    for parameter in model.parameters:
        value = values.get(parameter.name, parameter.centre)
        if parameter.bin >= 0:
            gammas[parameter.bin] = value
        else:
            theta[parameter.theta] = value
    theta[model.arrays.poi[0]] = 0.0
    return np.maximum(expected_events(model, theta, gammas), 0.0)


def _errors(model: FitModel, values: Mapping[str, float], covariance: Array) -> Array:
    """Return the error of the rates, from half the change between one standard deviation up and down."""
    names = [parameter.name for parameter in model.parameters]
    eigenvalues, vectors = np.linalg.eigh(covariance)
    total = np.zeros(model.arrays.counts.size)
    centre = np.array([values[name] for name in names])
    for size, direction in zip(eigenvalues, vectors.T, strict=True):
        if size <= 1e-14 * eigenvalues[-1]:
            continue
        step = np.sqrt(size) * direction
        up, down = (_rates(model, dict(zip(names, centre + sign * step, strict=True))) for sign in (1.0, -1.0))
        total += (0.5 * (up - down)) ** 2
    return np.sqrt(total)


def _by_group(
    workspace: Mapping[str, Any], values: Mapping[str, float], measurement: str | None
) -> dict[str, dict[str, Array]]:
    """Return the rates by channel and sample, from likelihoods of one sample each."""
    found: dict[str, dict[str, Array]] = {channel["name"]: {} for channel in workspace["channels"]}
    for name in group_names(workspace):
        channels = [
            {**channel, "samples": [sample for sample in channel["samples"] if sample["name"] == name]}
            for channel in workspace["channels"]
        ]
        channels = [channel for channel in channels if channel["samples"]]
        kept = {channel["name"] for channel in channels}
        observations = [entry for entry in workspace["observations"] if entry["name"] in kept]
        alone = {**workspace, "channels": channels, "observations": observations}
        model = fit_model(with_empty_signal(alone, measurement), measurement=measurement)
        rates = _rates(model, values)
        for rate, place in zip(rates, model.compiled.bin_names, strict=True):
            channel = place.rsplit("[", 1)[0]
            found[channel].setdefault(name, np.zeros(0))
            found[channel][name] = np.append(found[channel][name], rate)
    return found
