"""Leaving out causes one by one."""

from __future__ import annotations

from darkreach.pipeline.effects import with_modifiers

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
