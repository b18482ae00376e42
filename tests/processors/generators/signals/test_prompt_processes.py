from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import kstest

from darkreach.errors import ConfigError
from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.particle_codes import AXION, DARK_HIGGS, DARK_PHOTON, SCALAR, Z_PRIME
from darkreach.generators.process import OpenedProcess
from darkreach.generators.signals.axion_signal import generate_axion_signal
from darkreach.generators.signals.prompt_processes import PROMPT_PROCESSES
from darkreach.kinematics import CHARGED_PION_MASS, ELECTRON_MASS, MUON_MASS, TAU_MASS, Beams, boost, mass_squared

EXACT = Beams(7.004, 4.002, 0.083)
SPREAD = Beams(7.004, 4.002, 0.083, 0.0051, 0.0024)
NAMED = {process.name: process for process in PROMPT_PROCESSES}

EXAMPLES: dict[str, dict[str, float]] = {
    "axion_photon": {"mass_gev": 1.0, "lifetime_ctau_cm": 0.3},
    "dark_photon_photon": {"mass_gev": 0.6, "branching_electrons": 0.3, "branching_muons": 0.3, "branching_pions": 0.2},
    "muon_pair_z_prime": {"mass_gev": 2.0, "branching_muons": 0.6},
    "muon_pair_scalar": {"mass_gev": 0.1, "branching_electrons": 1.0, "lifetime_ctau_cm": 0.5},
    "muon_pair_pseudoscalar": {"mass_gev": 4.0},
    "electron_muon_z_prime": {"mass_gev": 3.0},
    "dark_higgsstrahlung": {
        "dark_photon_mass_gev": 0.5,
        "dark_higgs_mass_gev": 4.0,
        "branching_muons": 0.5,
        "branching_pions": 0.3,
    },
    "dark_higgsstrahlung_invisible": {"dark_photon_mass_gev": 4.0, "dark_higgs_mass_gev": 1.0},
    "tau_pair_scalar": {"mass_gev": 1.0},
    "inelastic_dark_matter": {"dark_photon_mass_gev": 3.0, "dark_matter_mass_gev": 1.0, "mass_splitting_gev": 0.4},
}

MASSES = {11: ELECTRON_MASS, 13: MUON_MASS, 15: TAU_MASS, 22: 0.0, 211: CHARGED_PION_MASS}


def opened(name: str, radiation: float = 0.0, beams: Beams = EXACT, **values: float) -> OpenedProcess:
    defaults = {one.name: one.default for one in NAMED[name].parameters if one.default is not None}
    return NAMED[name].open(beams, {**defaults, **EXAMPLES.get(name, {}), **values}, radiation)


def sample(name: str, n: int, radiation: float = 0.0, seed: int = 1, **values: float) -> GeneratedParticles:
    return opened(name, radiation, **values).source(n, np.random.default_rng(seed))


def test_names_are_those_of_the_examples() -> None:
    assert set(EXAMPLES) <= set(NAMED)
    for name, process in NAMED.items():
        assert process.kind == "signal"
        assert "e+e- -> " in process.title
        assert all(one.meaning and one.name == one.name.lower() for one in process.parameters), name


@pytest.mark.parametrize("radiation", [0.0, 0.35])
@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_four_momentum_mothers_and_vertices(name: str, radiation: float) -> None:
    n = 3000
    events = sample(name, n, radiation)
    total = np.zeros((n, 4))
    np.add.at(total, events.event[events.final], events.momentum[events.final])
    np.testing.assert_allclose(total, np.tile(EXACT.four_momentum, (n, 1)), atol=1e-9)
    for code, mass in MASSES.items():
        np.testing.assert_allclose(mass_squared(events.momentum[np.abs(events.pdg) == code]), mass**2, atol=1e-9)
    charge = np.where(np.isin(np.abs(events.pdg), (11, 13, 15)), -np.sign(events.pdg), np.sign(events.pdg))
    charge[~np.isin(np.abs(events.pdg), (11, 13, 15, 211))] = 0
    assert (np.bincount(events.event[events.final], charge[events.final]) == 0).all()
    # daughters follow their mothers, sum to them, and nothing final has any
    made = events.mother >= 0
    mother = events.offsets[events.event[made]] + events.mother[made]
    assert (mother < np.flatnonzero(made)).all()
    assert not events.final[mother].any()
    sums = np.zeros_like(events.momentum)
    np.add.at(sums, mother, events.momentum[made])
    decayed = np.unique(mother)
    np.testing.assert_allclose(sums[decayed], events.momentum[decayed], atol=1e-9)
    assert set(decayed) == set(np.flatnonzero(~events.final))
    # a particle flies from where it is made to where it decays
    path = events.vertex[made] - events.vertex[mother]
    across = np.cross(path, events.momentum[mother, 1:])
    np.testing.assert_allclose(across, 0.0, atol=1e-9 * (1.0 + np.abs(path).max(initial=0.0)))
    assert (np.einsum("ni,ni->n", path, events.momentum[mother, 1:]) >= 0.0).all()


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_same_seed_same_bytes_with_spread_and_radiation(name: str) -> None:
    source = opened(name, 0.35, SPREAD).source
    first, second, third = (source(500, np.random.default_rng(seed)) for seed in (7, 7, 8))
    assert (
        first.momentum.tobytes() + first.weight_fb.tobytes() == second.momentum.tobytes() + second.weight_fb.tobytes()
    )
    assert first.pdg.tobytes() + first.vertex.tobytes() == second.pdg.tobytes() + second.vertex.tobytes()
    assert first.momentum.tobytes() != third.momentum.tobytes()


