from __future__ import annotations

import pickle

import numpy as np
import pytest

from darkreach.configuration import AxionConfig, DetectorConfig
from darkreach.errors import ConfigError, EventContentError
from darkreach.generators.generated_events import GeneratedEvents
from darkreach.simulation.event_sources import axion_source, three_photon_source
from darkreach.simulation.pseudo_data import (
    Component,
    Envelope,
    WeightAboveMaximumError,
    check_expected_events,
    find_envelope,
    pseudo_data_slices,
    raised,
)


def ramp(n: int, random: np.random.Generator) -> GeneratedEvents:
    """Trials with weights 0 to 10 fb, flat; the weight is kept as the boost so that it can be recognised."""
    weight = 10.0 * random.random(n)
    return GeneratedEvents(weight, np.ones((n, 3, 4)), np.zeros((n, 4)), np.full((n, 3), 11, dtype=np.int32), weight)


def drawn(envelopes: list[Envelope], luminosity: float, seed: int) -> GeneratedEvents:
    (events,) = list(pseudo_data_slices(envelopes, luminosity, seed))
    return events


def test_counts_are_poisson_with_the_weighted_expectation() -> None:
    component = Component("ramp", ramp, 0.7)
    envelope = Envelope(component, 3.5, (8.0,))
    counts = np.array([len(drawn([envelope], 20.0, seed)) for seed in range(200)])
    # E[f] L = 0.7 x 5 fb x 20 fb^-1 = 70, variance the same
    assert counts.mean() == pytest.approx(70.0, abs=4 * np.sqrt(70 / 200))
    assert counts.var(ddof=1) == pytest.approx(70.0, rel=4 * np.sqrt(2 / 199))


def test_events_are_kept_in_proportion_to_their_weight() -> None:
    envelope = Envelope(Component("ramp", ramp, 1.0), 5.0, (10.0,))
    kept = drawn([envelope], 4000.0, 1).decay_beta_gamma
    # density 2 w/100: mean 20/3, and half of the events above 10/sqrt(2)
    assert kept.mean() == pytest.approx(20 / 3, abs=4 * np.sqrt(50 / 9 / len(kept)))
    assert (kept > 10 / np.sqrt(2)).mean() == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(len(kept)))


def test_a_weight_above_the_bound_is_an_error_that_crosses_processes() -> None:
    envelope = Envelope(Component("ramp", ramp, 1.0), 5.0, (9.0,))
    with pytest.raises(WeightAboveMaximumError) as caught:
        drawn([envelope], 100.0, 1)
    assert isinstance(caught.value, EventContentError)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (copy.component, copy.weight_fb, copy.maximum_fb) == ("ramp", caught.value.weight_fb, 9.0)


def test_raised_bound_keeps_the_trials_and_their_right_share(caplog: pytest.LogCaptureFixture) -> None:
    low = [Envelope(Component("ramp", ramp, 1.0), 5.0, (9.0,)), Envelope(Component("other", ramp, 0.1), 0.5, (1.0,))]
    error = WeightAboveMaximumError("ramp", 9.9, 9.0)
    high = raised(low, error)
    assert high[0].bounds_fb == (9.0, 1.25 * 9.9)
    assert high[1] == low[1]
    assert "drawn again" in caplog.text
    kept = np.array([(drawn(high[:1], 30.0, seed).decay_beta_gamma > 9.0).sum() for seed in range(200)])
    # region above the first bound: 30 x integral of f over the trials with f > 9, 0.95 fb
    assert kept.mean() == pytest.approx(28.5, abs=4 * np.sqrt(28.5 / 200))


def test_pilot_trials_are_not_those_of_the_sample() -> None:
    envelope = find_envelope(Component("ramp", ramp, 0.5), 1, trials=20_000)
    assert envelope.mean_fb == pytest.approx(2.5, abs=4 * 0.5 * 10 / np.sqrt(12 * 20_000))
    assert envelope.maximum_fb == pytest.approx(1.25 * 5.0, rel=1e-3)
    random_weights = {float(weight) for weight in drawn([envelope], 50.0, 1).weight_fb}
    assert len(random_weights) > 50


def test_slices_are_parts_of_one_luminosity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("darkreach.simulation.pseudo_data._SLICE_TRIALS", 100)
    envelope = Envelope(Component("ramp", ramp, 1.0), 5.0, (10.0,))
    slices = list(pseudo_data_slices([envelope], 60.0, 1))
    assert len(slices) == 6
    counts = [len(part) for part in slices]
    assert sum(counts) == pytest.approx(300, abs=4 * np.sqrt(300))
    weights = np.concatenate([part.decay_beta_gamma for part in slices])
    assert len(np.unique(weights)) == len(weights)


def test_background_counts_against_weighted_events(search_config: AxionConfig, detector_config: DetectorConfig) -> None:
    source = three_photon_source(search_config.simulation, detector_config)
    weights = source(300_000, np.random.default_rng(31)).weight_fb
    envelope = find_envelope(Component("b", source, 0.7), 5)
    counts = np.array([len(drawn([envelope], 0.05, seed)) for seed in range(12)])
    expected = 0.7 * 0.05 * weights.mean()
    error = np.hypot(np.sqrt(expected / len(counts)), expected * weights.std() / weights.mean() / np.sqrt(300_000))
    assert abs(counts.mean() - expected) < 4 * error


def test_an_injected_signal_adds_its_events_anywhere(
    search_config: AxionConfig, detector_config: DetectorConfig
) -> None:
    source = axion_source(search_config.simulation, detector_config, 2.0)
    cross_section = source(50_000, np.random.default_rng(32)).weight_fb.mean()
    parts = [
        find_envelope(Component("ramp", ramp, 1.0), 1, trials=1000),
        find_envelope(Component("s", source, 10.0), 1, trials=1000),
    ]
    events = drawn(parts, 2.0, 3)
    injected = events.mother_pdg[:, 1] != 11
    expected = 2.0 * 10.0 * cross_section
    assert injected.sum() == pytest.approx(expected, abs=4 * np.sqrt(expected))
    # the components are mixed, not appended
    assert injected[: (~injected).sum()].any()


def test_too_many_events_are_refused() -> None:
    envelope = Envelope(Component("ramp", ramp, 1.0), 5.0, (10.0,))
    assert check_expected_events([envelope], 10.0, 50) == pytest.approx(50.0)
    with pytest.raises(ConfigError) as caught:
        check_expected_events([envelope], 10.1, 50)
    assert "10 fb^-1" in str(caught.value)
    assert "lower the luminosity" in str(caught.value)
