from __future__ import annotations

import numpy as np
import pytest

from darkreach.configuration import DetectorConfig, PhotonResponseConfig, Quantity, Range
from darkreach.generators.generated_events import AXION_PDG, BEAM_PDG, GeneratedEvents
from darkreach.generators.signals.axion_signal import generate_axion_signal
from darkreach.kinematics import boosted_energy, pair_mass_squared, photon_momenta, recoil_mass_squared
from darkreach.response.calorimeter_acceptance import inside_calorimeter
from darkreach.response.photon_clusters import PhotonClusters
from darkreach.response.photon_response import measure_photons


def half_width(values: np.ndarray) -> float:
    """Half the width of the central 68 %."""
    low, high = np.percentile(values, [15.865525, 84.134475])
    return float(0.5 * (high - low))


def signal(detector: DetectorConfig, mass: float, n: int, radiation: float = 0.0) -> GeneratedEvents:
    beams = detector.beams.beams()
    return generate_axion_signal(beams, mass, 1e-3, n, np.random.default_rng(21), maximum_isr_fraction=radiation)


def measured_masses(detector: DetectorConfig, mass: float) -> tuple[np.ndarray, np.ndarray]:
    """M^2 of the right pair and of its recoil for events with three resolved clusters."""
    resolved = detector.photon_response.model_copy(
        update={name: Quantity(value=0.0, source="test") for name in ("merging_angle_none", "merging_angle_all")}
    )
    clusters = measure_photons(signal(detector, mass, 60_000), resolved, np.random.default_rng(22))
    three = np.repeat(clusters.counts == 3, clusters.counts)
    momenta = photon_momenta(clusters.energy, clusters.theta, clusters.phi)[three].reshape(-1, 3, 4)
    from_axion = (clusters.mother_pdg[three] == AXION_PDG).reshape(-1, 3)
    pair = momenta[from_axion].reshape(-1, 2, 4)
    beams = detector.beams.beams()
    recoil = recoil_mass_squared(boosted_energy(momenta[~from_axion], beams.boost), beams.sqrt_s)
    return pair_mass_squared(pair[:, 0], pair[:, 1]), recoil


# half widths in MeV of an independent implementation of the same response, all three photons in the calorimeter
PAIR_MASS = {0.2: 12, 0.5: 13, 1: 16, 2: 26, 4: 47, 6: 68, 8: 91, 9.5: 109}
RECOIL_MASS = {1: 854, 2: 407, 4: 182, 6: 98, 8: 48, 9.5: 19}


@pytest.mark.reference
@pytest.mark.parametrize(("mass", "expected"), PAIR_MASS.items())
def test_pair_mass_resolution(detector_config: DetectorConfig, mass: float, expected: float) -> None:
    pair, _ = measured_masses(detector_config, mass)
    # 5 %: rounding of the reference to 1 MeV, and statistics
    assert 1e3 * half_width(np.sqrt(pair)) == pytest.approx(expected, rel=0.05)


@pytest.mark.reference
@pytest.mark.parametrize(("mass", "expected"), RECOIL_MASS.items())
def test_recoil_mass_resolution(detector_config: DetectorConfig, mass: float, expected: float) -> None:
    _, recoil = measured_masses(detector_config, mass)
    assert 1e3 * half_width(recoil) / (2.0 * mass) == pytest.approx(expected, rel=0.05)


@pytest.mark.reference
def test_recoil_mass_resolution_of_a_massless_particle(detector_config: DetectorConfig) -> None:
    _, recoil = measured_masses(detector_config, 1e-3)
    assert half_width(recoil) == pytest.approx(1.71, rel=0.02)


