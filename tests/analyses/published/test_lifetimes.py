"""Published limits in mass and lifetime: what a file must say, and that the quoted values are those of the tables."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from darkreach.configuration import read_config
from darkreach.errors import ConfigError
from darkreach.published import PublishedLifetimes, PublishedSearch, published_search, read_published

REFERENCE = Path(__file__).parents[4] / "shared" / "reference"
TABLES = {
    "kplus_mumu": "row10_belle2_2023_Bplus_Kplus_S_mumu_BRproduct_UL.csv",
    "kplus_ee": "row10_belle2_2023_Bplus_Kplus_S_ee_BRproduct_UL.csv",
    "kstar0_mumu": "row10_belle2_2023_B0_Kstar0_S_mumu_BRproduct_UL.csv",
}
TEXT = """\
search: somewhere
lifetimes:
  - paper: "arXiv:1"
    source: "arXiv:1, table"
    quantity: product of branching fractions
    kind: observed
    confidence_level: 0.95
    luminosity_inverse_fb: 189.0
    values:
      - {channel: kplus_mumu, mass_gev: 1.0, ctau_cm: 0.1, upper: 1.0e-7}
      - {channel: kplus_mumu, mass_gev: 1.0, ctau_cm: 1.0, upper: 2.0e-7}
"""


@pytest.fixture(scope="module")
def published() -> PublishedLifetimes:
    (one,) = published_search("long_lived_scalar").lifetimes
    return one


def test_says_where_the_values_are_from(published: PublishedLifetimes) -> None:
    assert (published.paper, published.confidence_level, published.luminosity_inverse_fb) == (
        "arXiv:2306.02830", 0.95, 189.0,
    )  # fmt: skip
    assert published.of_known_origin
    assert "alp-aca" in published.source
    assert "which that project assumes" in published.note


def test_values_reach_over_three_decades_of_lifetime(published: PublishedLifetimes) -> None:
    assert 24 <= len(published.values) <= 40
    kplus = [value for value in published.values if value.channel in ("kplus_mumu", "kplus_ee")]
    assert len(kplus) >= 20
    for channel in TABLES:
        for mass in {value.mass_gev for value in published.values if value.channel == channel}:
            lifetimes = [
                value.ctau_cm for value in published.values if (value.channel, value.mass_gev) == (channel, mass)
            ]
            assert max(lifetimes) / min(lifetimes) >= 1e3


@pytest.mark.reference
@pytest.mark.skipif(not REFERENCE.is_dir(), reason="the published tables are not there")
def test_quoted_values_are_those_of_the_tables(published: PublishedLifetimes) -> None:
    tables = {}
    for channel, name in TABLES.items():
        lines = (REFERENCE / name).read_text().splitlines()
        rows = csv.DictReader(line for line in lines if not line.startswith("#"))
        tables[channel] = {float(row["mass_GeV"]): row for row in rows}
    for value in published.values:
        table = tables[value.channel][value.mass_gev][f"UL_ctau_{value.ctau_cm:g}cm"]
        assert value.upper == pytest.approx(float(table), rel=5e-4, abs=0.0), value


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("ctau_cm: 1.0", "ctau_cm: 0.1", "two values of kplus_mumu at 1 GeV and 0.1 cm"),
        ("upper: 2.0e-7", "upper: -2.0e-7", "greater than 0"),
        ("kind: observed", "kind: seen", "observed"),
        ("confidence_level: 0.95", "confidence_level: 95", "less than 1"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "somewhere.yaml"
    assert old in TEXT
    path.write_text(TEXT.replace(old, new))
    with pytest.raises(ConfigError, match=message):
        read_config(path, PublishedSearch)


def test_there_is_no_curve_to_read() -> None:
    with pytest.raises(ConfigError, match="single values"):
        read_published("long_lived_scalar")
