"""Dark photon and Z': branching ratios in the strength, saturation, and identities between readings."""

from __future__ import annotations

import math

import numpy as np
import pytest

from darkreach.configuration import CouplingSettings, Quantity
from darkreach.couplings import coupling_model, couplings_from_limits
from darkreach.couplings.dark_photon_coupling import DarkPhotonInvisible
from darkreach.couplings.z_prime_coupling import ZPrimeInvisible, ZPrimeVanilla
from darkreach.kinematics import FINE_STRUCTURE, HBAR_C_CM
from darkreach.limits import Limit, LimitsDocument
from darkreach.models.z_prime import muon_branching

REFERENCE = 1e-2
MEANING = {"coupling": REFERENCE}
STRENGTHS = (0.5, 0.7, 1.0, 1.4, 2.0)


def document(*masses: float, observed: float = 1.21) -> LimitsDocument:
    limits = tuple(Limit(f"m{m}", {"mass_gev": m}, 0.9, "asymptotic", "pyhf", observed, STRENGTHS) for m in masses)
    return LimitsDocument("s", "mu", ("mass_gev",), 1.0, "", {}, {limit.name: MEANING for limit in limits}, limits)


def reading(model: str, **parameters: float) -> CouplingSettings:
    quantities = {name: Quantity(value=value, source="test") for name, value in parameters.items()}
    return CouplingSettings(name="g", unit="", model=model, parameters=quantities)


@pytest.mark.parametrize("model", ["dark_photon_invisible", "z_prime_invisible"])
def test_a_fully_invisible_boson_is_the_square_root(model: str) -> None:
    found = couplings_from_limits(document(1.0), reading(model), cl=0.9)
    assert [interval.quantile for interval in found] == ["observed", "-2", "-1", "0", "1", "2"]
    for interval, strength in zip(found, (1.21, *STRENGTHS), strict=True):
        assert interval.lower == pytest.approx(REFERENCE * math.sqrt(strength), rel=1e-11)
        assert (interval.upper, interval.ctau_cm) == (math.inf, 0.0)


@pytest.mark.parametrize(("mass", "branching"), [(0.1, 1.0), (0.25, 0.580), (1.0, 0.500), (5.0, 0.347), (8.0, 0.335)])
def test_a_z_prime_with_neutrinos_only_is_weaker_by_the_root_of_its_branching(mass: float, branching: float) -> None:
    both = (
        couplings_from_limits(document(mass), reading(f"z_prime_{one}"), cl=0.9) for one in ("vanilla", "invisible")
    )
    for vanilla, invisible in zip(*both, strict=True):
        assert invisible.lower / vanilla.lower == pytest.approx(math.sqrt(branching), rel=2e-3)


def test_invisible_and_four_muon_limits_obey_their_identity() -> None:
    # g_inv^2/g_4mu^2 = (sigma_inv/BR_nunu)/(sigma_4mu/BR_mumu), with a four-muon limit converted by hand
    mass, sigma_one, invisible_fb, four_muon_fb = 0.5, 202.4e3, 40.0, 0.07
    meaning_fb = sigma_one * REFERENCE**2
    found = couplings_from_limits(
        document(mass, observed=invisible_fb / meaning_fb), reading("z_prime_vanilla"), cl=0.9
    )
    four_muon = math.sqrt(four_muon_fb / (sigma_one * float(muon_branching(mass))))
    # printed branching ratios at 0.5 GeV
    expected = (invisible_fb / 0.503) / (four_muon_fb / 0.497)
    assert (found[0].lower / four_muon) ** 2 == pytest.approx(expected, rel=2e-3)


def test_lifetime_of_the_z_prime_is_that_of_the_formula() -> None:
    (first, *_) = couplings_from_limits(document(1.0), reading("z_prime_vanilla"), cl=0.9)
    # c tau = 3.7e-13 cm/g'^2 at 1 GeV
    assert first.ctau_cm * first.lower**2 == pytest.approx(3.7e-13, rel=0.01, abs=0.0)
    assert float(ZPrimeInvisible().proper_decay_length_cm(1.0, 1e-3)) == 0.0
    assert float(ZPrimeVanilla().full_coupling(5.0, MEANING)) == pytest.approx(REFERENCE / math.sqrt(0.347), rel=2e-3)


def test_dark_decays_win_by_the_ratio_of_the_couplings() -> None:
    # massless: Gamma_SM/Gamma_chi = N alpha eps^2/alpha_D, N = e, mu (no tau) and R = 2 at 3 GeV
    model = DarkPhotonInvisible(alpha_dark=0.1, dark_matter_mass_ratio=1e-6)
    mixing = np.array([1e-4, 1e-2, 1.0, 10.0])
    expected = 1.0 / (1.0 + 4.0 * FINE_STRUCTURE * mixing**2 / 0.1)
    np.testing.assert_allclose(model.invisible_branching(3.0, mixing), expected, rtol=1e-4)
    assert float(model.invisible_branching(3.0, 1e-4)) > 1.0 - 1e-8


def test_the_signal_saturates_where_visible_decays_win() -> None:
    model = DarkPhotonInvisible(alpha_dark=1e-9, dark_matter_mass_ratio=1e-6)
    strength = model.signal_strength(np.geomspace(1e-6, 1.0, 50), 3.0, MEANING)
    assert np.all(np.diff(strength) > 0.0)
    # eps^2 BR -> Gamma_chi/Gamma_SM(eps = 1)
    assert strength[-1] == pytest.approx(1e-9 / (4.0 * FINE_STRUCTURE) / REFERENCE**2, rel=1e-3)
    weak = reading("dark_photon_invisible", alpha_dark=1e-9, dark_matter_mass_ratio=1e-6)
    assert couplings_from_limits(document(3.0), weak, cl=0.9) == []


def test_lifetime_and_limit_with_a_dark_width() -> None:
    model = coupling_model(reading("dark_photon_invisible", alpha_dark=0.5, dark_matter_mass_ratio=1.0 / 3.0))
    # (alpha_D m/3)(1 + 2/9) sqrt(1 - 4/9)
    width = 0.5 * 3.0 / 3.0 * (1.0 + 2.0 / 9.0) * math.sqrt(5.0 / 9.0)
    assert float(model.proper_decay_length_cm(3.0, 1e-3)) == pytest.approx(HBAR_C_CM / width, rel=1e-5, abs=0.0)
    found = couplings_from_limits(
        document(3.0), reading("dark_photon_invisible", alpha_dark=0.5, dark_matter_mass_ratio=1.0 / 3.0), cl=0.9
    )
    assert found[0].lower == pytest.approx(REFERENCE * 1.1, rel=1e-5)
