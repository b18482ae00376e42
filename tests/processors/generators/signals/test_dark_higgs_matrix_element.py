from __future__ import annotations

import csv
import math
from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import kstest

from darkreach.generators.signals.dark_higgs_matrix_element import (
    dark_higgs_cross_section_fb,
    sample_dark_higgs_cosine,
    triangle,
)
from darkreach.generators.signals.dark_higgsstrahlung import generate_dark_higgsstrahlung
from darkreach.kinematics import FINE_STRUCTURE, HBAR_C_SQUARED_FB, Beams

S = 10.58**2
TABLE = Path(__file__).parents[5] / "shared" / "physics" / "tables" / "scalar_darkhiggsstrahlung_xs.csv"


@pytest.mark.reference
@pytest.mark.parametrize(
    ("masses", "root", "femtobarn"),
    [
        ((0.25, 8.0), 10.58, 2.13615e6),
        ((0.3, 1.0), 10.58, 2.611e7),
        ((0.5, 0.1), 10.58, 2.723e7),
        ((1.0, 4.0), 10.58, 1.879e7),
        ((2.0, 6.0), 10.58, 1.378e7),
        ((4.0, 1.0), 10.58, 7.430e7),
        ((6.0, 2.0), 10.58, 1.479e8),
        ((9.0, 1.0), 10.58, 6.492e8),
        ((9.7, 0.5), 10.58, 1.386e9),
        ((0.5, 0.2), 1.0195, 1.162e10),
    ],
)
def test_cross_sections(masses: tuple[float, float], root: float, femtobarn: float) -> None:
    # sigma/(eps^2 alpha_D), stated to four digits
    ours = float(dark_higgs_cross_section_fb(*masses, 1.0, 1.0, root**2))
    assert ours == pytest.approx(femtobarn, rel=4e-4)


def test_limits_of_the_cross_section() -> None:
    # sigma s -> pi alpha alpha_D eps^2/3 for vanishing masses; sqrt(lambda) at threshold; nothing below
    massless = HBAR_C_SQUARED_FB * math.pi * FINE_STRUCTURE / (3.0 * S)
    assert float(dark_higgs_cross_section_fb(1e-4, 1e-4, 1.0, 1.0, S)) == pytest.approx(massless, rel=1e-6)
    assert massless == pytest.approx(2.658e7, rel=2e-4)
    above = [float(dark_higgs_cross_section_fb(4.0, 10.58 - 4.0 - gap, 1.0, 1.0, S)) for gap in (1e-6, 4e-6)]
    assert above[1] / above[0] == pytest.approx(2.0, rel=1e-4)
    assert float(dark_higgs_cross_section_fb(4.0, 6.6, 1.0, 1.0, S)) == 0.0
    scaled = float(dark_higgs_cross_section_fb(1.0, 4.0, 2e-3, 0.5, S))
    assert scaled == pytest.approx(4e-6 * 0.5 * float(dark_higgs_cross_section_fb(1.0, 4.0, 1.0, 1.0, S)), rel=1e-12)


@pytest.mark.agreement
@pytest.mark.parametrize("masses", [(0.3, 1.0), (1.0, 4.0), (9.0, 1.0)])
def test_cross_section_from_the_currents(masses: tuple[float, float]) -> None:
    # |M|^2 = 4 g_D^2 m_A^2 (eps e^2)^2/(s - m_A^2)^2 L^mn (-g_mn + Q_m Q_n/m_A^2), L the averaged tensor of the beams
    dark_photon, dark_higgs = masses
    root, metric = math.sqrt(S), np.diag([1.0, -1.0, -1.0, -1.0])
    momentum = 0.5 * root * math.sqrt(float(triangle(S, *masses)))
    p, pp = 0.5 * root * np.array([1.0, 0, 0, 1.0]), 0.5 * root * np.array([1.0, 0, 0, -1.0])
    tensor = np.outer(p, pp) + np.outer(pp, p) - 0.5 * S * metric
    points, weights = np.polynomial.legendre.leggauss(20)
    total = 0.0
    for cosine, weight in zip(points, weights, strict=True):
        boson = np.array([math.hypot(momentum, dark_photon), momentum * math.sqrt(1 - cosine**2), 0, momentum * cosine])
        lowered = metric @ boson
        contracted = lowered @ tensor @ lowered / dark_photon**2 - np.einsum("mn,mn->", tensor, metric)
        squared = 4.0 * (4.0 * math.pi) * dark_photon**2 * 4.0 * math.pi * FINE_STRUCTURE / (S - dark_photon**2) ** 2
        total += weight * squared * contracted
    expected = HBAR_C_SQUARED_FB * total * momentum / (16.0 * math.pi * S * root)
    assert float(dark_higgs_cross_section_fb(*masses, 1.0, 1.0, S)) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("masses", [(0.3, 1.0), (4.0, 1.0), (9.0, 1.0)])
