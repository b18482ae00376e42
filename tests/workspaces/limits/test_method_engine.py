"""The choice of method: what auto takes and why, failures, files, and resuming."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from darkreach.errors import LimitError, UnknownNameError
from darkreach.limits import compute_limits, limit_engine, limit_from_json, limits_as_json_list
from darkreach.limits.method_choice import effective_background
from darkreach.limits.method_engine import MethodEngine, hypothesis_number
from darkreach.limits.toy_limits import ToySettings
from darkreach.sharing.hypothesis import Hypothesis


def limit_of(hypothesis, method, **options):
    (limit,) = compute_limits([hypothesis], [0.95], engine=limit_engine("compiled", method=method, **options))
    return limit


def test_a_known_background_is_summed_exactly(counting) -> None:
    limit = limit_of(counting(background=0.1, observed=0.0), "auto")
    assert limit.method == "exact"
    assert limit.observed == pytest.approx(2.99573, abs=1e-5)
    assert "no nuisance parameters" in limit.quality.note


def few_events(two_bins):
    few = two_bins(signal=(2.0, 1.0), data=(1.0, 2.0))
    few.workspace["channels"][0]["samples"][1]["data"] = [0.5, 0.7]
    few.workspace["channels"][0]["samples"][1]["modifiers"][0]["data"] = [0.1, 0.2]
    return few


def test_few_events_in_counting_channels_are_summed_exactly(two_bins) -> None:
    limit = limit_of(few_events(two_bins), "auto")
    assert limit.method == "exact"
    assert limit.quality.note == "exact: 2 counting channels, nuisance parameters marginalised"
    again = limit_of(few_events(two_bins), "exact")
    assert (again.observed, again.expected, again.quality.note) == (limit.observed, limit.expected, "")


def test_few_expected_events_take_toys_and_many_the_formulas(two_bins) -> None:
    few = few_events(two_bins)
    # a background of unknown size cannot be marginalised without a sideband
    few.workspace["channels"][0]["samples"][1]["modifiers"].append({"name": "k", "type": "normfactor", "data": None})
    toys, asymptotic = limit_of(few, "auto", toys=500), limit_of(two_bins(), "auto")
    assert (toys.method, asymptotic.method) == ("toys", "asymptotic")
    assert toys.quality.note.startswith("toys: ")
    assert "background events under the signal" in toys.quality.note
    assert "background events under the signal" in asymptotic.quality.note
    assert asymptotic.observed == limit_of(two_bins(), "asymptotic").observed


def test_effective_background_of_known_cases() -> None:
    assert effective_background(np.array([4.0]), np.array([0.3]), 7.0) == pytest.approx(4.0)
    # the same in ten equal bins
    assert effective_background(np.full(10, 0.4), np.full(10, 0.03), 7.0) == pytest.approx(4.0)
    # a Gaussian peak of width 1 on 50 events per unit: 2 sqrt(pi) standard deviations
    x = np.arange(-8.0, 8.0, 0.05)
    peak = np.exp(-0.5 * x**2)
    expected = 2.0 * np.sqrt(np.pi) * 50.0
    assert effective_background(np.full(x.size, 2.5), peak / peak.sum(), 1e-6) == pytest.approx(expected, rel=1e-3)
    # a bin without background decides, however much there is elsewhere
    assert effective_background(np.array([100.0, 0.0]), np.array([0.1, 1.0]), 3.0) < 1.0
    assert effective_background(np.array([5.0]), np.array([0.0]), 1.0) == 0.0


def test_exact_refuses_what_it_cannot_sum(two_bins) -> None:
    limit = limit_of(two_bins(), "exact")
    assert (limit.status, limit.method, limit.observed) == ("failed", "exact", None)
    assert "201 events are observed or expected, more than 200" in limit.reason


def test_no_signal_has_no_sensitivity_by_any_method(two_bins) -> None:
    for method in ("auto", "toys", "asymptotic"):
        assert limit_of(two_bins(signal=(0.0, 0.0)), method).status == "no_sensitivity"


def test_toys_depend_on_seed_and_content_only(two_bins) -> None:
    hypothesis = two_bins(signal=(2.0, 3.0))
    renamed = Hypothesis("other", {"mass_gev": 2.0}, hypothesis.workspace)
    first, again = (limit_of(one, "toys", toys=500) for one in (hypothesis, renamed))
    assert (first.observed, first.expected, first.quality) == (again.observed, again.expected, again.quality)
    assert limit_of(hypothesis, "toys", toys=500, seed=2).observed != first.observed
    assert hypothesis_number(hypothesis) != hypothesis_number(two_bins())


def test_levels_share_toys(two_bins) -> None:
    engine = limit_engine("compiled", method="toys")
    low, high = engine.limits(two_bins(signal=(2.0, 3.0)), [0.90, 0.95])
    assert low.observed < high.observed
    assert low.quality.toys == high.quality.toys


def test_limits_by_toys_are_written_and_read(two_bins) -> None:
    limit = limit_of(two_bins(), "toys", toys=500)
    limit = replace(limit, quality=replace(limit.quality, failed_toys=1, failed_toys_at=("seed 1, ensemble 0",)))
    (content,) = json.loads(json.dumps(limits_as_json_list([limit])))
    assert limit_from_json(content) == limit


def test_files_of_other_limits_have_no_toy_fields(two_bins) -> None:
    (content,) = limits_as_json_list([limit_of(two_bins(), "asymptotic")])
    assert "toys" not in content["quality"]
    del content["quality"]["note"]
    with pytest.raises(Exception, match="keys are missing"):
        limit_from_json(content)


def test_finished_hypotheses_are_not_thrown_again(two_bins, tmp_path, monkeypatch) -> None:
    engine = limit_engine("compiled", method="toys", toys=500)
    before = compute_limits([two_bins()], [0.95], engine=engine, checkpoint=tmp_path)
    other_seed = limit_engine("compiled", method="toys", toys=500, seed=2)
    other_budget = limit_engine("compiled", method="toys", toys=1000)

    class UsedError(Exception):
        pass

    def refuse(self, hypothesis, levels):
        raise UsedError

    monkeypatch.setattr(MethodEngine, "limits", refuse)
    assert compute_limits([two_bins()], [0.95], engine=engine, checkpoint=tmp_path) == before
    for changed in (other_seed, other_budget, MethodEngine("auto", ToySettings(toys=500))):
        with pytest.raises(UsedError):
            compute_limits([two_bins()], [0.95], engine=changed, checkpoint=tmp_path)


def test_a_failure_before_the_choice_is_no_asymptotic_limit(make_workspace) -> None:
    mu = {"name": "mu", "type": "normfactor", "data": None}
    size = {"name": "size", "type": "normsys", "data": {"hi": 1.1, "lo": 0.9}}
    samples = [
        {"name": "signal", "data": [1.0, 2.0], "modifiers": [mu]},
        {"name": "background", "data": [0.0, 0.0], "modifiers": [size]},
    ]
    hypothesis = Hypothesis("none", {}, make_workspace(samples, [1000.0, 2000.0]))
    (limit,) = compute_limits([hypothesis], [0.95], engine=MethodEngine("auto"))
    assert (limit.status, limit.method) == ("failed", "auto")
    (broken,) = compute_limits([replace(hypothesis, workspace={})], [0.95], engine=MethodEngine("auto"))
    assert (broken.status, broken.method) == ("failed", "auto")
    (content,) = json.loads(json.dumps(limits_as_json_list([limit])))
    assert limit_from_json(content) == limit
    # a limit that was found was found by some method
    good = limits_as_json_list([replace(limit, status="ok", observed=1.0, expected=(1.0,) * 5, reason="")])[0]
    with pytest.raises(UnknownNameError, match="method"):
        limit_from_json(good)


def test_impossible_choices_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="toyz"):
        limit_engine("compiled", method="toyz")
    with pytest.raises(LimitError, match="too few toys"):
        limit_engine("compiled", method="toys", toys=10)
    with pytest.raises(LimitError, match="seed is negative"):
        limit_engine("compiled", method="toys", seed=-1)
    with pytest.raises(LimitError, match="has no method toys"):
        limit_engine("pyhf", method="toys")
    assert limit_engine("pyhf", method="auto").name == "pyhf"


@pytest.mark.slow
def test_limits_do_not_depend_on_the_number_of_processes(two_bins) -> None:
    hypotheses = [two_bins(f"h{index}", signal=(2.0, 1.0 + 0.2 * index)) for index in range(8)]
    engine = limit_engine("compiled", method="toys", toys=500)
    alone, together = (compute_limits(hypotheses, [0.95], engine=engine, workers=workers) for workers in (1, 2))
    assert limits_as_json_list(alone) == limits_as_json_list(together)
