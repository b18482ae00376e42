"""Searches by kind: the configuration chooses its model and its processor, and mistakes are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from darkreach.configuration import AxionConfig, DetectorConfig, config_path, known_configs, read_config
from darkreach.errors import ConfigError, UnknownNameError
from darkreach.searches import SEARCHES, read_search, search_from, search_processor


@pytest.mark.parametrize("name", known_configs("searches"))
def test_shipped_searches_make_their_processors(name: str) -> None:
    config = read_search(config_path("searches", name))
    detector = read_config(config_path("detectors", config.detector), DetectorConfig)
    processor = search_processor(config, detector)
    assert type(config) is SEARCHES[config.processor_name].config
    assert "generatorWeight" in processor.required_columns("signal")
    assert "generatorWeight" not in processor.required_columns("data")
    # stored settings give the same search again
    assert search_from(config.model_dump(mode="json"), "run.json") == config


def test_an_unknown_kind_is_named(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("search: mine\nprocessor: single_foton\n")
    with pytest.raises(UnknownNameError, match="did you mean 'single_photon'") as caught:
        read_search(path)
    assert caught.value.where == str(path)
    path.write_text("title: nothing else\n")
    with pytest.raises(ConfigError, match="names no search"):
        read_search(path)


def test_a_configuration_of_another_kind_is_refused(
    search_config: AxionConfig, detector_config: DetectorConfig
) -> None:
    with pytest.raises(ConfigError, match="not one of this kind"):
        search_processor(search_config.model_copy(update={"processor": "single_photon"}), detector_config)


def test_a_background_must_be_in_a_group(tmp_path: Path) -> None:
    path = tmp_path / "single_photon.yaml"
    text = config_path("searches", "single_photon").read_text()
    path.write_text(text.replace("samples: [two_photon_lost]", "samples: [two_photon_los]"))
    with pytest.raises(ConfigError, match="two_photon_lost is in no group"):
        read_search(path)
