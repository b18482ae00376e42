from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

from darkreach.errors import ConfigError
from darkreach.generators.collisions import Collisions
from darkreach.generators.decays import three_body_decay
from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.hard_photon_cuts import HardPhotonCuts
from darkreach.generators.particle_codes import DARK_MATTER, DARK_PHOTON, EXCITED_DARK_MATTER
from darkreach.generators.signals.excited_dark_matter_decay import excited_dark_matter_decay
from darkreach.generators.signals.inelastic_dark_matter_process import INELASTIC_DARK_MATTER, fermion_pair_decay
from darkreach.generators.signals.photon_recoil import PhotonRecoil, generate_photon_recoil
from darkreach.kinematics import ELECTRON_MASS, FINE_STRUCTURE, MUON_MASS, Beams, mass_squared

EXACT = Beams(7.004, 4.002, 0.083)
METRIC = np.diag([1.0, -1.0, -1.0, -1.0])
MODEL = {"dark_photon_mass_gev": 3.0, "dark_matter_mass_gev": 1.0, "mass_splitting_gev": 0.4}


def sample(n: int, radiation: float = 0.0, beams: Beams = EXACT, **values: float) -> GeneratedParticles:
    defaults = {one.name: one.default for one in INELASTIC_DARK_MATTER.parameters if one.default is not None}
    opened = INELASTIC_DARK_MATTER.open(beams, {**defaults, **MODEL, **values}, radiation)
    return opened.source(n, np.random.default_rng(1))


@pytest.mark.reference
@pytest.mark.parametrize(
    ("mass", "splitting", "electrons", "muons"),
    [
        (1.0, 0.1, 6.66e-18, None),
        (0.5, 0.05, 3.33e-18, None),
        (0.1, 0.005, 1.90528e-20, None),
        (1.0, 0.4, 5.04e-15, 1.69e-15),
    ],
)
def test_widths(mass: float, splitting: float, electrons: float, muons: float | None) -> None:
    # GeV at m_A = 3 m_1, eps = 1e-3, alpha_D = 0.1: exact three-body integrals of another hand
    masses, couplings = (mass, mass + splitting), (1e-3, 0.1)
    width = excited_dark_matter_decay(3.0 * mass, masses, ELECTRON_MASS, couplings).width
    assert width == pytest.approx(electrons, rel=2e-3, abs=0.0)
    if muons is not None:
        width = excited_dark_matter_decay(3.0 * mass, masses, MUON_MASS, couplings).width
        assert width == pytest.approx(muons, rel=2e-3, abs=0.0)


@pytest.mark.agreement
@pytest.mark.parametrize(("splitting", "lepton"), [(0.1, ELECTRON_MASS), (0.4, MUON_MASS), (0.4, ELECTRON_MASS)])
def test_width_from_a_virtual_dark_photon(splitting: float, lepton: float) -> None:
    # dGamma/dq^2 = q Gamma_ll(q) Gamma(chi_2 -> chi_1 V(q))/(pi (q^2 - m_A^2)^2), with T of the two-body width
    light, heavy, mass, eps, dark = 1.0, 1.0 + splitting, 3.0, 1e-3, 0.1

    def density(squared: float) -> float:
        q, ratio = math.sqrt(squared), lepton**2 / squared
        pair = eps**2 * FINE_STRUCTURE * q / 3.0 * (1.0 + 2.0 * ratio) * math.sqrt(max(1.0 - 4.0 * ratio, 0.0))
        t = light**2 + heavy**2 - squared - 6.0 * light * heavy
        t += ((heavy**2 - light**2) ** 2 - squared**2) / squared
        triangle = (heavy**2 - (light + q) ** 2) * (heavy**2 - (light - q) ** 2)
        two_body = 4.0 * math.pi * dark * t * math.sqrt(max(triangle, 0.0)) / (16.0 * math.pi * heavy**3)
        return q * pair * two_body / (math.pi * (squared - mass**2) ** 2)

    in_logarithm = lambda t: density(math.exp(t)) * math.exp(t)  # noqa: E731
    expected, _ = quad(
        in_logarithm, 2 * math.log(2 * lepton), 2 * math.log(splitting), epsabs=0.0, epsrel=1e-9, limit=300
    )
    width = excited_dark_matter_decay(mass, (light, heavy), lepton, (eps, dark)).width
    assert width == pytest.approx(expected, rel=1e-6, abs=0.0)


