"""The pyhf engine against pyhf's own scan, closed forms and published numbers."""

from __future__ import annotations

import math

import pyhf
import pytest
from pyhf.infer.intervals.upper_limits import toms748_scan
from scipy.optimize import brentq

from darkreach.errors import LimitError, WorkspaceError
from darkreach.limits.pyhf_engine import PyhfEngine
from darkreach.sharing.hypothesis import Hypothesis

# relative noise of pyhf's default minimizer, which both published numbers and scans carry
MINIMIZER_NOISE = 1e-4


@pytest.mark.reference
def test_numbers_in_the_documentation_of_pyhf(two_bins) -> None:
    (limit,) = PyhfEngine().limits(two_bins(), [0.95])
    assert limit.observed == pytest.approx(1.01156939, rel=MINIMIZER_NOISE)
    expected = [0.55988001, 0.75702336, 1.06234693, 1.50116923, 2.05078596]
    assert list(limit.expected) == pytest.approx(expected, rel=MINIMIZER_NOISE)


@pytest.mark.agreement
@pytest.mark.parametrize("data", [(51.0, 48.0), (70.0, 60.0), (40.0, 45.0)])
def test_both_levels_agree_with_the_scan_of_pyhf(two_bins, data) -> None:
    hypothesis = two_bins(data=data)
    limits = PyhfEngine().limits(hypothesis, [0.95, 0.90])
    content = pyhf.Workspace(hypothesis.workspace)
    model = content.model()
    for limit in limits:
        # upper_limit of 0.7.6 ignores its level; the scan itself does not
        observed, expected = toms748_scan(content.data(model), model, 0.1, 5.0, level=1.0 - limit.cl, rtol=1e-6)
        assert limit.observed == pytest.approx(float(observed), rel=MINIMIZER_NOISE)
        assert list(limit.expected) == pytest.approx([float(value) for value in expected], rel=MINIMIZER_NOISE)


def test_every_limit_carries_cls_at_its_own_value(two_bins) -> None:
    for limit in PyhfEngine().limits(two_bins(), [0.90, 0.95]):
        assert limit.quality.cls_at_observed == pytest.approx(1.0 - limit.cl, rel=1e-4)
        assert list(limit.quality.cls_at_expected) == pytest.approx([1.0 - limit.cl] * 5, rel=1e-4)


def test_two_levels_cost_at_most_twenty_five_fits(two_bins) -> None:
    assert PyhfEngine().limits(two_bins(), [0.90, 0.95])[0].quality.evaluations <= 25


def asimov_limit(background: float, z: float) -> float:
    return brentq(lambda mu: 2.0 * (mu - background * math.log1p(mu / background)) - z**2, 1e-6, 100.0 * background)


@pytest.mark.parametrize(("cl", "z"), [(0.90, 1.6448536), (0.95, 1.9599640)])
@pytest.mark.parametrize("background", [1.0, 100.0, 1e6])
def test_counting_with_known_background_has_the_closed_form(counting, background, cl, z) -> None:
    upper = 10.0 * asimov_limit(background, z)
    (limit,) = PyhfEngine().limits(counting(background, background, upper=upper), [cl])
    assert limit.expected[2] == pytest.approx(asimov_limit(background, z), rel=1e-5)
    # data equal to the background are the median
    assert limit.observed == pytest.approx(limit.expected[2], rel=1e-5)


@pytest.mark.reference
def test_asimov_limits_at_a_hundred_background_events(counting) -> None:
    limits = PyhfEngine().limits(counting(100.0, 100.0), [0.90, 0.95])
    assert [round(limit.expected[2], 1) for limit in limits] == [17.4, 20.9]


def test_limits_scale_with_the_signal_and_outgrow_its_bound(two_bins) -> None:
    (plain,) = PyhfEngine().limits(two_bins(), [0.95])
    (weak,) = PyhfEngine().limits(two_bins(signal=(12e-4, 11e-4)), [0.95])
    assert weak.observed == pytest.approx(1e4 * plain.observed, rel=2e-5)
    assert list(weak.expected) == pytest.approx([1e4 * value for value in plain.expected], rel=2e-5)
    assert "upper bound 10 of mu widened" in weak.quality.note
    assert plain.quality.note == ""


