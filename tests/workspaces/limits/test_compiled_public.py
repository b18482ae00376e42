"""Public likelihoods nobody here wrote: known CLs at mu = 1 and limits of every patch."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import jsonpatch
import numpy as np
import pytest

from darkreach.likelihood import allocate_scratch, compile_workspace, observed_dataset
from darkreach.likelihood.kernel_assembly import interpreted_functions
from darkreach.limits.asymptotic_cls import BANDS, expected_cls, observed_cls
from darkreach.limits.compiled_engine import KERNEL_MODULES, CompiledEngine
from darkreach.sharing.hypothesis import Hypothesis

PUBLIC = Path(__file__).parents[4] / "shared" / "workspaces"
REGION = PUBLIC / "sbottom" / "RegionA"

pytestmark = [
    pytest.mark.reference,
    pytest.mark.skipif(not PUBLIC.exists(), reason="the public workspaces are not beside the repository"),
]

# CLs at mu = 1 (observed, then -2 to +2 standard deviations) from the regression tests of pyhf, HEPData ins1748602
SBOTTOM = {
    "1300_205_60": (0.24443627759, 0.0902250905, 0.19378391950, 0.38432344934, 0.65577573343, 0.8910420971),
    "1400_950_60": (0.02137328391, 0.0026445531, 0.01397612650, 0.06497105817, 0.23644030478, 0.5744785777),
    "1500_850_60": (0.04536720567, 0.0059843179, 0.02610224006, 0.10093641492, 0.31019245952, 0.6553623337),
}


def patched(path: Path) -> dict[str, Any]:
    background = json.loads((REGION / "BkgOnly.json").read_text())
    workspace: dict[str, Any] = jsonpatch.apply_patch(background, json.loads(path.read_text()))
    return workspace


def cls_at(workspace: dict[str, Any], strength: float) -> list[float]:
    """CLs at one signal strength from four separate fits, each from the declared start values."""
    kernel, model = interpreted_functions(KERNEL_MODULES), compile_workspace(workspace)
    arrays, scratch = model.arrays, allocate_scratch(model.arrays)
    data, poi = observed_dataset(arrays), arrays.poi[0]

    def fit(dataset: Any, value: float, *, hold: bool) -> float:
        theta = arrays.initial.copy()
        theta[poi] = value
        with np.errstate(all="ignore"):
            status, minimum = kernel["minimise"](arrays, dataset, theta, scratch.held if hold else arrays.held, scratch)
        assert status == 0
        fit.theta = theta
        return float(minimum)

    fit(data, 0.0, hold=True)
    asimov = kernel["asimov_dataset"](arrays, fit.theta, scratch)
    q = 2.0 * (fit(data, strength, hold=True) - fit(data, 1.0, hold=False))
    q = q if fit.theta[poi] <= strength else 0.0
    q_asimov = 2.0 * fit(asimov, strength, hold=True)
    return [observed_cls(q, q_asimov), *(expected_cls(q_asimov, band) for band in BANDS)]


@pytest.mark.parametrize(
    "name",
    [
        "1400_950_60",
        pytest.param("1300_205_60", marks=pytest.mark.slow),
        pytest.param("1500_850_60", marks=pytest.mark.slow),
    ],
)
def test_cls_of_the_sbottom_search(name: str) -> None:
    workspace = patched(REGION / f"patch.sbottom_{name}.json")
    assert cls_at(workspace, 1.0) == pytest.approx(SBOTTOM[name], abs=1e-5)


def test_cls_of_the_two_bin_file_of_pyhf() -> None:
    workspace = json.loads((PUBLIC / "pyhf/docs/examples/json/2-bin_1-channel.json").read_text())
    # pyhf 0.7.6 with a minimizer tolerance of 1e-12
    expected = [0.35998412, 0.07807388, 0.17472508, 0.35998412, 0.63435608, 0.88099434]
    assert cls_at(workspace, 1.0) == pytest.approx(expected, abs=1e-7)


def test_cls_of_the_documentation_of_pyhf(two_bins) -> None:
    values = cls_at(dict(two_bins().workspace), 1.0)
    # the documented numbers carry the noise of pyhf's default minimizer
    assert (values[0], values[3]) == pytest.approx((0.05251497423736956, 0.06445320535890459), abs=3e-6)


def test_every_patch_of_the_sbottom_search_has_a_checked_limit() -> None:
    engine = CompiledEngine()
    for path in sorted(REGION.glob("patch.*.json")):
        for limit in engine.limits(Hypothesis(path.stem, {}, patched(path)), [0.90, 0.95]):
            assert limit.status == "ok", limit.reason
            assert limit.quality.cls_at_observed == pytest.approx(1.0 - limit.cl, abs=1e-7)
            assert math.isfinite(limit.expected[4])


def test_workspaces_of_the_test_suite_of_pyhf() -> None:
    engine, folder = CompiledEngine(use_numba=False), PUBLIC / "pyhf" / "tests" / "test_export"
    status = {}
    for path in sorted(folder.glob("*.json")):
        (limit,) = engine.limits(Hypothesis(path.stem, {}, json.loads(path.read_text())), [0.95])
        status[path.stem] = limit.status
    # the last two have a thousand events and no background, which no background-only fit can describe
    assert status == {
        "workspace_integer_data": "ok",
        "workspace_no_parameter_bounds": "failed",
        "workspace_no_parameter_inits": "failed",
    }
