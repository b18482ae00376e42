"""Goodness of fit against closed forms, and toys against the chi-square distribution."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.special import gammaln
from scipy.stats import chi2

from darkreach.errors import ConfigError
from darkreach.fits import chi_square_goodness, fit, goodness_of_fit


def histogram(counts: list[float], rates: list[float], *, normalised: bool) -> dict[str, Any]:
    modifiers = [{"name": "k", "type": "normfactor", "data": None}] if normalised else []
    signal = [0.1] + [0.0] * (len(rates) - 1)
    samples = [
        {"name": "s", "data": signal, "modifiers": [{"name": "mu", "type": "normfactor", "data": None}]},
        {"name": "b", "data": rates, "modifiers": modifiers},
    ]
    return {
        "channels": [{"name": "c", "samples": samples}],
        "observations": [{"name": "c", "data": counts}],
        "measurements": [
            {"name": "m", "config": {"poi": "mu", "parameters": [{"name": "mu", "bounds": [[-1e3, 1e3]]}]}}
        ],
        "version": "1.0.0",
    }


COUNTS = [52.0, 47.0, 61.0, 33.0, 40.0, 55.0, 49.0, 38.0]


def test_deviance_of_a_free_normalisation() -> None:
    """mu absorbs the first bin, k is the mean of the others."""
    found = goodness_of_fit(histogram(COUNTS, [50.0] * 8, normalised=True))
    rest = np.array(COUNTS[1:])
    mean = rest.mean()
    deviance = 2.0 * float(np.sum(mean - rest + rest * np.log(rest / mean)))
    assert found.statistic == pytest.approx(deviance, abs=1e-8)
    assert found.degrees_of_freedom == 6
    assert found.p_value == pytest.approx(chi2.sf(deviance, 6))


def test_constraint_terms_count(on_off: Any, shape_workspace: Any) -> None:
    """One bin with a constrained background: mu makes everything fit."""
    exact = goodness_of_fit(on_off(60.0, 10.0, 160.0, 4.0))
    assert (exact.statistic, exact.degrees_of_freedom, exact.p_value) == (pytest.approx(0.0, abs=1e-9), 0, None)
    result = fit(shape_workspace)
    # eight bins, mu and k are free
    assert chi_square_goodness(result).degrees_of_freedom == 6


@pytest.mark.agreement
def test_saturated_model_of_pyhf(shape_workspace: Any, oracle: Any) -> None:
    """-2 log L at Minuit's minimum minus that of rates equal to the counts and constraints at their centres."""
    reference, result = oracle(shape_workspace), fit(shape_workspace)
    counts, auxiliary = np.split(np.array(reference.data), [8])
    centres = np.array([result[name].centre for name in reference.names])
    saturated = float(np.sum(counts * np.log(counts) - counts - gammaln(counts + 1.0)))
    saturated += float(reference.model.constraint_logpdf(auxiliary, centres))
    expected = reference.fit()[3] + 2.0 * saturated
    assert chi_square_goodness(result).statistic == pytest.approx(expected, abs=1e-6)


def test_bins_that_can_never_have_events_do_not_count() -> None:
    found = goodness_of_fit(histogram([*COUNTS, 0.0], [*[50.0] * 8, 0.0], normalised=True))
    assert found.degrees_of_freedom == 6


def test_toys_follow_the_chi_square_distribution_at_high_counts() -> None:
    workspace = histogram([10.0 * count for count in COUNTS], [500.0] * 8, normalised=True)
    workspace["observations"][0]["data"] = [520.0, 480.0, 531.0, 470.0, 505.0, 512.0, 493.0, 499.0]
    found = goodness_of_fit(workspace, toys=1000, seed=3)
    assert found.p_value is not None and found.toy_p_value is not None and found.toy_p_value_error is not None
    assert 0.2 < found.p_value < 0.9
    assert abs(found.toy_p_value - found.p_value) < 4.0 * found.toy_p_value_error
    assert found.toy_p_value_error == pytest.approx(math.sqrt(found.toy_p_value * (1 - found.toy_p_value) / 1000))


def test_toys_depend_on_the_seed_alone(shape_workspace: Any) -> None:
    one, two = (goodness_of_fit(shape_workspace, toys=60, seed=5, threads=threads) for threads in (1, 2))
    assert one == two
    assert (one.toys, one.failed_toys) == (60, 0)
    assert goodness_of_fit(shape_workspace, toys=60, seed=6).toy_p_value != one.toy_p_value


def test_a_negative_number_of_toys_is_refused(shape_workspace: Any) -> None:
    with pytest.raises(ConfigError, match="negative"):
        goodness_of_fit(shape_workspace, toys=-1)
