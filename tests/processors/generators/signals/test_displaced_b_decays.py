"""Decays B -> K X forced evenly in the logarithm of their length, against free ones; the B meson flies before."""

from __future__ import annotations

import math

import numpy as np
import pytest

from darkreach.errors import ConfigError
from darkreach.generators.decays import lifetime_weights
from darkreach.generators.process_registry import find_process
from darkreach.kinematics import Beams

BEAMS = Beams(7.004, 4.002, 0.083)
WINDOW = {"decay_radius_from_cm": 0.01, "decay_radius_to_cm": 80.0, "decay_spread": 1.0}
N = 20_000


class Decays:
    """Weights, radii, proper lengths and transverse momenta of the dark particles of a sample."""

    def __init__(self, name: str, n: int, seed: int, **values: float) -> None:
        process = find_process(name)
        given = process.values({"mass_gev": 0.5, "decay_other_b": 0.0, **values})
        events = process.open(BEAMS, given, 0.0).source(n, np.random.default_rng(seed))
        dark = np.flatnonzero(np.isin(events.pdg, (9000035, 9000005)))
        momentum = events.momentum[dark]
        # both products stand behind the dark particle
        path = events.vertex[dark + 1] - events.vertex[dark]
        self.weight = events.weight_fb
        self.radius = np.hypot(*events.vertex[dark + 1, :2].T)
        self.start = np.hypot(*events.vertex[dark, :2].T)
        self.proper_length = 0.5 * np.linalg.norm(path, axis=1) / np.linalg.norm(momentum[:, 1:], axis=1)
        self.transverse = np.hypot(momentum[:, 1], momentum[:, 2])


@pytest.fixture(scope="module", params=["b_to_k_scalar_mumu", "b_to_kstar0_axion"])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def forced(name: str) -> Decays:
    return Decays(name, N, 1, lifetime_ctau_cm=400.0, **WINDOW)


def test_origins_are_off_the_axis_by_as_much_as_the_window_begins(forced: Decays) -> None:
    # a B meson flies 0.01 cm, mostly along the beams
    assert 0.001 < float(np.median(forced.start)) < 0.01
    assert 0.005 < float(np.mean(forced.start > 0.01)) < 0.3


@pytest.mark.parametrize("lifetime", [0.01, 0.05, 1.0, 20.0, 200.0])
def test_sums_and_spectra_are_those_of_free_decays(name: str, forced: Decays, lifetime: float) -> None:
    free = Decays(name, N, 2, lifetime_ctau_cm=lifetime)
    weight = forced.weight * lifetime_weights(forced.proper_length, 400.0, lifetime)
    inside = (free.radius > 0.01) & (free.radius < 80.0)
    difference = float(weight.mean() - (free.weight * inside).mean())
    assert abs(difference) < 4.0 * math.sqrt((weight.var() + (free.weight * inside).var()) / N)
    for one, other, edges in (
        (forced.radius, free.radius, [0.01, 0.02, 0.05, 0.2, 0.5, 2.0, 8.0, 30.0, 80.0]),
        (forced.transverse, np.where(inside, free.transverse, -1.0), [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.5]),
    ):
        got, wanted = (np.histogram(x, edges, weights=w)[0] for x, w in ((one, weight), (other, free.weight)))
        squares = (np.histogram(x, edges, weights=w**2)[0] for x, w in ((one, weight), (other, free.weight)))
        assert np.all(np.abs(got - wanted) < 4.5 * np.sqrt(sum(squares)) + 1.5 * free.weight.max())
    # every lifetime is worth a good share of the events, less where the window cuts most decays
    kept = weight[forced.radius > 0.05]
    worth = kept.sum() ** 2 / (kept**2).sum() / N
    assert worth > {0.01: 0.1, 0.05: 0.25, 200.0: 0.15}.get(lifetime, 0.3)


def test_a_window_that_cannot_be_is_refused_by_the_process() -> None:
    for wrong, where in (
        ({"decay_spread": 3.0}, "decay_spread"),
        ({"decay_radius_from_cm": 0.0}, "decay_radius_from_cm"),
    ):
        with pytest.raises(ConfigError) as refused:
            Decays("b_to_k_scalar_mumu", 1, 1, lifetime_ctau_cm=4.0, **{**WINDOW, **wrong})
        assert refused.value.where == where
    with pytest.raises(ConfigError, match="spread"):
        Decays("b_to_k_axion", 1, 1, lifetime_ctau_cm=4.0, decay_spread=1.0)
