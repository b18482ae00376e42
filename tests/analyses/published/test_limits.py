from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest

from darkreach.configuration import read_config
from darkreach.errors import ConfigError, UnknownNameError
from darkreach.published import PublishedLimits, read_published

DIGITISED = Path(__file__).parents[4] / "shared" / "reference" / "row13_belle2_2020_ALP_3gamma_gagg.csv"


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
        ("paper:", "papier:", "unknown key 'papier'"),
    ],
)
def test_wrong_values_are_refused_with_their_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    from darkreach.configuration import config_path

    text = config_path("published", "axion_to_photons").read_text()
    assert old in text
    path = tmp_path / "axion_to_photons.yaml"
    path.write_text(text.replace(old, new))
    with pytest.raises(ConfigError, match=message) as error:
        read_config(path, PublishedLimits)
    assert f"{path}:" in str(error.value)
