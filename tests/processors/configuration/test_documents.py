"""YAML documents: lines in errors, closest names, and nothing but plain data."""

from __future__ import annotations

from pathlib import Path

import pytest

from darkreach.configuration import (
    DetectorConfig,
    config_path,
    known_configs,
    read_config,
    unverified_numbers,
)
from darkreach.errors import ConfigError, UnknownNameError
from darkreach.searches import read_search


def written(folder: Path, old: str = "", new: str = "") -> Path:
    text = config_path("detectors", "belle2").read_text()
    assert old in text
    path = folder / "detector.yaml"
    path.write_text(text.replace(old, new, 1))
    return path


@pytest.mark.parametrize("name", known_configs("searches"))
def test_shipped_searches_are_valid_with_their_detectors(name: str) -> None:
    config = read_search(config_path("searches", name))
    assert config.search == name
    read_config(config_path("detectors", config.detector), DetectorConfig)


def test_unknown_key_is_named_with_its_line_and_the_closest(tmp_path: Path) -> None:
    path = written(tmp_path, "  tail_fraction:", "  tail_fractoin:")
    line = 1 + next(i for i, text in enumerate(path.read_text().splitlines()) if "tail_fractoin" in text)
    with pytest.raises(ConfigError) as caught:
        read_config(path, DetectorConfig)
    assert caught.value.where == f"{path}:{line}"
    assert caught.value.next_step == "did you mean 'tail_fraction'?"


def test_missing_key_points_to_its_section(tmp_path: Path) -> None:
    path = written(tmp_path)
    text = path.read_text()
    path.write_text("\n".join(line for line in text.splitlines() if "minimum_energy" not in line))
    with pytest.raises(ConfigError, match=r"photon_response.minimum_energy: Field required"):
        read_config(path, DetectorConfig)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("{value: 7.004", "{value: seven", "valid number"),
        ("{low: 12.4, high: 31.4", "{low: 31.4, high: 12.4", "low must be below high"),
        ("tail_fraction: {value: 0.10", "tail_fraction: {value: 1.10", "tail_fraction must be in"),
        ("{value: 7.004", "{value: .inf", "finite"),
    ],
)
def test_values_out_of_range_name_the_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = written(tmp_path, old, new)
    with pytest.raises(ConfigError, match=message) as caught:
        read_config(path, DetectorConfig)
    assert caught.value.where is not None
    assert caught.value.where.startswith(f"{path}:")


def test_python_objects_in_yaml_are_not_made(tmp_path: Path) -> None:
    marker = tmp_path / "made"
    path = tmp_path / "evil.yaml"
    path.write_text(f"beams: !!python/object/apply:pathlib.Path.touch ['{marker}']\nphoton_response: {{}}\n")
    with pytest.raises(ConfigError):
        read_config(path, DetectorConfig)
    assert not marker.exists()


def test_duplicate_keys_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "  tail_fraction:", "  tail_mean_loss: {value: 0.5, source: unverified}\n  tail_fraction:")
    with pytest.raises(ConfigError, match="not a YAML file"):
        read_config(path, DetectorConfig)


def test_unknown_file_names_the_closest() -> None:
    with pytest.raises(UnknownNameError, match="unknown detector 'bele2'") as caught:
        config_path("detectors", "bele2")
    assert caught.value.next_step == "did you mean 'belle2'?"


def test_every_unverified_number_is_listed_once() -> None:
    path = config_path("detectors", "belle2")
    numbers = list(unverified_numbers(read_config(path, DetectorConfig)))
    lines = [line for line in path.read_text().splitlines() if not line.lstrip().startswith("#")]
    assert len(numbers) == sum("source: unverified" in line for line in lines)
    assert len({number.key for number in numbers}) == len(numbers)
