"""B+ -> K+ nu nubar of the Standard Model: its spectrum against a quadrature, its rate, its particles."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

from darkreach.errors import ConfigError
from darkreach.generators.process_registry import find_process
from darkreach.kinematics import Beams

BEAMS = Beams(7.004, 4.002, 0.083)
PROCESS = find_process("b_to_k_neutrino_pair")
B_MASS, KAON_MASS = 5.27941, 0.493677
N = 20_000


def opened(**given: float):
    return PROCESS.open(BEAMS, PROCESS.values({"decay_other_b": 0.0, **given}), 0.0)


def rate(q: float) -> float:
    """Differential rate in q = sqrt(q^2): 2 q p_K^3 f_+^2 with the momentum from the energy of the kaon."""
    energy = (B_MASS**2 + KAON_MASS**2 - q**2) / (2.0 * B_MASS)
    x = q**2 / 5.41**2
    return 2.0 * q * (energy**2 - KAON_MASS**2) ** 1.5 * (0.162 / (1.0 - x) + 0.173 / (1.0 - x) ** 2) ** 2


def test_the_spectrum_is_that_of_the_form_factor() -> None:
    particles = opened().source(N, np.random.default_rng(5))
    momentum, weight = particles.momentum.reshape(-1, 5, 4), particles.weight_fb
    pair = momentum[:, 3] + momentum[:, 4]
    q = np.sqrt(np.maximum(pair[:, 0] ** 2 - np.sum(pair[:, 1:] ** 2, axis=1), 0.0))
    edges = np.array([0.0, 1.0, 2.0, 2.83, 3.5, 4.2, B_MASS - KAON_MASS])
    exact = np.array([quad(rate, low, high)[0] for low, high in zip(edges[:-1], edges[1:], strict=True)])
    filled, _ = np.histogram(q, edges, weights=weight)
    squares, _ = np.histogram(q, edges, weights=weight**2)
    pulls = (filled / weight.sum() - exact / exact.sum()) / (np.sqrt(squares) / weight.sum())
    assert np.abs(pulls).max() < 3.5
    # two neutrinos, the kaon and its B have one sign of flavour
    np.testing.assert_allclose(momentum[:, 0], momentum[:, 2:].sum(axis=1), atol=1e-9)
    codes = particles.pdg.reshape(-1, 5)
    np.testing.assert_array_equal(np.sign(codes[:, 0]), np.sign(codes[:, 2]))
    assert set(np.abs(codes).ravel().tolist()) == {521, 321, 12}


def test_the_rate_is_that_of_the_branching_fraction() -> None:
    weight = opened(branching_fraction=1e-5).source(N, np.random.default_rng(6)).weight_fb
    # both B mesons of 1.05 nb x 0.514 may decay so
    expected = 2.0 * 1.05e6 * 0.514 * 1e-5
    assert float(weight.mean()) == pytest.approx(expected, rel=4.0 * float(weight.std()) / expected / math.sqrt(N))
    assert float(weight.std()) < 0.1 * expected


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"pole_mass_gev": 4.0}, "kinematic range"),
        ({"branching_fraction": 1.5}, "more than one"),
        ({"decay_other_b": 0.5}, "yes nor no"),
    ],
)
def test_impossible_parameters_are_refused(given: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        opened(**given)
    assert message in str(caught.value) or "branching" in str(caught.value)
