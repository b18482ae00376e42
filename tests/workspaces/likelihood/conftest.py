"""A workspace with every modifier type, shared parameters, zero bins and a configured measurement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest


def factor(name: str, kind: str = "normfactor") -> dict[str, Any]:
    return {"name": name, "type": kind, "data": None}


def shape(name: str, high: list[float], low: list[float]) -> dict[str, Any]:
    return {"name": name, "type": "histosys", "data": {"hi_data": high, "lo_data": low}}


def norm(name: str, high: float, low: float) -> dict[str, Any]:
    return {"name": name, "type": "normsys", "data": {"hi": high, "lo": low}}


def per_bin(name: str, kind: str, data: list[float]) -> dict[str, Any]:
    return {"name": name, "type": kind, "data": data}


@pytest.fixture
def all_modifiers() -> dict[str, Any]:
    """Two channels; 'tilt' is normsys and histosys at once, one bin carries a staterror and a shapesys."""
    signal_region = [
        {
            "name": "signal",
            "data": [2.0, 5.0, 1.0],
            "modifiers": [
                factor("mu"),
                factor("lumi", "lumi"),
                norm("efficiency", 1.1, 0.92),
                per_bin("stat_sr", "staterror", [0.1, 0.3, 0.1]),
            ],
        },
        {
            "name": "flat",
            "data": [20.0, 15.0, 0.0],
            "modifiers": [
                factor("lumi", "lumi"),
                norm("tilt", 1.05, 0.97),
                shape("tilt", [22.0, 14.0, 0.0], [19.0, 15.5, 0.0]),
                per_bin("stat_sr", "staterror", [1.5, 1.2, 0.0]),
            ],
        },
        {
            "name": "measured",
            "data": [10.0, 8.0, 6.0],
            "modifiers": [
                factor("k_measured"),
                per_bin("uncorrelated", "shapesys", [1.0, 0.0, 1.5]),
                shape("bend", [11.0, 7.5, 6.5], [9.5, 8.2, 5.0]),
            ],
        },
        {"name": "free", "data": [1.0, 1.0, 1.0], "modifiers": [factor("free_shape", "shapefactor")]},
    ]
    control_region = [
        {
            "name": "measured",
            "data": [40.0, 50.0, 30.0],
            "modifiers": [
                factor("k_measured"),
                shape("bend", [42.0, 51.0, 28.0], [39.0, 48.0, 33.0]),
                per_bin("stat_cr", "staterror", [2.0, 2.5, 0.0]),
            ],
        },
        {"name": "free", "data": [3.0, 3.0, 3.0], "modifiers": [factor("free_shape", "shapefactor")]},
    ]
    parameters = [
        {"name": "mu", "inits": [1.0], "bounds": [[0.0, 10.0]]},
        {"name": "lumi", "inits": [1.0], "bounds": [[0.5, 1.5]], "auxdata": [1.02], "sigmas": [0.03]},
        {"name": "bend", "inits": [0.2], "bounds": [[-4.0, 4.0]], "auxdata": [0.1]},
    ]
    return {
        "channels": [{"name": "sr", "samples": signal_region}, {"name": "cr", "samples": control_region}],
        "observations": [{"name": "sr", "data": [35.0, 25.0, 7.0]}, {"name": "cr", "data": [44.0, 52.0, 36.0]}],
        "measurements": [
            {"name": "main", "config": {"poi": "mu", "parameters": parameters}},
            {"name": "other", "config": {"poi": "k_measured", "parameters": parameters}},
        ],
        "version": "1.0.0",
    }


class RandomWorkspaces:
    """Workspaces of every mixture of modifiers, shared names, zero bins and settings, one per seed."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.shapesys = 0

    def chance(self, probability: float) -> bool:
        return bool(self.random.random() < probability)

    def numbers(self, low: float, high: float, size: int) -> list[float]:
        return [float(value) for value in self.random.uniform(low, high, size)]

    def workspace(self) -> dict[str, Any]:
        # the first channel by name has the most bins: a shapefactor may span channels of different length
        bins = sorted((int(size) for size in self.random.integers(1, 5, self.random.integers(1, 4))), reverse=True)
        samples = ["signal", *(f"background{number}" for number in range(self.random.integers(1, 4)))]
        shared_stat = self.chance(0.3)
        wide_shape, uses_lumi = self.chance(0.3), self.chance(0.5)
        channels, observations = [], []
        for number, size in enumerate(bins):
            stat = "stat" if shared_stat else f"stat_{number}"
            carriers = set(samples) if shared_stat else {name for name in samples if self.chance(0.5)}
            content = [self.sample(name, size, uses_lumi) for name in samples]
            for sample in content:
                if sample["name"] in carriers:
                    sample["modifiers"].append(per_bin(stat, "staterror", self.zeroed(0.1, 2.0, size)))
            if wide_shape:
                content[-1]["modifiers"].append(factor("free_shape", "shapefactor"))
            elif self.chance(0.2):
                content[-1]["modifiers"].append(factor(f"free_shape_{number}", "shapefactor"))
            order = self.random.permutation(len(content))
            channels.append({"name": f"channel_{number}", "samples": [content[place] for place in order]})
            observations.append({"name": f"channel_{number}", "data": self.random.poisson(40.0, size).tolist()})
        order = self.random.permutation(len(channels))
        workspace = {
            "channels": [channels[place] for place in order],
            "observations": observations,
            "measurements": [],
            "version": "1.0.0",
        }
        workspace["measurements"] = [
            {"name": name, "config": {"poi": "mu", "parameters": self.parameters(workspace)}} for name in ("one", "two")
        ]
        return workspace

    def sample(self, name: str, size: int, uses_lumi: bool) -> dict[str, Any]:
        signal = name == "signal"
        data = self.zeroed(1.0, 20.0, size) if name != "background0" else self.numbers(15.0, 40.0, size)
        if self.chance(0.1):
            data[0] = -0.5 if name != "background0" else data[0]
        modifiers = [factor("mu")] if signal else []
        if uses_lumi and self.chance(0.7):
            modifiers.append(factor("lumi", "lumi"))
        if not signal and self.chance(0.3):
            modifiers.append(factor(f"k_{name}"))
        for source in range(4):
            # normsys and histosys of one name share their parameter
            if self.chance(0.35):
                modifiers.append(norm(f"source_{source}", *self.numbers(0.7, 1.4, 2)))
            if self.chance(0.35):
                high, low = ([rate * change for rate, change in zip(data, self.numbers(0.8, 1.2, size), strict=True)]
                             for _ in range(2))  # fmt: skip
                modifiers.append(shape(f"source_{source}", high, low))
        if not signal and self.chance(0.3):
            self.shapesys += 1
            modifiers.append(per_bin(f"uncorrelated_{self.shapesys}", "shapesys", self.zeroed(0.5, 4.0, size)))
        order = self.random.permutation(len(modifiers))
        return {"name": name, "data": data, "modifiers": [modifiers[place] for place in order]}

    def zeroed(self, low: float, high: float, size: int) -> list[float]:
        return [0.0 if self.chance(0.15) else value for value in self.numbers(low, high, size)]

    def parameters(self, workspace: dict[str, Any]) -> list[dict[str, Any]]:
        lumi = {"inits": [1.0], "bounds": [[0.5, 1.5]], "auxdata": self.numbers(0.97, 1.03, 1), "sigmas": [0.03]}
        settings: list[dict[str, Any]] = [{"name": "lumi"} | lumi, {"name": "nobody_uses_it", "inits": [1.0]}]
        if self.chance(0.3):
            settings[0]["fixed"] = True
        for source in range(4):
            if self.chance(0.3):
                choices = {"inits": [0.3], "bounds": [[-3.0, 3.0]], "auxdata": [0.2], "fixed": self.chance(0.5)}
                kept = {key: value for key, value in choices.items() if self.chance(0.5)}
                settings.append({"name": f"source_{source}"} | kept)
        for channel in workspace["channels"]:
            for sample in channel["samples"]:
                for modifier in sample["modifiers"]:
                    names = {item["name"] for item in settings}
                    if modifier["type"] in ("shapesys", "staterror") and modifier["name"] not in names:
                        settings += self.binwise(modifier, len(sample["data"]), modifier["name"] == "stat")
        return settings

    def binwise(self, modifier: dict[str, Any], size: int, several_channels: bool) -> list[dict[str, Any]]:
        widths = "factors" if modifier["type"] == "shapesys" else "sigmas"
        choices = {
            "inits": self.numbers(0.8, 1.2, size),
            "bounds": [[0.05, 6.0]] * size,
            "auxdata": self.numbers(0.9, 1.1, size),
            widths: self.numbers(0.1, 0.5, size),
            "fixed": self.chance(0.5),
        }
        kept = {key: value for key, value in choices.items() if self.chance(0.08)}
        return [{"name": modifier["name"]} | kept] if kept and not several_channels else []


@pytest.fixture
def random_workspace() -> Callable[[int], dict[str, Any]]:
    """A function from a seed to a workspace with two measurements."""
    return lambda seed: RandomWorkspaces(seed).workspace()
