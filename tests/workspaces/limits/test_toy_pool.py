"""The pool of toys: exact properties, independence of the order of work, and toys whose fits fail."""

from __future__ import annotations

import math

import numpy as np
import pytest

from darkreach.errors import LimitError
from darkreach.likelihood.compile_workspace import compile_workspace
from darkreach.limits import toy_pool
from darkreach.limits.toy_cls import observed_estimate
from darkreach.limits.toy_pool import ToyPool
from darkreach.limits.toy_throwing import BATCH

SEED = (3, 99)


@pytest.fixture
def low_counts(make_workspace):
    """Two bins with few events, a signal efficiency and a background measured elsewhere."""

    def make(data=(2.0, 1.0)):
        efficiency = {"name": "eff", "type": "normsys", "data": {"hi": 1.1, "lo": 0.9}}
        uncertainty = {"name": "unc", "type": "shapesys", "data": [0.5, 0.6]}
        mu = {"name": "mu", "type": "normfactor", "data": None}
        samples = [
            {"name": "signal", "data": [2.0, 3.0], "modifiers": [mu, efficiency]},
            {"name": "background", "data": [1.5, 2.5], "modifiers": [uncertainty]},
        ]
        return make_workspace(samples, list(data))

    return make


@pytest.mark.parametrize("background", [0.1, 3.0])
def test_without_events_cls_is_exactly_the_exponential(counting, background) -> None:
    pool = ToyPool(compile_workspace(counting(background=background, observed=0.0).workspace), SEED)
    pool.add_ensemble(2.5)
    for ensemble in (0, 1):
        pool.throw(ensemble, 2 * BATCH)
    for strength in (0.5, 2.5, 2.9957322736, 6.0):
        # weights of equal data are equal, so that their ratio has no statistical error
        assert observed_estimate(pool.tested(strength)).log_cls == pytest.approx(-strength, rel=1e-9)


def test_weights_average_to_one_and_agree_with_plain_counting(low_counts) -> None:
    pool = ToyPool(compile_workspace(low_counts()), SEED)
    pool.add_ensemble(1.2)
    for ensemble in (0, 1):
        pool.throw(ensemble, 20 * BATCH)
    toys = pool.tested(1.2)
    assert toys.signal.mean() == pytest.approx(1.0, abs=0.03)
    assert toys.background.mean() == pytest.approx(1.0, abs=0.03)
    beyond = toys.q >= toys.q_observed
    plain_signal, plain_background = (beyond[pool.ensemble == ensemble].mean() for ensemble in (1, 0))
    weighted_signal, weighted_background = (np.mean(weights * beyond) for weights in (toys.signal, toys.background))
    number = 20 * BATCH
    for plain, weighted in ((plain_signal, weighted_signal), (plain_background, weighted_background)):
        assert weighted == pytest.approx(plain, abs=4.0 * math.sqrt(plain * (1.0 - plain) / number))


def test_toys_do_not_depend_on_the_order_in_which_they_are_thrown(low_counts) -> None:
    model = compile_workspace(low_counts())
    first, second = ToyPool(model, SEED), ToyPool(model, SEED)
    first.add_ensemble(1.0)
    second.add_ensemble(1.0)
    first.throw(0, 3 * BATCH)
    first.throw(1, BATCH)
    second.throw(1, BATCH)
    second.throw(0, BATCH)
    second.tested(1.0)
    second.throw(0, 3 * BATCH)
    one, other = first.tested(1.0), second.tested(1.0)
    for ensemble in (0, 1):
        of_first, of_second = first.ensemble == ensemble, second.ensemble == ensemble
        assert np.array_equal(one.q[of_first], other.q[of_second])
        assert one.signal[of_first] == pytest.approx(other.signal[of_second], rel=1e-12)


@pytest.mark.slow
def test_interpreted_and_compiled_toys_are_the_same(low_counts) -> None:
    model = compile_workspace(low_counts())
    pools = [ToyPool(model, SEED, use_numba=use_numba) for use_numba in (True, False)]
    for pool in pools:
        pool.throw(0, BATCH)
    compiled, interpreted = (pool.tested(1.0) for pool in pools)
    assert compiled.q == pytest.approx(interpreted.q, abs=1e-7)
    assert compiled.signal == pytest.approx(interpreted.signal, rel=1e-9)


def test_failed_toys_are_counted_with_seed_and_place(low_counts, monkeypatch) -> None:
    compiled = toy_pool.toy_function(True)

    def failing(packed, strength, stiffness, fits) -> None:
        compiled(packed, strength, stiffness, fits)
        if fits.value.size > 1:
            if strength < 0.0:
                fits.status[[7, BATCH + 11]] = 1
            else:
                fits.status[fits.counts.sum(axis=1) == 6.0] = 2

    monkeypatch.setattr(toy_pool, "toy_function", lambda use_numba: failing)
    pool = ToyPool(compile_workspace(low_counts()), SEED)
    pool.throw(0, 2 * BATCH)
    free = pool.failures()
    assert free == (
        "seed 3, ensemble 0 (mu = 0), batch 0, toy 7",
        "seed 3, ensemble 0 (mu = 0), batch 1, toy 11",
    )
    toys = pool.tested(2.0)
    failed = np.isnan(toys.q)
    assert np.flatnonzero(failed & (pool.data.counts.sum(axis=1) != 6.0)).tolist() == [7, BATCH + 11]
    assert len(pool.failures()) == np.count_nonzero(failed) > 10
    monkeypatch.undo()
    clean = ToyPool(compile_workspace(low_counts()), SEED)
    clean.throw(0, 2 * BATCH)
    assert observed_estimate(toys).log_cls > observed_estimate(clean.tested(2.0)).log_cls


def test_data_that_cannot_be_fitted_are_refused(counting) -> None:
    with pytest.raises(LimitError, match="no origin"):
        ToyPool(compile_workspace(counting(background=0.0, observed=2.0).workspace), SEED)
