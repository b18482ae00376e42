from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate

from darkreach.generators.decays import two_body_momentum
from darkreach.generators.signals.heavy_flavour_numbers import heavy_flavour_numbers
from darkreach.generators.signals.tau_decay_modes import HADRONS, highest_mass, tau_decay_mode
from darkreach.generators.signals.tau_hadron_spectra import hadron_spectrum, two_pion_function
from darkreach.kinematics import CHARGED_PION_MASS, NEUTRAL_PION_MASS, TAU_MASS

NUMBERS = heavy_flavour_numbers()

# m_N, R_pi, R_3pi (a1 of 1.251 and 0.475 GeV) of the specification
RATIOS = [
    (0.3, 0.9159, 0.780),
    (0.5, 0.7781, 0.419),
    (0.8, 0.5012, 0.0230),
    (1.0, 0.3118, 6.16e-4),
    (1.2, 0.1531, 7.27e-6),
]


@pytest.mark.reference
@pytest.mark.parametrize(("mass", "pion", "three_pions"), RATIOS)
def test_rates_beside_a_heavy_neutral_lepton_of_the_specification(mass: float, pion: float, three_pions: float) -> None:
    assert tau_decay_mode(NUMBERS, "pi", mass).branching_fraction == pytest.approx(0.1082 * pion, rel=4e-4)
    assert tau_decay_mode(NUMBERS, "a1", mass).branching_fraction == pytest.approx(0.0931 * three_pions, rel=2e-3)


@pytest.mark.parametrize("name", ["pi", "rho", "a1", "electron", "muon"])
def test_rates_are_the_measured_ones_without_mass_and_end_at_the_threshold(name: str) -> None:
    tau = NUMBERS.tau_leptons
    measured = {
        "pi": tau.to_pion,
        "rho": tau.to_two_pions,
        "a1": tau.to_three_pions,
        "electron": tau.to_electron,
        "muon": tau.to_muon,
    }[name]
    assert tau_decay_mode(NUMBERS, name, 1e-9).branching_fraction == pytest.approx(measured.value, rel=1e-6)
    fractions = [tau_decay_mode(NUMBERS, name, highest_mass(name) - gap).branching_fraction for gap in (0.2, 0.02)]
    assert 0.0 < fractions[1] < 0.5 * fractions[0] < 0.1 * measured.value


@pytest.mark.reference
def test_spectrum_of_two_pions_tends_to_a_fixed_mass_for_a_narrow_rho() -> None:
    """R of a fixed mass of 0.77526 GeV: 0.745569 at 0.5 GeV, 0.404943 at 0.8 GeV (spin-one formula)."""
    threshold = CHARGED_PION_MASS + NEUTRAL_PION_MASS

    def ratio(width: float, mass: float) -> float:
        document = NUMBERS.model_dump()
        document["tau_leptons"]["rho_width"]["value"] = width
        function = two_pion_function(type(NUMBERS).model_validate(document))
        heavy, massless = (hadron_spectrum(function, threshold, one).integral for one in (mass, 0.0))
        return heavy / massless

    for mass, expected in ((0.5, 0.745569), (0.8, 0.404943)):
        # the tails of the resonance change the ratio in proportion to its width: extrapolated to zero
        assert 2.0 * ratio(0.02, mass) - ratio(0.04, mass) == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize(("name", "mass"), [("rho", 0.3), ("a1", 0.5), ("rho", 1.2)])
def test_drawn_masses_have_the_moments_of_the_spectrum(name: str, mass: float) -> None:
    function, threshold = HADRONS[name]
    spectral = function(NUMBERS)
    spectrum = hadron_spectrum(spectral, threshold, mass)

    def density(q: float) -> float:
        q2, heavy, tau = q * q, mass**2, TAU_MASS**2
        momentum = float(two_body_momentum(TAU_MASS, q, mass))
        current = (tau - heavy) ** 2 + q2 * (tau + heavy) - 2.0 * q2**2
        return 2.0 * q * float(spectral(np.array([q2]))[0]) * momentum * current

    ends = (threshold, TAU_MASS - mass)
    norm = integrate.quad(density, *ends, limit=200, epsrel=1e-8)[0]
    mean = integrate.quad(lambda q: q * density(q), *ends, limit=200, epsrel=1e-8)[0] / norm
    # the fitted phase space of three pions jumps at the threshold of rho pi
    assert spectrum.integral == pytest.approx(norm, rel=1e-4)
    drawn, weight = spectrum.sample(50_000, np.random.default_rng(1))
    error = float(np.std(weight * drawn)) / np.sqrt(50_000)
    assert abs(float(np.mean(weight * drawn)) - mean) < 4.0 * error
    assert drawn.min() >= threshold and drawn.max() <= ends[1]


def test_two_pions_start_as_a_wave_of_angular_momentum_one() -> None:
    threshold = CHARGED_PION_MASS + NEUTRAL_PION_MASS
    spectral = two_pion_function(NUMBERS)
    near = [float(spectral(np.array([(threshold + gap) ** 2]))[0]) for gap in (1e-6, 4e-6)]
    # p ~ sqrt(gap), so p^3 grows by eight
    assert near[1] / near[0] == pytest.approx(8.0, rel=1e-4)
