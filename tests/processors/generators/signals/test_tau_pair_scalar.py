from __future__ import annotations

import math

import numpy as np
import pytest

from darkreach.errors import ConfigError
from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.particle_codes import SCALAR
from darkreach.generators.process import OpenedProcess
from darkreach.generators.signals.heavy_flavour_numbers import heavy_flavour_numbers
from darkreach.generators.signals.tau_pair_scalar_process import TAU_PAIR_SCALAR
from darkreach.kinematics import TAU_MASS, Beams, mass_squared

SYMMETRIC = Beams(5.29, 5.29, 0.0)


def opened(**values: float) -> OpenedProcess:
    defaults = {one.name: one.default for one in TAU_PAIR_SCALAR.parameters if one.default is not None}
    return TAU_PAIR_SCALAR.open(SYMMETRIC, {**defaults, **values}, 0.0)


def sample(n: int, **values: float) -> GeneratedParticles:
    return opened(**values).source(n, np.random.default_rng(1))


def measured_share() -> float:
    tau = heavy_flavour_numbers().tau_leptons
    measured = (tau.to_pion, tau.to_two_pions, tau.to_three_pions, tau.to_electron, tau.to_muon)
    return sum(fraction.value for fraction in measured)


@pytest.mark.reference
@pytest.mark.parametrize(
    ("mass", "femtobarn", "energy"), [(0.25, 3.75963, None), (1.0, 1.38353, 2.72), (4.0, 0.0949978, 4.78)]
)
def test_rate_and_energy_of_the_scalar(mass: float, femtobarn: float, energy: float | None) -> None:
    # Born at xi = 1, times the share of decays that are generated; mean energy of phi in the CM, GeV
    n = 20_000
    events = sample(n, mass_gev=mass)
    expected, error = femtobarn * measured_share() ** 2, events.weight_fb.std() / math.sqrt(n)
    assert error < 3e-3 * expected
    assert abs(events.weight_fb.mean() - expected) < 4.0 * error + 2e-4 * expected
    if energy is not None:
        scalar = events.momentum[events.pdg == SCALAR, 0]
        assert np.average(scalar, weights=events.weight_fb) == pytest.approx(energy, abs=0.02)


def test_tau_leptons_decay_where_their_lifetime_says() -> None:
    n = 10_000
    events = sample(n, mass_gev=1.0)
    taus = np.abs(events.pdg) == 15
    assert taus.sum() == 2 * n
    assert not events.final[taus].any()
    np.testing.assert_allclose(mass_squared(events.momentum[taus]), TAU_MASS**2, atol=1e-9)
    neutrinos = np.abs(events.pdg) == 16
    mother = events.offsets[events.event[neutrinos]] + events.mother[neutrinos]
    assert (events.pdg[mother] == 15 * np.sign(events.pdg[neutrinos])).all()
    length = np.linalg.norm(events.vertex[neutrinos], axis=1)
    proper = length * TAU_MASS / np.linalg.norm(events.momentum[mother, 1:], axis=1)
    # c tau of 290.3 fs
    assert proper.mean() == pytest.approx(87.0e-4, rel=0.03)


def test_modes_are_as_frequent_as_measured() -> None:
    n = 20_000
    events = sample(n, mass_gev=1.0)
    tau, share = heavy_flavour_numbers().tau_leptons, measured_share()
    for code, fraction in ((12, tau.to_electron.value), (14, tau.to_muon.value), (213, tau.to_two_pions.value)):
        expected = fraction / share
        assert (np.abs(events.pdg) == code).sum() / (2 * n) == pytest.approx(expected, abs=0.012)


@pytest.mark.parametrize(
    ("bad", "named"),
    [({"mass_gev": 7.1}, "mass_gev"), ({"mass_gev": 0.1}, "branching_muons"), ({"coupling": -1.0}, "coupling")],
)
def test_impossible_values_are_refused(bad: dict[str, float], named: str) -> None:
    with pytest.raises(ConfigError) as caught:
        opened(**{"mass_gev": 1.0, **bad})
    assert named in str(caught.value)
    assert caught.value.allowed
