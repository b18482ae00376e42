"""A signal put into the pseudo-data as events is found again, at its mass and with its strength."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from darkreach.building import build_workspace
from darkreach.histograms import read_histograms
from darkreach.pipeline import RunFolder, read_settings
from darkreach.running import process_samples
from darkreach.sharing import Hypothesis, apply_patches
from darkreach.simulation import SampleRequest, simulate_sample

MASS, STRENGTH = 0.5, 20.0


@pytest.fixture(scope="module")
def injected(finished_run: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Hypothesis]:
    """Hypotheses at the injected and at another mass, with pseudo-data that hold the signal."""
    settings = read_settings(RunFolder(finished_run).settings)
    out = tmp_path_factory.mktemp("injected")
    request = SampleRequest("pseudo_data", "pseudo_data", 0, None, 0.445, 31, MASS, STRENGTH)
    simulate_sample(request, settings.config, settings.detector, out)
    data = process_samples(settings.config, settings.detector, [out / "pseudo_data"], config_digest="test")
    stored = read_histograms(finished_run / "histograms.zip")
    histograms = {}
    for name, histogram in stored.histograms.items():
        if not name.startswith("region/"):
            histograms[name] = histogram
            continue
        copy = histogram.copy()
        index = list(copy.axes["dataset"]).index("pseudo_data")
        nominal = list(copy.axes["variation"]).index("nominal")
        new = data.histograms[name][{"dataset": "pseudo_data", "variation": "nominal"}]
        copy.view(flow=True)[index, nominal] = new.view(flow=True)
        histograms[name] = copy
    samples = dict(stored.samples) | {"pseudo_data": data.samples["pseudo_data"]}
    workspace = build_workspace(
        replace(stored, histograms=histograms, samples=samples),
        settings.config,
        luminosity_inverse_fb=0.445,
        sqrt_s=settings.sqrt_s,
        masses=[MASS, 3.0],
    )
    return apply_patches(workspace.background_only, workspace.patchset)


def fitted(hypothesis: Hypothesis, strength: float) -> tuple[float, float]:
    """Return the fitted strength and its distance from ``strength`` in standard deviations, by pyhf."""
    import pyhf

    workspace = pyhf.Workspace(hypothesis.workspace)
    model, data = workspace.model(), workspace.data(workspace.model())
    poi, bounds = model.config.poi_index, model.config.suggested_bounds()
    bounds[poi] = (0.0, 200.0)
    start = model.config.suggested_init()
    start[poi] = STRENGTH
    options = {"init_pars": start, "par_bounds": bounds, "return_fitted_val": True}
    best, value = pyhf.infer.mle.fit(data, model, **options)
    _, fixed = pyhf.infer.mle.fixed_poi_fit(strength, data, model, **options)
    return float(best[poi]), float(np.sign(best[poi] - strength) * np.sqrt(max(float(fixed - value), 0.0)))


def test_the_strength_is_recovered_within_its_error(injected: list[Hypothesis]) -> None:
    strength, pull = fitted(injected[0], STRENGTH)
    assert abs(pull) < 2.0
    assert strength == pytest.approx(STRENGTH, rel=0.3)
    assert fitted(injected[0], 0.0)[1] > 5.0


def test_nothing_is_found_at_another_mass(injected: list[Hypothesis]) -> None:
    assert fitted(injected[1], 0.0)[1] < 3.0
