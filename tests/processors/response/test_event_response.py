from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from darkreach.configuration import DetectorConfig
from darkreach.configuration.detector_scales import ScalesConfig
from darkreach.errors import ConfigError, UnknownNameError
from darkreach.generators.generated_particles import GeneratedParticles, concatenate_particles
from darkreach.kinematics import photon_momenta
from darkreach.response import MeasuredEvents, measure_events
from darkreach.response.forced_outcomes import ForcedOutcomes
from darkreach.response.new_particle_decays import NEW_PARTICLES

Maker = Callable[..., GeneratedParticles]


@pytest.fixture(scope="module")
def mixed(events_of: Maker, beam_of: Maker) -> GeneratedParticles:
    """Muons, pions and photons, an invisible event, and an event without particles."""
    n = 400
    leptons = events_of(
        (13, -13, 22),
        np.concatenate(
            [beam_of(13, 2.0, 60.0, n), beam_of(13, 1.0, 100.0, n, phi=2.0), beam_of(22, 1.5, 45.0, n, phi=4.0)], axis=1
        ),
    )
    hadrons = events_of(
        (211, -211, 130),
        np.concatenate([beam_of(211, 0.5, 60.0, n), beam_of(211, 0.7, 70.0, n), beam_of(130, 1.5, 100.0, n)], axis=1),
    )
    unseen = events_of((12,), beam_of(22, 1.0, 90.0, n))
    empty = GeneratedParticles(
        np.zeros(3, int),
        np.ones(2),
        np.zeros(0, np.int32),
        np.zeros((0, 4)),
        np.zeros((0, 3)),
        np.zeros(0, np.int32),
        np.zeros(0, bool),
    )
    return concatenate_particles([leptons, unseen, empty, hadrons])


def everything(measured: MeasuredEvents) -> bytes:
    parts = [measured.weight.tobytes(), measured.trial.tobytes()]
    for name, objects in sorted(measured.lists.items()):
        parts += [name.encode(), objects.offsets.tobytes()]
        parts += [key.encode() + values.tobytes() for key, values in sorted(objects.columns.items())]
    parts += [key.encode() + values.tobytes() for key, values in sorted(measured.event.items())]
    return b"".join(parts)


def test_same_state_same_bytes(mixed: GeneratedParticles, detector_config: DetectorConfig) -> None:
    first = measure_events(mixed, detector_config, np.random.default_rng(1))
    again = measure_events(mixed, detector_config, np.random.default_rng(1))
    other = measure_events(mixed, detector_config, np.random.default_rng(2))
    assert everything(first) == everything(again) != everything(other)


def test_structure(mixed: GeneratedParticles, detector_config: DetectorConfig) -> None:
    measured = measure_events(mixed, detector_config, np.random.default_rng(3))
    assert set(measured.lists) == {"track", "photon", "vertex", "klm"}
    seen = np.zeros(len(measured), dtype=bool)
    for name, order in (("track", "p"), ("photon", "E"), ("vertex", "dr"), ("klm", "mcE")):
        objects = measured.lists[name]
        assert objects.offsets.shape == (len(measured) + 1,)
        assert objects.offsets[0] == 0
        counts = np.diff(objects.offsets)
        assert (counts >= 0).all()
        assert all(len(values) == objects.offsets[-1] for values in objects.columns.values())
        same_event = np.diff(np.repeat(np.arange(len(measured)), counts)) == 0
        assert (np.diff(objects.columns[order])[same_event] <= 0.0).all()
        seen |= counts > 0
    assert seen.all()
    assert (np.diff(measured.trial) > 0).all()
    np.testing.assert_array_equal(measured.weight, mixed.weight_fb[measured.trial])
    for values in measured.event.values():
        assert len(values) == len(measured)
    # the list of tracks does not show rows of the generated particles
    assert "particle" not in measured.lists["track"].columns


def test_unseen_and_weightless_events_are_left_out(mixed: GeneratedParticles, quiet: DetectorConfig) -> None:
    weight = mixed.weight_fb.copy()
    weight[:100] = 0.0
    measured = measure_events(replace(mixed, weight_fb=weight), quiet, np.random.default_rng(4))
    assert measured.trial.min() == 100
    # 400 events of neutrinos and 2 empty ones
    assert not ((measured.trial >= 400) & (measured.trial < 802)).any()


