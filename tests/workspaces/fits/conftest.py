"""Workspaces with known fits, and pyhf as oracle."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pyhf
import pytest

Workspace = dict[str, Any]


def factor(name: str) -> dict[str, Any]:
    return {"name": name, "type": "normfactor", "data": None}


def workspace_of(
    channels: dict[str, Sequence[dict[str, Any]]],
    observed: dict[str, Sequence[float]],
    parameters: Sequence[dict[str, Any]] = (),
) -> Workspace:
    return {
        "channels": [{"name": name, "samples": list(samples)} for name, samples in channels.items()],
        "observations": [{"name": name, "data": list(data)} for name, data in observed.items()],
        "measurements": [{"name": "main", "config": {"poi": "mu", "parameters": list(parameters)}}],
        "version": "1.0.0",
    }


def sample(name: str, data: Sequence[float], *modifiers: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "data": list(data), "modifiers": list(modifiers)}


@pytest.fixture
def counting() -> Callable[..., Workspace]:
    """One bin: n events observed, s expected at mu = 1 over b."""

    def make(n: float, s: float, b: float, bounds: tuple[float, float] = (-10.0, 10.0)) -> Workspace:
        samples = [sample("signal", [s], factor("mu")), sample("background", [b])]
        return workspace_of({"c": samples}, {"c": [n]}, [{"name": "mu", "bounds": [list(bounds)]}])

    return make


@pytest.fixture
def on_off() -> Callable[..., Workspace]:
    """One bin whose background b = m / tau is measured elsewhere: shapesys with relative error 1 / sqrt(m)."""

    def make(n: float, s: float, m: float, tau: float) -> Workspace:
        shape = {"name": "off", "type": "shapesys", "data": [m**0.5 / tau]}
        samples = [sample("signal", [s], factor("mu")), sample("background", [m / tau], shape)]
        return workspace_of({"c": samples}, {"c": [n]}, [{"name": "mu", "bounds": [[-10.0, 10.0]]}])

    return make


@pytest.fixture
def shape_workspace() -> Workspace:
    """Two channels with every kind of constraint: normal, Poisson, none; one bin-wise parameter that is shared."""
    x = (np.arange(6) + 0.5) / 6.0
    signal = 12.0 * np.exp(-0.5 * ((x - 0.5) / 0.15) ** 2)
    falling, rising = 60.0 * np.exp(-x), 20.0 + 10.0 * x
    tilt = {"hi_data": (falling * (1.0 + 0.1 * x)).tolist(), "lo_data": (falling * (1.0 - 0.08 * x)).tolist()}
    signal_region = [
        sample(
            "signal", signal, factor("mu"), {"name": "efficiency", "type": "normsys", "data": {"hi": 1.1, "lo": 0.93}},
            {"name": "lumi", "type": "lumi", "data": None},
            {"name": "stat", "type": "staterror", "data": (0.04 * signal).tolist()},
        ),
        sample(
            "falling", falling, factor("k"), {"name": "tilt", "type": "histosys", "data": tilt},
            {"name": "stat", "type": "staterror", "data": (0.05 * falling).tolist()},
        ),
        sample("rising", rising, {"name": "uncorrelated", "type": "shapesys", "data": (0.1 * rising).tolist()}),
    ]  # fmt: skip
    control_region = [
        sample(
            "falling",
            [300.0, 200.0],
            factor("k"),
            {"name": "shift", "type": "normsys", "data": {"hi": 1.03, "lo": 0.98}},
        )
    ]
    parameters = [
        {"name": "mu", "bounds": [[-5.0, 10.0]], "inits": [1.0]},
        {"name": "lumi", "auxdata": [1.0], "sigmas": [0.02], "bounds": [[0.5, 1.5]], "inits": [1.0]},
    ]
    observed = {"sr": [82.0, 75.0, 88.0, 71.0, 55.0, 52.0], "cr": [310.0, 205.0]}
    return workspace_of({"sr": signal_region, "cr": control_region}, observed, parameters)


class Oracle:
    """The same likelihood in pyhf, minimised by Minuit."""

    def __init__(self, workspace: Workspace) -> None:
        content = pyhf.Workspace(workspace)
        settings = {"normsys": {"interpcode": "code4"}, "histosys": {"interpcode": "code4p"}}
        self.model = content.model(modifier_settings=settings)
        self.data = content.data(self.model)
        self.names = [name.removesuffix("[0]") if size == 1 else name for name, size in self._sizes()]

    def _sizes(self) -> list[tuple[str, int]]:
        config = self.model.config
        slices = {name: config.par_slice(name) for name in config.par_order}
        scalar = {name for name, place in slices.items() if config.param_set(name).is_scalar and place}
        return [(name, 1 if name.removesuffix("[0]") in scalar else 2) for name in config.par_names]

    def fit(self, fixed: dict[str, float] | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
        """Return values, errors, correlations and the minimum of -2 log L.

        Without limits: Minuit maps a limited parameter by a sine and distorts its errors (5 sin(1/5) = 0.9933 for one
        of error 1 in [-5, 5]).
        """
        from iminuit import Minuit

        minuit = Minuit(
            lambda values: 2.0 * self.minus_log_likelihood(values), self.model.config.suggested_init(), name=self.names
        )
        minuit.errordef, minuit.strategy, minuit.tol = 1.0, 2, 1e-5
        for name, value in (fixed or {}).items():
            minuit.values[name], minuit.fixed[name] = value, True
        minuit.migrad()
        minuit.hesse()
        assert minuit.valid
        return np.array(minuit.values), np.array(minuit.errors), np.array(minuit.covariance.correlation()), minuit.fval

    def minus_log_likelihood(self, parameters: np.ndarray) -> float:
        return -float(self.model.logpdf(parameters, self.data)[0])


@pytest.fixture
def oracle() -> Iterator[type[Oracle]]:
    pytest.importorskip("iminuit")
    backend, optimizer = pyhf.get_backend()
    pyhf.set_backend("numpy", pyhf.optimize.minuit_optimizer(strategy=2, tolerance=1e-6, maxiter=100000))
    yield Oracle
    pyhf.set_backend(backend, optimizer)
