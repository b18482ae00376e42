from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from darkreach.configuration import DetectorConfig, config_path, read_config
from darkreach.configuration.detector_tables import Curve, ProbabilityTable
from darkreach.errors import ConfigError

BELLE2 = config_path("detectors", "belle2")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("points: [0.0, 16.0, 60.0]", "points: [0.0, 60.0, 16.0]", "points must rise"),
        ("points: [0.0, 16.0, 60.0]", "points: [0.0, 16.0]", "need as many values"),
        ("track_inefficiency: {value: 1.0", "track_inefficiency: {value: -1.0", "must not be negative"),
        ("efficiency: {value: 0.99", "efficiency: {value: 1.99", "efficiency must be in"),
        ("magnetic_field: {value: 1.5", "magnetic_field: {value: 0.0", "magnetic_field must be above 0"),
        ("full_lever_arm: {low: 30.0", "full_lever_arm: {low: 93.0", "full_lever_arm must hold"),
        ("working_point: 0.9", "working_point: 1.9", "less than 1"),
        ("- [0.08, 0.05, 0.15, 0.03, 0.15, 0.06]", "- [0.08, 0.05]", "values must be 6 rows"),
        ("- [0.08, 0.05,", "- [1.08, 0.05,", "probabilities must be in"),
        ("outer_radius: 8.0", "outer_radius: 0.8", "outer radii must rise"),
        ("radius: 1.4, thickness: 0.002", "radius: -1.4, thickness: 0.002", "greater than 0"),
        ("lml1: {leading_energy: 2.0, ", "lml1: {", "leading_polar needs leading_energy"),
        ("fyo: {minimum_tracks: 2", "fyo: {minimum_tracks: 1", "opening_angle needs minimum_tracks"),
        ("smallest_energy_fraction: {value: 0.05", "smallest_energy_fraction: {value: 0.7", "must be below"),
        ("mean_clusters: {value: 2.0", "mean_clusters: {value: -2.0", "must not be negative"),
    ],
)
def test_values_out_of_range_name_file_and_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = BELLE2.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "detector.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError, match=message) as caught:
        read_config(path, DetectorConfig)
    assert caught.value.where is not None
    assert caught.value.where.startswith(f"{path}:")


def test_tables_take_the_bin_of_each_value_and_the_nearest_outside() -> None:
    table = ProbabilityTable(
        energy_edges=(0.5, 1.0, 2.0), polar_edges=(20.0, 90.0, 150.0), values=((0.1, 0.2), (0.3, 0.4)), source="test"
    )
    energy = np.array([0.7, 0.7, 1.0, 1.5, 0.1, 9.0])
    theta = np.radians([30.0, 100.0, 30.0, 100.0, 10.0, 170.0])
    assert table.at(energy, theta).tolist() == [0.1, 0.2, 0.3, 0.4, 0.1, 0.4]


def test_curves_are_constant_beyond_their_ends() -> None:
    curve = Curve(points=(1.0, 2.0), values=(0.2, 0.6), source="test")
    assert curve.at(np.array([0.0, 1.5, 3.0])).tolist() == pytest.approx([0.2, 0.4, 0.6])


def test_every_number_has_a_source() -> None:
    detector = read_config(BELLE2, DetectorConfig)
    for section in (detector.tracks.with_silicon, detector.calorimeter, detector.beam_background, detector.scales):
        for name in type(section).model_fields:
            assert getattr(section, name).source
    for layer in (*detector.material, *detector.vertices.regions, *detector.trigger.lines.values()):
        assert layer.source
