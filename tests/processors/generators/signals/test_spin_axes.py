"""Spin densities that polarisations are drawn from, against traces and contractions made without them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from darkreach.generators.collisions import Collisions
from darkreach.generators.decays import isotropic_directions, two_body_decay
from darkreach.generators.signals.dark_higgsstrahlung import (
    DarkHiggsstrahlung,
    first_cascade_polarisation,
    second_cascade_polarisation,
)
from darkreach.generators.signals.pair_decays import DARK_PHOTON_MODES, DecayedBosons, PairDecay
from darkreach.generators.signals.photon_recoil import PhotonRecoil
from darkreach.generators.signals.spin_axes import across, along_or_across, direction_along_polarisation, to_rest_frame
from darkreach.kinematics import MUON_MASS, mass_squared

Array = NDArray[np.float64]

METRIC = np.diag([1.0, -1.0, -1.0, -1.0])
BEAM = 5.0


def dirac_matrices() -> NDArray[np.complex128]:
    pauli = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
    gamma = np.zeros((4, 4, 4), dtype=np.complex128)
    gamma[0] = np.diag([1, 1, -1, -1])
    for i in range(3):
        gamma[i + 1, :2, 2:], gamma[i + 1, 2:, :2] = pauli[i], -pauli[i]
    return gamma


GAMMA = dirac_matrices()


def slash(momentum: Array) -> NDArray[np.complex128]:
    return np.einsum("m,mab->ab", METRIC @ momentum, GAMMA)


def in_rest_frame(tensor: Array, boson: Array, mass: float) -> Array:
    """Spin density (3, 3) of trace one from a current tensor with upper indices."""
    basis = np.array([to_rest_frame(row[np.newaxis], boson[np.newaxis], mass)[0] for row in np.eye(4)])
    there = np.einsum("mn,ma,nb->ab", tensor, basis, basis)[1:, 1:]
    return np.asarray(there / np.trace(there))


def events_at(boson: Array, n: int) -> tuple[Collisions, Array]:
    energies = np.full(n, BEAM)
    return Collisions(energies, energies, 0.0, np.zeros((n, 4)), np.ones(n)), np.tile(boson, (n, 1))


def covariance(axes: Array) -> Array:
    unit = axes / np.linalg.norm(axes, axis=1, keepdims=True)
    return np.asarray(np.einsum("ni,nj->ij", unit, unit) / len(unit))


@pytest.mark.agreement
@pytest.mark.parametrize("mass", [0.3, 4.0, 9.0])
@pytest.mark.parametrize("cosine", [-0.8, 0.1, 0.95])
def test_dark_photon_beside_a_photon(mass: float, cosine: float) -> None:
    # current tensor from traces over both diagrams of massless beams
    n, s = 100_000, 4.0 * BEAM**2
    k = 0.5 * (s - mass**2) / math.sqrt(s)
    sine = math.sqrt(1.0 - cosine**2)
    photon = k * np.array([1.0, sine, 0.0, cosine])
    p, pp = BEAM * np.array([1.0, 0, 0, 1.0]), BEAM * np.array([1.0, 0, 0, -1.0])
    boson = p + pp - photon
    first = np.einsum("nab,bc,mcd->nmad", GAMMA, slash(p - photon), GAMMA) / (-2.0 * p @ METRIC @ photon)
    second = np.einsum("mab,bc,ncd->nmad", GAMMA, slash(photon - pp), GAMMA) / (-2.0 * pp @ METRIC @ photon)
    amplitude = first + second
    barred = np.einsum("ab,nmcb,cd->nmad", GAMMA[0], amplitude.conj(), GAMMA[0])
    tensor = -np.einsum("ab,nmbc,cd,rsda,ms->nr", slash(pp), amplitude, slash(p), barred, METRIC).real
    expected = in_rest_frame(tensor, boson, mass)
    collisions, bosons = events_at(boson, n)
    recoil = PhotonRecoil(collisions, np.ones(n), np.tile(photon, (n, 1)), bosons, mass)
    drawn = covariance(recoil.polarisation(np.random.default_rng(1)))
    np.testing.assert_allclose(drawn, expected, atol=4.0 * 0.5 / math.sqrt(n))


@pytest.mark.agreement
@pytest.mark.parametrize("mass", [0.3, 4.0, 9.0])
@pytest.mark.parametrize("cosine", [-0.8, 0.1, 0.95])
def test_dark_photon_beside_a_dark_higgs_boson(mass: float, cosine: float) -> None:
    n, momentum = 100_000, 0.3
    sine = math.sqrt(1.0 - cosine**2)
    boson = np.array([math.hypot(momentum, mass), momentum * sine, 0.0, momentum * cosine])
    p, pp = BEAM * np.array([1.0, 0, 0, 1.0]), BEAM * np.array([1.0, 0, 0, -1.0])
    tensor = np.einsum("ab,mbc,cd,nda->mn", slash(pp), GAMMA, slash(p), GAMMA).real
    expected = in_rest_frame(tensor, boson, mass)
    collisions, bosons = events_at(boson, n)
    events = DarkHiggsstrahlung(collisions, np.ones(n), bosons, bosons, mass)
    drawn = covariance(events.polarisation(np.random.default_rng(2)))
    np.testing.assert_allclose(drawn, expected, atol=4.0 * 0.5 / math.sqrt(n))


def decay_tensor(decay: DecayedBosons) -> Array:
    """Return sum over spins of the currents of the products, (n, 4, 4), with upper indices."""
    first, second = decay.negative, decay.positive
    difference = first - second
    scalar = np.einsum("nm,nr->nmr", difference, difference)
    lepton = np.einsum("nm,nr->nmr", first, second) + np.einsum("nm,nr->nmr", second, first)
    lepton -= 0.5 * mass_squared(decay.boson)[:, np.newaxis, np.newaxis] * METRIC
    return np.where((decay.constant == 0.0)[:, np.newaxis, np.newaxis], scalar, lepton)


@pytest.mark.slow
@pytest.mark.agreement
@pytest.mark.parametrize("modes", ["ee", "mm", "pp", "ep", "pm"])
@pytest.mark.parametrize(("mass", "higgs_mass"), [(0.4, 4.0), (1.8, 4.0), (0.3, 0.65)])
def test_cascade_follows_the_contracted_currents(modes: str, mass: float, higgs_mass: float) -> None:
    # even directions weighted with D1_mn D2_mn against directions drawn one after the other
    n = 200_000
    random = np.random.default_rng(3)
    fractions = {"e": (1.0, 0.0, 0.0), "m": (0.0, 1.0, 0.0), "p": (0.0, 0.0, 1.0)}
    decays = [PairDecay(mass, DARK_PHOTON_MODES, fractions[mode], 0.0) for mode in modes]
    higgs = np.tile([math.hypot(3.0, higgs_mass), 0.0, 3.0, 0.0], (n, 1))
    one, other = two_body_decay(higgs, higgs_mass, mass, mass, random)
    even = [decay.generate(boson, random) for decay, boson in zip(decays, (one, other), strict=True)]
    weight = np.einsum("nmr,nab,ma,rb->n", decay_tensor(even[0]), decay_tensor(even[1]), METRIC, METRIC)
    weight /= weight.mean()
    axes = first_cascade_polarisation(one, other, mass, random)
    first = decays[0].generate(one, random, polarisation=axes)
    axes = second_cascade_polarisation(first, other, mass, random)
    second = decays[1].generate(other, random, polarisation=axes)

    def observables(pair: list[DecayedBosons]) -> list[Array]:
        left, right = pair
        helicities = []
        for decay, boson in ((left, right.boson), (right, left.boson)):
            flight = to_rest_frame(boson, decay.boson, mass)[:, 1:]
            direction = to_rest_frame(decay.direction, decay.boson, mass)[:, 1:]
            helicities.append(np.einsum("ni,ni->n", flight, direction) / np.linalg.norm(flight, axis=1))
        product = np.einsum("nm,mr,nr->n", left.direction, METRIC, right.direction)
        product = product * mass**2 / np.einsum("nm,mr,nr->n", left.boson, METRIC, right.boson)
        squares = [helicity**2 for helicity in helicities]
        return [*squares, squares[0] * squares[1], product**2, helicities[0] * helicities[1] * product]

    for weighted, drawn in zip(observables(even), observables([first, second]), strict=True):
        error = math.hypot((weighted * weight).std(), drawn.std()) / math.sqrt(n)
        assert abs((weighted * weight).mean() - drawn.mean()) < 4.5 * error
        assert error < 0.02 * abs(drawn.mean()) + 2e-3


@pytest.mark.agreement
@pytest.mark.parametrize(("mode", "mass"), [(0, 0.25), (1, 0.25), (1, 0.31), (2, 0.31)])
def test_second_dark_photon_is_polarised_by_the_decay_of_the_first(mode: int, mass: float) -> None:
    # one decay, many polarisations of the other dark photon: the tensor of the decay seen in the second rest frame
    n, random = 100_000, np.random.default_rng(8)
    higgs = np.array([[math.hypot(3.0, 0.65), 0.0, 3.0, 0.0]])
    one, other = two_body_decay(higgs, 0.65, mass, mass, random)
    fractions = tuple(float(place == mode) for place in range(3))
    decay = PairDecay(mass, DARK_PHOTON_MODES, fractions, 0.0).generate(one, random)
    expected = in_rest_frame(decay_tensor(decay)[0], other[0], mass)
    many = DecayedBosons(**{name: np.repeat(value, n, axis=0) for name, value in vars(decay).items()})
    axes = second_cascade_polarisation(many, np.repeat(other, n, axis=0), mass, random)
    np.testing.assert_allclose(covariance(axes), expected, atol=4.0 * 0.5 / math.sqrt(n))


@pytest.mark.parametrize(("constant", "slope"), [(1.0, 0.0), (0.0, 1.0), (1.0, -1.0), (1.0, -0.4), (0.5, 0.7)])
def test_law_about_the_polarisation(constant: float, slope: float) -> None:
    # moments of a + b c^2: <c^2> = (a/3 + b/5)/(a + b/3), <c^4> = (a/5 + b/7)/(a + b/3)
    n = 100_000
    axis = np.tile([0.3, -1.0, 0.4], (n, 1))
    directions = direction_along_polarisation(axis, constant, slope, np.random.default_rng(4))
    np.testing.assert_allclose(np.linalg.norm(directions, axis=1), 1.0, atol=1e-12)
    cosine = directions @ axis[0] / np.linalg.norm(axis[0])
    total = constant + slope / 3.0
    for power, expected in ((2, constant / 3 + slope / 5), (4, constant / 5 + slope / 7)):
        error = (cosine**power).std() / math.sqrt(n)
        assert abs((cosine**power).mean() - expected / total) < 4.0 * error
    assert abs(cosine.mean()) < 4.0 * cosine.std() / math.sqrt(n)


def test_mixtures_along_and_across() -> None:
    n, random = 100_000, np.random.default_rng(5)
    axis = isotropic_directions(1, random)
    many = np.tile(axis, (n, 1))
    projector = np.outer(axis[0], axis[0])
    np.testing.assert_allclose(covariance(across(many, random)), 0.5 * (np.eye(3) - projector), atol=0.006)
    drawn = covariance(along_or_across(3.0 * many, np.full(n, 5.0), random))
    np.testing.assert_allclose(drawn, (np.eye(3) + 4.0 * projector) / 7.0, atol=0.006)


@pytest.mark.reference
@pytest.mark.parametrize(("masses", "longitudinal"), [((0.3, 1.0), 0.994), ((4.0, 1.0), 0.529), ((9.0, 1.0), 0.337)])
def test_longitudinal_fraction_of_the_dark_photon(masses: tuple[float, float], longitudinal: float) -> None:
    # f_L = g^2/(g^2 + 2) of g = E/m in the CM, averaged over angles: the law of muons is f_L 3/2 sin^2 + ...
    from darkreach.generators.signals.dark_higgsstrahlung import generate_dark_higgsstrahlung
    from darkreach.kinematics import Beams

    n, random = 100_000, np.random.default_rng(6)
    beams = Beams(5.29, 5.29, 0.0)
    events = generate_dark_higgsstrahlung(beams, masses, 1e-3, 0.1, n, random, maximum_isr_fraction=0.0)
    axes = events.polarisation(random)
    unit = axes / np.linalg.norm(axes, axis=1, keepdims=True)
    # without a boost of the CM the axes of the rest frame are those of the CM
    flight = events.dark_photon[:, 1:] / np.linalg.norm(events.dark_photon[:, 1:], axis=1, keepdims=True)
    along = np.einsum("ni,ni->n", unit, flight) ** 2
    assert abs(along.mean() - longitudinal) < 4.0 * along.std() / math.sqrt(n) + 6e-4


def test_products_are_on_shell_and_sum_to_the_boson() -> None:
    boson = np.tile([5.0, 0.0, 3.0, math.sqrt(16.0 - 0.09)], (1000, 1))
    decay = PairDecay(0.3, DARK_PHOTON_MODES, (0.3, 0.3, 0.2), 1.5).generate(boson, np.random.default_rng(7))
    np.testing.assert_allclose(decay.negative + decay.positive, boson, atol=1e-12)
    muons = decay.negative_pdg == 13
    np.testing.assert_allclose(mass_squared(decay.negative[muons]), MUON_MASS**2, atol=1e-12)
    shares = [np.mean(decay.negative_pdg == code) for code in (11, 13, -211, 0)]
    np.testing.assert_allclose(shares, [0.3, 0.3, 0.2, 0.2], atol=0.06)
    assert (decay.decayed == (decay.negative_pdg != 0)).all()
    length = np.linalg.norm(decay.vertex, axis=1)
    assert length.mean() == pytest.approx(1.5 * np.linalg.norm(boson[0, 1:]) / 0.3, rel=0.15)