@pytest.mark.parametrize("radiation", [0.0, 0.35])
@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_weights_are_even(name: str, radiation: float) -> None:
    weight = sample(name, 20_000, radiation).weight_fb
    effective = weight.sum() ** 2 / (len(weight) * (weight**2).sum())
    largest = weight.max() / weight.mean()
    print(f"\n{name}: {weight.mean():.5g} fb, effective fraction {effective:.3f}, largest over mean {largest:.2f}")
    assert effective > 0.8
    assert largest < 4.0


def test_axion_photons_are_those_of_its_generator() -> None:
    events = sample("axion_photon", 2000, 0.35, seed=3, lifetime_ctau_cm=0.0)
    direct = generate_axion_signal(EXACT, 1.0, 1e-3, 2000, np.random.default_rng(3), maximum_isr_fraction=0.35)
    of_axion = events.mother >= 0
    assert events.momentum[of_axion].tobytes() == direct.photons[:, 1:].reshape(-1, 4).tobytes()
    assert events.weight_fb.tobytes() == direct.weight_fb.tobytes()
    assert (events.pdg[~events.final] == AXION).all()
    assert not events.vertex.any()


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("dark_photon_photon", {22, DARK_PHOTON, 11, -11, 13, -13, 211, -211}),
        ("muon_pair_z_prime", {13, -13, Z_PRIME}),
        ("muon_pair_scalar", {13, -13, 11, -11, SCALAR}),
        ("muon_pair_pseudoscalar", {13, -13, AXION}),
        ("electron_muon_z_prime", {11, -11, 13, -13, Z_PRIME}),
        ("dark_higgsstrahlung", {13, -13, 211, -211, DARK_PHOTON, DARK_HIGGS}),
        ("dark_higgsstrahlung_invisible", {13, -13, DARK_PHOTON, DARK_HIGGS}),
    ],
)
def test_content(name: str, codes: set[int]) -> None:
    assert set(sample(name, 500).pdg.tolist()) == codes


def test_six_tracks_and_their_masses() -> None:
    events = sample("dark_higgsstrahlung", 1000, branching_muons=1.0, branching_pions=0.0)
    assert (events.counts == 10).all()
    momentum = events.momentum.reshape(1000, 10, 4)
    higgs = momentum[:, [5, 6, 8, 9]].sum(axis=1)
    np.testing.assert_allclose(mass_squared(higgs), 16.0, atol=1e-9)
    for pair in ((1, 2), (5, 6), (8, 9)):
        np.testing.assert_allclose(mass_squared(momentum[:, pair].sum(axis=1)), 0.25, atol=1e-9)
    assert events.mother.reshape(1000, 10)[0].tolist() == [-1, 0, 0, -1, 3, 4, 4, 3, 7, 7]


def test_branching_fractions_and_undecayed_rest() -> None:
    events = sample("dark_photon_photon", 20_000)
    bosons = events.pdg == DARK_PHOTON
    assert events.final[bosons].mean() == pytest.approx(0.2, abs=0.012)
    for code, share in ((11, 0.3), (13, 0.3), (-211, 0.2)):
        assert (events.pdg == code).sum() / 20_000 == pytest.approx(share, abs=0.015)


@pytest.mark.parametrize(("masses", "power"), [((0.3, 1.0), "sine"), ((10.0, 0.55), "flat")])
def test_muons_of_the_dark_photon_beside_a_dark_higgs_boson(masses: tuple[float, float], power: str) -> None:
    # helicity angle: sin^2 for longitudinal dark photons, flat at threshold where f_L = 1/3
    n = 20_000
    names = ("dark_photon_mass_gev", "dark_higgs_mass_gev")
    values = {**dict(zip(names, masses, strict=True)), "branching_muons": 0.0, "branching_electrons": 1.0}
    events = sample("dark_higgsstrahlung_invisible", n, **values)
    flight = boost(events.momentum[events.pdg == DARK_PHOTON], -EXACT.boost)
    lepton = boost(events.momentum[events.pdg == 11], -EXACT.boost)
    # cosine from the energy of the lepton in the CM: E = (E_A + p_A cos)/2 without its mass
    momentum = np.linalg.norm(flight[:, 1:], axis=1)
    cosine = (2.0 * lepton[:, 0] - flight[:, 0]) / momentum
    laws = {"sine": lambda c: 0.75 * (c - c**3 / 3.0) + 0.5, "flat": lambda c: 0.5 * (1.0 + c)}
    share = 0.994 if power == "sine" else 1.0
    law = kstest(cosine, lambda c: share * laws[power](c) + (1.0 - share) * (0.5 + 0.375 * (c + c**3 / 3.0)))
    assert law.pvalue > 1e-3


