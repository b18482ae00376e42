"""The dark photon that lives: rates, spin, masses and forced decays of e+e- -> gamma A'."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from darkreach.errors import ConfigError
from darkreach.generators.decays import lifetime_weights
from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.process_registry import find_process
from darkreach.generators.signals.dark_photon_matrix_element import dark_photon_cross_section_fb
from darkreach.kinematics import Beams, mass_squared

BEAMS = Beams(7.004, 4.002, 0.083)
N = 20_000
MODES = {"branching_electrons": 11, "branching_muons": 13, "branching_pions": 211, "branching_kaons": 321}
MASS = {11: 0.51099895e-3, 13: 0.1056583755, 211: 0.13957039, 321: 0.493677}
WINDOW = {"decay_radius_from_cm": 0.01, "decay_radius_to_cm": 80.0, "decay_spread": 1.0}


@cache
def generate(n: int = N, seed: int = 1, radiation: float = 0.0, **values: float) -> GeneratedParticles:
    process = find_process("displaced_dark_photon")
    given = process.values({"mass_gev": 1.2, **values})
    return process.open(BEAMS, given, radiation).source(n, np.random.default_rng(seed))


def rows(events: GeneratedParticles) -> tuple[np.ndarray, np.ndarray]:
    """Momenta and vertices (n, 4, ...) of photon, A' and both products; without radiation there is nothing else."""
    return events.momentum.reshape(len(events), -1, 4), events.vertex.reshape(len(events), -1, 3)


def at_rest(vector: np.ndarray, frame: np.ndarray) -> np.ndarray:
    """Space part (n, 3) of vectors in the rest frame of others, along p' = p - (E - p.u g/(g + 1)) u, u = P/M."""
    mass = np.sqrt(mass_squared(frame))[:, np.newaxis]
    u, gamma = frame[:, 1:] / mass, frame[:, :1] / mass
    along = np.sum(vector[:, 1:] * u, axis=1, keepdims=True)
    return np.asarray(vector[:, 1:] - (vector[:, :1] - along / (gamma + 1.0)) * u)


@pytest.mark.parametrize("branching", MODES)
def test_masses_codes_and_vertices(branching: str) -> None:
    events = generate(2000, lifetime_ctau_cm=3.0, **{branching: 1.0})
    momenta, vertices = rows(events)
    code = MODES[branching]
    sign = 1 if code < 100 else -1
    assert {tuple(row) for row in events.pdg.reshape(2000, -1).tolist()} == {(22, 9000022, sign * code, -sign * code)}
    for place in (2, 3):
        np.testing.assert_allclose(mass_squared(momenta[:, place]), MASS[code] ** 2, atol=1e-11)
    np.testing.assert_allclose(momenta[:, 2] + momenta[:, 3], momenta[:, 1], atol=1e-12)
    np.testing.assert_allclose(np.cross(vertices[:, 2], momenta[:, 1, 1:]), 0.0, atol=1e-11)
    proper = np.linalg.norm(vertices[:, 2], axis=1) * 1.2 / np.linalg.norm(momenta[:, 1, 1:], axis=1)
    assert float(proper.mean()) == pytest.approx(3.0, rel=4.0 / math.sqrt(2000))


def test_cross_section_without_a_window_is_that_of_the_production() -> None:
    for mixing in (1e-3, 1e-4):
        weight = generate(branching_muons=0.4, lifetime_ctau_cm=5.0, kinetic_mixing=mixing).weight_fb
        # the electron mass is in the weights, the photon everywhere
        expected = float(dark_photon_cross_section_fb(1.2, mixing, BEAMS.s))
        assert float(weight.mean()) == pytest.approx(
            expected, rel=4.0 * float(weight.std() / weight.mean()) / math.sqrt(N)
        )


