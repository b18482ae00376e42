from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from darkreach.configuration import config_path, read_config
from darkreach.errors import ConfigError, UnknownNameError
from darkreach.generators.signals.dark_photon_matrix_element import dark_photon_density_fb
from darkreach.published import (
    PublishedLimits,
    PublishedPoint,
    PublishedSearch,
    published_or_none,
    published_search,
    read_published,
)

REFERENCE = Path(__file__).parents[4] / "shared" / "reference"
DIGITISED = REFERENCE / "row13_belle2_2020_ALP_3gamma_gagg.csv"
SEARCHES = ("axion_to_photons", "single_photon", "single_photon_babar", "z_prime_invisible", "z_prime_invisible_2018")
CURVES = (
    ("single_photon_babar", 0, "row01_babar2017_invisible_darkphoton_eps.csv", "mass_GeV", "eps_UL", 0.02),
    ("single_photon", 0, "row01_belle2_phase2_singlephoton_projection_eps_derived.csv", "mA_GeV", "eps_derived", 0.04),
    ("z_prime_invisible_2018", 0, "row05_belle2_2020_Zprime_invisible_gprime.csv", "mass_GeV", "gprime_UL", 0.02),
)


def test_names_paper_level_and_luminosity() -> None:
    published = read_published("axion_to_photons")
    assert (published.paper, published.source) == ("arXiv:2007.13071", "arXiv:2007.13071, digitised")
    assert (published.confidence_level, published.luminosity_inverse_fb) == (0.95, 0.445)
    assert [point.mass_gev for point in published.observed] == [0.2, 0.3, 0.5, 1.0, 2.0, 3.0, 5.0, 7.0, 8.0, 9.2]


@pytest.mark.reference
@pytest.mark.skipif(not DIGITISED.is_file(), reason="the digitised curve is not there")
def test_points_lie_on_the_digitised_curve() -> None:
    rows = csv.DictReader(line for line in DIGITISED.read_text().splitlines() if not line.startswith("#"))
    curve = [(float(row["mass_GeV"]), float(row["gagg_UL_invGeV"])) for row in rows][1:]
    for point in read_published("axion_to_photons").observed:
        near = [limit for mass, limit in curve if abs(math.log(mass / point.mass_gev)) < 0.05]
        # the curve jumps between neighbouring masses; a quoted point must be one of its values to reading accuracy
        assert min(abs(math.log(limit / point.limit)) for limit in near) < 0.08, point


def test_unknown_search_names_the_known_one() -> None:
    with pytest.raises(UnknownNameError, match="unknown") as error:
        read_published("axion_to_photon")
    assert "axion_to_photons" in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("mass_gev: 0.3", "mass_gev: 0.1", "masses must rise"),
        ("limit: 7.1e-4", "limit: -7.1e-4", "greater than 0"),
        ("confidence_level: 0.95", "confidence_level: 95", "less than 1"),
        ("paper:", "papier:", r"unknown key 'limits\[0\].papier'"),
    ],
)
def test_wrong_values_are_refused_with_their_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = config_path("published", "axion_to_photons").read_text()
    assert old in text
    path = tmp_path / "axion_to_photons.yaml"
    path.write_text(text.replace(old, new))
    with pytest.raises(ConfigError, match=message) as error:
        read_config(path, PublishedSearch)
    assert f"{path}:" in str(error.value)


@pytest.mark.parametrize("search", SEARCHES)
def test_every_file_says_what_its_values_are(search: str) -> None:
    published = published_search(search)
    assert published_or_none(search) == published
    for limits in published.limits:
        assert 0 < len(limits.points) <= 12
        assert limits.source.startswith(("arXiv:", "unverified"))
        assert limits.of_known_origin == limits.source.startswith("arXiv:")
        assert limits.note
    assert published.causes


@pytest.mark.reference
@pytest.mark.skipif(not REFERENCE.is_dir(), reason="the digitised curves are not there")
@pytest.mark.parametrize(("search", "index", "file", "mass", "limit", "tolerance"), CURVES)
def test_quoted_values_are_those_of_the_digitised_curve(search, index, file, mass, limit, tolerance) -> None:
    lines = (REFERENCE / file).read_text().splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    masses, limits = ([float(row[column]) for row in rows] for column in (mass, limit))
    for point in published_search(search).limits[index].points:
        curve = math.exp(float(np.interp(point.mass_gev, masses, np.log(limits))))
        # between digitised points, and with the two digits that are quoted
        assert point.limit == pytest.approx(curve, rel=tolerance), point


def curve(**changes: object) -> PublishedLimits:
    points = tuple(PublishedPoint(mass_gev=mass, limit=limit) for mass, limit in ((1.0, 1.0), (2.0, 4.0), (2.4, 1.0)))
    settings = {"paper": "p", "source": "arXiv:1", "coupling": "c", "unit": "", "confidence_level": 0.9,
                "luminosity_inverse_fb": 1.0, "observed": points}  # fmt: skip
    return PublishedLimits(**(settings | changes))


def test_smoothing_is_the_geometric_mean_of_the_window() -> None:
    assert [point.limit for point in curve().compared] == [1.0, 4.0, 1.0]
    smooth = curve(smoothing=0.2).compared
    # 2.4 lies on the edge of the window around 2, 2 inside that around 2.4
    assert [point.limit for point in smooth] == pytest.approx([1.0, 2.0, 2.0], rel=1e-12)
    assert [point.mass_gev for point in smooth] == [1.0, 2.0, 2.4]


def test_a_curve_is_observed_or_expected() -> None:
    points = curve().points
    assert curve().kind == "observed"
    projected = curve(observed=(), expected=points)
    assert (projected.kind, projected.points) == ("expected", points)
    for both in ({"expected": points}, {"observed": ()}):
        with pytest.raises(ValueError, match="either observed or expected"):
            curve(**both)


def test_a_file_of_another_search_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "single_photon.yaml"
    other.write_text(config_path("published", "axion_to_photons").read_text())
    monkeypatch.setattr("darkreach.published.read.config_path", lambda *_: other)
    with pytest.raises(ConfigError, match="another search"):
        published_search("single_photon")


def test_nothing_published_is_none() -> None:
    assert published_or_none("search_without_papers") is None


def test_produced_events_at_the_limits_of_babar() -> None:
    # in 53 fb^-1 with the photon at |cos| < 0.6, by another computation from the digitised curve
    cosine, weight = np.polynomial.legendre.leggauss(40)
    limits = {point.mass_gev: point.limit for point in published_search("single_photon_babar").limits[0].points}
    for mass, events in ((0.1, 87.0), (3.0, 67.0), (4.0, 29.0), (5.0, 52.0), (7.0, 288.0), (8.0, 375.0)):
        rate = 0.6 * float(weight @ dark_photon_density_fb(mass, limits[mass], 10.58**2, 0.6 * cosine))
        # two digits of the limit
        assert 53.0 * rate == pytest.approx(events, rel=0.05), mass


def test_cross_sections_at_the_limits_of_the_pilot_run() -> None:
    # sigma(g' = 1) printed in pb, sigma at the limit in fb by another computation
    limits = {point.mass_gev: point.limit for point in published_search("z_prime_invisible_2018").limits[0].points}
    for mass, one_pb, at_limit_fb in ((2.0, 34.66, 258.0), (4.0, 5.44, 411.0)):
        assert 1000.0 * one_pb * limits[mass] ** 2 == pytest.approx(at_limit_fb, rel=0.01)
