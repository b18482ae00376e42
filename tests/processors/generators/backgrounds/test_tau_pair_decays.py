from __future__ import annotations

import importlib.util
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad

from darkreach.errors import ConfigError
from darkreach.generators.backgrounds.tau_pair_decays import TauPairDecays
from darkreach.generators.backgrounds.tau_pair_processes import TAU_PAIR_PROCESSES, tau_pair_rate_fb
from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.process_registry import find_process
from darkreach.generators.pythia.pythia_configuration import load_pythia_config
from darkreach.generators.pythia.pythia_source import PythiaSource
from darkreach.generators.signals.heavy_flavour_numbers import heavy_flavour_numbers
from darkreach.kinematics import CHARGED_PION_MASS, MUON_MASS, TAU_MASS, Beams, boost

BEAMS = Beams(7.004, 4.002, 0.083)
N = 200_000
NAMES = [process.name for process in TAU_PAIR_PROCESSES]


def draw(name: str, radiation: float = 0.0, n: int = N) -> GeneratedParticles:
    return find_process(name).open(BEAMS, {}, radiation).source(n, np.random.default_rng(21))


def cm_energies(particles: GeneratedParticles, code: int) -> np.ndarray:
    rows = np.flatnonzero(np.abs(particles.pdg) == code)
    return np.asarray(boost(particles.momentum[rows], -np.asarray(BEAMS.boost))[:, 0])


@pytest.mark.reference
@pytest.mark.parametrize(
    ("name", "picobarn"),
    # 0.919 nb x 0.1739^2 and 2 x 0.1782 x 0.1739 x 0.919 nb
    [("tau_pair_muon_muon", 27.8), ("tau_pair_electron_muon", 57.0)],
)
def test_rates_of_the_specification(name: str, picobarn: float) -> None:
    weight = draw(name, 0.999, 50_000).weight_fb / 1e3
    assert weight.mean() == pytest.approx(picobarn, rel=0.005)
    # radiation only changes how the same total is distributed
    assert draw(name, 0.0, 10).weight_fb[0] / 1e3 == pytest.approx(picobarn, rel=0.002)


