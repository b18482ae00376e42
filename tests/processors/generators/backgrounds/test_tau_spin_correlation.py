from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from darkreach.generators.backgrounds.tau_spin_correlation import TauSpinCorrelation, tau_spin_correlation
from darkreach.kinematics import TAU_MASS

Array = Any

N = 400_000


def dirac_matrices() -> list[Array]:
    zero, one = np.zeros((2, 2)), np.eye(2)
    pauli = [np.array(m) for m in ([[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]])]
    return [np.block([[one, zero], [zero, -one]]), *(np.block([[zero, p], [-p, zero]]) for p in pauli)]


GAMMA = dirac_matrices()
GAMMA_5 = 1j * GAMMA[0] @ GAMMA[1] @ GAMMA[2] @ GAMMA[3]
METRIC = np.diag([1.0, -1.0, -1.0, -1.0])


def slash(vector: Array) -> Array:
    return sum(GAMMA[i] * METRIC[i, i] * vector[i] for i in range(4))


def boosted_spin(spin: Array, momentum: Array) -> Array:
    """Spin four-vector of a particle whose spin in its rest frame is given, axes kept."""
    along = momentum[1:] @ spin
    factor = along / (TAU_MASS * (momentum[0] + TAU_MASS))
    return np.concatenate([[along / TAU_MASS], spin + factor * momentum[1:]])


def rate(cosine: float, gamma: float, first: Array, second: Array) -> float:
    """Trace of e+e- -> tau- tau+ with both spins along given axes: x, y, z with z the tau-."""
    energy = gamma * TAU_MASS
    size = math.sqrt(energy**2 - TAU_MASS**2)
    sine = math.sqrt(1.0 - cosine**2)
    z = np.array([sine, 0.0, cosine])
    electron_axis = np.array([0.0, 0.0, 1.0])
    y = np.cross(electron_axis, z) / sine
    axes = np.stack([np.cross(y, z), y, z])
    minus, plus = (np.concatenate([[energy], sign * size * z]) for sign in (1.0, -1.0))
    electron, positron = (np.concatenate([[energy], sign * energy * electron_axis]) for sign in (1.0, -1.0))
    one, two = boosted_spin(first @ axes, minus), boosted_spin(second @ axes, plus)
    identity = np.eye(4)
    of_minus = (slash(minus) + TAU_MASS * identity) @ (identity + GAMMA_5 @ slash(one))
    of_plus = (slash(plus) - TAU_MASS * identity) @ (identity + GAMMA_5 @ slash(two))
    total = 0.0
    for a in range(4):
        for b in range(4):
            beams = np.trace(slash(positron) @ GAMMA[a] @ slash(electron) @ GAMMA[b])
            taus = np.trace(of_minus @ GAMMA[a] @ of_plus @ GAMMA[b])
            total += METRIC[a, a] * METRIC[b, b] * (beams * taus).real
    return total


@pytest.mark.parametrize("cosine", [-0.7, 0.1, 0.95])
@pytest.mark.parametrize("gamma", [1.05, 2.977])
def test_correlation_is_that_of_traces_of_dirac_matrices(cosine: float, gamma: float) -> None:
    correlation = tau_spin_correlation(np.array([cosine]), np.array([gamma]))
    none = np.zeros(3)
    even = rate(cosine, gamma, none, none)
    for axis in np.eye(3):
        # no polarisation of one alone: one photon and unpolarised beams
        assert abs(rate(cosine, gamma, axis, none) / even - 1.0) < 1e-12
        for other in np.eye(3):
            expected = rate(cosine, gamma, axis, other) / even - 1.0
            ours = float(correlation.between(axis[:, np.newaxis], other[:, np.newaxis])[0])
            assert ours == pytest.approx(expected, abs=1e-10)


def test_directions_have_the_moments_of_the_correlation() -> None:
    c, gamma = 0.6, 2.977
    correlation = tau_spin_correlation(np.full(N, c), np.full(N, gamma))
    first, second = correlation.sample(np.random.default_rng(1))
    for vectors in (first, second):
        np.testing.assert_allclose((vectors**2).sum(axis=0), 1.0, atol=1e-12)
        # each alone is even
        assert np.abs(vectors.mean(axis=1)).max() < 4.5 / math.sqrt(3.0 * N)
        assert np.abs((vectors**2).mean(axis=1) - 1.0 / 3.0).max() < 4.5 * 0.3 / math.sqrt(N)
    # the mean of n_i n'_j of the density 1 - n.C.n' is -C_ij/9
    moments = first @ second.T / N
    unit = np.eye(3)
    expected = [[-float(at(correlation, one, two)) / 9.0 for two in unit] for one in unit]
    assert np.abs(moments - np.array(expected)).max() < 4.5 / (3.0 * math.sqrt(N))


def at(correlation: TauSpinCorrelation, one: Array, two: Array) -> float:
    return float(correlation.between(one[:, np.newaxis], two[:, np.newaxis])[0])


def test_fast_pairs_along_the_beam_have_opposite_helicities() -> None:
    # spins both along one axis: 1 - z z' of the directions, never both backwards on it
    correlation = tau_spin_correlation(np.ones(2000), np.full(2000, 1e4))
    first, second = correlation.sample(np.random.default_rng(2))
    assert float(correlation.zz[0]) == pytest.approx(1.0)
    back = first[2] > 0.99
    assert back.any()
    assert second[2][back].max() < 0.99