@pytest.mark.parametrize("branching", MODES)
def test_products_know_the_polarisation(branching: str) -> None:
    """<(d.e)^2> for d along the product and e along the electron beam in the rest frame of A', by the spin density.

    Massless beams give rho = [E^2 (1 - e e) + E'^2 (1 - e' e')]/(2 (E^2 + E'^2)); a + b d.rho.d has
    <(d.e)^2> = [a/3 + b (1 + 2 e.rho.e)/15]/(a + b/3).
    """
    events = generate(**{branching: 1.0})
    momenta, _ = rows(events)
    half = 0.5 * BEAMS.crossing_angle
    electron = np.tile(7.004 * np.array([1.0, math.sin(half), 0.0, math.cos(half)]), (N, 1))
    positron = np.tile(4.002 * np.array([1.0, math.sin(half), 0.0, -math.cos(half)]), (N, 1))
    one, other, product = (at_rest(vector, momenta[:, 1]) for vector in (electron, positron, momenta[:, 2]))
    squares = np.sum(one**2, axis=1), np.sum(other**2, axis=1)
    along = np.einsum("ni,ni->n", one, other) ** 2 / (squares[0] * squares[1])
    density = 0.5 * squares[1] * (1.0 - along) / (squares[0] + squares[1])
    code = MODES[branching]
    speed = 1.0 - 4.0 * MASS[code] ** 2 / 1.2**2
    a, b = (1.0, -speed) if code < 100 else (0.0, 1.0)
    expected = (a / 3.0 + b * (1.0 + 2.0 * density) / 15.0) / (a + b / 3.0)
    cosine = np.einsum("ni,ni->n", product, one) ** 2 / (np.sum(product**2, axis=1) * squares[0])
    difference = cosine - expected
    assert abs(float(difference.mean())) < 4.0 * float(difference.std()) / math.sqrt(N)
    # far from what no polarisation would give
    assert abs(float(cosine.mean()) - 1.0 / 3.0) > 10.0 * float(cosine.std()) / math.sqrt(N)


@pytest.mark.parametrize("lifetime", [0.05, 1.0, 20.0])
def test_forced_decays_agree_with_free_ones(lifetime: float) -> None:
    forced = generate(seed=2, lifetime_ctau_cm=100.0, branching_kaons=1.0, **WINDOW)
    free = generate(seed=3, lifetime_ctau_cm=lifetime, branching_kaons=1.0)
    results = []
    for events in (forced, free):
        momenta, vertices = rows(events)
        r = np.hypot(*vertices[:, 2, :2].T)
        proper = np.linalg.norm(vertices[:, 2], axis=1) * 1.2 / np.linalg.norm(momenta[:, 1, 1:], axis=1)
        turned = lifetime_weights(proper, 100.0, lifetime) if events is forced else 1.0
        transverse = np.hypot(*momenta[:, 1, 1:3].T)
        results.append((r, transverse, events.weight_fb * turned * ((r > 0.01) & (r < 80.0))))
    for place, edges in ((0, [0.01, 0.1, 0.5, 2.0, 8.0, 30.0, 80.0]), (1, [0.0, 0.2, 1.0, 2.0, 3.0, 5.0, 6.0])):
        got, wanted = (np.histogram(values[place], edges, weights=values[2])[0] for values in results)
        squares = (np.histogram(values[place], edges, weights=values[2] ** 2)[0] for values in results)
        assert np.all(np.abs(got - wanted) < 4.5 * np.sqrt(sum(squares)) + 1.5 * results[1][2].max())


def test_what_flies_on_is_not_forced() -> None:
    events = generate(branching_muons=0.25, lifetime_ctau_cm=100.0, **WINDOW)
    stays = events.counts == 2
    assert float(stays.mean()) == pytest.approx(0.75, abs=4.0 * math.sqrt(0.75 * 0.25 / N))
    expected = float(dark_photon_cross_section_fb(1.2, 1e-3, BEAMS.s))
    weight = events.weight_fb
    assert float(np.sum(weight[stays])) / N == pytest.approx(0.75 * expected, rel=0.02)
    assert float(np.sum(weight[~stays])) / N < 0.9 * 0.25 * expected


def test_it_is_the_dark_photon_of_the_prompt_process() -> None:
    prompt = find_process("dark_photon_photon")
    values = prompt.values({"mass_gev": 1.2, "branching_pions": 1.0})
    other = prompt.open(BEAMS, values, 0.35).source(500, np.random.default_rng(1))
    mine = generate(500, radiation=0.35, branching_pions=1.0)
    np.testing.assert_array_equal(mine.momentum, other.momentum)
    np.testing.assert_array_equal(mine.weight_fb, other.weight_fb)


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"mass_gev": 0.9, "branching_kaons": 0.5}, "branching_kaons"),
        ({"branching_kaons": 0.5, "branching_pions": 0.6}, ", ".join(MODES)),
        ({"mass_gev": 11.0}, "mass_gev"),
        ({"kinetic_mixing": 0.0}, "kinetic_mixing"),
        ({"lifetime_ctau_cm": -1.0}, "lifetime_ctau_cm"),
        ({"decay_radius_to_cm": 5.0}, "lifetime_ctau_cm"),
        ({"lifetime_ctau_cm": 1.0, "decay_spread": 1.0}, "decay_spread"),
    ],
)
def test_parameters_out_of_range_are_refused(values: dict[str, float], where: str) -> None:
    with pytest.raises(ConfigError) as refused:
        generate(1, **values)
    assert refused.value.where == where
