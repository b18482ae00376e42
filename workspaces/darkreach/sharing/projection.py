"""A hypothesis at another luminosity, with the background expectation in place of data."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Literal

from darkreach.errors import WorkspaceError
from darkreach.sharing.hypothesis import Hypothesis

DATA_KIND: Final = "background expectation"
"""What the meaning of a projected hypothesis says of its data."""

_FACTORS: Final = ("normfactor", "shapefactor", "lumi")
_EVENTS: Final = ("luminosity_inverse_fb", "expected_signal_events")


def projected(
    hypothesis: Hypothesis,
    factor: float,
    *,
    signal: str | None = None,
    more_simulation: bool = False,
    systematics: Literal["kept", "scaled"] = "kept",
) -> Hypothesis:
    """Return the hypothesis with every yield multiplied by a factor and the background expectation as its data.

    Works on any workspace. Free factors keep their values: those of the background stand at their starting values in
    the expectation, bins included if they have one each; the signal strength stands at zero.

    Args:
        hypothesis: as read or built.
        factor: new over old luminosity.
        signal: name of the sample that is not background; None for all that carry the parameter of interest.
        more_simulation: the simulation grows with the luminosity, so that its relative uncertainty (staterror) falls
            with the root of the factor.
        systematics: ``kept`` as they are, relative to the yields; ``scaled`` down with the root of the factor, as if
            all were measured with data: normsys, histosys, shapesys, lumi, and staterror too. Nothing grows if the
            luminosity falls.

    Raises:
        WorkspaceError: the factor is not positive.

    Example:
        >>> workspace = {"channels": [{"name": "c", "samples": [{"name": "b", "data": [2.0], "modifiers": []}]}],
        ...              "observations": [{"name": "c", "data": [5.0]}], "measurements": []}
        >>> projected(Hypothesis("h", {}, workspace), 10.0).workspace["observations"]
        [{'name': 'c', 'data': [20.0]}]
    """
    if not 0.0 < factor < math.inf:
        raise WorkspaceError("a luminosity must be positive", where="projection: factor", given=f"{factor:g}")
    shrink = min(1.0, factor**-0.5) if systematics == "scaled" else 1.0
    statistical = factor**-0.5 if more_simulation else shrink
    workspace: dict[str, Any] = copy.deepcopy(dict(hypothesis.workspace))
    config: dict[str, Any] = {"poi": "", "parameters": []}
    if workspace["measurements"]:
        config = workspace["measurements"][0]["config"]
    values = {settings["name"]: settings["inits"] for settings in config["parameters"] if settings.get("inits")}
    expected = {}
    for channel in workspace["channels"]:
        for sample in channel["samples"]:
            _scale(sample, factor, shrink, statistical)
        without = [
            sample
            for sample in channel["samples"]
            if (sample["name"] != signal if signal is not None else not _carries(sample, config["poi"]))
        ]
        expected[channel["name"]] = _total(without, values, len(channel["samples"][0]["data"]))
    for observation in workspace["observations"]:
        observation["data"] = expected[observation["name"]]
    _change_parameters(workspace, config["poi"], factor, shrink)
    meaning = dict(hypothesis.meaning) | ({"data_kind": DATA_KIND} if hypothesis.meaning else {})
    meaning |= {name: factor * float(meaning[name]) for name in _EVENTS if name in meaning}
    return replace(hypothesis, workspace=workspace, meaning=meaning)


def _change_parameters(workspace: Mapping[str, Any], poi: str, factor: float, shrink: float) -> None:
    for settings in _all_parameters(workspace):
        if settings["name"] == poi and "bounds" in settings:
            # the limit rises where the luminosity falls
            settings["bounds"] = [[low, high * max(1.0, 1.0 / factor)] for low, high in settings["bounds"]]
        if "sigmas" in settings:
            settings["sigmas"] = _times(settings["sigmas"], shrink)


def _scale(sample: dict[str, Any], factor: float, shrink: float, statistical: float) -> None:
    """Multiply the yields of a sample, and change the sizes of its uncertainties."""
    nominal = sample["data"]
    for modifier in sample["modifiers"]:
        data = modifier["data"]
        if modifier["type"] == "staterror":
            modifier["data"] = _times(data, factor * statistical)
        elif modifier["type"] == "shapesys":
            modifier["data"] = _times(data, factor * shrink)
        elif modifier["type"] == "normsys":
            # as it is, so that nothing is rounded, unless it shrinks
            modifier["data"] = {
                side: 1.0 + shrink * (data[side] - 1.0) if shrink < 1.0 else data[side] for side in data
            }
        elif modifier["type"] == "histosys":
            modifier["data"] = {
                side: [factor * (shrink * (value - bin_) + bin_) if shrink < 1.0 else factor * value
                       for value, bin_ in zip(bins, nominal, strict=True)]
                for side, bins in data.items()
            }  # fmt: skip
    sample["data"] = _times(nominal, factor)


def _carries(sample: Mapping[str, Any], parameter: str) -> bool:
    return any(modifier["name"] == parameter for modifier in sample["modifiers"])


def _total(samples: Sequence[Mapping[str, Any]], values: Mapping[str, list[float]], bins: int) -> list[float]:
    return [sum(each) for each in zip([0.0] * bins, *(_expectation(one, values) for one in samples), strict=True)]


def _expectation(sample: Mapping[str, Any], values: Mapping[str, list[float]]) -> list[float]:
    """Return the bins of a sample with all free factors at their starting values."""
    bins = list(sample["data"])
    for modifier in sample["modifiers"]:
        starts = values.get(modifier["name"]) if modifier["type"] in _FACTORS else None
        if starts:
            each = starts if len(starts) == len(bins) else starts[:1] * len(bins)
            bins = [value * start for value, start in zip(bins, each, strict=True)]
    return bins


def _all_parameters(workspace: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for measurement in workspace["measurements"]:
        yield from measurement["config"]["parameters"]


def _times(values: list[float], factor: float) -> list[float]:
    return [factor * value for value in values]
