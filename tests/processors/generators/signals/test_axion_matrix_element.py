from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import kstest

from darkreach.generators.signals.axion_matrix_element import (
    axion_angular_density,
    axion_cross_section_fb,
    sample_axion_cosine,
)

S = 10.58**2


def test_cross_section_of_a_massless_particle() -> None:
    assert float(axion_cross_section_fb(1e-6, 1e-3, S)) == pytest.approx(118.4, abs=0.05)


# tree-level cross-section in pb at g = 1e-3/GeV, from an independent calculation with the epsilon tensor
@pytest.mark.parametrize(("mass", "picobarn"), [(1.0, 0.115248), (5.0, 0.0554649), (9.0, 0.00249932)])
def test_cross_section_table(mass: float, picobarn: float) -> None:
    assert float(axion_cross_section_fb(mass, 1e-3, S)) / 1e3 == pytest.approx(picobarn, rel=1e-4)


def test_phase_space_law_and_coupling_law() -> None:
    masses = np.array([0.5, 3.0, 7.0, 10.0])
    ratio = np.array([float(axion_cross_section_fb(mass, 2e-3, S)) for mass in masses])
    ratio /= float(axion_cross_section_fb(0.0, 1e-3, S))
    np.testing.assert_allclose(ratio, 4.0 * (1.0 - masses**2 / S) ** 3, rtol=1e-12)
    assert float(axion_cross_section_fb(10.59, 1e-3, S)) == 0.0


def test_angular_density_is_normalised() -> None:
    assert quad(axion_angular_density, -1.0, 1.0)[0] == pytest.approx(1.0, rel=1e-12)


def test_sampled_cosines() -> None:
    cosine = sample_axion_cosine(np.random.default_rng(3).random(20_000))

    def distribution(c: np.ndarray) -> np.ndarray:
        return 0.375 * (c + c**3 / 3.0) + 0.5

    assert kstest(cosine, distribution).pvalue > 1e-3
