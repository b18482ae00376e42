"""Background-only and injected scans of hypotheses with regions that act together and a shared control."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from darkreach.errors import ConfigError
from darkreach.fits import discovery_significance, fit_model, global_significance, joint_background
from darkreach.fits.global_significance import thrown_scans
from darkreach.fits.joint_background import joint_common_background
from darkreach.validation.injected_signal import inject_signal, with_injected
from darkreach.validation.limit_validation import nearest_hypotheses, scan_background, validate_limits
from darkreach.validation.pseudo_experiments import background_point
from darkreach.validation.scan_pvalue import p_values_by_toys, scan_flatness

Make = Callable[..., Any]


def gaussian_scans(number: int, seed: int, shift: float = 0.0) -> np.ndarray:
    """Squares of the positive part of correlated Gaussian sequences: q0 of ideal scans."""
    noise = np.random.default_rng(seed).standard_normal((number, 80))
    kernel = np.exp(-0.25 * (np.arange(-10, 11) / 3.0) ** 2)
    smooth = np.apply_along_axis(np.convolve, 1, noise, kernel / np.sqrt(np.sum(kernel**2)), "valid")
    return np.maximum(smooth + shift, 0.0) ** 2


def test_ideal_scans_are_flat_and_wrong_calibrations_are_not() -> None:
    tested, calibration = gaussian_scans(400, 1), gaussian_scans(400, 2)
    right = scan_flatness(tested, calibration)
    assert right.passed
    assert right.toy_probability > 0.01
    assert right.tail_probability > 0.01
    assert abs(right.tail_fraction - 0.2) < 4.0 * right.tail_error
    assert abs(right.local_fraction - norm.sf(1.0)) < 4.0 * right.local_error
    # local p-values taken for global ones: no look-elsewhere effect
    assert scan_flatness(tested, calibration[:, :1].repeat(60, axis=1)).toy_probability < 1e-6
    # a calibration on half of the scan
    assert scan_flatness(tested, calibration[:, :30]).toy_probability < 0.01
    biased = scan_flatness(gaussian_scans(400, 3, 0.3), calibration)
    assert not biased.passed
    with pytest.raises(ConfigError, match="too few"):
        scan_flatness(tested[:5], calibration)


def test_p_values_by_toys_count_ties() -> None:
    reference = np.array([0.0, 1.0, 1.0, 9.0])
    assert p_values_by_toys(np.array([0.0, 1.0, 5.0, 10.0]), reference).tolist() == [1.0, 0.75, 0.25, 0.0]


def test_hypotheses_that_share_a_control_see_one_expectation(recoil_scan: Make) -> None:
    """With precise controls the fits of single hypotheses disagree; the joint fit has one rate for each bin."""
    scan = recoil_scan(scale=100.0, seed=6, step=0.25, uncertainty=0.001)
    with pytest.raises(ConfigError, match="disagree"):
        global_significance(scan.hypotheses, toys=2)
    joint = joint_background(scan.background)
    found = global_significance(scan.hypotheses, toys=20, seed=1, joint=joint)
    assert (found.toys, found.failed_toys) == (20, 0)
    models = [fit_model(hypothesis) for hypothesis in scan.hypotheses]
    background = joint_common_background(models, joint)
    # auxiliary data are thrown around the fitted values too
    values = dict(zip(background.names, background.values, strict=True))
    assert values["rate_taus"] == joint.values["rate_taus"] != 0.0
    assert values["efficiency"] == 0.0
    thrown = background.throw(3, 1)
    events: dict[str, float] = {}
    for model, data in zip(models, thrown, strict=True):
        for name, count in zip(model.compiled.bin_names, data.counts, strict=True):
            assert events.setdefault(name, count) == count
    assert len(events) == 2 * 5 * 10 + 4
    # the fitted rates describe the control, whose sum a floating rate reproduces to its error
    control = [name for name in events if name.startswith("control")]
    total = sum(joint.counts[name] for name in control)
    assert sum(joint.rates[name] for name in control) == pytest.approx(total, abs=3.0 * math.sqrt(total))


def test_a_scan_needs_its_own_workspace(recoil_scan: Make) -> None:
    scan, other = recoil_scan(), recoil_scan(seed=9)
    with pytest.raises(ConfigError, match="does not belong"):
        global_significance(scan.hypotheses, toys=2, joint=joint_background(other.background))


def test_background_only_scans_are_flat(recoil_scan: Make) -> None:
    scan = recoil_scan()
    background = scan_background(scan.hypotheses, scan.background)
    tested, calibration = (thrown_scans(background, 150, seed) for seed in (1, 2))
    found = scan_flatness(tested, calibration)
    assert found.passed
    assert found.failed == 0
    assert 2.0 < found.upcrossings.at_zero < 6.0
    # a truth that floating rates cannot describe: every other window higher by a fifth
    names = [name for model in background.models for name in model.compiled.bin_names]
    places = np.concatenate(background.bins)
    raised = background.rates.copy()
    raised[[place for name, place in zip(names, places, strict=True) if "_2[" in name]] *= 1.2
    wrong = scan_flatness(thrown_scans(replace(background, rates=raised), 100, 3), calibration)
    assert not wrong.passed


def test_an_injected_signal_is_in_both_regions_and_found(recoil_scan: Make) -> None:
    scan = recoil_scan()
    background = scan_background(scan.hypotheses, scan.background)
    place = [hypothesis.name for hypothesis in scan.hypotheses].index("m2.5")
    model = fit_model(scan.hypotheses[place])
    added = with_injected(background, place, 2.0).rates - background.rates
    by_region = {
        region: added[[bins for name, bins in zip(model.compiled.bin_names, background.bins[place], strict=True)
                       if name.startswith(region)]].sum()
        for region in ("forward", "backward", "control")
    }  # fmt: skip
    assert by_region["forward"] == pytest.approx(60.0, rel=1e-2)
    assert by_region["backward"] == pytest.approx(60.0, rel=1e-2)
    assert by_region["control"] == 0.0
    assert added.sum() == pytest.approx(120.0, rel=1e-2)
    upcrossings = scan_flatness(thrown_scans(background, 60, 1), thrown_scans(background, 60, 2)).upcrossings
    found = inject_signal(
        background, place, background_point(model), 2.0, upcrossings, scans=150, seed=3, neighbours=0
    )  # fmt: skip
    expected = discovery_significance(model, expected_strength=2.0).expected_significance
    assert expected is not None
    # the Asimov data of the other keep the pulls of the observed data
    assert found.expected_local == pytest.approx(expected, abs=0.2)
    assert found.expected_local > 3.0
    assert found.passed
    assert found.found > 0.9
    assert found.median_global < found.median_local <= found.median_largest
    assert not replace(found, expected_local=1.2 * found.expected_local).passed


def test_everything_at_once(recoil_scan: Make) -> None:
    scan = recoil_scan(step=1.0)
    names = nearest_hypotheses(scan.hypotheses, [0.7, 2.4, 2.6])
    assert names == ["m0.5", "m2.5"]
    found = validate_limits(scan.hypotheses, names, scan.background, experiments=150, scans=40, seed=2)
    assert [one.hypothesis for one in found.hypotheses] == names
    assert [one.injected.hypothesis for one in found.hypotheses if one.injected is not None] == names
    again = validate_limits(scan.hypotheses, names, scan.background, experiments=150, scans=40, seed=2, threads=2)
    assert again == found


def test_the_command_writes_numbers_and_says_what_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from darkreach.command_line.main import run_command_line

    folder = Path(__file__).parents[3] / "workspaces" / "catalogue" / "axion_to_photons"
    files = [str(folder / name) for name in ("BkgOnly.json", "patchset.json")]
    out = tmp_path / "found.json"
    assert run_command_line(["validate-limits", *files, "--masses", "7.7", "--toys", "200", "--json", str(out)]) == 0
    content = json.loads(out.read_text())
    assert content["failed"] == []
    (one,) = content["hypotheses"]
    assert one["hypothesis"] == "m7709MeV"
    assert [check["passed"] for check in one["coverage"] + one["bias"]] == [True] * 6
    assert "7 checks, 0 not passed" in capsys.readouterr().out
    assert run_command_line(["validate-limits", *files, "--masses", "seven"]) == 1
    assert "masses are not numbers" in capsys.readouterr().err
