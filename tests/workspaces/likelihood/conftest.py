"""A workspace with every modifier type, shared parameters, zero bins and a configured measurement."""

from __future__ import annotations

from typing import Any

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
