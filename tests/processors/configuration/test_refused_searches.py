"""Searches with mistakes that would otherwise be found late, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from darkreach.configuration import config_path
from darkreach.errors import ConfigError
from darkreach.searches import read_search


@pytest.mark.parametrize(
    ("search", "old", "new", "message"),
    [
        ("single_photon", "value: 20.0, unit: fb^-1", "value: 20.0, unit: pb^-1", "luminosity must be in fb"),
        ("single_photon", "value: 1.2, unit: GeV", "value: 1200.0, unit: MeV", "selection.*unknown unit 'MeV'"),
        ("single_photon", "high: 34.9, unit: deg", "high: 34.9, unit: rad", "uncovered_ranges.* unknown unit 'rad'"),
        ("single_photon", "mass_range: [0.01, 5.5]", "mass_range: [5.5, 0.01]", "mass_range must rise"),
        ("single_photon", "formats: [parquet]", "formats: []", "simulation.formats"),
        ("single_photon", "confidence_levels: [0.90]", "confidence_levels: []", "confidence_levels"),
        ("single_photon", "confidence_levels: [0.90]", "confidence_levels: [0.9, 0.9]", "levels must differ"),
        ("single_photon", "- [8.5, 0.635]", "- [7.5, 0.635]\n    - [7.2, 0.7]", "masses of the knots must rise"),
        ("single_photon", "parameters: {photon_theta", "parameters: {mass_gev: 1.0, photon_theta", "anchor_masses"),
        ("z_prime_invisible", "low: 60.0, high: 128.0", "low: 59.0, high: 128.0", "share events"),
        ("single_photon", 'mass: "m_{', 'mass: "m_', "braces do not match"),
        ("axion_to_photons", "unit: fb^-1", "unit: fb", "luminosity must be in fb"),
        ("six_track_higgsstrahlung", "observable: mean_pair_mass", "observable: pair_mass", "plane.x: observable"),
        ("six_track_higgsstrahlung", "power: 1", "power: 2", "power 2 with GeV\\^2"),
        ("six_track_higgsstrahlung", "order: pair", "order: lighter_higgs", "plane.order must be pair"),
        ("six_track_higgsstrahlung", "    radius: 20.0", "    radius: 0.4", "must not be below window_radius"),
        ("six_track_higgsstrahlung", "ratio: {value: 13.75", "ratio: {value: -0.5", "ratio must be positive"),
        ("invisible_dark_higgs", "steps: [1.2, 1.2]", "steps: [0.001, 0.5]", "plane.steps"),
        (
            "invisible_dark_higgs",
            "anchors: [",
            "anchors: [[1, 1], [2, 2], [3, 3]]\n    scan: 5\n"
            "  other:\n    signal_events: 1\n    background_factor: 1.0\n    anchors: [",
            "all on one line",
        ),
    ],
)
def test_mistakes_are_refused_when_the_configuration_is_read(
    tmp_path: Path, search: str, old: str, new: str, message: str
) -> None:
    text = config_path("searches", search).read_text()
    assert old in text
    path = tmp_path / "search.yaml"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(ConfigError, match=message):
        read_search(path)


def test_rules_about_the_whole_document_do_not_repeat_it(tmp_path: Path) -> None:
    path = tmp_path / "search.yaml"
    path.write_text(config_path("searches", "single_photon").read_text().replace("region: low", "region: lo", 1))
    with pytest.raises(ConfigError, match="^flat_backgrounds name regions that are not there: \\['lo'\\]") as caught:
        read_search(path)
    assert caught.value.where == f"{path}:1"
    assert caught.value.given is None
    assert len(str(caught.value)) < 400