def test_parts_have_the_total_of_all_tau_pairs() -> None:
    numbers = heavy_flavour_numbers()
    assert numbers.production.tau_pair_cross_section.value == load_pythia_config().pair("tau_pair").cross_section.value
    # (e + mu)^2 of one-prong leptons without and with the order of the charges
    parts = [("electron", "electron"), ("electron", "muon"), ("muon", "muon")]
    total = sum(tau_pair_rate_fb(numbers, decays) for decays in parts)
    leptonic = numbers.tau_leptons.to_electron.value + numbers.tau_leptons.to_muon.value
    assert total == pytest.approx(0.919e6 * leptonic**2, rel=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_contents(name: str) -> None:
    particles = draw(name, 0.35, 2000)
    kinds = name.removeprefix("tau_pair_").split("_")
    code = {"electron": 11, "muon": 13, "pion": 211}
    charged = {"electron": 1, "muon": 1, "pion": -1}
    final = particles.pdg[particles.final]
    for kind in set(kinds):
        number = kinds.count(kind)
        assert int(np.isin(np.abs(final), code[kind]).sum()) == number * len(particles)
        # as many of either charge, exactly if both taus decay so
        balance = abs(float(np.sign(final[np.abs(final) == code[kind]]).sum())) * charged[kind] ** 2
        assert balance == 0.0 if number == 2 else balance < 5.0 * math.sqrt(len(particles))
    assert int((np.abs(particles.pdg) == 15).sum()) == 2 * len(particles)


def test_muon_and_pion_energies_know_of_each_other() -> None:
    particles = draw("tau_pair_muon_pion")
    muon, pion = cm_energies(particles, 13), cm_energies(particles, 211)
    lorentz = 0.5 * BEAMS.sqrt_s / TAU_MASS
    speed, rest = math.sqrt(1.0 - lorentz**-2), lorentz**-2
    # E = g (e + b p_z): means in the rest frame, where nothing prefers a direction
    pion_momentum = 0.5 * (TAU_MASS**2 - CHARGED_PION_MASS**2) / TAU_MASS
    assert float(pion.mean()) == pytest.approx(
        lorentz * math.hypot(pion_momentum, CHARGED_PION_MASS), abs=4.5 * float(pion.std()) / math.sqrt(N)
    )
    largest = 0.5 * (TAU_MASS**2 - MUON_MASS**2) / TAU_MASS

    def pair_squared(k: float) -> float:
        return TAU_MASS**2 - 2.0 * TAU_MASS * k

    def density(k: float) -> float:
        return (k * (pair_squared(k) - MUON_MASS**2)) ** 2 / pair_squared(k)

    whole = quad(density, 0.0, largest, epsabs=0.0)[0]

    def share(k: float) -> float:
        # half of the pair's energy and momentum, but for the mass of the muon
        return 0.5 * (1.0 + MUON_MASS**2 / pair_squared(k)) * density(k)

    muon_energy = quad(lambda k: share(k) * (TAU_MASS - k), 0.0, largest, epsabs=0.0)
    muon_along = quad(lambda k: -share(k) * k, 0.0, largest, epsabs=0.0)
    assert float(muon.mean()) == pytest.approx(
        lorentz * muon_energy[0] / whole, abs=4.5 * float(muon.std()) / math.sqrt(N)
    )
    # C_zz averaged over the angle of the pair; <n_z n'_z> = -C_zz/9, and the second tau lepton goes along -z
    along = (4.0 - 2.0 * rest) / (4.0 + 2.0 * rest)
    expected = (lorentz * speed) ** 2 * pion_momentum * muon_along[0] / whole * along / 3.0 / 3.0
    product = (muon - muon.mean()) * (pion - pion.mean())
    error = float(product.std()) / math.sqrt(N)
    print(f"\ncovariance {product.mean():.4f} +- {error:.4f} GeV^2, expected {expected:.4f}")
    assert abs(expected) > 20.0 * error
    assert abs(float(product.mean()) - expected) < 4.5 * error


def test_vertices_of_the_lifetime() -> None:
    particles = draw("tau_pair_muon_muon", 0.0, 50_000)
    rows = np.flatnonzero(np.abs(particles.pdg) == 13)
    tau = particles.offsets[particles.event[rows]] + particles.mother[rows]
    flight = np.linalg.norm(particles.vertex[rows], axis=1)
    proper = flight * TAU_MASS / np.linalg.norm(particles.momentum[tau, 1:], axis=1)
    # 290.3 fs
    assert float(proper.mean()) == pytest.approx(87.03e-4, rel=4.5 / math.sqrt(len(rows)))


def test_beams_below_the_threshold_are_refused() -> None:
    with pytest.raises(ConfigError, match="too little energy"):
        find_process("tau_pair_muon_muon").open(Beams(1.7, 1.7, 0.0), {}, 0.0)


@pytest.mark.slow
@pytest.mark.agreement
@pytest.mark.skipif(not importlib.util.find_spec("pythia8mc"), reason="pythia8mc is not installed")
def test_spins_are_those_of_pythia() -> None:
    # both to a pion, which tells the spin best; 60 events a second
    opened = find_process("tau_pair").open(BEAMS, {"tau_decay_mode": 1.0}, 0.0)
    assert isinstance(opened.source, PythiaSource)
    chosen = ("15:onMode = off", "15:onIfMatch = 16 211")
    theirs = replace(opened.source, settings=(*opened.source.settings, *chosen))(1000, np.random.default_rng(22))
    ours = TauPairDecays(BEAMS, ("pion", "pion"), 1.0, 0.0087, 0.0)(N, np.random.default_rng(23))
    results = []
    for sample in (ours, theirs):
        rows = np.flatnonzero(sample.final & (np.abs(sample.pdg) == 211))
        assert len(rows) == 2 * len(sample)
        energy = boost(sample.momentum[rows], -np.asarray(BEAMS.boost))[:, 0].reshape(-1, 2)
        product = (energy[:, 0] - energy[:, 0].mean()) * (energy[:, 1] - energy[:, 1].mean())
        results.append((product.mean(), product.std() / math.sqrt(len(product)), energy.mean()))
    print(f"\ncovariance and mean: ours {results[0]}, Pythia {results[1]}")
    (first, first_error, first_mean), (second, second_error, second_mean) = results
    assert abs(second) > 6.0 * second_error
    assert abs(first - second) < 4.0 * math.hypot(first_error, second_error)
    # radiation of the tau leptons in Pythia takes some energy
    assert second_mean == pytest.approx(first_mean, rel=0.04)
