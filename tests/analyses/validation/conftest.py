"""A scan with everything that recoil searches have: two regions that act together, windows that overlap, a control."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from darkreach.sharing.hypothesis import Hypothesis

BINS = 10
Workspace = dict[str, Any]


class Scan(NamedTuple):
    background: Workspace
    hypotheses: list[Hypothesis]


def factor(name: str) -> Workspace:
    return {"name": name, "type": "normfactor", "data": None}


def ratio(name: str, size: float) -> Workspace:
    return {"name": name, "type": "normsys", "data": {"hi": 1.0 + size, "lo": 1.0 / (1.0 + size)}}


def sample(name: str, data: np.ndarray, *modifiers: Workspace) -> Workspace:
    return {"name": name, "data": data.tolist(), "modifiers": list(modifiers)}


def workspace_of(channels: list[Workspace], observed: dict[str, np.ndarray]) -> Workspace:
    return {
        "channels": channels,
        "observations": [{"name": name, "data": data.tolist()} for name, data in observed.items()],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        "version": "1.0.0",
    }


@pytest.fixture(scope="session")
def recoil_scan() -> Callable[..., Scan]:
    """Two groups of background with rates shared by two regions and a control; windows of two channels a region."""

    def make(
        *, scale: float = 1.0, seed: int = 3, windows: int = 5, step: float = 0.5, uncertainty: float = 0.02
    ) -> Scan:
        random = np.random.default_rng(seed)
        channels, observed = [], {}
        for region, share in (("forward", 0.6), ("backward", 0.4)):
            for window in range(windows):
                x, name = window + (np.arange(BINS) + 0.5) / BINS, f"{region}_{window}"
                muons, taus = scale * share * 100.0 * np.exp(-0.3 * x), scale * share * 40.0 * np.ones(BINS)
                stat = {"name": f"stat_{name}", "type": "staterror", "data": (uncertainty * muons).tolist()}
                slope = 0.05 * (x / (0.5 * windows) - 1.0)
                tilt = {"hi_data": (muons * (1.0 + slope)).tolist(), "lo_data": (muons * (1.0 - slope)).tolist()}
                rates = (
                    factor("rate_muons"),
                    ratio("transfer_muons", uncertainty),
                    {"name": "tilt", "type": "histosys", "data": tilt},
                )
                channels.append(
                    {
                        "name": name,
                        "samples": [
                            sample("muons", muons, *rates, stat),
                            sample("taus", taus, ratio("rate_taus", 0.2)),
                        ],
                    }
                )
                observed[name] = random.poisson(muons + taus).astype(float)
        muons, taus = scale * np.array([400.0, 800.0, 900.0, 500.0]), scale * np.array([50.0, 40.0, 60.0, 80.0])
        samples = [sample("muons", muons, factor("rate_muons")), sample("taus", taus, ratio("rate_taus", 0.2))]
        channels.append({"name": "control", "samples": samples})
        observed["control"] = random.poisson(muons + taus).astype(float)
        masses = np.arange(0.5, windows - 0.5 + 1e-9, step)
        return Scan(
            workspace_of(channels, observed),
            [hypothesis_at(float(mass), channels, observed, windows, math.sqrt(scale)) for mass in masses],
        )

    return make


def hypothesis_at(
    mass: float, channels: list[Workspace], observed: dict[str, np.ndarray], windows: int, size: float
) -> Hypothesis:
    first = min(max(math.floor(mass - 0.5), 0), windows - 2)
    used = {f"{region}_{window}" for region in ("forward", "backward") for window in (first, first + 1)} | {"control"}
    kept = [copy.deepcopy(channel) for channel in channels if channel["name"] in used]
    for channel in kept[:-1]:
        x = int(channel["name"][-1]) + (np.arange(BINS) + 0.5) / BINS
        peak = size * 30.0 * np.exp(-0.5 * ((x - mass) / 0.15) ** 2) / (0.15 * math.sqrt(2.0 * math.pi) * BINS)
        channel["samples"].append(sample("signal", peak, factor("mu"), ratio("efficiency", 0.06)))
    data = {name: data for name, data in observed.items() if name in used}
    return Hypothesis(f"m{mass:g}", {"mass_gev": mass}, workspace_of(kept, data))
