"""A hypothesis at another luminosity, with the background expectation in place of data."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

from darkreach.sharing.hypothesis import Hypothesis


def projected(
    hypothesis: Hypothesis, factor: float, *, signal: str = "signal", more_simulation: bool = False
) -> Hypothesis:
    """Return the hypothesis with every yield multiplied by a factor and the background expectation as its data.

    Relative uncertainties stay as they are: those of the systematic variations always, those of the simulated
    statistics (staterror) unless ``more_simulation`` grows the simulation along with the data.

    Args:
        hypothesis: with template backgrounds; floating factors are taken at 1.
        factor: new over old luminosity.
        signal: name of the sample that is not background.
        more_simulation: scale the statistical uncertainty of the simulation with the root of the factor.

    Example:
        >>> workspace = {"channels": [{"name": "c", "samples": [{"name": "b", "data": [2.0], "modifiers": []}]}],
        ...              "observations": [{"name": "c", "data": [5.0]}]}
        >>> projected(Hypothesis("h", {}, workspace), 10.0).workspace["observations"]
        [{'name': 'c', 'data': [20.0]}]
    """
    workspace: dict[str, Any] = copy.deepcopy(dict(hypothesis.workspace))
    statistical = factor**0.5 if more_simulation else factor
    for channel in workspace["channels"]:
        for sample in channel["samples"]:
            sample["data"] = _times(sample["data"], factor)
            for modifier in sample["modifiers"]:
                if modifier["type"] == "staterror":
                    modifier["data"] = _times(modifier["data"], statistical)
                elif modifier["type"] == "histosys":
                    modifier["data"] = {side: _times(values, factor) for side, values in modifier["data"].items()}
        backgrounds = [sample["data"] for sample in channel["samples"] if sample["name"] != signal]
        for observation in workspace["observations"]:
            if observation["name"] == channel["name"]:
                observation["data"] = [sum(values) for values in zip(*backgrounds, strict=True)]
    return replace(hypothesis, workspace=workspace)


def _times(values: list[float], factor: float) -> list[float]:
    return [factor * value for value in values]
