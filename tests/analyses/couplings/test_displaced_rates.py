"""Rates of displaced signals against the generators themselves and against numbers found elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from darkreach.configuration.displaced_search import DisplacedRegion, DisplacedSearchConfig
from darkreach.couplings.displaced_rates import displaced_rates
from darkreach.errors import ConfigError, UnknownNameError
from darkreach.generators.process_registry import find_process
from darkreach.kinematics import Beams
from darkreach.models.dark_photon_branching import branching_fractions
from darkreach.models.hadronic_channels import charged_kaon_pair_ratio, kaon_pair_ratio
from darkreach.models.visible_dark_photon import charged_pair_fraction, visible_ctau_cm

sys.path[:0] = [str(Path(__file__).parents[2] / "processors")]
from displaced_example import example_config  # noqa: E402

SQRT_S = 10.58


def region(config: DisplacedSearchConfig, name: str) -> DisplacedRegion:
    (found,) = [one for one in config.regions if one.name == name]
    return found


def generated_fb(process: str, given: dict[str, float]) -> tuple[float, float]:
    """Return the mean weight of generated events and its error, fb; beams without spread, no radiation."""
    found = find_process(process)
    opened = found.open(Beams(7.004, 4.002, 0.083), found.values(given), 0.0)
    weight = opened.source(20_000, np.random.default_rng(3)).weight_fb
    return float(weight.mean()), float(weight.std() / np.sqrt(len(weight)))


@pytest.mark.parametrize("name", ["kplus_mumu", "kstar0_mumu"])
def test_samples_of_the_scalar_have_the_cross_section_that_efficiencies_are_divided_by(name: str) -> None:
    config = example_config(True)
    process = "b_to_k_scalar_mumu" if name == "kplus_mumu" else "b_to_kstar0_scalar_mumu"
    given = {"mass_gev": 0.6, "sin_theta": 2e-3, "branching_fraction": 0.3, "decay_other_b": 0.0}
    mean, error = generated_fb(process, given)
    expected = displaced_rates(config, SQRT_S).simulated_fb(region(config, name), given)
    # the mass of a K*0 is drawn with weights
    assert abs(mean - expected) <= 4.0 * error + 1e-9 * expected
    assert error < 0.01 * expected


@pytest.mark.parametrize(("name", "mass"), [("ee", 0.4), ("mumu", 3.0), ("pipi", 1.0), ("kk", 1.5)])
def test_samples_of_the_dark_photon_have_the_cross_section_that_efficiencies_are_divided_by(
    name: str, mass: float
) -> None:
    config = example_config(False)
    share = {"ee": "electrons", "mumu": "muons", "pipi": "pions", "kk": "kaons"}[name]
    given = {"mass_gev": mass, "kinetic_mixing": 1e-3, f"branching_{share}": 1.0, "minimum_photon_energy_gev": 0.01}
    beams = Beams(7.004, 4.002, 0.083)
    mean, error = generated_fb("displaced_dark_photon", given)
    expected = displaced_rates(config, beams.sqrt_s).simulated_fb(region(config, name), given)
    assert abs(mean - expected) < 4.0 * error
    assert error < 0.02 * expected
    half = displaced_rates(config, beams.sqrt_s).simulated_fb(region(config, name), given | {f"branching_{share}": 0.5})
    assert half == pytest.approx(0.5 * expected, rel=1e-12)


def test_the_number_of_b_mesons_is_that_of_the_search() -> None:
    config = example_config(True)
    rates = displaced_rates(config, SQRT_S)
    # 198 million pairs in 189/fb, of which 51.4 % are charged: 1.05 nb makes 198.45 million
    charged = rates.channel_fb(region(config, "kplus_mumu"), 1.0) * 189.0
    neutral = rates.channel_fb(region(config, "kstar0_mumu"), 1.0) * 189.0
    assert charged == pytest.approx(1e-7 * 2.0 * 0.514 * 198e6, rel=3e-3)
    assert neutral == pytest.approx(1e-7 * 2.0 * 0.486 * 198e6, rel=3e-3)


def test_rates_of_the_scalar_at_a_mixing_angle() -> None:
    config = example_config(True)
    rates = displaced_rates(config, SQRT_S)
    plus, star = region(config, "kplus_mumu"), region(config, "kstar0_mumu")
    # 198 million pairs, sin(theta) = 3e-4, the branching fractions of the tabulated model at 0.5 GeV
    expected = 198e6 * 2.0 * 0.514 * 0.3979 * 0.112 * 9e-8
    assert rates.combined_fb(plus, 0.5) * 189.0 == pytest.approx(expected, rel=0.01)
    expected = 198e6 * 2.0 * 0.486 * 0.4050 * 0.112 * 2.0 / 3.0 * 9e-8
    assert rates.combined_fb(star, 0.5) * 189.0 == pytest.approx(expected, rel=0.01)
    # no K*0 beside so heavy a scalar; below the threshold of the pair there is none either
    assert rates.combined_fb(star, 4.6) == 0.0
    assert rates.combined_fb(plus, 4.6) > 0.0
    assert rates.combined_fb(region(config, "kplus_pipi"), 0.25) == 0.0


def test_rates_of_the_dark_photon_at_a_mixing() -> None:
    config = example_config(False)
    rates = displaced_rates(config, SQRT_S)
    assert rates.channel_fb(region(config, "mumu"), 1.0) == 1.0
    # 48.09 fb at epsilon = 1e-3; a mixing of 1e-4, and the share of muons
    fractions = branching_fractions(3.0)
    assert rates.combined_fb(region(config, "mumu"), 3.0) == pytest.approx(0.4809 * float(fractions["muons"]), rel=1e-3)
    assert rates.combined_fb(region(config, "mumu"), SQRT_S) == 0.0


def test_charged_kaons_of_the_dark_photon() -> None:
    # at the phi meson 49.1 % to K+ K-, 33.9 % to K_S K_L (Particle Data Group): the ratio is that of the speeds cubed
    mass = 1.019461
    assert float(charged_kaon_pair_ratio(mass) / kaon_pair_ratio(mass)) == pytest.approx(0.491 / 0.830, rel=0.03)
    # above it K+ K- is the larger one by far in e+e- data: the rho meson adds to it and takes from the other
    assert float(charged_kaon_pair_ratio(1.5) / kaon_pair_ratio(1.5)) > 0.85
    assert charged_pair_fraction(0.98, "kk") == 0.0
    # all channels that are looked for are part of all decays
    for mass in (0.5, 1.02, 1.5, 3.0, 9.0):
        assert 0.2 < sum(charged_pair_fraction(mass, pair) for pair in ("ee", "mumu", "pipi", "kk")) <= 1.0 + 1e-12


def test_the_lifetime_of_a_dark_photon_that_decays_to_electrons_only() -> None:
    # c tau = 3 hbar c/(alpha epsilon^2 m): 0.8112 mm at 100 MeV and 1e-5
    assert visible_ctau_cm(0.1, 1e-5) == pytest.approx(3.0 * 1.973269804e-14 * 137.036 / (1e-10 * 0.1), rel=1e-4)
    with pytest.raises(ConfigError, match="width of a dark photon"):
        visible_ctau_cm(1e-3)


def test_what_does_not_fit_is_refused() -> None:
    config = example_config(True)
    with pytest.raises(ConfigError, match="does not tell") as refused:
        displaced_rates(config, SQRT_S).simulated_fb(region(config, "kplus_mumu"), {"mass_gev": 0.5})
    assert refused.value.given == "no sin_theta, branching_fraction"
    simulation = config.simulation
    other = config.model_copy(update={"simulation": simulation.model_copy(update={"coupling_parameter": "sin_thet"})})
    with pytest.raises(UnknownNameError, match="sin_theta"):
        displaced_rates(other, SQRT_S)
    mixed = config.model_copy(
        update={"simulation": simulation.model_copy(update={"coupling_parameter": "kinetic_mixing"})}
    )
    with pytest.raises(ConfigError, match="do not fit"):
        displaced_rates(mixed, SQRT_S)