def test_no_events_at_all(mixed: GeneratedParticles, detector_config: DetectorConfig) -> None:
    none = mixed.select(np.zeros(len(mixed), dtype=bool))
    measured = measure_events(none, detector_config, np.random.default_rng(5))
    assert len(measured) == 0
    full = measure_events(mixed, detector_config, np.random.default_rng(5))
    for name, objects in measured.lists.items():
        assert objects.offsets.tolist() == [0]
        assert {key: values.dtype for key, values in objects.columns.items()} == {
            key: values.dtype for key, values in full.lists[name].columns.items()
        }
    assert set(measured.event) == set(full.event)


def test_a_perfect_detector_returns_the_truth(quiet: DetectorConfig, events_of: Maker) -> None:
    sharp = quiet.scaled({name: 0.0 for name in ScalesConfig.model_fields if name.endswith("_resolution")})
    sharp = sharp.scaled({"identification_inefficiency": 0.0, "misidentification": 0.0})
    random = np.random.default_rng(6)
    n = 500
    theta, phi = random.uniform(0.7, 2.0, (n, 2)), random.uniform(-3.0, 3.0, (n, 2))
    momentum = photon_momenta(random.uniform(1.0, 3.0, (n, 2)), theta, phi)
    momentum[:, 0, 0] = np.hypot(momentum[:, 0, 0], 0.1056583755)
    measured = measure_events(events_of((13, 22), momentum), sharp, random)
    assert len(measured) == n
    track, photon = measured.lists["track"].columns, measured.lists["photon"].columns
    np.testing.assert_allclose(track["p"], np.linalg.norm(momentum[:, 0, 1:], axis=1), rtol=1e-12)
    for columns, column in ((track, 0), (photon, 1)):
        np.testing.assert_allclose(columns["theta"], theta[:, column], atol=1e-12)
        np.testing.assert_allclose(columns["phi"], phi[:, column], atol=1e-12)
    np.testing.assert_allclose(photon["E"], momentum[:, 1, 0], rtol=1e-12)
    assert (track["muonID"] == 1.0).all()
    assert (track["electronID"] == 0.0).all()
    assert (track["dr"] == 0.0).all()


def test_boost_of_the_first_decayed_new_particle(quiet: DetectorConfig, events_of: Maker, beam_of: Maker) -> None:
    scalar = np.array([[[np.hypot(3.0, 0.5), 0.0, 0.0, 3.0]]])
    momenta = np.concatenate([scalar, scalar * [1.0, 1.0, 1.0, 0.5], beam_of(13, 2.0, 60.0, 1)], axis=1)
    events = events_of((9000025, 9000022, 13), momenta, mother=(-1, 0, 1), final=(False, False, True))
    assert measure_events(events, quiet, np.random.default_rng(7)).event["decayBetaGamma"] == pytest.approx([6.0])
    stable = events_of((9000025, 9000022, 13), momenta, mother=(-1, 0, 1), final=(True, True, True))
    assert measure_events(stable, quiet, np.random.default_rng(7)).event["decayBetaGamma"].tolist() == [0.0]
    assert NEW_PARTICLES < 9000005


def test_forced_samples_keep_only_possible_events(mixed: GeneratedParticles, quiet: DetectorConfig) -> None:
    measured = measure_events(mixed, quiet, np.random.default_rng(8), forced=ForcedOutcomes(wrong_identifications=1))
    assert (measured.weight > 0.0).all()
    assert (measured.weight < 0.2).all()
    # events of muons only have nobody to be taken for a muon
    assert measured.trial.min() >= 802
    for objects in measured.lists.values():
        assert objects.offsets[-1] == len(next(iter(objects.columns.values())))


def test_scales_are_named_and_not_negative(detector_config: DetectorConfig) -> None:
    with pytest.raises(UnknownNameError) as caught:
        detector_config.scaled({"track_momentum_resolutoin": 1.1})
    assert caught.value.next_step == "did you mean 'track_momentum_resolution'?"
    with pytest.raises(ConfigError, match="must not be negative"):
        detector_config.scaled({"photon_energy": -1.0})
    twice = detector_config.scaled({"photon_energy": 1.5}).scaled({"photon_energy": 2.0})
    assert twice.scales.photon_energy.value == 3.0
    assert twice.photon_response == detector_config.photon_response
