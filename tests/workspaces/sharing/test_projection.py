"""Workspaces at another luminosity."""

from __future__ import annotations

import numpy as np
import pyhf
import pytest

from darkreach.errors import WorkspaceError
from darkreach.sharing import Hypothesis, check_workspace, projected


def modifier(name, kind, data=None):
    return {"name": name, "type": kind, "data": data}


@pytest.fixture
def hypothesis() -> Hypothesis:
    """One of every modifier; the signal is not called so."""
    background = [
        modifier("free", "normfactor"),
        modifier("rate", "normsys", {"hi": 1.2, "lo": 0.9}),
        modifier("shape", "histosys", {"hi_data": [110.0, 48.0], "lo_data": [95.0, 53.0]}),
        modifier("static", "staterror", [5.0, 4.0]),
        modifier("bins", "shapesys", [10.0, 5.0]),
        modifier("lumi", "lumi"),
    ]
    parameters = [
        {"name": "free", "inits": [1.5], "bounds": [[0.0, 10.0]]},
        {"name": "lumi", "auxdata": [1.0], "sigmas": [0.02], "bounds": [[0.5, 1.5]], "inits": [1.0]},
        {"name": "mu", "inits": [1.0], "bounds": [[0.0, 10.0]]},
    ]
    workspace = {
        "channels": [
            {"name": "a", "samples": [
                {"name": "zprime", "data": [4.0, 3.0], "modifiers": [modifier("mu", "normfactor")]},
                {"name": "b", "data": [100.0, 50.0], "modifiers": background},
                {"name": "c", "data": [8.0, 6.0], "modifiers": []},
            ]},
        ],
        "observations": [{"name": "a", "data": [1.0, 2.0]}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": parameters}}],
        "version": "1.0.0",
    }  # fmt: skip
    check_workspace(workspace, "test")
    return Hypothesis("m1", {"mass_gev": 1.0}, workspace, {"luminosity_inverse_fb": 2.0, "coupling": 0.1})


def sizes(hypothesis):
    sample = hypothesis.workspace["channels"][0]["samples"][1]
    return {one["name"]: one["data"] for one in sample["modifiers"]}


def test_yields_and_data(hypothesis):
    made = projected(hypothesis, 100.0)
    assert [sample["data"] for sample in made.workspace["channels"][0]["samples"]] == [
        [400.0, 300.0], [10000.0, 5000.0], [800.0, 600.0]]  # fmt: skip
    # free factors at their start, no signal
    assert made.workspace["observations"][0]["data"] == [15800.0, 8100.0]
    assert made.meaning == {"luminosity_inverse_fb": 200.0, "coupling": 0.1, "data_kind": "background expectation"}
    assert hypothesis.workspace["observations"][0]["data"] == [1.0, 2.0]
    model = pyhf.Workspace(made.workspace).model()
    start = model.config.suggested_init()
    start[model.config.poi_index] = 0.0
    np.testing.assert_allclose(model.expected_data(start, include_auxdata=False), [15800.0, 8100.0])


def test_uncertainties_stay_relative(hypothesis):
    assert sizes(projected(hypothesis, 100.0)) == {
        "free": None,
        "rate": {"hi": 1.2, "lo": 0.9},
        "shape": {"hi_data": [11000.0, 4800.0], "lo_data": [9500.0, 5300.0]},
        "static": [500.0, 400.0],
        "bins": [1000.0, 500.0],
        "lumi": None,
    }


def test_uncertainties_shrink_with_the_root(hypothesis):
    made = projected(hypothesis, 100.0, systematics="scaled")
    found = sizes(made)
    assert found["rate"] == pytest.approx({"hi": 1.02, "lo": 0.99})
    assert found["shape"]["hi_data"] == pytest.approx([10100.0, 4980.0])
    assert found["shape"]["lo_data"] == pytest.approx([9950.0, 5030.0])
    assert found["static"] == pytest.approx([50.0, 40.0])
    assert found["bins"] == pytest.approx([100.0, 50.0])
    settings = {one["name"]: one for one in made.workspace["measurements"][0]["config"]["parameters"]}
    assert settings["lumi"]["sigmas"] == pytest.approx([0.002])
    assert settings["free"]["bounds"] == [[0.0, 10.0]]


def test_more_simulation_alone(hypothesis):
    found = sizes(projected(hypothesis, 100.0, more_simulation=True))
    assert found["static"] == pytest.approx([50.0, 40.0])
    assert found["bins"] == pytest.approx([1000.0, 500.0])
    assert found["rate"] == {"hi": 1.2, "lo": 0.9}


def test_less_luminosity(hypothesis):
    """No systematic uncertainty grows, but the limit does, and needs room."""
    made = projected(hypothesis, 0.01, systematics="scaled")
    assert sizes(made)["rate"] == {"hi": 1.2, "lo": 0.9}
    assert sizes(made)["static"] == pytest.approx([0.05, 0.04])
    settings = {one["name"]: one for one in made.workspace["measurements"][0]["config"]["parameters"]}
    assert settings["mu"]["bounds"] == [[0.0, 1000.0]]


def test_a_sample_may_be_named(hypothesis):
    made = projected(hypothesis, 1.0, signal="c")
    assert made.workspace["observations"][0]["data"] == [154.0, 78.0]


@pytest.mark.parametrize("factor", [0.0, -1.0, float("inf"), float("nan")])
def test_impossible_luminosity(hypothesis, factor):
    with pytest.raises(WorkspaceError, match="must be positive"):
        projected(hypothesis, factor)
