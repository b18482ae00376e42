"""Axions nobody sees: yields against tables, escape by thrown decays, islands with exact edges."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import lambertw

from darkreach.configuration import CouplingSettings, Quantity
from darkreach.couplings import couplings_from_limits
from darkreach.couplings.axion_recoil_coupling import AxionEscaping, AxionInvisible
from darkreach.errors import LimitError
from darkreach.limits import Limit, LimitsDocument
from darkreach.models.axion_like_particle import proper_decay_length_cm

SQRT_S = 10.58
LENGTH = 300.0
MIXING = 1e-3
INVISIBLE = CouplingSettings(name="g_agg_invisible", unit="GeV^-1", model="axion_invisible")
ESCAPING = CouplingSettings(
    name="g_agg_escaping",
    unit="GeV^-1",
    model="axion_escaping",
    parameters={"escape_length": Quantity(value=LENGTH, unit="cm", source="test")},
)


def meaning(*boosts: float, efficiency: float = 1.4) -> dict:
    return {"coupling": MIXING, "sqrt_s_gev": SQRT_S, "axion_efficiency": efficiency, "decay_beta_gamma": list(boosts)}


def document(mass: float, strength: float, one: dict) -> LimitsDocument:
    limit = Limit("m", {"mass_gev": mass}, 0.9, "asymptotic", "pyhf", strength, (strength,) * 5)
    return LimitsDocument("s", "mu", ("mass_gev",), 20.0, "", {}, {"m": one}, (limit,))


@pytest.mark.parametrize(("mass", "dark_photon_pb", "axion_pb"), [(0.1, 43944.0, 0.1184), (8.0, 136145.0, 0.00930)])
def test_invisible_axions_are_the_ratio_of_tabulated_cross_sections(mass, dark_photon_pb, axion_pb) -> None:
    # the axion column is printed to three digits, at 1e-3/GeV; that of the dark photon at epsilon = 1
    expected = 1.4 * axion_pb / (dark_photon_pb * MIXING**2)
    found = AxionInvisible().signal_strength(np.array([1e-3, 2e-3]), mass, meaning())
    assert found == pytest.approx([expected, 4.0 * expected], rel=6e-4)


def test_a_limit_on_invisible_axions_is_one_sided() -> None:
    one = meaning(efficiency=1.0)
    found = couplings_from_limits(document(0.1, 0.25, one), INVISIBLE, cl=0.9)
    # sqrt(0.25 x 43.94 fb/118.4 fb) x 1e-3
    assert found[0].lower == pytest.approx(1e-3 * math.sqrt(0.25 * 43.944 / 118.4), rel=5e-4)
    assert (found[0].upper, found[0].ctau_cm) == (math.inf, 0.0)


def test_an_island_has_the_edges_of_its_closed_form() -> None:
    # mu(g) = A g^2 exp(-B g^2): the edges are -W(-B mu/A)/B on both real branches
    mass, boost, strength = 0.1, 60.0, 1e-9
    one = meaning(boost)
    slope = float(AxionInvisible().signal_strength(np.ones(1), mass, one)[0])
    decay = LENGTH / (boost * float(proper_decay_length_cm(mass, 1.0)))
    (interval, *_) = couplings_from_limits(document(mass, strength, one), ESCAPING, cl=0.9)
    for edge, branch in ((interval.lower, 0), (interval.upper, -1)):
        exact = math.sqrt(-float(lambertw(-decay * strength / slope, branch).real) / decay)
        assert edge == pytest.approx(exact, rel=1e-9)
    assert interval.ctau_cm == pytest.approx(float(proper_decay_length_cm(mass, interval.lower)), rel=1e-12)


def test_an_island_thinner_than_the_grid_is_found_and_none_is_invented() -> None:
    mass, boost = 0.1, 60.0
    one = meaning(boost)
    peak = 1.0 / math.sqrt(LENGTH / (boost * float(proper_decay_length_cm(mass, 1.0))))
    highest = float(AxionEscaping(LENGTH).signal_strength(np.array([peak]), mass, one)[0])
    (thin, *_) = couplings_from_limits(document(mass, highest * (1.0 - 1e-6), one), ESCAPING, cl=0.9)
    assert thin.lower < peak < thin.upper
    assert thin.upper / thin.lower < 1.01
    assert couplings_from_limits(document(mass, highest * (1.0 + 1e-6), one), ESCAPING, cl=0.9) == []


def test_the_upper_edge_of_a_very_light_axion_is_not_lost() -> None:
    # its upper edge lies more than three decades above its lower one
    one = meaning(5e4)
    (interval, *_) = couplings_from_limits(document(1e-4, 1e-4, one), ESCAPING, cl=0.9)
    assert 1e3 < interval.upper / interval.lower < math.inf
    edges = np.array([interval.lower, interval.upper])
    assert AxionEscaping(LENGTH).signal_strength(edges, 1e-4, one) == pytest.approx([1e-4, 1e-4], rel=1e-9)


def test_escape_is_that_of_thrown_decays() -> None:
    random = np.random.default_rng(3)
    mass, coupling = 0.3, 3e-6
    boosts = random.uniform(15.0, 25.0, 200_000)
    far = random.exponential(boosts * float(proper_decay_length_cm(mass, coupling))) > LENGTH
    one = meaning(*boosts[:2000])
    values = np.array([coupling])
    escaping = AxionEscaping(LENGTH).signal_strength(values, mass, one)
    found = float((escaping / AxionInvisible().signal_strength(values, mass, one))[0])
    assert 0.05 < found < 0.95
    assert abs(found - far.mean()) < 4.0 * math.sqrt(far.mean() * (1.0 - far.mean()) / 2000.0)


def test_readings_agree_where_everything_escapes() -> None:
    one = meaning(700.0)
    invisible, escaping = (couplings_from_limits(document(0.01, 0.1, one), s, cl=0.9)[0] for s in (INVISIBLE, ESCAPING))
    assert escaping.lower == pytest.approx(invisible.lower, rel=1e-2)
    assert escaping.lower > invisible.lower


@pytest.mark.parametrize("key", ["sqrt_s_gev", "axion_efficiency", "coupling"])
def test_metadata_that_are_not_there_are_named(key: str) -> None:
    one = {name: value for name, value in meaning(1.0).items() if name != key}
    with pytest.raises(LimitError, match=key):
        couplings_from_limits(document(1.0, 1.0, one), INVISIBLE, cl=0.9)
