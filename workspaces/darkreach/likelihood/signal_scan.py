"""The signal of many hypotheses as arrays, and the workspace of each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from darkreach.errors import WorkspaceError
from darkreach.likelihood.model_arrays import FloatArray

Pair = tuple[FloatArray, FloatArray]


@dataclass(frozen=True)
class SignalScan:
    """Signal of N hypotheses in the B bins of a workspace, channels in alphabetical order.

    Attributes:
        nominal: shape (N, B), expected events at mu = 1.
        statistical: shape (N, B), absolute uncertainties of the staterror; None if the signal has none.
        normalisations: factors of each normsys at +1 and -1, shape (N,) each.
        shapes: templates of each histosys at +1 and -1, shape (N, B) each.

    Raises:
        WorkspaceError: shapes differ, a number is not finite, an uncertainty is negative, a factor not positive.

    Example:
        >>> SignalScan(np.array([[1.0, 2.0], [2.0, 1.0]]), shapes={"resolution": (np.ones((2, 2)), np.ones(2))})
        Traceback (most recent call last):
        darkreach.errors.WorkspaceError: resolution at -1 of the signal has another shape
          allowed: (2, 2)
          given:   (2,)
    """

    nominal: FloatArray
    statistical: FloatArray | None = None
    normalisations: Mapping[str, Pair] = field(default_factory=dict)
    shapes: Mapping[str, Pair] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shape = np.shape(self.nominal)
        if len(shape) != 2:
            raise WorkspaceError("the signal of a scan has two axes", allowed="(hypotheses, bins)", given=str(shape))
        _check("nominal rates", self.nominal, shape)
        if self.statistical is not None:
            _check("statistical uncertainties", self.statistical, shape)
            _check_lowest("statistical uncertainties", self.statistical, self.statistical >= 0.0, "at least 0")
        for name, pair in self.normalisations.items():
            for side, values in zip(("+1", "-1"), pair, strict=True):
                _check(f"{name} at {side}", values, shape[:1])
                _check_lowest(f"{name} at {side}", values, values > 0.0, "above 0")
        for name, pair in self.shapes.items():
            for side, values in zip(("+1", "-1"), pair, strict=True):
                _check(f"{name} at {side}", values, shape)

    @property
    def hypotheses(self) -> int:
        """Their number."""
        return int(self.nominal.shape[0])


def add_signal(
    workspace: Mapping[str, Any], modifiers: Mapping[str, Sequence[tuple[str, str]]], signal: str = "signal"
) -> dict[str, Any]:
    """Return a background-only workspace with a signal sample whose numbers are still neutral.

    Args:
        workspace: pyhf workspace; it stays as it is.
        modifiers: (type, name) of the modifiers of the signal in each channel that has it.
        signal: name of the sample.

    Raises:
        WorkspaceError: a channel does not exist or has such a sample already.

    Example:
        >>> background = {"name": "b", "data": [3.0, 2.0], "modifiers": []}
        >>> added = add_signal({"channels": [{"name": "c", "samples": [background]}]}, {"c": [("normfactor", "mu")]})
        >>> added["channels"][0]["samples"][1]
        {'name': 'signal', 'data': [0.0, 0.0], 'modifiers': [{'name': 'mu', 'type': 'normfactor', 'data': None}]}
    """
    unknown = set(modifiers) - {channel["name"] for channel in workspace["channels"]}
    if unknown:
        raise WorkspaceError("the workspace has no such channel", given=", ".join(sorted(unknown)))
    channels = []
    for channel in workspace["channels"]:
        samples = list(channel["samples"])
        if channel["name"] in modifiers:
            if any(sample["name"] == signal for sample in samples):
                raise WorkspaceError(f"channel '{channel['name']}' has a sample '{signal}' already")
            bins = len(samples[0]["data"])
            items = [
                {"name": name, "type": kind, "data": _neutral(kind, bins)} for kind, name in modifiers[channel["name"]]
            ]
            samples.append({"name": signal, "data": [0.0] * bins, "modifiers": items})
        channels.append(dict(channel, samples=samples))
    return dict(workspace, channels=channels)


def scan_workspace(
    workspace: Mapping[str, Any], scan: SignalScan, index: int, signal: str = "signal"
) -> dict[str, Any]:
    """Return the workspace of one hypothesis of a scan; whatever is not signal is shared.

    Args:
        workspace: with the signal sample in place; its numbers are replaced.
        scan: the signal.
        index: of the hypothesis.
        signal: name of the sample.

    Raises:
        WorkspaceError: the scan and the modifiers of the signal do not fit together.
    """
    channels: list[dict[str, Any]] = [dict(channel) for channel in workspace["channels"]]
    first = 0
    for channel in sorted(channels, key=lambda entry: str(entry["name"])):
        bins = slice(first, first + len(channel["samples"][0]["data"]))
        first = bins.stop
        channel["samples"] = [
            _filled(sample, scan, index, bins) if sample["name"] == signal else sample for sample in channel["samples"]
        ]
    return dict(workspace, channels=channels)


def _filled(sample: Mapping[str, Any], scan: SignalScan, index: int, bins: slice) -> dict[str, Any]:
    modifiers = []
    for modifier in sample["modifiers"]:
        kind, name, data = modifier["type"], modifier["name"], modifier["data"]
        if kind == "normsys" and name in scan.normalisations:
            high, low = scan.normalisations[name]
            data = {"hi": float(high[index]), "lo": float(low[index])}
        elif kind == "histosys":
            high, low = scan.shapes[name]
            data = {"hi_data": high[index, bins].tolist(), "lo_data": low[index, bins].tolist()}
        elif kind == "staterror" and scan.statistical is not None:
            data = scan.statistical[index, bins].tolist()
        modifiers.append(dict(modifier, data=data))
    return dict(sample, data=scan.nominal[index, bins].tolist(), modifiers=modifiers)


def _neutral(kind: str, bins: int) -> Any:
    if kind == "normsys":
        return {"hi": 1.0, "lo": 1.0}
    if kind == "histosys":
        return {"hi_data": [0.0] * bins, "lo_data": [0.0] * bins}
    return [0.0] * bins if kind in ("staterror", "shapesys") else None


def _check(what: str, values: FloatArray, shape: tuple[int, ...]) -> None:
    if np.shape(values) != shape:
        raise WorkspaceError(f"{what} of the signal has another shape", allowed=str(shape), given=str(np.shape(values)))
    _check_lowest(what, values, np.isfinite(values), "finite")


def _check_lowest(what: str, values: FloatArray, good: Any, allowed: str) -> None:
    if not np.all(good):
        worst = tuple(int(place) for place in np.argwhere(~np.asarray(good))[0])
        raise WorkspaceError(
            f"{what} of the signal: a number is not usable",
            where=f"hypothesis {worst[0]}" + (f", bin {worst[1]}" if len(worst) > 1 else ""),
            allowed=allowed,
            given=str(float(values[worst])),
        )
