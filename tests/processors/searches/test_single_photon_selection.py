"""Parts of the search for a single photon against generators, and against plain code."""

from __future__ import annotations

import math

import numpy as np
import pytest

from darkreach.configuration import DetectorConfig, config_path, read_config
from darkreach.configuration.single_photon import SinglePhotonConfig
from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.process_registry import find_process
from darkreach.generators.signals.dark_photon_matrix_element import dark_photon_cross_section_fb
from darkreach.kinematics import Beams, boost
from darkreach.response import measure_events
from darkreach.searches.photon_events import PhotonArrays
from darkreach.searches.single_photon_axion import axion_weights, recoil_beta_gamma
from darkreach.searches.single_photon_selection import (
    SinglePhotonCuts,
    SinglePhotons,
    compiled_leading,
    in_region,
    plain_leading,
)


@pytest.fixture(scope="module")
def config() -> SinglePhotonConfig:
    return read_config(config_path("searches", "single_photon"), SinglePhotonConfig)


@pytest.fixture(scope="module")
def cuts(config: SinglePhotonConfig, detector_config: DetectorConfig) -> SinglePhotonCuts:
    return SinglePhotonCuts(config.selection, detector_config)


def generate(
    detector: DetectorConfig, name: str, n: int, radiation: float = 0.0, **values: float
) -> GeneratedParticles:
    beams = detector.beams.beams()
    exact = Beams(beams.electron_energy, beams.positron_energy, beams.crossing_angle)
    process = find_process(name)
    return process.open(exact, process.values(values), radiation).source(n, np.random.default_rng(11))


