from __future__ import annotations

import math

import numpy as np
import pytest

from darkreach.errors import ConfigError
from darkreach.generators import GeneratedParticles, Process
from darkreach.generators.decays import effective_fraction, lifetime_weights
from darkreach.generators.signals.b_meson_pairs import b_meson_pairs, sine_squared_cosine
from darkreach.generators.signals.b_to_kaon_processes import B_TO_KAON_PROCESSES
from darkreach.generators.signals.b_to_kaon_signal import BToKaonSignal
from darkreach.kinematics import Beams, boost, mass_squared

BEAMS = Beams(7.004, 4.002, 0.083)
SPREAD = Beams(7.004, 4.002, 0.083, 0.0051, 0.0024)
PROCESSES = {process.name: process for process in B_TO_KAON_PROCESSES}
N = 20_000
B_PLUS, B_ZERO = 5.27941, 5.27972


def generate(name: str, n: int = N, seed: int = 1, beams: Beams = BEAMS, **values: float) -> GeneratedParticles:
    process: Process = PROCESSES[name]
    given = {"mass_gev": 1.3, "decay_other_b": 0.0, **values}
    return process.open(beams, process.values(given), 0.0).source(n, np.random.default_rng(seed))


def columns(events: GeneratedParticles) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return momenta (n, k, 4), vertices (n, k, 3) and codes (n, k) of events of one length."""
    n, k = len(events), int(events.counts[0])
    return events.momentum.reshape(n, k, 4), events.vertex.reshape(n, k, 3), events.pdg.reshape(n, k)


def in_rest_frame(momenta: np.ndarray, of: np.ndarray) -> np.ndarray:
    return boost(momenta, -of[:, 1:] / of[:, :1])


@pytest.mark.parametrize("name", sorted(PROCESSES))
def test_momentum_is_kept_at_every_decay_and_in_the_event(name: str) -> None:
    events = generate(name, 500, beams=BEAMS)
    momenta, vertices, codes = columns(events)
    mother = events.mother.reshape(codes.shape)[0]
    final = events.final.reshape(codes.shape)[0]
    np.testing.assert_allclose(momenta[:, final].sum(axis=1), np.tile(BEAMS.four_momentum, (500, 1)), atol=1e-12)
    for place in set(mother[mother >= 0].tolist()):
        daughters = np.flatnonzero(mother == place)
        assert not final[place]
        np.testing.assert_allclose(momenta[:, daughters].sum(axis=1), momenta[:, place], atol=1e-12)
        # daughters are made where the mother decays, which lies along its path
        start = vertices[:, daughters[0]] - vertices[:, place]
        np.testing.assert_array_equal(vertices[:, daughters], vertices[:, daughters[:1]].repeat(len(daughters), 1))
        np.testing.assert_allclose(np.cross(start, momenta[:, place, 1:]), 0.0, atol=1e-12)


def test_masses_and_codes_of_the_chain_with_a_charged_resonance() -> None:
    momenta, _, codes = columns(generate("b_to_kstarplus_scalar_mumu"))
    # B, other B, K*, K_S, pi, pi+, pi-, S, mu, mu
    sign = np.sign(codes[:, 0])
    expected = np.array([521, -521, 323, 310, 211, 211, -211, 9000035, 13, -13])
    flips = np.array([1, 1, 1, 0, 1, 0, 0, 0, 0, 0])
    np.testing.assert_array_equal(codes, np.where(flips & (sign[:, np.newaxis] < 0), -expected, expected))
    for place, mass in enumerate([B_PLUS, B_PLUS, None, 0.497611, *[0.13957039] * 3, 1.3, *[0.1056583755] * 2]):
        if mass is not None:
            np.testing.assert_allclose(mass_squared(momenta[:, place]), mass**2, atol=1e-11)
    assert abs(float(np.mean(sign))) < 4.0 / math.sqrt(N)


def test_neutral_resonance_decays_by_its_flavour() -> None:
    _, _, codes = columns(generate("b_to_kstar0_scalar_ee", 200))
    assert {tuple(row) for row in codes[:, :5].tolist()} == {
        (511, -511, 313, 321, -211),
        (-511, 511, -313, -321, 211),
    }


def test_b_mesons_have_half_the_energy_and_the_angles_of_a_vector_resonance() -> None:
    first, second, possible = b_meson_pairs(BEAMS, B_PLUS, N, np.random.default_rng(2))
    assert float(possible.min()) == 1.0
    np.testing.assert_allclose(first + second, np.tile(BEAMS.four_momentum, (N, 1)), atol=1e-12)
    at_rest = boost(first, -BEAMS.boost)
    np.testing.assert_allclose(at_rest[:, 0], 0.5 * BEAMS.sqrt_s, rtol=1e-12)
    # the electron flies along the beam line, which in the CM is no more the laboratory's
    half = 0.5 * BEAMS.crossing_angle
    electron = boost(BEAMS.electron_energy * np.array([1.0, math.sin(half), 0.0, math.cos(half)]), -BEAMS.boost)
    axis = electron[1:] / np.linalg.norm(electron[1:])
    cosine = at_rest[:, 1:] @ axis / np.linalg.norm(at_rest[:, 1:], axis=1)
    # <c^2> of sin^2(theta) is 1/5, its standard deviation sqrt(3/35 - 1/25)
    assert float(np.mean(cosine**2)) == pytest.approx(0.2, abs=4.0 * math.sqrt((3 / 35 - 1 / 25) / N))
    drawn = sine_squared_cosine(np.linspace(0.0, 1.0, 101))
    np.testing.assert_allclose((2.0 + 3.0 * drawn - drawn**3) / 4.0, np.linspace(0.0, 1.0, 101), atol=1e-12)


def test_beam_constrained_mass_is_the_mass_and_the_energy_difference_zero() -> None:
    momenta, _, _ = columns(generate("b_to_k_scalar_mumu"))
    seen = boost(momenta[:, [2, 4, 5]].sum(axis=1), -BEAMS.boost)
    constrained = np.sqrt(BEAMS.s / 4.0 - np.sum(seen[:, 1:] ** 2, axis=1))
    np.testing.assert_allclose(constrained, B_PLUS, atol=1e-9)
    np.testing.assert_allclose(seen[:, 0] - 0.5 * BEAMS.sqrt_s, 0.0, atol=1e-9)


@pytest.mark.reference
@pytest.mark.parametrize(("mass", "energy"), [(1.0, 2.568), (2.0, 2.284), (3.0, 1.810), (4.0, 1.147)])
def test_kaon_energy_and_reconstructed_recoil_of_an_invisible_scalar(mass: float, energy: float) -> None:
    momenta, _, codes = columns(generate("b_to_k_scalar_invisible", mass_gev=mass))
    assert codes.shape[1] == 4
    kaon = in_rest_frame(momenta[:, 2], momenta[:, 0])
    np.testing.assert_allclose(kaon[:, 0], (B_PLUS**2 + 0.493677**2 - mass**2) / (2.0 * B_PLUS), rtol=1e-9)
    assert float(kaon[0, 0]) == pytest.approx(energy, abs=6e-4)
    # q^2 = s/4 + m_K^2 - sqrt(s) E*_K is off by (s/(4 m_B^2) - 1)(m_S^2 - m_K^2) in the mean
    s = BEAMS.s
    reconstructed = s / 4.0 + 0.493677**2 - math.sqrt(s) * boost(momenta[:, 2], -BEAMS.boost)[:, 0]
    off = (s / (4.0 * B_PLUS**2) - 1.0) * (mass**2 - 0.493677**2)
    if mass == 1.0:
        assert off == pytest.approx(0.003, abs=2e-4)
    error = float(np.std(reconstructed)) / math.sqrt(N)
    assert abs(float(np.mean(reconstructed)) - mass**2 - off) < 4.0 * error


def test_resonance_is_longitudinal_and_scalar_is_isotropic() -> None:
    momenta, _, _ = columns(generate("b_to_kstar0_scalar_mumu"))
    signal, resonance, kaon, scalar, muon = (momenta[:, place] for place in (0, 2, 3, 5, 6))
    flight = in_rest_frame(resonance, signal)
    in_b = in_rest_frame(kaon, signal)
    at_rest = in_rest_frame(in_b, flight)
    cosine = np.sum(at_rest[:, 1:] * flight[:, 1:], axis=1)
    cosine /= np.linalg.norm(at_rest[:, 1:], axis=1) * np.linalg.norm(flight[:, 1:], axis=1)
    # <c^2> of 3/2 c^2 is 3/5, its standard deviation sqrt(3/7 - 9/25); that of isotropy 1/3, sqrt(4/45)
    assert float(np.mean(cosine**2)) == pytest.approx(0.6, abs=4.0 * math.sqrt((3 / 7 - 9 / 25) / N))
    assert abs(float(np.mean(cosine))) < 4.0 * math.sqrt(0.6 / N)
    muon_at_rest = in_rest_frame(muon, scalar)[:, 1:]
    muon_cosine = np.sum(muon_at_rest * scalar[:, 1:], axis=1)
    muon_cosine /= np.linalg.norm(muon_at_rest, axis=1) * np.linalg.norm(scalar[:, 1:], axis=1)
    assert float(np.mean(muon_cosine**2)) == pytest.approx(1 / 3, abs=4.0 * math.sqrt(4 / 45 / N))


def test_resonance_line_has_its_peak_and_width() -> None:
    momenta, _, _ = columns(generate("b_to_kstar0_scalar_mumu", 100_000))
    mass = np.sqrt(mass_squared(momenta[:, 2]))
    counts, edges = np.histogram(mass, np.arange(0.70, 1.10, 0.005))
    centres = 0.5 * (edges[1:] + edges[:-1])
    above_half = centres[counts > 0.5 * counts.max()]
    assert abs(float(centres[counts.argmax()]) - 0.8955) < 0.006
    assert abs(float(above_half.max() - above_half.min()) + 0.005 - 0.0473) < 0.011
    # nearly all of a P-wave resonance of this width is between 0.796 and 0.996 GeV
    assert 0.85 < float(np.mean((mass > 0.796) & (mass < 0.996))) < 0.95


@pytest.mark.parametrize(
    ("name", "charged", "vector", "fraction"),
    [
        ("b_to_k_scalar_mumu", True, False, 1.0),
        ("b_to_kstar0_scalar_pipi", False, True, 2 / 3),
        ("b_to_kstarplus_scalar_kk", True, True, 0.692 / 3),
        ("b_to_k_scalar_invisible", True, False, 1.0),
    ],
)
def test_cross_section_of_scalars_counts_both_b_mesons(name: str, charged: bool, vector: bool, fraction: float) -> None:
    events = generate(name, sin_theta=1e-3)
    # BR at m_S = 1.3 from the closed form, written out again
    mass, kaon = 1.3, 0.89555 if vector else 0.493677
    b_mass, lifetime = (B_PLUS, 1.638e-12) if charged else (B_ZERO, 1.517e-12)
    coupling = 3 * math.sqrt(2) * 1.1663788e-5 * 165**2 * 0.0404 * 4.18 / (16 * math.pi**2 * 246.2196) * 1e-3
    root = math.sqrt((b_mass**2 - (kaon + mass) ** 2) * (b_mass**2 - (kaon - mass) ** 2))
    if vector:
        amplitude = (1.364 / (1 - mass**2 / 27.88) - 0.990 / (1 - mass**2 / 36.78)) * root / (4.18 + 0.095)
    else:
        amplitude = 0.33 / (1 - mass**2 / 38) * (b_mass**2 - kaon**2) / (4.18 - 0.095)
    rate = (coupling * amplitude) ** 2 * root / (64 * math.pi * b_mass**3) * lifetime / 6.582119569e-25
    expected = 1.05e6 * 2.0 * (0.514 if charged else 0.486) * rate * fraction
    error = float(events.weight_fb.std()) / math.sqrt(N)
    assert abs(float(events.weight_fb.mean()) - expected) < 4.0 * error + 1e-5 * expected
    assert effective_fraction(events.weight_fb) > 0.99
    assert float(events.weight_fb.max()) < 1.2 * expected


# m_S, BR(B+ -> K+ S), c tau (m), BR(mu mu) at sin(theta) = 1, and the largest number of decays at which angle
ISLAND = [
    (0.5, 0.3979, 8.09e-9, 0.112, 41.3, 8.35e-3),
    (2.0, 0.4219, 1.71e-9, 0.125, 2.23, 1.78e-3),
]


@pytest.mark.reference
@pytest.mark.parametrize(("mass", "rate", "ctau", "muons", "expected", "angle"), ISLAND)
@pytest.mark.parametrize("forced", [False, True])
def test_number_of_displaced_decays_of_the_specification(
    mass: float, rate: float, ctau: float, muons: float, expected: float, angle: float, forced: bool
) -> None:
    """198e6 B mesons, 20 % efficiency, decays from 0.05 to 60 cm; there the B mesons rest in the CM and do not fly."""
    lifetime = 100.0 * ctau / angle**2
    window = {"decay_radius_from_cm": 0.05, "decay_radius_to_cm": 60.0} if forced else {}
    name = "b_to_k_scalar_mumu"
    events = generate(name, 50_000, mass_gev=mass, sin_theta=angle, lifetime_ctau_cm=lifetime, **window)
    _, vertices, _ = columns(events)
    radius = np.hypot(*vertices[:, 4, :2].T)
    inside = (radius > 0.05) & (radius < 60.0)
    # weights over their total: the acceptance, the free total being the cross-section
    total = 1.05e6 * 2 * 0.514 * rate * angle**2
    probability = float(np.mean(events.weight_fb * inside)) / total
    number = 198e6 * rate * angle**2 * muons * 0.2 * probability
    # quoted to three digits; the flight of the B meson (0.01 cm) counts at the inner radius: 5 %
    assert number == pytest.approx(expected, rel=0.05)
    if forced:
        assert bool(inside[events.weight_fb > 0].all())


def test_forced_decays_agree_with_free_ones() -> None:
    window = {"decay_radius_from_cm": 1.0, "decay_radius_to_cm": 16.8}
    free = generate("b_to_kstar0_axion", mass_gev=0.3, lifetime_ctau_cm=2.0)
    forced = generate("b_to_kstar0_axion", mass_gev=0.3, lifetime_ctau_cm=2.0, seed=2, **window)
    radius = np.hypot(*columns(free)[1][:, -1, :2].T)
    counted = free.weight_fb * ((radius > 1.0) & (radius < 16.8))
    difference = float(counted.mean() - forced.weight_fb.mean())
    assert abs(difference) < 4.0 * math.sqrt((counted.var() + forced.weight_fb.var()) / N)
    assert forced.weight_fb.mean() < 0.9 * free.weight_fb.mean()


def test_lifetimes_are_those_of_the_particles() -> None:
    momenta, vertices, _ = columns(generate("b_to_kshort_axion", 50_000, lifetime_ctau_cm=3.0))
    # B, other B, K_S, pi, pi, a, photon, photon
    for place, daughter, mass, ctau in ((0, 2, B_ZERO, 0.045479), (2, 3, 0.497611, 2.6844), (5, 6, 1.3, 3.0)):
        path = np.linalg.norm(vertices[:, daughter] - vertices[:, place], axis=1)
        proper = path * mass / np.linalg.norm(momenta[:, place, 1:], axis=1)
        assert float(proper.mean()) == pytest.approx(ctau, rel=4.0 / math.sqrt(50_000))
        weight = lifetime_weights(proper, ctau, 0.5 * ctau)
        assert float(weight.mean()) == pytest.approx(1.0, abs=4.0 * float(weight.std()) / math.sqrt(50_000))


@pytest.mark.parametrize(
    ("name", "values", "allowed"),
    [
        ("b_to_k_scalar_mumu", {"mass_gev": 0.2}, "above 0.211317 and below 4.78573 GeV"),
        ("b_to_kstar0_scalar_ee", {"mass_gev": 4.5}, "above 0.001022 and below 4.38417 GeV"),
        ("b_to_k_axion", {"mass_gev": -1.0}, "above 0 and below 4.78573 GeV"),
        ("b_to_k_axion", {"coupling": 0.0}, "above 0 and below 1e+100"),
        ("b_to_k_scalar_kk", {"sin_theta": 2.0}, "above 0 and below 1"),
        ("b_to_k_scalar_kk", {"lifetime_ctau_cm": -1.0}, "zero (decays at once) or a positive number of cm"),
        ("b_to_k_scalar_kk", {"decay_other_b": 2.0}, "1: Pythia decays the other B meson; 0: it stays undecayed"),
        ("b_to_k_scalar_kk", {"decay_radius_to_cm": 5.0}, "a positive number of cm"),
        (
            "b_to_k_scalar_kk",
            {"branching_fraction": 1.5},
            "each from 0 to 1, their sum up to 1; the rest stays undecayed",
        ),
    ],
)
def test_parameters_out_of_range_are_refused_with_the_range(name: str, values: dict[str, float], allowed: str) -> None:
    with pytest.raises(ConfigError) as refused:
        generate(name, 1, **values)
    assert refused.value.allowed == allowed


def test_beams_off_the_resonance_are_refused() -> None:
    with pytest.raises(ConfigError, match="Y\\(4S\\)"):
        generate("b_to_k_axion", 1, beams=Beams(6.9, 3.9, 0.083))


def test_same_seed_same_bytes_and_spread_beams_are_whole() -> None:
    one, two = (generate("b_to_kstarplus_axion", 200, seed=7, beams=SPREAD) for _ in range(2))
    assert one.momentum.tobytes() == two.momentum.tobytes() and one.vertex.tobytes() == two.vertex.tobytes()
    assert one.weight_fb.tobytes() == two.weight_fb.tobytes()
    # spread of sqrt(s) from both beams: 5 MeV
    total = columns(one)[0][:, :2].sum(axis=1)
    assert 0.004 < float(np.std(np.sqrt(mass_squared(total)))) < 0.0065


def test_the_other_b_meson_is_handed_to_its_decay() -> None:
    process = PROCESSES["b_to_k_axion"]
    source = process.open(BEAMS, process.values({"mass_gev": 1.0, "decay_other_b": 0.0}), 0.0).source
    assert isinstance(source, BToKaonSignal)
    seen: list[GeneratedParticles] = []

    def decay(particles: GeneratedParticles, random: np.random.Generator) -> GeneratedParticles:
        seen.append(particles)
        return particles.select(np.arange(1))

    fields = (source.beams, source.system, source.dark, source.branching_fraction, source.numbers)
    assert len(BToKaonSignal(*fields, decay)(5, np.random.default_rng(1))) == 1
    other = seen[0].select(np.arange(1))
    assert abs(int(other.pdg[1])) == 521 and bool(other.final[1])


def test_pythia_decays_the_other_b_meson_only() -> None:
    pytest.importorskip("pythia8mc")
    events = generate("b_to_kstar0_scalar_mumu", 300, decay_other_b=1.0, lifetime_ctau_cm=2.0)
    undecayed = generate("b_to_kstar0_scalar_mumu", 300, lifetime_ctau_cm=2.0)
    # the signal side stands first, as it does without Pythia
    first = np.concatenate([np.arange(start, start + 8) for start in events.offsets[:-1]])
    np.testing.assert_array_equal(events.momentum[first], undecayed.momentum)
    np.testing.assert_array_equal(events.weight_fb, undecayed.weight_fb)
    assert not events.final[events.offsets[:-1] + 1].any() and bool((events.counts > 8).all())
    total = np.add.reduceat(np.where(events.final[:, np.newaxis], events.momentum, 0.0), events.offsets[:-1])
    np.testing.assert_allclose(total, np.tile(BEAMS.four_momentum, (300, 1)), atol=1e-5)
    # 10.6 charged particles in a pair of B mesons, half of them of this one, and four of the signal
    charged = np.isin(np.abs(events.pdg), [11, 13, 211, 321, 2212]) & events.final
    assert 8.0 < float(np.add.reduceat(charged.astype(int), events.offsets[:-1]).mean()) < 10.5
    again = generate("b_to_kstar0_scalar_mumu", 300, decay_other_b=1.0, lifetime_ctau_cm=2.0)
    assert events.momentum.tobytes() == again.momentum.tobytes()
