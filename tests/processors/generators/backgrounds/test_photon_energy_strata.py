"""Radiative Bhabha scattering in strata of the energy of the photon: together they are the whole."""

from __future__ import annotations

import math

import numpy as np
import pytest

from darkreach.errors import ConfigError
from darkreach.generators.backgrounds.radiative_bhabha_background import generate_radiative_bhabha
from darkreach.generators.hard_photon_cuts import HardPhotonCuts
from darkreach.kinematics import Beams, boosted_energy

BEAMS = Beams(7.004, 4.002, 0.083)
LOW, HIGH = math.radians(45.0), math.radians(110.0)
N = 40_000


def cross_section(minimum: float, maximum: float) -> tuple[float, float]:
    cuts = HardPhotonCuts(minimum, LOW, HIGH, maximum)
    events = generate_radiative_bhabha(
        BEAMS, cuts, N, np.random.default_rng(5), electron_low=math.radians(12.4), electron_high=math.radians(155.1),
        maximum_isr_fraction=0.0,
    )  # fmt: skip
    energy = boosted_energy(events.momenta[events.weight_fb > 0.0, 2], BEAMS.boost)
    assert ((energy >= minimum) & (energy < maximum)).all()
    return float(events.weight_fb.mean()), float(events.weight_fb.std() / math.sqrt(N))


def test_strata_add_up() -> None:
    parts = [cross_section(1.5, 2.2), cross_section(2.2, math.inf)]
    whole, error = cross_section(1.5, math.inf)
    assert min(part for part, _ in parts) > 0.02 * whole
    spread = math.hypot(error, *(part_error for _, part_error in parts))
    assert sum(part for part, _ in parts) == pytest.approx(whole, abs=4.0 * spread)


def test_energies_must_rise() -> None:
    with pytest.raises(ConfigError, match="largest energy"):
        HardPhotonCuts(2.0, LOW, HIGH, 2.0).check(BEAMS, 0.0)