def polar(momentum: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    theta = np.arctan2(np.hypot(momentum[:, 1], momentum[:, 2]), momentum[:, 3])
    return theta, np.arctan2(momentum[:, 2], momentum[:, 1])


def single(cuts: SinglePhotonCuts, momentum: np.ndarray) -> SinglePhotons:
    """Return events with nothing but these photons (n, 4)."""
    photons = PhotonArrays(momentum[:, 0], *polar(momentum))
    offsets = np.arange(len(momentum) + 1)
    return cuts.select(photons, cuts.energies_cm(photons), offsets, np.arange(len(momentum)))


@pytest.mark.agreement
def test_compiled_and_plain_search_for_the_photon() -> None:
    random = np.random.default_rng(2)
    counts = random.poisson(2.0, 5000)
    energy = np.round(random.exponential(0.5, int(counts.sum())), 2)  # rounded: some are equal
    offsets = np.concatenate([[0], np.cumsum(counts)])
    events = np.sort(random.choice(5000, 3000, replace=False))
    for scale in (1.0, 1.1):
        fast, slow = (find(energy, offsets, events, scale, 0.3) for find in (compiled_leading, plain_leading))
        np.testing.assert_array_equal(fast[0], slow[0])
        np.testing.assert_array_equal(fast[1], slow[1])
        assert {-1, 0, 1, 2} <= {*fast[0].clip(max=0), *fast[1]}


@pytest.mark.parametrize("mass", [0.5, 6.0, 8.9])
def test_the_recoil_mass_of_generated_photons(
    cuts: SinglePhotonCuts, detector_config: DetectorConfig, mass: float
) -> None:
    events = generate(detector_config, "dark_photon_photon", 2000, mass_gev=mass)
    selected = single(cuts, events.momentum[events.pdg == 22])
    assert len(selected.event) > 1500
    np.testing.assert_allclose(selected.recoil_mass_squared, mass**2, rtol=0.0, atol=1e-9)


def test_the_hidden_photon_is_where_it_was(cuts: SinglePhotonCuts, detector_config: DetectorConfig) -> None:
    events = generate(detector_config, "two_photon", 3000, 0.6, minimum_energy_gev=0.5)
    momentum = events.momentum.reshape(len(events), -1, 4)
    drawn = events.weight_fb > 0.0
    momentum = momentum[drawn]
    selected = single(cuts, momentum[:, 0])
    truth = np.degrees(polar(momentum[selected.event, 1])[0])
    angles = cuts.unseen_photon_angles(selected)
    assert len(truth) > 1000
    # one of the two beams has radiated
    np.testing.assert_allclose(np.abs(angles - truth).min(axis=0), 0.0, atol=1e-6)
    assert np.quantile(np.abs(angles - truth).max(axis=0), 0.9) > 1.0


def test_angles_of_the_centre_of_mass(cuts: SinglePhotonCuts, detector_config: DetectorConfig) -> None:
    # dsigma/dc of two photons is symmetric about the beam in the CM and nowhere else
    events = generate(detector_config, "two_photon", 4000, minimum_energy_gev=0.5)
    pairs = events.momentum.reshape(len(events), -1, 4)[events.weight_fb > 0.0]
    one, two = (pairs[:, index, 1:] / pairs[:, index, :1] for index in (0, 1))
    np.testing.assert_allclose(cuts.cosines_cm(one), -cuts.cosines_cm(two), atol=1e-9)
    half = 0.5 * detector_config.beams.crossing_angle.value
    electron = boost(np.array([[1.0, math.sin(half), 0.0, math.cos(half)]]), -cuts.total[1:] / cuts.total[0])[0]
    in_cm = boost(pairs[:, 0], -cuts.total[1:] / cuts.total[0])
    expected = in_cm[:, 1:] @ electron[1:] / (in_cm[:, 0] * electron[0])
    np.testing.assert_allclose(cuts.cosines_cm(one), expected, atol=1e-9)
    # what balances a photon in the CM is the other one
    selected = single(cuts, pairs[:, 0])
    np.testing.assert_allclose(cuts.opposite_directions(selected), two[selected.event], atol=1e-9)


def test_dark_photons_become_axions(cuts: SinglePhotonCuts, detector_config: DetectorConfig) -> None:
    mass, n = 4.0, 400_000
    values = {"photon_theta_low_deg": 2.6, "photon_theta_high_deg": 177.0}
    events = generate(detector_config, "dark_photon_photon", n, mass_gev=mass, **values)
    photon = events.momentum[events.pdg == 22]
    unit = photon[:, 1:] / photon[:, :1]
    cosine = cuts.cosines_cm(unit)
    weight = events.weight_fb * axion_weights(cosine, mass, cuts.sqrt_s**2)
    total = n * float(dark_photon_cross_section_fb(mass, 1e-3, cuts.sqrt_s**2))
    edges = np.linspace(-0.95, 0.95, 20)
    found, squares = (np.histogram(cosine, edges, weights=w)[0] for w in (weight, weight**2))
    cumulative = 0.375 * (edges + edges**3 / 3.0)
    pulls = (found - total * np.diff(cumulative)) / np.sqrt(squares)
    assert np.abs(pulls).max() < 4.0
    assert np.sqrt(squares / found**2).max() < 0.03
    assert 0.4 < pulls.std() < 1.7


def test_boosts_are_those_of_generated_axions(cuts: SinglePhotonCuts, detector_config: DetectorConfig) -> None:
    events = generate(detector_config, "axion_photon", 1000, mass_gev=0.7)
    rows = events.momentum.reshape(1000, -1, 4)
    pdg = events.pdg.reshape(1000, -1)
    axion = rows[:, int(np.flatnonzero(pdg[0] > 1_000_000)[0])]
    photon = rows[:, int(np.flatnonzero(pdg[0] == 22)[0])]
    beta_gamma = recoil_beta_gamma(photon[:, 1:] / photon[:, :1], 0.7, cuts.total)
    np.testing.assert_allclose(beta_gamma, np.linalg.norm(axion[:, 1:], axis=1) / 0.7, rtol=1e-8)


def test_neighbouring_regions_share_no_event(config: SinglePhotonConfig, cuts: SinglePhotonCuts) -> None:
    theta = np.radians(np.array([60.0, 79.999, 80.0, 100.0]))
    momentum = 4.5 * np.stack([np.ones(4), np.sin(theta), np.zeros(4), np.cos(theta)], axis=1)
    selected = single(cuts, momentum)
    region = config.regions[0]
    ranges = ({"low": 0.0, "high": 80.0}, {"low": 80.0, "high": 180.0})
    halves = [type(region).model_validate(region.model_dump() | {"polar_range": bounds}) for bounds in ranges]
    inside = np.stack([in_region(half, selected) for half in halves])
    assert inside.sum(axis=0).tolist() == [1, 1, 1, 1]
    assert inside[0].tolist() == [True, True, False, False]
    # and the same in the CM
    forward = type(region).model_validate(region.model_dump() | {"cosine_range_cm": {"low": 0.0, "high": 1.0}})
    assert in_region(forward, selected).tolist() == (selected.cosine_cm >= 0.0).tolist()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("search", "mass"),
    [("single_photon", mass) for mass in (0.1, 3.0, 5.0, 7.0, 9.0)]
    + [("single_photon_babar", mass) for mass in (0.1, 4.0, 8.0)],
)
def test_resolution_knots(search: str, mass: float) -> None:
    config = read_config(config_path("searches", search), SinglePhotonConfig)
    detector = read_config(config_path("detectors", config.detector), DetectorConfig)
    cuts = SinglePhotonCuts(config.selection, detector)
    process = find_process("dark_photon_photon")
    values = process.values({"mass_gev": mass, "photon_theta_low_deg": 30.0, "photon_theta_high_deg": 130.0})
    particles = process.open(detector.beams.beams(), values, 0.0).source(60_000, np.random.default_rng(1))
    measured = measure_events(particles, detector, np.random.default_rng(2))
    photons = measured.lists["photon"]
    seen = PhotonArrays(*(photons.columns[name].astype(np.float64) for name in ("E", "theta", "phi")))
    selected = cuts.select(seen, cuts.energies_cm(seen), photons.offsets, np.arange(len(measured)))
    region = next(one for one in config.regions if one.mass_range[0] <= mass <= one.mass_range[1])
    inside = in_region(region, selected)
    squared, weight = selected.recoil_mass_squared[inside], measured.weight[selected.event[inside]]
    order = np.argsort(squared)
    share = np.cumsum(weight[order]) / weight.sum()
    low, high = np.interp([0.16, 0.84], share, squared[order])
    knots = np.array(config.binning.recoil_mass_squared)
    expected = math.exp(np.interp(math.log(mass), np.log(knots[:, 0]), np.log(knots[:, 1])))
    assert 0.5 * (high - low) == pytest.approx(expected, rel=0.04)


@pytest.mark.slow
def test_beams_without_a_crossing_angle() -> None:
    detector = read_config(config_path("detectors", "babar"), DetectorConfig)
    beams = detector.beams.beams()
    assert beams.sqrt_s == pytest.approx(10.355, abs=1e-3)
    # (9.0 - 3.1)/sqrt(4 9.0 3.1) = 0.56 at the Y(4S), 0.54 here
    assert beams.beta_gamma == pytest.approx((8.647 - 3.1) / math.sqrt(4 * 8.647 * 3.1), rel=1e-9)