def test_electrons_of_the_dark_photon_follow_the_beams() -> None:
    # massless e+e- -> l l gamma by radiation of the beams is (t^2 + t'^2 + u^2 + u'^2)/(s s') s/(a b): at one photon
    # 1 + c^2 about each beam seen in the rest frame of the pair, in the ratio of its energies squared there
    n, mass = 100_000, 4.0
    events = sample(
        "dark_photon_photon",
        n,
        mass_gev=mass,
        branching_electrons=1.0,
        branching_muons=0.0,
        branching_pions=0.0,
        photon_theta_low_deg=30.0,
        photon_theta_high_deg=120.0,
    )
    kept = events.weight_fb > 0.0
    half, metric = 0.5 * EXACT.crossing_angle, np.diag([1.0, -1.0, -1.0, -1.0])
    sides = ((7.004, 1.0), (4.002, -1.0))
    beams = [energy * np.array([1.0, math.sin(half), 0.0, side * math.cos(half)]) for energy, side in sides]
    lepton, boson = (events.momentum[events.pdg == code][kept] @ metric for code in (11, DARK_PHOTON))
    energies = [boson @ beam / mass for beam in beams]
    cosines = [1.0 - 2.0 * (lepton @ beam) / (boson @ beam) for beam in beams]
    strength = energies[0] ** 2 / (energies[0] ** 2 + energies[1] ** 2)
    between = 1.0 - 0.5 * EXACT.s / (energies[0] * energies[1])
    # <c^2> is 2/5 about the own axis, and 1/3 + (2/5 - 1/3)(3 cos^2 - 1)/2 about one at an angle to it
    turned = 1.0 / 3.0 + (3.0 * between**2 - 1.0) / 30.0
    for cosine, share in ((cosines[0], strength), (cosines[1], 1.0 - strength)):
        difference = cosine**2 - (share * 0.4 + (1.0 - share) * turned)
        assert difference.std() / math.sqrt(kept.sum()) < 2e-3
        assert abs(difference.mean()) < 4.0 * difference.std() / math.sqrt(kept.sum())


def test_electron_muon_charges_and_rate() -> None:
    events = sample("electron_muon_z_prime", 20_000, cross_section_fb=7.0)
    assert events.weight_fb.mean() == pytest.approx(7.0, rel=0.01)
    assert (events.pdg == 11).mean() * 3.0 == pytest.approx(0.5, abs=0.015)
    same = np.bincount(events.event, np.where(np.isin(np.abs(events.pdg), (11, 13)), np.sign(events.pdg), 0))
    assert (same == 0.0).all()


@pytest.mark.parametrize(
    ("name", "bad", "named"),
    [
        ("axion_photon", {"mass_gev": 10.6}, "mass_gev"),
        ("axion_photon", {"mass_gev": -1.0}, "mass_gev"),
        ("axion_photon", {"mass_gev": math.nan}, "mass_gev"),
        ("axion_photon", {"lifetime_ctau_cm": -0.1}, "lifetime_ctau_cm"),
        ("dark_photon_photon", {"mass_gev": 10.59}, "mass_gev"),
        ("dark_photon_photon", {"mass_gev": 10.5}, "minimum_energy_cm"),
        ("dark_photon_photon", {"mass_gev": 0.2}, "branching_muons"),
        ("dark_photon_photon", {"branching_muons": 0.8}, "branching_muons"),
        ("dark_photon_photon", {"branching_muons": -0.1}, "branching_muons"),
        ("dark_photon_photon", {"photon_theta_low_deg": 150.0, "photon_theta_high_deg": 30.0}, "polar_low"),
        ("muon_pair_z_prime", {"mass_gev": 10.4}, "mass_gev"),
        ("muon_pair_z_prime", {"coupling": 0.0}, "coupling"),
        ("muon_pair_scalar", {"mass_gev": 0.0}, "mass_gev"),
        ("electron_muon_z_prime", {"mass_gev": 0.1}, "mass_gev"),
        ("electron_muon_z_prime", {"cross_section_fb": -1.0}, "cross_section_fb"),
        ("dark_higgsstrahlung", {"dark_higgs_mass_gev": 0.9}, "dark_higgs_mass_gev"),
        ("dark_higgsstrahlung", {"dark_higgs_mass_gev": 10.2}, "dark_higgs_mass_gev"),
        ("dark_higgsstrahlung_invisible", {"dark_photon_mass_gev": 10.0}, "dark_higgs_mass_gev"),
        ("dark_higgsstrahlung_invisible", {"dark_coupling": 0.0}, "dark_coupling"),
    ],
)
def test_values_out_of_range_are_refused_with_the_range(name: str, bad: dict[str, float], named: str) -> None:
    with pytest.raises(ConfigError) as caught:
        opened(name, **bad)
    assert named in str(caught.value)
    assert caught.value.allowed
    assert caught.value.next_step
