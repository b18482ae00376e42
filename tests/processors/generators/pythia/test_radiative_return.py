"""Pythia's radiation: its own functions, its own events and a second quadrature against our formulas."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad

from darkreach.generators.pythia.pair_production import open_pair, pythia_cross_section
from darkreach.generators.pythia.pythia_library import start_pythia
from darkreach.generators.pythia.pythia_source import PythiaSource
from darkreach.generators.pythia.radiative_return import (
    RadiativeReturn,
    electron_exponent,
    electron_structure,
    pythia_density,
)
from darkreach.generators.radiator import radiator_density, radiator_exponent
from darkreach.kinematics import HBAR_C_SQUARED_FB, MUON_MASS, Beams

pytest.importorskip("pythia8mc")

BEAMS = Beams(7.004, 4.002, 0.083)
EVENTS = 100_000


def density(z: float, scale: float) -> float:
    """Density of electrons of energy fraction z."""
    lost, q2 = np.array(1.0 - z), np.array(scale)
    return float(electron_structure(lost, q2) * lost ** (electron_exponent(q2) - 1.0))


@cache
def hard_processes(name: str) -> tuple[RadiativeReturn, NDArray[np.float64], float, tuple[str, ...]]:
    """Radiated fractions of events without shower and hadrons, and Pythia's cross-section in nb."""
    source = open_pair(name, BEAMS, {}, 1.0).source
    assert isinstance(source, PythiaSource)
    assert source.radiative_return is not None
    pythia = start_pythia((*source.settings, "PartonLevel:all = off"))
    columns = pythia.nextBatch(EVENTS)["info"].layout
    left = np.asarray(columns["x1"].data) * np.asarray(columns["x2"].data)
    return source.radiative_return, 1.0 - left, pythia.infoPython().sigmaGen() * 1e6, source.settings


@pytest.mark.agreement
@pytest.mark.parametrize("scale", [1.0, 111.93])
@pytest.mark.parametrize("z", [0.1, 0.5, 0.9, 0.999, 0.99999])
def test_the_structure_function_is_the_one_in_pythia(z: float, scale: float) -> None:
    parton_density = start_pythia(("Print:quiet = on", "Beams:idA = 11", "Beams:idB = -11", "Beams:eCM = 10.58",
                                   "WeakSingleBoson:ffbar2gmZ = on", "23:mMin = 0.22")).getPDFPtr(11)  # fmt: skip
    assert density(z, scale) == pytest.approx(parton_density.xf(11, z, scale) / z, rel=1e-6)


@pytest.mark.parametrize("fraction", [1e-4, 0.03, 0.4, 0.9, 0.998])
def test_the_convolution_by_another_quadrature(fraction: float) -> None:
    left, s = 1.0 - fraction, 111.93
    power = float(electron_exponent(np.array(left * s)))

    def integrand(y: float) -> float:
        lost = y ** (1.0 / power)
        z = 1.0 - lost
        smooth = float(electron_structure(np.array(lost), np.array(left * s)))
        return smooth / power / z * density(left / z, left * s)

    edge = (1.0 - math.sqrt(left)) ** power
    expected = 2.0 * quad(integrand, 0.0, edge, epsrel=1e-9, limit=200)[0]
    assert pythia_density(np.array([fraction]), s)[0] == pytest.approx(expected, rel=2e-5)


@pytest.mark.agreement
@pytest.mark.parametrize("name", ["muon_pair", "charm_pair"])
def test_pythia_follows_its_structure_functions(name: str) -> None:
    table, fraction, _, settings = hard_processes(name)
    cross_section = pythia_cross_section(settings, (13,) if name == "muon_pair" else (4,))
    edges = np.array([0.0, 1e-5, 1e-3, 1e-2, 0.1, 0.2, 0.4, 0.6, 0.8, 0.85])
    below = np.array([0.0] + [integral(table, cross_section, edge)[1] for edge in edges[1:]])
    expected = np.diff(below) / below[-1]
    counts = np.histogram(fraction[fraction < edges[-1]], edges)[0]
    pull = (counts - counts.sum() * expected) / np.sqrt(counts.sum() * expected)
    assert np.abs(pull).max() < 4.0


def integral(table: RadiativeReturn, cross_section: object, fraction: float) -> tuple[float, float]:
    return table._integrals(cross_section, math.sqrt((1.0 - fraction) * table.s))  # type: ignore[arg-type]