def test_angle_of_the_dark_photon(masses: tuple[float, float]) -> None:
    lam, flat = float(triangle(S, *masses)), 8.0 * masses[0] ** 2 / S
    cosine = sample_dark_higgs_cosine(np.full(50_000, S), *masses, np.random.default_rng(1))
    norm = 4.0 / 3.0 * lam + 2.0 * flat
    law = kstest(cosine, lambda c: (lam * (c - c**3 / 3.0 + 2.0 / 3.0) + flat * (c + 1.0)) / norm)
    assert law.pvalue > 1e-3


@pytest.mark.reference
@pytest.mark.skipif(not TABLE.is_file(), reason="the table of an independent computation is not here")
def test_events_have_the_rates_and_momenta_of_the_table() -> None:
    with TABLE.open() as stream:
        rows = list(csv.DictReader(line for line in stream if not line.startswith("#")))
    assert len(rows) > 150
    beams, random = Beams(5.29, 5.29, 0.0), np.random.default_rng(2)
    for row in rows:
        masses = float(row["mA_GeV"]), float(row["mh_GeV"])
        events = generate_dark_higgsstrahlung(beams, masses, 1e-3, 0.1, 3, random, maximum_isr_fraction=0.0)
        expected = 1e-7 * float(row["sigma_over_eps2alphaD_fb"])
        np.testing.assert_allclose(events.weight_fb, expected, rtol=1e-5, err_msg=str(masses))
        momentum = np.linalg.norm(events.dark_photon[:, 1:], axis=1)
        np.testing.assert_allclose(momentum, float(row["p_cm"]), rtol=2e-5, err_msg=str(masses))
        np.testing.assert_allclose(events.dark_higgs[:, 0], float(row["E_h_cm"]), rtol=2e-5, err_msg=str(masses))


def test_modes_of_three_dark_photons_add_up() -> None:
    """Events by what their dark photons become: multinomial, the ten modes together (BR_e + BR_mu + BR_pi)^3."""
    from darkreach.generators.process_registry import find_process

    fractions = {11: 0.32, 13: 0.3, 211: 0.2}
    process, n = find_process("dark_higgsstrahlung"), 40_000
    values = {f"branching_{name}": fractions[code] for name, code in (("electrons", 11), ("muons", 13), ("pions", 211))}
    values = process.values({"dark_photon_mass_gev": 0.6, "dark_higgs_mass_gev": 3.0, **values})
    events = process.open(Beams(9.027, 3.1, 0.0), values, 0.0).source(n, np.random.default_rng(3))
    numbers = {code: np.bincount(events.event[events.pdg == code], minlength=n) for code in fractions}
    together = 0.0
    for mode in combinations_with_replacement(fractions, 3):
        counts = [mode.count(code) for code in fractions]
        expected = 6.0 * math.prod(f**k / math.factorial(k) for f, k in zip(fractions.values(), counts, strict=True))
        found = np.all([numbers[code] == mode.count(code) for code in fractions], axis=0).mean()
        assert found == pytest.approx(expected, abs=4.5 * math.sqrt(expected / n))
        together += expected
    assert together == pytest.approx(sum(fractions.values()) ** 3, rel=1e-12)
