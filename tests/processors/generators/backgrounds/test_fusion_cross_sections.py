from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad

from darkreach.generators.backgrounds.fusion_cross_sections import (
    lepton_fusion_cross_section_fb,
    lepton_fusion_density_fb,
    spinless_fusion_cross_section_fb,
    spinless_fusion_density_fb,
)
from darkreach.kinematics import FINE_STRUCTURE, HBAR_C_SQUARED_FB, MUON_MASS

LEPTONS = (lepton_fusion_density_fb, lepton_fusion_cross_section_fb)
SPINLESS = (spinless_fusion_density_fb, spinless_fusion_cross_section_fb)


@pytest.mark.parametrize(("density", "cross_section"), [LEPTONS, SPINLESS])
@pytest.mark.parametrize("mass", [0.22, 0.3, 1.0, 9.0])
def test_cross_section_is_the_integral_over_angles(
    density: Callable[..., Any], cross_section: Callable[..., Any], mass: float
) -> None:
    integral, _ = quad(lambda cosine: float(density(mass**2, cosine, MUON_MASS)), -1.0, 1.0, limit=200)
    assert float(cross_section(mass**2, MUON_MASS)) == pytest.approx(integral, rel=1e-8)


def test_leptons_far_above_and_at_threshold() -> None:
    # 4 pi alpha^2/W^2 (2 ln(W/m) - 1) far above; pi alpha^2 b/m^2 at threshold
    squared = 1e6
    far = HBAR_C_SQUARED_FB * 4.0 * math.pi * FINE_STRUCTURE**2 / squared * (math.log(squared / MUON_MASS**2) - 1.0)
    assert float(lepton_fusion_cross_section_fb(squared, MUON_MASS)) == pytest.approx(far, rel=1e-6)
    velocity = 1e-3
    near = HBAR_C_SQUARED_FB * math.pi * FINE_STRUCTURE**2 * velocity / MUON_MASS**2
    squared = 4.0 * MUON_MASS**2 / (1.0 - velocity**2)
    assert float(lepton_fusion_cross_section_fb(squared, MUON_MASS)) == pytest.approx(near, rel=1e-5)


def test_spinless_far_above_and_at_threshold() -> None:
    # 2 pi alpha^2/W^2 far above; half of the lepton's pi alpha^2 b/m^2 at threshold
    squared = 1e8
    far = HBAR_C_SQUARED_FB * 2.0 * math.pi * FINE_STRUCTURE**2 / squared
    assert float(spinless_fusion_cross_section_fb(squared, MUON_MASS)) == pytest.approx(far, rel=1e-6)
    squared = 4.0 * MUON_MASS**2 / (1.0 - 1e-6)
    ratio = spinless_fusion_cross_section_fb(squared, MUON_MASS) / lepton_fusion_cross_section_fb(squared, MUON_MASS)
    assert float(ratio) == pytest.approx(0.5, rel=1e-4)


@pytest.mark.agreement
@pytest.mark.parametrize("cosine", [0.0, 0.4, -0.95])
def test_spinless_against_its_diagrams(cosine: float) -> None:
    # two exchanges and the contact term for linear polarisations of the photons, summed numerically
    mass, energy = 0.3, 0.8
    momentum = math.sqrt(energy**2 - mass**2)
    metric = np.diag([1.0, -1.0, -1.0, -1.0])
    first, second = np.array([energy, 0.0, 0.0, energy]), np.array([energy, 0.0, 0.0, -energy])
    one = np.array([energy, momentum * math.sqrt(1.0 - cosine**2), 0.0, momentum * cosine])
    two = first + second - one
    total = 0.0
    for k in (1, 2):
        for m in (1, 2):
            a, b = np.eye(4)[k], np.eye(4)[m]
            contact = a @ metric @ b
            t_channel = (2.0 * a @ metric @ one) * (2.0 * b @ metric @ two) / (-2.0 * first @ metric @ one)
            u_channel = (2.0 * b @ metric @ one) * (2.0 * a @ metric @ two) / (-2.0 * second @ metric @ one)
            total += (4.0 * math.pi * FINE_STRUCTURE * (2.0 * contact + t_channel + u_channel)) ** 2
    squared = 4.0 * energy**2
    # average over polarisations 1/4, flux 2 W^2, two-body phase space b/(16 pi) dcos
    expected = HBAR_C_SQUARED_FB * 0.25 * total / (2.0 * squared) * (momentum / energy) / (16.0 * math.pi)
    assert float(spinless_fusion_density_fb(squared, cosine, mass)) == pytest.approx(expected, rel=1e-10)