@pytest.mark.reference
def test_pythia_has_its_total_cross_section() -> None:
    """1.083 nb for mu mu with radiation above 0.3 GeV: 4 pi alpha(s')^2/(3 s') folded with the structure functions."""
    table, _, measured, settings = hard_processes("muon_pair")
    theirs = table._integrals(pythia_cross_section(settings, (13,)), 0.32)[1]
    predicted = theirs * 4.0 * math.pi / 3.0 * HBAR_C_SQUARED_FB / 1e6
    assert measured == pytest.approx(predicted, rel=0.005)
    assert measured == pytest.approx(1.083, rel=0.005)


@pytest.mark.reference
@pytest.mark.parametrize(("running", "picobarn", "accuracy"), [(False, 322.0, 0.002), (True, 309.0, 0.01)])
def test_the_radiator_has_the_known_radiative_return(running: bool, picobarn: float, accuracy: float) -> None:
    """mu mu between 0.3 GeV and s' = 0.6 s: 322 pb with alpha(s), 309 pb with alpha(s') (a cruder one than Pythia's).

    The radiator folded with 4 pi alpha^2/(3 s') (1 + 2 m^2/s') sqrt(1 - 4 m^2/s').
    """
    table = RadiativeReturn.tabulated(111.93, 0.3)
    _, _, _, settings = hard_processes("muon_pair")
    with_running = pythia_cross_section(settings, (13,))
    born = HBAR_C_SQUARED_FB / 1e3 * 4.0 * math.pi / 3.0

    def fixed(s: NDArray[np.float64]) -> NDArray[np.float64]:
        ratio = MUON_MASS**2 / s
        alpha_squared = float(with_running(np.array([111.93]))[0]) * 111.93
        return alpha_squared / s * (1.0 + 2.0 * ratio) * np.sqrt(1.0 - 4.0 * ratio)

    cross_section = with_running if running else fixed
    above, hard = (table._integrals(cross_section, mass)[0] for mass in (0.3, math.sqrt(0.6 * 111.93)))
    assert born * (above - hard) == pytest.approx(picobarn, rel=accuracy)


def test_weighted_events_follow_the_radiator() -> None:
    table, fraction, _, settings = hard_processes("muon_pair")
    cross_section = pythia_cross_section(settings, (13,))
    weights = table.weights(fraction)
    whole = table._integrals(cross_section, 0.32)[0]

    def folded(x: float) -> float:
        density_there = radiator_density(np.array([x]), radiator_exponent(table.s))
        return float((density_there * cross_section(np.array([(1.0 - x) * table.s])))[0])

    for low, high in ((0.3, 0.6), (0.6, 0.9), (0.9, 0.99), (0.99, 0.998)):
        here = (fraction > low) & (fraction < high)
        found, error = weights[here].sum() / weights.sum(), math.sqrt((weights[here] ** 2).sum()) / weights.sum()
        expected = quad(folded, low, high)[0]
        assert found == pytest.approx(expected / whole, abs=4.0 * error)


def test_raw_pythia_would_not() -> None:
    """A fifth is missing at s' = s/10."""
    table = RadiativeReturn.tabulated(BEAMS.s, 0.32)
    assert table.weights(np.array([0.9]))[0] == pytest.approx(1.197, abs=0.002)
    assert table.weights(np.array([1e-6]))[0] == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize(("name", "limit"), [("muon_pair", 0.35), ("muon_pair", 0.9), ("tau_pair", 0.35)])
def test_a_limit_keeps_its_part_of_the_radiator(name: str, limit: float) -> None:
    table, fraction, _, settings = hard_processes(name)
    share = table.radiator_share(
        pythia_cross_section(settings, (13,) if name == "muon_pair" else (15,)),
        (math.sqrt((1.0 - limit) * table.s), 0.32 if name == "muon_pair" else 3.66),
    )
    weights = table.weights(fraction)
    found = weights[fraction < limit].sum() / weights.sum()
    assert found == pytest.approx(share, abs=4.0 * math.sqrt(share * (1.0 - share) / EVENTS) + 0.003)


def test_the_table_is_fine_enough() -> None:
    table = RadiativeReturn.tabulated(BEAMS.s, 0.32)
    between = 0.5 * (table.fraction[1:] + table.fraction[:-1])
    exact = radiator_density(between, radiator_exponent(BEAMS.s)) / pythia_density(between, BEAMS.s)
    assert table.weights(between) == pytest.approx(exact, rel=2e-4)
