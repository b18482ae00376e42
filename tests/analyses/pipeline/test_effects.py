"""Leaving out causes one by one."""

from __future__ import annotations

import copy
import math
from types import SimpleNamespace

import pytest

from darkreach.couplings import ExcludedInterval
from darkreach.pipeline.effects import named_effects, with_modifiers
from darkreach.published import PublishedLimits, PublishedPoint
from darkreach.report import NamedEffect
from darkreach.sharing import Hypothesis

WORKSPACE = {
    "channels": [
        {
            "name": "c",
            "samples": [
                {"name": "s", "data": [1.0], "modifiers": [{"name": "mu", "type": "normfactor", "data": None}]},
                {
                    "name": "b",
                    "data": [9.0],
                    "modifiers": [
                        {"name": "rate", "type": "normfactor", "data": None},
                        {"name": "scale", "type": "normsys", "data": {"hi": 1.1, "lo": 0.9}},
                    ],
                },
            ],
        }
    ],
    "measurements": [
        {"name": "m", "config": {"poi": "mu", "parameters": [{"name": "mu", "inits": [1.0]}, {"name": "rate"}]}}
    ],
    "observations": [{"name": "c", "data": [9.0]}],
    "version": "1.0.0",
}


def types(workspace: dict) -> list[str]:
    samples = workspace["channels"][0]["samples"]
    return [modifier["name"] for sample in samples for modifier in sample["modifiers"]]


def test_the_parameter_of_interest_always_stays() -> None:
    assert types(with_modifiers(WORKSPACE, ())) == ["mu"]
    assert types(with_modifiers(WORKSPACE, {"normfactor"})) == ["mu", "rate"]
    assert types(with_modifiers(WORKSPACE, {"normfactor", "normsys"})) == ["mu", "rate", "scale"]


def test_settings_of_parameters_that_are_gone_go_too() -> None:
    parameters = with_modifiers(WORKSPACE, ())["measurements"][0]["config"]["parameters"]
    assert [parameter["name"] for parameter in parameters] == ["mu"]


def test_the_workspace_itself_is_not_changed() -> None:
    with_modifiers(WORKSPACE, ())
    assert types(WORKSPACE) == ["mu", "rate", "scale"]


def hypothesis(mass: float) -> Hypothesis:
    """One bin of 10 000 background events with an uncertain rate of 1 %, as large as the statistics."""
    workspace = copy.deepcopy(WORKSPACE)
    signal, background = workspace["channels"][0]["samples"]
    signal["data"], background["data"] = [100.0], [1e4]
    background["modifiers"] = [{"name": "rate", "type": "normsys", "data": {"hi": 1.01, "lo": 0.99}}]
    workspace["observations"][0]["data"] = [1e4]
    settings = {"name": "mu", "inits": [1.0], "bounds": [[0.0, 100.0]]}
    workspace["measurements"][0]["config"]["parameters"] = [settings]
    return Hypothesis(f"m{mass:g}", {"mass_gev": mass}, workspace, {"coupling": 1e-3})


def effects(luminosity: float) -> list[NamedEffect]:
    settings = SimpleNamespace(
        engine="auto",
        luminosity_inverse_fb=luminosity,
        config=None,
        mass_scan=SimpleNamespace(workspace=SimpleNamespace(background="templates")),
    )
    published = PublishedLimits(
        paper="p", source="arXiv:1", coupling="epsilon", unit="", confidence_level=0.9, luminosity_inverse_fb=16.0,
        observed=(PublishedPoint(mass_gev=1.0, limit=5e-4), PublishedPoint(mass_gev=2.0, limit=8e-4)),
    )  # fmt: skip
    rows = [
        ExcludedInterval(mass, 0.0, quantile, lower, math.inf)
        for mass in (1.0, 2.0)
        for quantile, lower in (("observed", 1e-3), ("-1", 9e-4), ("0", 1e-3), ("1", 1.2e-3))
    ]
    return named_effects(settings, [hypothesis(1.0), hypothesis(2.0)], {0.9: rows}, published, ("a named cause",))


def test_causes_of_a_recoil_search_have_sizes_or_names() -> None:
    found = {effect.cause: effect.effect for effect in effects(16.0)}
    # sqrt(2 x 1.25) = 1.58
    assert found["our median expected limit over the published observed one"].startswith("1.58 in ε")
    assert found["floating background rates"] == "raises ε by 1.000 (1.000 to 1.000)"
    # errors of 100 events each in quadrature: mu by sqrt(2), the coupling by its root
    raised = float(found["all systematic uncertainties"].split()[3])
    assert raised == pytest.approx(2.0**0.25, abs=0.01)
    assert (
        found["fluctuation of an observed limit"] == "one standard deviation of the background moves ε by 0.90 to 1.20"
    )
    assert found["a named cause"] == "no number"
    assert not any("luminosity" in cause or "radiation" in cause for cause in found)


def test_another_luminosity_is_a_cause() -> None:
    found = {effect.cause: effect.effect for effect in effects(1.0)}
    assert found["luminosity: ours 1, theirs 16 fb^-1"].startswith("changes ε by 2.00 ")