@pytest.mark.reference
@pytest.mark.parametrize(("ratio", "expected"), [(0.05, 0.93), (0.1, 0.871), (0.2, 0.775), (0.4, 0.644)])
def test_small_splitting(ratio: float, expected: float) -> None:
    # exact over 4 eps^2 alpha alpha_D Delta^5/(15 pi m_A^4) for electrons, m_1 = 1 GeV
    approximate = 4.0 * FINE_STRUCTURE * ratio**5 / (15.0 * math.pi * 3.0**4)
    exact = excited_dark_matter_decay(3.0, (1.0, 1.0 + ratio), ELECTRON_MASS, (1.0, 1.0)).width
    assert exact / approximate == pytest.approx(expected, abs=3e-3)


@pytest.mark.agreement
def test_directions_follow_the_current_of_two_majorana_fermions() -> None:
    # even directions weighted with T_mn (q1 q2 + q2 q1 - g (q1.q2 + m1 m2))^mn, T of the beams and the photon
    n, mass, light, heavy = 200_000, 4.0, 0.8, 1.9
    random = np.random.default_rng(2)
    k, cosine = 0.5 * (100.0 - mass**2) / 10.0, 0.7
    sine = math.sqrt(1.0 - cosine**2)
    boson = np.tile([10.0 - k, -k * sine, 0.0, -k * cosine], (n, 1))
    energies = np.full(n, 5.0)
    collisions = Collisions(energies, energies, 0.0, np.zeros((n, 4)), np.ones(n))
    recoil = PhotonRecoil(collisions, np.ones(n), boson, boson, mass)
    drawn, _ = fermion_pair_decay(boson, (mass, light, heavy), recoil.polarisation(random), random)
    axes = random.normal(size=(n, 3))
    even, other = fermion_pair_decay(boson, (mass, light, heavy), axes, random)
    p, pp, q = np.array([5.0, 0, 0, 5.0]), np.array([5.0, 0, 0, -5.0]), METRIC @ boson[0]
    tensor = -(((p @ q) ** 2 + (pp @ q) ** 2) / mass**2 * METRIC + np.outer(p, p) + np.outer(pp, pp))
    # across Q: the current of fermions of different mass is conserved after projection only
    across = np.eye(4) - np.outer(boson[0], q) / mass**2
    lowered = METRIC @ across @ tensor @ across.T @ METRIC
    product = np.einsum("nm,mr,nr->n", even, METRIC, other) + light * heavy
    weight = 2.0 * np.einsum("nm,mr,nr->n", even, lowered, other) - np.einsum("mr,mr->", lowered, METRIC) * product
    assert (weight > 0.0).all()
    weight /= weight.mean()
    for left, right in ((1, 1), (3, 3), (1, 3), (2, 2)):
        weighted, ours = even[:, left] * even[:, right] * weight, drawn[:, left] * drawn[:, right]
        error = math.hypot(weighted.std(), ours.std()) / math.sqrt(n)
        assert abs(weighted.mean() - ours.mean()) < 4.5 * error


def test_content_and_momenta() -> None:
    n = 5000
    events = sample(n, 0.35, branching_electrons=0.5, branching_muons=0.3, lifetime_ctau_cm=3.0)
    total = np.zeros((n, 4))
    np.add.at(total, events.event[events.final], events.momentum[events.final])
    np.testing.assert_allclose(total, np.tile(EXACT.four_momentum, (n, 1)), atol=1e-9)
    masses = {22: 0.0, DARK_MATTER: 1.0, EXCITED_DARK_MATTER: 1.4, DARK_PHOTON: 3.0, 11: ELECTRON_MASS, 13: MUON_MASS}
    for code, mass in masses.items():
        rows = np.abs(events.pdg) == code
        assert rows.any()
        np.testing.assert_allclose(mass_squared(events.momentum[rows]), mass**2, atol=1e-9)
    excited = events.pdg == EXCITED_DARK_MATTER
    assert np.mean(events.final[excited]) == pytest.approx(0.2, abs=0.03)
    assert np.sum(events.pdg == 13) / n == pytest.approx(0.3, abs=0.03)
    # products start where chi_2 decays, all three at one point
    leptons = np.isin(events.pdg, (11, 13))
    mother = events.offsets[events.event[leptons]] + events.mother[leptons]
    assert (events.pdg[mother] == EXCITED_DARK_MATTER).all()
    length = np.linalg.norm(events.vertex[leptons], axis=1)
    beta_gamma = np.linalg.norm(events.momentum[mother, 1:], axis=1) / 1.4
    assert (length / beta_gamma).mean() == pytest.approx(3.0, rel=0.08)


