"""Limits against mass and lifetime: their file, lifetimes between, and the mixing angles they exclude."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from darkreach.couplings.kaon_scalar_signal import (
    CHANNELS,
    b_mesons,
    kaon_scalar_signal,
    product_branching_fraction,
    scalar_beta_gamma,
)
from darkreach.couplings.lifetime_limits import LifetimeLimit, limits_by_lifetime
from darkreach.couplings.lifetime_limits_file import (
    read_lifetime_limits,
    read_lifetime_limits_header,
    write_lifetime_limits,
)
from darkreach.couplings.long_lived_couplings import long_lived_couplings
from darkreach.couplings.long_lived_model import HiggsMixedScalar
from darkreach.couplings.long_lived_region import coupling_scan, long_lived_intervals
from darkreach.errors import InputFileError, LimitError, OutputError, UnknownNameError
from darkreach.generators.signals.heavy_flavour_numbers import heavy_flavour_numbers
from darkreach.models.decay_zones import radial_probability
from darkreach.models.higgs_mixed_scalar import scalar_branching_fractions, scalar_ctau_cm

Array = np.ndarray
PUBLISHED = Path(__file__).parents[4] / "shared" / "reference" / "row10_belle2_2023_Bplus_Kplus_S_mumu_BRproduct_UL.csv"
HEADER = {"quantity": "BR(B -> K S) BR(S -> x x)", "confidence_level": "0.95", "luminosity": "189", "data": "pseudo"}


def rows(mass: float, channel: str, quantile: str, events: float) -> list[LifetimeLimit]:
    """Limits of a search that needs a number of events, with a fifth of the decays from 0.05 to 60 cm."""
    numbers = heavy_flavour_numbers()
    boost = scalar_beta_gamma(numbers, mass, "kplus_mumu")
    ctaus = np.geomspace(1e-4, 100.0, 121)
    reach = 0.2 * radial_probability(0.05, 60.0, boost, ctaus) * b_mesons(numbers, 198e6, "kplus_mumu")
    if channel == "combined":
        reach = reach * product_branching_fraction(numbers, mass, "kplus_mumu")
    return [
        LifetimeLimit(channel, mass, float(ctau), quantile, events / value)
        for ctau, value in zip(ctaus, reach, strict=True)
    ]


def test_files_hold_all_limits(tmp_path: Path) -> None:
    limits = [*rows(0.5, "kplus_mumu", "observed", 3.0), LifetimeLimit("kk", 1.5, 1.0, "-2", math.inf)]
    path = write_lifetime_limits(tmp_path / "limits.csv", limits, HEADER)
    for before, after in zip(limits, read_lifetime_limits(path), strict=True):
        assert (after.channel, after.mass_gev, after.ctau_cm, after.quantile) == (
            before.channel,
            before.mass_gev,
            before.ctau_cm,
            before.quantile,
        )
        assert after.upper == pytest.approx(before.upper, rel=1e-5, abs=0.0)
    assert read_lifetime_limits_header(path) == HEADER


@pytest.mark.parametrize(
    "row", ["mumu,0.5,1.0,observed", "mumu,0.5,-1.0,observed,1e-7", "mumu,0.5,1.0,observed,0", "mumu,x,1.0,0,1"]
)
def test_rows_that_are_no_limit_are_refused_with_their_line(tmp_path: Path, row: str) -> None:
    path = write_lifetime_limits(tmp_path / "limits.csv", [], HEADER)
    path.write_text(path.read_text(encoding="utf-8") + row + "\n", encoding="utf-8")
    with pytest.raises(InputFileError) as refused:
        read_lifetime_limits(path)
    assert str(refused.value.where).endswith("limits.csv:6")


def test_other_faults_of_files(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="incomplete"):
        write_lifetime_limits(tmp_path / "limits.csv", [], {"quantity": "BR"})
    with pytest.raises(InputFileError, match="cannot read"):
        read_lifetime_limits(tmp_path / "absent.csv")
    (tmp_path / "bare.csv").write_text("channel,mass_gev,ctau_cm,quantile,upper\n", encoding="utf-8")
    with pytest.raises(InputFileError, match="header of the limits"):
        read_lifetime_limits_header(tmp_path / "bare.csv")
    (tmp_path / "empty.csv").write_text("# quantity: BR\n", encoding="utf-8")
    with pytest.raises(InputFileError, match="not a file of limits"):
        read_lifetime_limits(tmp_path / "empty.csv")
    with pytest.raises(UnknownNameError):
        write_lifetime_limits(tmp_path / "limits.csv", [LifetimeLimit("mumu", 1.0, 1.0, "3", 1.0)], HEADER)


@pytest.mark.reference
def test_published_limits_exclude_what_a_search_without_background_would() -> None:
    if not PUBLISHED.is_file():
        pytest.skip("the published table is not here")
    lines = [line for line in PUBLISHED.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    name, *columns = next(csv.reader(lines))
    assert name == "mass_GeV"
    ctaus = [float(column.removeprefix("UL_ctau_").removesuffix("cm")) for column in columns]
    limits = [
        LifetimeLimit("kplus_mumu", float(mass), ctau, "observed", float(upper))
        for mass, *uppers in list(csv.reader(lines))[1::25]
        for ctau, upper in zip(ctaus, uppers, strict=True)
    ]
    found = long_lived_couplings(limits, HiggsMixedScalar(), "kplus_mumu")
    # lower edges of the toy of test_long_lived_region: an efficiency of a fifth, 90 %; the published ones are at 95 %
    for mass, lower in ((0.3, 9.37e-4), (0.4, 1.026e-3), (0.5, 1.157e-3), (0.7, 1.441e-3)):
        near = min(found, key=lambda interval: abs(interval.mass_gev - mass))
        assert near.lower == pytest.approx(lower, rel=0.2)
    # the f0(980) makes the scalar prompt: nothing is excluded around 1 GeV, nor above 2.5 GeV
    assert not [interval for interval in found if 0.9 < interval.mass_gev < 1.1 or interval.mass_gev > 2.5]
    assert [interval for interval in found if 1.8 < interval.mass_gev < 2.0]


def test_limits_between_and_beyond_lifetimes() -> None:
    limits = [
        LifetimeLimit("mumu", 1.0, ctau, "0", upper) for ctau, upper in ((1.0, 4.0), (100.0, 2.0), (0.1, math.inf))
    ]
    of_lifetime = limits_by_lifetime(limits, "mumu", 1.0)["0"]
    # efficiencies 0, 1/4, 1/2: straight towards none, else by factors
    expected = [math.inf, math.inf, 8.0, 4.0, math.sqrt(8.0), 2.0, 20.0]
    found = of_lifetime(np.array([0.01, 0.1, math.sqrt(0.1), 1.0, 10.0, 100.0, 1000.0]))
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    with pytest.raises(LimitError, match="no limits"):
        limits_by_lifetime(limits, "mumu", 1.5)
    with pytest.raises(LimitError, match="two limits"):
        limits_by_lifetime([*limits, limits[0]], "mumu", 1.0)


@pytest.mark.parametrize(("mass", "needed"), [(0.7, 2.3), (1.2, 0.4), (1.9, 2.3), (2.0, 0.4), (3.0, 0.02)])
def test_coarse_lifetimes_do_not_move_the_islands(mass: float, needed: float) -> None:
    numbers = heavy_flavour_numbers()
    boost, scan = scalar_beta_gamma(numbers, mass, "kplus_mumu"), coupling_scan(1e-8, 1.0)
    signal = kaon_scalar_signal(numbers, mass, 198e6, ["kplus_mumu"])

    def events(angle: Array) -> Array:
        reach = 0.2 * radial_probability(0.05, 60.0, boost, signal.ctau_cm(angle))
        return np.asarray(signal.decays["kplus_mumu"](angle) * reach)

    exact = long_lived_intervals(events, signal.ctau_cm, lambda ctau: np.full(ctau.shape, needed), scan)
    # a factor of 2.5 between lifetimes, where straight lines would put upper edges up to 30 % too high
    ctaus = np.geomspace(1e-3, 1e-3 * 2.5**14, 15)
    reach = 0.2 * radial_probability(0.05, 60.0, boost, ctaus) * b_mesons(numbers, 198e6, "kplus_mumu")
    limits = [
        LifetimeLimit("kplus_mumu", mass, float(ctau), "0", needed / value)
        for ctau, value in zip(ctaus, reach, strict=True)
    ]
    found = long_lived_couplings(limits, HiggsMixedScalar(), "kplus_mumu")
    edges = [(one.lower, one.upper) for one in found]
    assert len(edges) == len(exact) == 1
    np.testing.assert_allclose(np.array(edges), np.array(exact), rtol=0.015)


def test_mixing_angles_from_limits_on_branching_ratios_are_those_from_events() -> None:
    numbers = heavy_flavour_numbers()
    limits = [
        *rows(0.5, "kplus_mumu", "observed", 3.0),
        *rows(0.5, "kplus_mumu", "1", 6.0),
        *rows(2.0, "kplus_mumu", "0", 2.5),
    ]
    found = long_lived_couplings(limits, HiggsMixedScalar(), "kplus_mumu")
    # 2.29 events at most at 2 GeV: no interval
    assert [(interval.mass_gev, interval.quantile) for interval in found] == [(0.5, "observed"), (0.5, "1")]
    boost = scalar_beta_gamma(numbers, 0.5, "kplus_mumu")
    signal = kaon_scalar_signal(numbers, 0.5, 198e6, ["kplus_mumu"])
    for interval, needed in zip(found, (3.0, 6.0), strict=True):
        edges = np.array([interval.lower, interval.upper])
        decays = signal.decays["kplus_mumu"](edges) * 0.2
        # straight lines between 20 lifetimes a decade: 1.6 % at the short end, where events go as exp(-r/d)
        np.testing.assert_allclose(
            decays * radial_probability(0.05, 60.0, boost, signal.ctau_cm(edges)), needed, rtol=0.02
        )
        assert interval.ctau_cm == pytest.approx(scalar_ctau_cm(0.5, interval.lower), rel=1e-12)


def test_combined_limits_are_on_the_mixing_angle_itself() -> None:
    (one,) = long_lived_couplings(rows(0.5, "kplus_mumu", "0", 3.0), HiggsMixedScalar(), "kplus_mumu")
    (other,) = long_lived_couplings(rows(0.5, "combined", "0", 3.0), HiggsMixedScalar())
    assert (other.lower, other.upper) == (pytest.approx(one.lower, rel=1e-9), pytest.approx(one.upper, rel=1e-9))


def test_products_of_branching_ratios_by_hand() -> None:
    numbers = heavy_flavour_numbers()
    fractions = scalar_branching_fractions(1.5)
    # B+ -> K+ S at 1.5 GeV: 0.410654; B0 -> K*0 S: 0.404031
    assert product_branching_fraction(numbers, 1.5, "kplus_mumu") == pytest.approx(
        0.410654 * fractions["mumu"], rel=1e-3
    )
    assert product_branching_fraction(numbers, 1.5, "kstar0_pipi") == pytest.approx(
        0.404031 * 2.0 / 3.0 * fractions["pipi"] * 2.0 / 3.0, rel=2e-3
    )
    assert product_branching_fraction(numbers, 1.5, "kplus_kk") == pytest.approx(
        0.410654 * fractions["kk"] / 2.0, rel=0.01
    )
    assert b_mesons(numbers, 198e6, "kplus_ee") == pytest.approx(203.5e6, rel=1e-3)
    assert b_mesons(numbers, 198e6, "kstar0_ee") == pytest.approx(192.5e6, rel=1e-3)
    assert len(CHANNELS) == 8
    with pytest.raises(UnknownNameError):
        product_branching_fraction(numbers, 1.5, "kplus_tautau")
