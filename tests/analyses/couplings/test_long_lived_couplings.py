"""From limits on the signal strength at (channel, mass, lifetime) to files of limits, of couplings, and contours."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from darkreach.configuration import CouplingSettings, Quantity
from darkreach.couplings import (
    QUANTILES,
    ExcludedInterval,
    coupling_scan,
    excluded_couplings,
    lifetime_limits_from,
    limits_by_lifetime,
    long_lived_couplings,
    long_lived_intervals,
    long_lived_model,
    read_couplings_header,
    read_excluded,
    read_lifetime_limits,
    read_lifetime_limits_header,
    write_excluded,
    write_search_lifetime_limits,
)
from darkreach.couplings.exclusion_strips import exclusion_strips
from darkreach.couplings.kaon_scalar_signal import kaon_scalar_signal, scalar_beta_gamma
from darkreach.errors import ConfigError, LimitError, UnknownNameError
from darkreach.generators.signals.heavy_flavour_numbers import heavy_flavour_numbers
from darkreach.limits import Limit, LimitsDocument, read_limits, write_limits
from darkreach.models.decay_zones import radial_probability
from darkreach.models.higgs_mixed_scalar import scalar_ctau_cm

Array = np.ndarray
ANGLE = CouplingSettings(name="sin_theta", unit="", model="higgs_mixed_scalar")
CTAUS = np.geomspace(1e-4, 400.0, 81)
MASSES = (0.4, 0.5, 0.7, 1.0, 1.9, 2.0)
UNIT = 9e-8
FACTORS = (1.0, 0.6, 0.75, 0.9, 1.3, 1.8)
"""Observed and expected limits over one of 2.4 events."""


def reach(mass: float, ctau: Array) -> Array:
    """Return the selected fraction: a fifth of the decays from 0.05 to 60 cm."""
    boost = scalar_beta_gamma(heavy_flavour_numbers(), mass, "kplus_mumu")
    return np.asarray(0.2 * radial_probability(0.05, 60.0, boost, ctau))


def events(mass: float, angle: Array) -> Array:
    signal = kaon_scalar_signal(heavy_flavour_numbers(), mass, 198e6, ["kplus_mumu"])
    return np.asarray(signal.decays["kplus_mumu"](angle) * reach(mass, signal.ctau_cm(angle)))


def document(masses: tuple[float, ...] = MASSES) -> LimitsDocument:
    """Return limits of a search that excludes 2.4 events, in one channel and combined."""
    limits, meanings = [], {}
    for mass in masses:
        made = float(kaon_scalar_signal(heavy_flavour_numbers(), mass, 198e6).decays["kplus_mumu"](np.ones(1))[0])
        for ctau in CTAUS:
            for channel, unit, number in (("kplus_mumu", 1e-7, 203.5e6), ("combined", UNIT, made)):
                mu = 2.4 / (number * float(reach(mass, ctau)) * unit)
                name = f"{channel}_m{1000 * mass:g}_ctau{ctau:.4g}"
                values = {"channel": channel, "mass_gev": mass, "ctau_cm": float(ctau)}
                found = [factor * mu for factor in FACTORS]
                limits.append(Limit(name, values, 0.95, "exact", "compiled", found[0], tuple(found[1:])))
                quantity = "sin_theta squared" if channel == "combined" else "product of branching fractions"
                meanings[name] = {"quantity": quantity, "per_unit_strength": unit, "data_kind": "pseudo-data"}
    labels = ("channel", "mass_gev", "ctau_cm")
    return LimitsDocument("long_lived_scalar", "mu", labels, 189.0, "", {}, meanings, tuple(limits))


@pytest.fixture(scope="module")
def limits() -> LimitsDocument:
    return document()


def test_limits_of_a_search_become_a_file_with_their_units(tmp_path: Path, limits: LimitsDocument) -> None:
    path = write_search_lifetime_limits(tmp_path / "branching_ratio_limits.csv", limits, cl=0.95)
    header = read_lifetime_limits_header(path)
    assert (header["quantity"], header["confidence_level"]) == ("product of branching fractions", "0.95")
    assert (header["luminosity"], header["data"]) == ("189 fb^-1", "pseudo-data")
    assert header["quantity of combined"].startswith("sin_theta squared")
    rows = read_lifetime_limits(path)
    assert len(rows) == 2 * len(MASSES) * len(CTAUS) * 6
    # ln 10 events over 203.5 million B+ and the efficiency
    (one,) = [row for row in rows if (row.channel, row.mass_gev, row.quantile) == ("kplus_mumu", 0.5, "1")
              and row.ctau_cm == CTAUS[40]]  # fmt: skip
    expected = 1.3 * 2.4 / (203.5e6 * float(reach(0.5, CTAUS[40])))
    assert one.upper == pytest.approx(expected, rel=1e-5, abs=0.0)


def test_couplings_are_all_roots_of_the_events_they_predict(tmp_path: Path, limits: LimitsDocument) -> None:
    path = write_excluded(tmp_path / "couplings.csv", limits, ANGLE, cl=0.95)
    stored, found = read_excluded(path, ANGLE), excluded_couplings(limits, ANGLE, cl=0.95)
    assert len(stored) == len(found) > 0
    header = read_couplings_header(path)
    assert (header["coupling"], header["search"]) == ("sin_theta", "long_lived_scalar")
    scan = coupling_scan(1e-8, 1.0)
    for mass in MASSES:
        for quantile, factor in zip(QUANTILES, FACTORS, strict=True):
            here = [one for one in stored if isinstance(one, ExcludedInterval) and one.mass_gev == mass]
            edges = [(one.lower, one.upper) for one in here if one.quantile == quantile]
            exact = long_lived_intervals(
                lambda angle, mass=mass: events(mass, angle),
                lambda angle, mass=mass: scalar_ctau_cm(mass) / angle**2,
                lambda ctau, factor=factor: np.full(ctau.shape, 2.4 * factor),
                scan,
            )
            # straight lines between twelve lifetimes a decade
            assert len(edges) == len(exact)
            np.testing.assert_allclose(np.array(edges).ravel(), np.array(exact).ravel(), rtol=0.02)
    # 2.29 events at most at 2 GeV, 0.06 at 1 GeV
    assert {one.mass_gev for one in stored if one.quantile == "observed"} == {0.4, 0.5, 0.7, 1.9}
    assert {one.mass_gev for one in stored if one.quantile == "-2"} == {0.4, 0.5, 0.7, 1.9, 2.0}


def test_a_single_channel_says_the_same_as_that_channel_combined(limits: LimitsDocument) -> None:
    rows = lifetime_limits_from(limits, cl=0.95)
    model = long_lived_model(ANGLE)
    one, other = long_lived_couplings(rows, model, "kplus_mumu"), long_lived_couplings(rows, model)
    assert [(a.mass_gev, a.quantile) for a in one] == [(b.mass_gev, b.quantile) for b in other]
    np.testing.assert_allclose([a.lower for a in one], [b.lower for b in other], rtol=2e-3)
    np.testing.assert_allclose([a.upper for a in one], [b.upper for b in other], rtol=2e-3)


def test_contours_of_the_coupling_and_of_the_lifetime_agree_point_by_point(limits: LimitsDocument) -> None:
    rows, model = lifetime_limits_from(limits, cl=0.95), long_lived_model(ANGLE)
    found = [one for one in long_lived_couplings(rows, model) if one.quantile == "-2"]
    scan = [(mass, [(one.lower, one.upper) for one in found if one.mass_gev == mass]) for mass in MASSES]
    strips = exclusion_strips(scan)
    assert [strip.masses_gev.tolist() for strip in strips] == [[0.4, 0.5, 0.7], [1.9, 2.0]]
    ctau = np.geomspace(1e-4, 1e4, 6007)
    for strip in strips:
        of_lifetime = strip.of_lifetime(lambda mass, angle: scalar_ctau_cm(mass, angle))
        outline = of_lifetime.outline(np.inf)
        assert outline.shape == (2 * len(strip.masses_gev) + 1, 2)
        assert np.array_equal(outline[0], outline[-1])
        for place, mass in enumerate(strip.masses_gev.tolist()):
            # the other way about: at each lifetime the limit on sin(theta)^2 against that of the lifetime
            limit = limits_by_lifetime(rows, "combined", mass)["-2"](ctau)
            angle = np.sqrt(scalar_ctau_cm(mass) / ctau)
            inside = (ctau > of_lifetime.lower[place]) & (ctau < of_lifetime.upper[place])
            assert np.array_equal(inside, (angle**2 > limit) & (angle < 1.0))
            inside = (angle > strip.lower[place]) & (angle < strip.upper[place])
            assert np.array_equal(inside, angle**2 > limit)
            assert inside.any()


def test_a_lifetime_without_a_limit_excludes_nothing_there(tmp_path: Path, limits: LimitsDocument) -> None:
    ((lower, upper),) = [(one.lower, one.upper) for one in excluded_couplings(limits, ANGLE, cl=0.95)
                         if one.masses == (0.5,) and one.quantile == "observed"]  # fmt: skip
    middle = math.sqrt(lower * upper)
    hit = min(CTAUS, key=lambda ctau: abs(math.log(ctau / scalar_ctau_cm(0.5, middle))))
    broken = tuple(
        replace(one, status="failed", observed=None, expected=())
        if one.values["ctau_cm"] == hit and one.values["mass_gev"] == 0.5
        else one
        for one in limits.limits
    )
    write_limits(tmp_path / "limits.json", replace(limits, limits=broken))
    again = read_limits(tmp_path / "limits.json")
    assert math.isinf(lifetime_limits_from(again, cl=0.95)[next(
        6 * n for n, one in enumerate(again.limits) if one.status == "failed"
    )].upper)  # fmt: skip
    found = [one for one in excluded_couplings(again, ANGLE, cl=0.95)
             if one.masses == (0.5,) and one.quantile == "observed"]  # fmt: skip
    assert len(found) == 2
    assert found[0].lower == pytest.approx(lower, rel=1e-6)
    assert found[1].upper == pytest.approx(upper, rel=1e-6)
    assert found[0].upper < math.sqrt(scalar_ctau_cm(0.5) / hit) < found[1].lower


def test_what_has_no_meaning_is_refused(limits: LimitsDocument) -> None:
    with pytest.raises(LimitError, match="confidence level"):
        lifetime_limits_from(limits, cl=0.9)
    single = replace(limits, limits=tuple(one for one in limits.limits if one.values["channel"] != "combined"))
    with pytest.raises(LimitError, match="all channels together"):
        excluded_couplings(single, ANGLE, cl=0.95)
    nameless = replace(limits, limits=(replace(limits.limits[0], values={"mass_gev": 1.0}),))
    with pytest.raises(LimitError, match="no mass and lifetime"):
        lifetime_limits_from(nameless, cl=0.95)
    with pytest.raises(LimitError, match="per_unit_strength"):
        lifetime_limits_from(replace(limits, meanings={}), cl=0.95)
    with pytest.raises(UnknownNameError, match="model"):
        long_lived_model(ANGLE.model_copy(update={"model": "higgs_mixed_scala"}))
    with pytest.raises(UnknownNameError):
        long_lived_couplings(lifetime_limits_from(limits, cl=0.95), long_lived_model(
            CouplingSettings(name="epsilon", unit="", model="visible_dark_photon",
                             parameters={"sqrt_s": Quantity(value=10.58, unit="GeV", source="convention")})
        ), "kplus_mumu")  # fmt: skip
    with pytest.raises(LimitError, match="energy of the collisions"):
        long_lived_model(CouplingSettings(name="epsilon", unit="", model="visible_dark_photon")).rate("mumu", 1.0)
    with pytest.raises(ConfigError, match="out of range"):
        long_lived_model(
            CouplingSettings(name="epsilon", unit="", model="visible_dark_photon",
                             parameters={"sqrt_s": Quantity(value=10.58, unit="cm", source="convention")})
        )  # fmt: skip
