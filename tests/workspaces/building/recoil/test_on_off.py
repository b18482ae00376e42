"""A workspace whose limit has a closed formula: one bin with signal, and the same background without."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from darkreach.limits import compute_limits, make_engine
from darkreach.sharing import projected

ZERO = {"value": 0.0, "source": "convention"}


@pytest.fixture(scope="module")
def one_bin(formulas, config):
    """Signals in less than a bin, no effect of variations, a simulation without end, a control without signal."""
    made = copy.deepcopy(formulas["with_rare_simulation"](config, 1.0e-9))
    for name, histogram in made.histograms.items():
        view = histogram.view()
        if name.startswith("signal_shape/"):
            total = view["value"].sum(axis=-1)
            view["value"], view["variance"] = 0.0, 0.0
            # pulls 0.3 to 0.4
            view["value"][..., 303] = total
        if name.startswith("control/"):
            view["value"][4:] = 0.0
        view["value"][:, 1:] = view["value"][:, :1]
    return made


def on_off_limit(on, off, level):
    """Signal events whose median expected CLs is 1 - level, for ``on`` and ``off`` events of one free background.

    The conditional background b solves (1 + tau) b^2 + ((1 + tau) s - n - m) b - m s = 0; for the median
    CLs = 2 (1 - Phi(sqrt(q))).
    """
    tau = off / on

    def distance(signal):
        half = ((1.0 + tau) * signal - on - off) / (2.0 * (1.0 + tau))
        b = -half + np.sqrt(half**2 + off * signal / (1.0 + tau))

        def twice_log(s, b):
            return 2.0 * (on * np.log(s + b) - s - b + off * np.log(tau * b) - tau * b)

        q = twice_log(0.0, on) - twice_log(signal, b)
        return np.sqrt(max(q, 0.0)) - norm.isf(0.5 * (1.0 - level))

    return brentq(distance, 1e-6, 100.0 * np.sqrt(on) + 100.0)


@pytest.mark.parametrize(("luminosity", "factor"), [(0.5, 1.0), (10.0, 1.0), (10.0, 5000.0)])
def test_expected_limit_is_that_of_on_and_off(hypothesis, with_settings, one_bin, luminosity, factor):
    everything = {"name": "all", "rate": "floating", "samples": ["muon_pair", "tau_pair", "four_leptons_imported"]}
    config = with_settings(
        groups=[everything], flat_backgrounds=[], signal_uncertainties={}, luminosity_uncertainty=ZERO,
        signal_efficiency_uncertainty=ZERO,
    )  # fmt: skip
    made = projected(hypothesis(1.5, config=config, histograms=one_bin, luminosity_inverse_fb=luminosity), factor)
    signals, backgrounds = [], []
    for channel in made.workspace["channels"]:
        samples = {sample["name"]: sample["data"] for sample in channel["samples"]}
        backgrounds.append(samples["all"])
        signals.append(samples.get("signal", [0.0] * len(samples["all"])))
    signal, background = np.concatenate(signals), np.concatenate(backgrounds)
    peak = signal > 0.2 * signal.sum()
    assert peak.sum() == 2
    assert signal[peak].sum() > 0.99999 * signal.sum()
    on, off = background[peak].sum(), background[~peak].sum()
    # of either region, in the same relation to the background, one bin holds all of the signal
    assert 3.0 < off / on < 500.0
    limit = compute_limits([made], (0.9,), engine=make_engine("compiled"))[0]
    assert limit.expected[2] * signal.sum() == pytest.approx(on_off_limit(on, off, 0.9), rel=1e-4)
