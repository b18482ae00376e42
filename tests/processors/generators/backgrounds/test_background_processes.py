from __future__ import annotations

import math

import numpy as np
import pytest

from darkreach.errors import ConfigError, UnknownNameError
from darkreach.generators.backgrounds import BACKGROUND_PROCESSES
from darkreach.generators.backgrounds.four_fermion_rates import four_fermion_rates
from darkreach.generators.process import Process
from darkreach.kinematics import Beams

SPREAD = Beams(7.004, 4.002, 0.083, 0.0051, 0.0024)
EXACT = Beams(7.004, 4.002, 0.083)
BY_NAME = {process.name: process for process in BACKGROUND_PROCESSES}


def defaults(process: Process) -> dict[str, float]:
    return {parameter.name: float(parameter.default or 0.0) for parameter in process.parameters}


def test_names_are_unique_and_every_parameter_has_a_default() -> None:
    assert len(BY_NAME) == len(BACKGROUND_PROCESSES)
    assert all(process.kind == "background" for process in BACKGROUND_PROCESSES)
    assert all(parameter.default is not None for process in BACKGROUND_PROCESSES for parameter in process.parameters)


@pytest.mark.parametrize("name", BY_NAME)
@pytest.mark.parametrize("radiation", [0.0, 0.35])
def test_events_balance_and_weights_are_even(name: str, radiation: float) -> None:
    process, n = BY_NAME[name], 20_000
    opened = process.open(EXACT, defaults(process), radiation)
    particles = opened.source(n, np.random.default_rng(81))
    weight = particles.weight_fb
    assert len(particles) == n
    assert (weight >= 0.0).all()
    if name != "neutrino_pair_photon":
        total = np.zeros((n, 4))
        rows = np.flatnonzero(particles.final)
        np.add.at(total, particles.event[rows], particles.momentum[rows])
        kept = weight > 0.0
        np.testing.assert_allclose(total[kept], np.tile(EXACT.four_momentum, (int(kept.sum()), 1)), atol=1e-8)
    charge = np.where(np.isin(np.abs(particles.pdg), (12, 14, 16, 22)), 0.0, np.sign(particles.pdg))
    charge[np.isin(np.abs(particles.pdg), (11, 13, 15))] *= -1.0
    charge[~particles.final] = 0.0
    assert not np.bincount(particles.event, weights=charge, minlength=n).any()
    fraction = weight.sum() ** 2 / (n * np.square(weight).sum())
    print(f"\n{name} {radiation}: {weight.mean():.5g} fb, effective {fraction:.3f}")
    assert fraction > 0.35
    again = process.open(EXACT, defaults(process), radiation).source(n, np.random.default_rng(81))
    assert again.momentum.tobytes() + again.weight_fb.tobytes() == particles.momentum.tobytes() + weight.tobytes()


@pytest.mark.reference
@pytest.mark.parametrize(
    ("name", "values", "picobarn", "tolerance"),
    [
        # tree at 10.58 GeV: 4.52 nb for 10 < theta* < 170; 775.9 pb for mu mu
        ("two_photon", {"minimum_energy_gev": 1.0, "polar_low_deg": 10.0, "polar_high_deg": 170.0}, 4520.0, 0.005),
        ("muon_pair_tree", {}, 775.9, 0.004),
        # equivalent photons with Q^2 < W^2/4: 18.5 nb for W > 0.5 GeV
        ("electron_pair_muon_pair", {}, 18500.0, 0.006),
        # scaled to the reference rate of the same cut
        ("electron_pair_electron_pair", {}, 39700.0, 0.01),
    ],
)
def test_check_values_through_the_processes(
    name: str, values: dict[str, float], picobarn: float, tolerance: float
) -> None:
    process = BY_NAME[name]
    opened = process.open(Beams(5.29, 5.29, 0.0), defaults(process) | values, 0.0)
    weight = opened.source(200_000, np.random.default_rng(82)).weight_fb / 1e3
    assert weight.std() / math.sqrt(len(weight)) < 0.3 * tolerance * picobarn
    assert weight.mean() == pytest.approx(picobarn, rel=tolerance)


@pytest.mark.reference
def test_three_photons_in_the_acceptance() -> None:
    values = {"minimum_energy_gev": 0.65, "polar_low_deg": 37.3, "polar_high_deg": 123.7}
    # three independent integrations: 14.04(1) pb
    weight = BY_NAME["three_photon"].open(EXACT, values, 0.0).source(400_000, np.random.default_rng(83)).weight_fb
    assert weight.mean() / 1e3 == pytest.approx(14.04, rel=0.006)


@pytest.mark.reference
def test_equivalent_photons_against_the_table_of_rates() -> None:
    # full calculations with cuts; ours have the largest Q^2 as a free number: 15 %
    rates = four_fermion_rates()
    for name in ("electron_pair_muon_pair", "electron_pair_pion_pair"):
        process = BY_NAME[name]
        source = process.open(EXACT, defaults(process), 0.0).source
        weight = source(100_000, np.random.default_rng(84)).weight_fb
        print(f"\n{name}: {weight.mean() / rates.rate_fb(name):.3f} of the table")
        assert weight.mean() == pytest.approx(rates.rate_fb(name), rel=0.06)
    with pytest.raises(UnknownNameError, match="did you mean"):
        rates.rate_fb("electron_pair_moun_pair")


@pytest.mark.parametrize("name", BY_NAME)
@pytest.mark.parametrize("radiation", [-0.1, 1.0])
def test_impossible_radiation_is_refused(name: str, radiation: float) -> None:
    process = BY_NAME[name]
    with pytest.raises(ConfigError, match="radiate"):
        process.open(SPREAD, defaults(process), radiation)


@pytest.mark.parametrize(
    ("name", "changed", "named"),
    [
        ("two_photon", {"polar_low_deg": 1.0}, "2.38"),
        ("bhabha", {"electron_low_deg": 1.0}, "2.38"),
        ("three_photon", {"minimum_energy_gev": 3.5}, "below 3.17 GeV"),
        ("neutrino_pair_photon", {"minimum_energy_gev": 6.0}, "below 5.28"),
        ("radiative_bhabha", {"electron_low_deg": 25.0}, "electron_low"),
        ("muon_pair_photon", {"minimum_pair_mass_gev": 0.1}, "0.2113"),
        ("muon_pair_tree", {"minimum_pair_mass_gev": 11.0}, "10.58"),
        ("electron_pair_muon_pair", {"maximum_pair_mass_gev": 0.3}, "maximum_pair_mass"),
    ],
)
def test_values_out_of_range_are_refused_when_opened(name: str, changed: dict[str, float], named: str) -> None:
    process = BY_NAME[name]
    with pytest.raises(ConfigError) as caught:
        process.open(SPREAD, defaults(process) | changed, 0.2)
    assert named in str(caught.value)
