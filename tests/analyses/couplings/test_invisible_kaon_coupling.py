"""A scalar nobody sees in B+ -> K+ S: table values, escape by thrown decays, intervals by another search for roots."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

from darkreach.configuration import CouplingSettings, Quantity
from darkreach.couplings import couplings_from_limits
from darkreach.couplings.invisible_kaon_coupling import InvisibleKaonScalar, KaonBranchingFraction, escape_probability
from darkreach.generators.process_registry import find_process
from darkreach.generators.signals.b_to_kaon_rates import scalar_branching_fraction
from darkreach.generators.signals.heavy_flavour_numbers import heavy_flavour_numbers
from darkreach.kinematics import Beams
from darkreach.limits import Limit, LimitsDocument
from darkreach.models.higgs_mixed_scalar import scalar_ctau_cm

REFERENCE = 5e-3
RADIUS = 300.0
UNSEEN = CouplingSettings(name="sin_theta", unit="", model="invisible_kaon_scalar")
ESCAPING = CouplingSettings(
    name="sin_theta_escaping",
    unit="",
    model="invisible_kaon_scalar",
    parameters={"escape_radius": Quantity(value=RADIUS, unit="cm", source="test")},
)
BRANCHING = CouplingSettings(name="kaon_branching_fraction", unit="", model="kaon_branching_fraction")


def rate(mass: float) -> float:
    return scalar_branching_fraction(heavy_flavour_numbers(), mass, 1.0, charged=True, vector=False)


def document(mass: float, branching: float) -> LimitsDocument:
    """Limits of this branching fraction at one mass."""
    strength = branching / (rate(mass) * REFERENCE**2)
    limit = Limit("m", {"mass_gev": mass}, 0.9, "asymptotic", "pyhf", strength, (strength,) * 5)
    return LimitsDocument("s", "mu", ("mass_gev",), 362.0, "", {}, {"m": {"coupling": REFERENCE}}, (limit,))


def intervals(mass: float, branching: float, settings: CouplingSettings) -> list[tuple[float, float]]:
    found = couplings_from_limits(document(mass, branching), settings, cl=0.9)
    return [(one.lower, one.upper) for one in found if one.quantile == "observed"]


@pytest.mark.reference
@pytest.mark.parametrize(("mass", "mixing"), [(0.1, 5.0e-3), (0.5, 5.0e-3), (2.0, 4.9e-3), (3.0, 4.7e-3)])
def test_a_branching_fraction_of_1e5_is_the_tabulated_mixing(mass: float, mixing: float) -> None:
    [(lower, upper)] = intervals(mass, 1e-5, UNSEEN)
    assert lower == pytest.approx(mixing, rel=0.011)
    assert upper == math.inf
    [(branching, upper)] = intervals(mass, 1e-5, BRANCHING)
    assert (branching, upper) == (pytest.approx(1e-5, rel=1e-9, abs=0.0), math.inf)


@pytest.mark.agreement
@pytest.mark.parametrize(("mass", "mixing"), [(0.2, 0.15), (0.215, 0.01), (0.25, 1e-3)])
def test_the_escape_is_that_of_thrown_decays(mass: float, mixing: float) -> None:
    # with the motion of the B and the boost of the beams, which the closed form leaves out
    process = find_process("b_to_k_scalar_invisible")
    values = process.values({"mass_gev": mass, "decay_other_b": 0.0})
    particles = process.open(Beams(7.004, 4.002, 0.0), values, 0.0).source(40_000, np.random.default_rng(2))
    scalar = particles.momentum.reshape(-1, 4, 4)[:, 3]
    length = np.hypot(scalar[:, 1], scalar[:, 2]) / mass * scalar_ctau_cm(mass, mixing)
    thrown = np.exp(-RADIUS / length)
    error = float(thrown.std()) / 200.0
    found = float(escape_probability(np.array([mixing]), mass, RADIUS)[0])
    assert 0.05 < found < 0.9
    # the motion of the B changes it by a share of a percent (3 % where one in a hundred escapes)
    assert found == pytest.approx(float(thrown.mean()), abs=4.0 * error + 0.005 * found)


def slow_edges(mass: float, branching: float) -> list[float]:
    """Crossings of BR x P = limit by bisection between points of a dense scan; P by a quadrature in the angle."""
    momentum = math.sqrt((5.27941**2 - (0.493677 + mass) ** 2) * (5.27941**2 - (0.493677 - mass) ** 2)) / (2 * 5.27941)
    longest, production = momentum / mass * scalar_ctau_cm(mass), rate(mass)

    def excess(mixing: float) -> float:
        inverse = RADIUS * mixing**2 / longest
        escaped = quad(lambda angle: math.sin(angle) * math.exp(-inverse / math.sin(angle)), 0.0, 0.5 * math.pi)[0]
        return production * mixing**2 * escaped - branching

    edges = []
    points = np.geomspace(1e-6, 1.0, 401)
    values = [excess(float(point)) for point in points]
    for index in np.flatnonzero(np.sign(values[1:]) != np.sign(values[:-1])):
        low, high = float(points[index]), float(points[index + 1])
        for _ in range(40):
            middle = math.sqrt(low * high)
            low, high = (middle, high) if (excess(middle) > 0.0) == (values[index] > 0.0) else (low, middle)
        edges.append(low)
    return edges


@pytest.mark.agreement
@pytest.mark.parametrize(("mass", "branching"), [(0.2, 3e-6), (0.212, 2e-6), (0.215, 5e-6), (0.25, 1e-7), (0.5, 1e-10)])
def test_what_is_excluded_closes_again(mass: float, branching: float) -> None:
    [(lower, upper)] = intervals(mass, branching, ESCAPING)
    assert [lower, upper] == pytest.approx(slow_edges(mass, branching), rel=1e-6, abs=0.0)
    assert upper < 1.0
    # the lower end feels no decays where lifetimes are long
    if mass <= 0.212:
        assert lower == pytest.approx(math.sqrt(branching / rate(mass)), rel=0.02)


@pytest.mark.parametrize(("mass", "branching"), [(0.22, 3e-6), (0.25, 1e-6), (1.0, 1e-6), (3.0, 1e-7)])
def test_nothing_is_excluded_where_too_few_escape(mass: float, branching: float) -> None:
    assert slow_edges(mass, branching) == []
    assert intervals(mass, branching, ESCAPING) == []


def test_there_is_no_mixing_above_one() -> None:
    [(lower, upper)] = intervals(0.01, 3e-6, ESCAPING)
    assert (lower, upper) == (pytest.approx(math.sqrt(3e-6 / rate(0.01)), rel=1e-4), math.inf)
    model = InvisibleKaonScalar(RADIUS)
    one, two = model.signal_strength(np.array([1.0, 2.0]), 0.1, {"coupling": REFERENCE})
    assert one == two > 0.0
    assert float(model.proper_decay_length_cm(0.1, 0.1)) == pytest.approx(100.0 * scalar_ctau_cm(0.1))
    assert float(KaonBranchingFraction().proper_decay_length_cm(0.1, 0.1)) == 0.0