def test_structure_of_the_clusters(detector_config: DetectorConfig) -> None:
    events = signal(detector_config, 0.3, 20_000, radiation=0.35)
    response = detector_config.photon_response
    clusters = measure_photons(events, response, np.random.default_rng(23), event_efficiency=0.7)
    assert clusters.offsets[0] == 0
    assert clusters.offsets[-1] == len(clusters.energy)
    assert clusters.counts.min() >= 1
    assert clusters.counts.max() <= 3
    same_event = np.diff(np.repeat(np.arange(len(clusters)), clusters.counts)) == 0
    assert (np.diff(clusters.energy)[same_event] <= 0.0).all()
    assert clusters.energy.min() >= response.minimum_energy.value
    np.testing.assert_allclose(clusters.weight, 0.7 * events.weight_fb[clusters.trial])
    np.testing.assert_array_equal(clusters.decay_beta_gamma, events.decay_beta_gamma[clusters.trial])
    assert set(np.unique(clusters.mother_pdg)) == {BEAM_PDG, AXION_PDG}


def test_gaps_are_empty(detector_config: DetectorConfig) -> None:
    clusters = measure_photons(
        signal(detector_config, 2.0, 100_000), detector_config.photon_response, np.random.default_rng(24)
    )
    for theta in (np.degrees(clusters.theta), np.degrees(clusters.true_theta)):
        for low, high in ((0.0, 12.4), (31.4, 32.2), (128.7, 130.7), (155.1, 180.0)):
            assert not ((theta > low) & (theta < high)).any()
        for low, high in ((12.4, 31.4), (32.2, 128.7), (130.7, 155.1)):
            assert ((theta > low) & (theta < high)).any()


def exact(response: PhotonResponseConfig) -> PhotonResponseConfig:
    """The response without any smearing or merging, everywhere."""
    zero = Quantity(value=0.0, source="test")
    names = [name for name in type(response).model_fields if name.endswith("_term") or name.startswith("tail_")]
    names += ["merging_angle_none", "merging_angle_all", "minimum_energy"]
    return response.model_copy(update=dict.fromkeys(names, zero) | {"polar_ranges": (Range(low=0.0, high=180.0),)})


def test_a_perfect_detector_returns_the_truth(detector_config: DetectorConfig) -> None:
    events = signal(detector_config, 1.0, 500)
    clusters = measure_photons(events, exact(detector_config.photon_response), np.random.default_rng(25))
    assert (clusters.counts == 3).all()
    np.testing.assert_array_equal(clusters.energy, clusters.true_energy)
    ordered = np.take_along_axis(events.photons, np.argsort(-events.photons[..., 0], axis=1)[..., None], axis=1)
    momenta = photon_momenta(clusters.energy, clusters.theta, clusters.phi).reshape(-1, 3, 4)
    np.testing.assert_allclose(momenta, ordered, atol=1e-12)


def test_events_outside_the_cuts_or_without_clusters_are_left_out(detector_config: DetectorConfig) -> None:
    events = signal(detector_config, 1.0, 100)
    weight = events.weight_fb.copy()
    weight[::2] = 0.0
    cut = GeneratedEvents(weight, events.photons, events.isr, events.mother_pdg, events.decay_beta_gamma)
    clusters = measure_photons(cut, exact(detector_config.photon_response), np.random.default_rng(26))
    assert clusters.trial.tolist() == list(range(1, 100, 2))
    blind = exact(detector_config.photon_response).model_copy(
        update={"minimum_energy": Quantity(value=50.0, source="test")}
    )
    none = measure_photons(events, blind, np.random.default_rng(27))
    assert len(none) == 0
    assert isinstance(none, PhotonClusters)
    assert none.offsets.tolist() == [0]


def test_light_particles_make_two_clusters(detector_config: DetectorConfig) -> None:
    def merged_share(mass: float) -> float:
        everywhere = {
            "polar_ranges": (Range(low=0.0, high=180.0),),
            "minimum_energy": Quantity(value=0.0, source="test"),
        }
        response = detector_config.photon_response.model_copy(update=everywhere)
        clusters = measure_photons(signal(detector_config, mass, 5000), response, np.random.default_rng(28))
        return float((clusters.counts == 2).mean())

    # minimal opening angles in the CM are 1.1 deg at 0.05 GeV and 22 deg at 1 GeV
    assert merged_share(0.05) > 0.75
    assert merged_share(1.0) == 0.0


def test_closed_ranges() -> None:
    ranges = [Range(low=32.2, high=128.7)]
    assert inside_calorimeter(np.radians([32.2, 128.7, 32.19, 128.71]), ranges).tolist() == [True, True, False, False]