def test_best_fit_beyond_the_declared_bound_is_followed(two_bins) -> None:
    (wide,) = PyhfEngine().limits(two_bins(data=(120.0, 110.0), bounds=(0.0, 100.0)), [0.95])
    (narrow,) = PyhfEngine().limits(two_bins(data=(120.0, 110.0), bounds=(0.0, 1.0)), [0.95])
    assert wide.observed > 5.0
    assert narrow.observed == pytest.approx(wide.observed, rel=2e-5)


def test_negative_lower_bound_is_replaced_because_of_the_test_statistic(two_bins) -> None:
    (plain,) = PyhfEngine().limits(two_bins(data=(40.0, 45.0)), [0.95])
    (negative,) = PyhfEngine().limits(two_bins(data=(40.0, 45.0), bounds=(-5.0, 10.0)), [0.95])
    assert negative.observed == pytest.approx(plain.observed, rel=1e-5)
    assert "lower bound -5 of mu replaced by 0" in negative.quality.note


def test_without_signal_there_is_no_sensitivity(two_bins) -> None:
    limits = PyhfEngine().limits(two_bins(signal=(0.0, 0.0)), [0.90, 0.95])
    assert [limit.status for limit in limits] == ["no_sensitivity"] * 2
    assert limits[0].observed is None
    assert limits[0].expected == ()
    assert "zero" in limits[0].reason


def test_a_failing_minimizer_gives_failed_limits_with_the_reason(two_bins, monkeypatch) -> None:
    def give_up(*arguments, **options):
        raise pyhf.exceptions.FailedMinimization(type("Result", (), {"message": "iteration limit"})())

    monkeypatch.setattr(pyhf.infer.mle, "fit", give_up)
    limits = PyhfEngine().limits(two_bins(), [0.90, 0.95])
    assert [limit.status for limit in limits] == ["failed"] * 2
    assert "iteration limit" in limits[0].reason
    assert limits[0].quality.evaluations > 1


def test_parameters_at_a_bound_are_named(make_workspace) -> None:
    samples = [
        {"name": "signal", "data": [1.0, 8.0], "modifiers": [{"name": "mu", "type": "normfactor", "data": None}]},
        {"name": "flat", "data": [50.0, 50.0], "modifiers": [{"name": "rate", "type": "normfactor", "data": None}]},
    ]
    rate = {"name": "rate", "inits": [1.0], "bounds": [[0.9, 1.1]]}
    content = make_workspace(samples, [80.0, 80.0], parameters=[rate])
    (limit,) = PyhfEngine().limits(Hypothesis("tight", {}, content), [0.95])
    assert limit.quality.parameters_at_bound == ("rate",)


@pytest.mark.parametrize("poi", ["", "not_there"])
def test_a_workspace_without_parameter_of_interest_is_refused(two_bins, poi) -> None:
    hypothesis = two_bins()
    hypothesis.workspace["measurements"][0]["config"]["poi"] = poi
    with pytest.raises(WorkspaceError):
        PyhfEngine().limits(hypothesis, [0.95])


@pytest.mark.parametrize("cl", [0.05, 1.0, 95.0])
def test_a_level_that_is_none_is_refused(two_bins, cl) -> None:
    with pytest.raises(LimitError, match="confidence level"):
        PyhfEngine().limits(two_bins(), [cl])


@pytest.mark.agreement
def test_low_counts_and_empty_bins_agree_with_the_scan_of_pyhf(make_workspace) -> None:
    samples = [
        {
            "name": "signal",
            "data": [0.5, 2.0, 0.5],
            "modifiers": [
                {"name": "mu", "type": "normfactor", "data": None},
                {"name": "efficiency", "type": "normsys", "data": {"hi": 1.1, "lo": 0.9}},
            ],
        },
        {
            "name": "background",
            "data": [1.5, 0.0, 0.7],
            "modifiers": [{"name": "statistics", "type": "staterror", "data": [0.4, 0.0, 0.3]}],
        },
    ]
    content = make_workspace(samples, [1.0, 0.0, 2.0])
    (limit,) = PyhfEngine().limits(Hypothesis("low", {}, content), [0.90])
    model = pyhf.Workspace(content).model()
    data = pyhf.Workspace(content).data(model)
    observed, expected = toms748_scan(data, model, 0.2, 8.0, level=0.1, rtol=1e-6)
    assert limit.observed == pytest.approx(float(observed), rel=MINIMIZER_NOISE)
    assert list(limit.expected) == pytest.approx([float(value) for value in expected], rel=MINIMIZER_NOISE)
