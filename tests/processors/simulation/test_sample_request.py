from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import pytest

from darkreach.configuration import AxionConfig, DetectorConfig
from darkreach.errors import ConfigError
from darkreach.simulation.sample_request import (
    SampleRequest,
    check_request,
    request_digest,
    sample_requests,
    signal_name,
)

SIGNAL = SampleRequest("signal_1000MeV", "axion_signal", 100, 1.0, None, 1)
DATA = SampleRequest("pseudo_data", "pseudo_data", 0, None, 0.445, 2)


def test_samples_of_a_preset(search_config: AxionConfig) -> None:
    preset = search_config.presets["demo"]
    requests = sample_requests(search_config, preset, luminosity_inverse_fb=0.445)
    names = [request.sample for request in requests]
    assert names[:3] == ["signal_200MeV", "signal_250MeV", "signal_300MeV"]
    assert names[-2:] == ["three_photons", "pseudo_data"]
    assert [request.mass_gev for request in requests[:-2]] == list(preset.anchor_masses)
    assert {request.seed for request in requests[:-1]} == {search_config.simulation.seed}
    assert requests[-1].seed == search_config.simulation.pseudo_data_seed
    assert requests[-1].luminosity_inverse_fb == 0.445
    for request in requests:
        check_request(pickle.loads(pickle.dumps(request)))


def test_seeds_can_be_replaced(search_config: AxionConfig) -> None:
    preset = search_config.presets["demo"]
    requests = sample_requests(search_config, preset, luminosity_inverse_fb=1.0, seed=7, pseudo_data_seed=8)
    assert {request.seed for request in requests[:-1]} == {7}
    assert requests[-1].seed == 8


def test_equal_anchor_masses_are_refused(search_config: AxionConfig) -> None:
    preset = search_config.presets["demo"].model_copy(update={"anchor_masses": (0.2, 9.7, 0.2)})
    with pytest.raises(ConfigError, match="stands twice"):
        sample_requests(search_config, preset, luminosity_inverse_fb=1.0)


def test_close_masses_have_different_names() -> None:
    assert signal_name(0.2) == "signal_200MeV"
    assert signal_name(9.7) == "signal_9700MeV"
    assert signal_name(0.2001) != signal_name(0.2002)


@pytest.mark.parametrize(
    ("request_", "change", "key"),
    [
        (SIGNAL, {"events": 0}, "events"),
        (SIGNAL, {"mass_gev": None}, "mass_gev"),
        (SIGNAL, {"seed": -1}, "seed"),
        (SIGNAL, {"luminosity_inverse_fb": 1.0}, "luminosity_inverse_fb"),
        (SIGNAL, {"injected_mass_gev": 1.0, "injected_signal_strength": 1.0}, "injected_signal_strength"),
        (DATA, {"events": 5}, "events"),
        (DATA, {"mass_gev": 1.0}, "mass_gev"),
        (DATA, {"luminosity_inverse_fb": None}, "luminosity_inverse_fb"),
        (DATA, {"luminosity_inverse_fb": 0.0}, "luminosity_inverse_fb"),
        (DATA, {"luminosity_inverse_fb": float("nan")}, "luminosity_inverse_fb"),
        (DATA, {"injected_mass_gev": 1.0}, "injected_signal_strength"),
        (DATA, {"injected_signal_strength": 1.0}, "injected_signal_strength"),
    ],
)
def test_contradictions_are_refused(request_: SampleRequest, change: dict[str, Any], key: str) -> None:
    check_request(request_)
    with pytest.raises(ConfigError) as caught:
        check_request(replace(request_, **change))
    assert key in str(caught.value)


def test_digest_follows_what_matters(search_config: AxionConfig, detector_config: DetectorConfig) -> None:
    digest = request_digest(SIGNAL, search_config, detector_config)
    assert request_digest(replace(SIGNAL), search_config, detector_config) == digest
    assert request_digest(replace(SIGNAL, events=101), search_config, detector_config) != digest
    no_radiation = search_config.simulation.model_copy(update={"initial_state_radiation": False})
    changed = search_config.model_copy(update={"simulation": no_radiation})
    assert request_digest(SIGNAL, changed, detector_config) != digest
    renamed = search_config.model_copy(update={"title": "another title"})
    assert request_digest(SIGNAL, renamed, detector_config) == digest
