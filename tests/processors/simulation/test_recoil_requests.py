"""Samples of recoil searches: names, seeds, sizes and what is forced come from the configuration."""

from __future__ import annotations

from typing import Any

import pytest

from darkreach.configuration import DetectorConfig, RecoilSearchConfig, config_path
from darkreach.errors import ConfigError, UnknownNameError
from darkreach.searches import read_search
from darkreach.simulation.process_request import ProcessRequest
from darkreach.simulation.recoil_requests import recoil_requests


@pytest.fixture(scope="module")
def config() -> RecoilSearchConfig:
    config = read_search(config_path("searches", "single_photon"))
    assert isinstance(config, RecoilSearchConfig)
    return config


def changed(config: RecoilSearchConfig, **simulation: Any) -> RecoilSearchConfig:
    return config.model_copy(update={"simulation": config.simulation.model_copy(update=simulation)})


def requests(config: RecoilSearchConfig, detector: DetectorConfig, **options: int) -> dict[str, ProcessRequest]:
    return {one.sample: one for one in recoil_requests(config, config.presets["demo"], detector, **options)}


def test_signals_have_mass_and_reference_coupling(config: RecoilSearchConfig, detector_config: DetectorConfig) -> None:
    found = requests(config, detector_config)
    signals = [name for name in found if name.startswith("signal_")]
    assert len(signals) == len(config.presets["demo"].anchor_masses)
    signal = found["signal_3000MeV"]
    assert signal.process.kind == "signal"
    assert signal.values["mass_gev"] == 3.0
    assert signal.values["kinetic_mixing"] == config.simulation.reference_coupling.value
    assert signal.events == config.presets["demo"].signal_events


def test_samples_of_one_process_are_told_apart(config: RecoilSearchConfig, detector_config: DetectorConfig) -> None:
    found = requests(config, detector_config)
    lost, seen = found["two_photon_lost"], found["two_photon_seen"]
    assert (lost.forced.lost_photons, seen.forced.lost_photons) == (1, 0)
    # equal events would be counted twice in the errors
    assert lost.seed != seen.seed
    assert found["neutrino_pair_photon"].seed == config.simulation.seed
    other = requests(config, detector_config, seed=1)
    assert other["neutrino_pair_photon"].seed == 1
    assert other["two_photon_lost"].seed - lost.seed == 1 - config.simulation.seed


def test_backgrounds_grow_with_the_factor(config: RecoilSearchConfig, detector_config: DetectorConfig) -> None:
    preset = config.presets["demo"].model_copy(update={"background_factor": 0.01})
    small = {one.sample: one.events for one in recoil_requests(config, preset, detector_config)}
    for background in config.simulation.backgrounds:
        name = f"{background.process}_{background.label}" if background.label else background.process
        assert small[name] == round(0.01 * background.events)


def test_two_samples_of_one_name_are_refused(config: RecoilSearchConfig, detector_config: DetectorConfig) -> None:
    first = config.simulation.backgrounds[0]
    with pytest.raises(ConfigError, match="same name") as caught:
        requests(changed(config, backgrounds=(first, first)), detector_config)
    assert caught.value.given == "two_photon_lost"


def test_unknown_processes_and_parameters_are_named(
    config: RecoilSearchConfig, detector_config: DetectorConfig
) -> None:
    signal = config.simulation.signal
    with pytest.raises(UnknownNameError, match="did you mean 'dark_photon_photon'"):
        requests(changed(config, signal=signal.model_copy(update={"process": "dark_photon_photn"})), detector_config)
    with pytest.raises(UnknownNameError, match="kinetic_mixing"):
        requests(
            changed(config, signal=signal.model_copy(update={"coupling_parameter": "kinetic_mixin"})), detector_config
        )