def test_pair_mass_spectrum() -> None:
    # electrons of one splitting: <q^2> of the three-body integral
    n, splitting = 100_000, 0.4
    events = sample(n, mass_splitting_gev=splitting)
    pair = mass_squared(events.momentum[events.pdg == 11] + events.momentum[events.pdg == -11])
    decay = excited_dark_matter_decay(3.0, (1.0, 1.0 + splitting), ELECTRON_MASS, (1.0, 1.0))
    moments = []
    for power in (0, 1):
        full = decay.squared_amplitude
        assert full is not None
        weighted = three_body_decay(
            decay.mass, decay.masses, lambda s12, s13, s23, k=power, f=full: s12**k * f(s12, s13, s23)
        )
        moments.append(weighted.integral)
    expected = moments[1] / moments[0]
    weight = events.weight_fb / events.weight_fb.mean()
    error = (weight * (pair - expected)).std() / math.sqrt(n)
    assert error < 3e-3 * expected
    assert abs((weight * pair).mean() - expected) < 4.0 * error
    # the weights of the production, and those of the decay on top of them
    values = {one.name: one.default for one in INELASTIC_DARK_MATTER.parameters}
    assert values["minimum_photon_energy_gev"] == 0.2
    production = generate_photon_recoil(
        EXACT, 3.0, 1e-3, HardPhotonCuts(0.2, 0.0, math.pi), n, np.random.default_rng(1), maximum_isr_fraction=0.0
    )
    shape = events.weight_fb / production.weight_fb
    assert shape.mean() == pytest.approx(1.0, abs=1e-3)
    assert shape.std() > 1e-3


@pytest.mark.reference
@pytest.mark.parametrize(
    ("splitting", "ctau", "near", "middle", "far"),
    [(0.1, 29.63, 0.007046, 0.1262, 0.1646), (0.4, 2.931, 0.06697, 0.356, 0.02028)],
)
def test_decay_radii(splitting: float, ctau: float, near: float, middle: float, far: float) -> None:
    # toy of another hand, relative to photons within |cos*| < 0.95: photon in the barrel (32.2-128.7 deg, E > 0.5 GeV),
    # decay radii of 0.2-0.9, 0.9-17 and 17-60 cm, -55 < z < 140 cm, chi_2 in 17-150 deg. It let the
    # dark photon decay evenly and took a boost of 0.2727 along z: 4 % covers what spin and crossing angle move
    ratio, n = math.sqrt(1.2727 / 0.7273), 200_000
    beams = Beams(5.29 * ratio, 5.29 / ratio, 0.0)
    events = sample(
        n,
        0.0,
        beams,
        mass_splitting_gev=splitting,
        lifetime_ctau_cm=ctau,
        photon_theta_low_deg=5.0,
        photon_theta_high_deg=175.0,
    )
    photon = events.momentum[(events.pdg == 22) & (events.mother == -1)]
    theta = np.degrees(np.arccos(photon[:, 3] / photon[:, 0]))
    seen = (theta > 32.2) & (theta < 128.7) & (photon[:, 0] > 0.5)
    flight = events.momentum[events.pdg == EXCITED_DARK_MATTER]
    angle = np.degrees(np.arccos(flight[:, 3] / np.linalg.norm(flight[:, 1:], axis=1)))
    vertex = events.vertex[events.pdg == 11]
    radius = np.hypot(vertex[:, 0], vertex[:, 1])
    kept = seen & (angle > 17.0) & (angle < 150.0) & (vertex[:, 2] > -55.0) & (vertex[:, 2] < 140.0)
    # sigma(|cos*| < 0.95) at eps = 1e-3 of the toy
    within = 7.300
    for low, high, expected in ((0.2, 0.9, near), (0.9, 17.0, middle), (17.0, 60.0, far)):
        chosen = np.where(kept & (radius > low) & (radius < high), events.weight_fb, 0.0)
        error = chosen.std() / math.sqrt(n)
        assert abs(chosen.mean() - within * expected) < 4.0 * error + 0.04 * within * expected


@pytest.mark.parametrize(
    ("bad", "named"),
    [
        ({"dark_photon_mass_gev": 11.0}, "dark_photon_mass_gev"),
        ({"dark_matter_mass_gev": 1.6}, "dark_matter_mass_gev"),
        ({"mass_splitting_gev": 1.2}, "mass_splitting_gev"),
        ({"mass_splitting_gev": 5e-4}, "mass_splitting_gev"),
        ({"mass_splitting_gev": 0.2, "branching_muons": 0.5, "branching_electrons": 0.5}, "mass_splitting_gev"),
        ({"branching_muons": 0.5}, "branching_electrons, branching_muons"),
        ({"lifetime_ctau_cm": -1.0}, "lifetime_ctau_cm"),
        ({"kinetic_mixing": 0.0}, "kinetic_mixing"),
    ],
)
def test_impossible_models_are_refused(bad: dict[str, float], named: str) -> None:
    with pytest.raises(ConfigError) as caught:
        sample(10, **bad)
    assert named in str(caught.value)
    assert caught.value.allowed
