"""What holds for the measured events of every process: structure, truth, weights, and a detector without errors.

Warnings are errors in all tests of the project, so none may come from any of these events.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from darkreach.configuration import DetectorConfig, Quantity, Range
from darkreach.generators.generated_particles import GeneratedParticles, concatenate_particles
from darkreach.generators.process_registry import known_processes
from darkreach.response import MeasuredEvents, measure_events
from darkreach.response.forced_outcomes import ForcedOutcomes

Sample = Callable[..., GeneratedParticles]

NAMES = list(known_processes())
NUMBER = 500
ORDER = {"track": "p", "photon": "E", "vertex": "dr", "klm": "mcE"}
CHARGE = {11: -1, 13: -1, 211: 1, 321: 1, 2212: 1}
BEAM = 11


@pytest.fixture(scope="module")
def faultless(detector_config: DetectorConfig) -> DetectorConfig:
    """Sees all there is, as it is: every scale that makes errors or losses is zero, and there are no edges."""
    gone = {
        name: 0.0
        for name in type(detector_config.scales).model_fields
        if name.endswith(("resolution", "inefficiency")) or name in ("photon_conversion", "beam_background")
    }
    none = Quantity(value=0.0, source="test")
    everywhere = Range(low=0.0, high=180.0)
    detector = detector_config.scaled(gone)
    photons = {"polar_ranges": (everywhere,), "merging_angle_none": none, "merging_angle_all": none}
    tracks = {"polar_range": everywhere, "bremsstrahlung_thickness": none}
    return detector.model_copy(
        update={
            "photon_response": detector.photon_response.model_copy(update={**photons, "minimum_energy": none}),
            "tracks": detector.tracks.model_copy(update=tracks),
        }
    )


def some(name: str, sample: Sample) -> GeneratedParticles:
    particles = sample(name, "spread" if not is_pythia(name) else "exact", 0.35)
    return particles.select(np.arange(min(NUMBER, len(particles))))


def is_pythia(name: str) -> bool:
    process = known_processes()[name]
    return "pythia" in getattr(process.open, "func", process.open).__module__


def check_structure(measured: MeasuredEvents, particles: GeneratedParticles) -> None:
    number = len(measured.trial)
    assert len(measured.weight) == len(measured) == number
    assert np.all(np.diff(measured.trial) > 0)
    assert number == 0 or 0 <= measured.trial[0] <= measured.trial[-1] < len(particles)
    assert np.all(measured.weight > 0.0)
    assert np.all(measured.weight <= particles.weight_fb[measured.trial])
    for name, values in measured.event.items():
        assert values.shape == (number,), name
        assert np.all(np.isfinite(values)), name
        assert not name.startswith("l1_") or set(values.tolist()) <= {0, 1}
    for name, objects in measured.lists.items():
        assert objects.offsets.shape == (number + 1,)
        assert objects.offsets[0] == 0
        assert np.all(np.diff(objects.offsets) >= 0)
        event = np.repeat(np.arange(number), np.diff(objects.offsets))
        for column, values in objects.columns.items():
            assert values.shape == (objects.offsets[-1],), (name, column)
            assert np.all(np.isfinite(values)), (name, column)
        same = event[1:] == event[:-1]
        assert np.all(np.diff(objects.columns[ORDER[name]])[same] <= 0.0), name
        if "phi" in objects.columns:
            assert np.all((objects.columns["theta"] >= 0.0) & (objects.columns["theta"] <= np.pi))
            assert np.all(np.abs(objects.columns["phi"]) <= np.pi)


def check_values(measured: MeasuredEvents) -> None:
    tracks, photons, vertices = (measured.lists[name] for name in ("track", "photon", "vertex"))
    assert np.all(tracks.columns["p"] > 0.0)
    assert np.all(tracks.columns["dr"] >= 0.0)
    assert np.all(photons.columns["E"] > 0.0)
    assert set(np.abs(tracks.columns["mcPDG"]).tolist()) <= set(CHARGE)
    charge = sum(CHARGE[code] * (np.abs(tracks.columns["mcPDG"]) == code) for code in CHARGE)
    assert np.array_equal(tracks.columns["charge"], charge * np.sign(tracks.columns["mcPDG"]))
    for name in ("muonID", "electronID", "kaonID", "pionID"):
        assert np.all((tracks.columns[name] >= 0.0) & (tracks.columns[name] <= 1.0))
    counts = np.diff(tracks.offsets)
    event = np.repeat(np.arange(len(measured)), np.diff(vertices.offsets))
    first, second = (vertices.columns[name] for name in ("first", "second"))
    assert np.all((first >= 0) & (second > first) & (second < counts[event]))
    one, other = (tracks.columns["charge"][tracks.offsets[event] + place] for place in (first, second))
    assert np.all(one * other < 0.0)
    background = photons.columns["mcPDG"] == 0
    assert np.all((photons.columns["mcE"] == 0.0) == background)
    assert np.all((photons.columns["genMotherPDG"] == 0) == background)


def true_of(measured: MeasuredEvents, name: str, particles: GeneratedParticles) -> np.ndarray:
    """Row of the final particle behind each object, by code, mother and size of the momentum; -1 for none."""
    objects = measured.lists[name]
    size_column = "mcP" if name == "track" else "mcE"
    momentum = np.linalg.norm(particles.momentum[:, 1:], axis=1)
    size = momentum if name == "track" else particles.momentum[:, 0]
    place = particles.mother
    mother = np.where(place >= 0, particles.pdg[np.repeat(particles.offsets[:-1], particles.counts) + place], BEAM)
    found = np.full(objects.offsets[-1], -1)
    event = measured.trial[np.repeat(np.arange(len(measured)), np.diff(objects.offsets))]
    for row, trial in enumerate(event):
        rows = slice(particles.offsets[trial], particles.offsets[trial + 1])
        fits = particles.final[rows] & (particles.pdg[rows] == objects.columns["mcPDG"][row])
        fits &= mother[rows] == objects.columns["genMotherPDG"][row]
        fits &= np.abs(size[rows] - objects.columns[size_column][row]) <= 1e-12 * size[rows]
        places = np.flatnonzero(fits)
        if len(places):
            found[row] = particles.offsets[trial] + places[0]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_events_of_every_process_are_measured(name: str, sample: Sample, detector_config: DetectorConfig) -> None:
    particles = some(name, sample)
    measured = measure_events(particles, detector_config, np.random.default_rng(1))
    check_structure(measured, particles)
    check_values(measured)
    assert len(measured) > 0
    np.testing.assert_array_equal(measured.weight, particles.weight_fb[measured.trial])
    # of tracks, all but those of converted photons are particles of the event
    tracks = measured.lists["track"].columns
    found = true_of(measured, "track", particles)
    converted = (np.abs(tracks["mcPDG"]) == 11) & (tracks["genMotherPDG"] == 22)
    assert np.all((found >= 0) | converted)
    # energies of clusters are of one photon, or sums of merged ones that the event has
    photons = measured.lists["photon"].columns
    event = measured.trial[np.repeat(np.arange(len(measured)), np.diff(measured.lists["photon"].offsets))]
    rows = particles.final & np.isin(np.abs(particles.pdg), (11, 22, 130, 2112))
    most = np.bincount(particles.event[rows], particles.momentum[rows, 0], len(particles))
    assert np.all(photons["mcE"] <= most[event] * (1.0 + 1e-9))


@pytest.mark.parametrize("name", NAMES)
def test_a_detector_without_errors_returns_the_truth(name: str, sample: Sample, faultless: DetectorConfig) -> None:
    particles = some(name, sample)
    measured = measure_events(particles, faultless, np.random.default_rng(1))
    check_structure(measured, particles)
    check_values(measured)
    tracks = measured.lists["track"].columns
    for measured_name, true_name in (("p", "mcP"), ("theta", "mcTheta"), ("phi", "mcPhi")):
        difference = tracks[measured_name] - tracks[true_name]
        if measured_name == "phi":
            difference = np.remainder(difference + np.pi, 2.0 * np.pi) - np.pi
        assert np.all(np.abs(difference) < 1e-9 * np.maximum(tracks["mcP"], 1.0)), measured_name
    rows = true_of(measured, "track", particles)
    assert np.all(rows >= 0)
    reached = np.repeat(particles.weight_fb > 0.0, particles.counts) & particles.final
    reached &= np.isin(np.abs(particles.pdg), list(CHARGE))
    theta = np.arctan2(np.hypot(*particles.momentum[:, 1:3].T), particles.momentum[:, 3])
    # azimuth and angle of what goes along the field have no meaning
    steep = (theta > 2e-3) & (theta < np.pi - 2e-3)
    assert set(np.flatnonzero(reached & steep)) <= set(rows.tolist()) <= set(np.flatnonzero(reached))
    assert len(set(rows.tolist())) == len(rows)
    at_origin = ~particles.vertex[rows].any(axis=1)
    assert np.all(tracks["dr"][at_origin] == 0.0)
    assert np.all(tracks["dz"][at_origin] == 0.0)
    check_photons(measured, particles)
    check_vertices(measured, particles, rows)


def check_vertices(measured: MeasuredEvents, particles: GeneratedParticles, tracks: np.ndarray) -> None:
    """Vertices of two daughters of one particle are where it decayed."""
    objects = measured.lists["vertex"]
    columns = objects.columns
    start = measured.lists["track"].offsets[np.repeat(np.arange(len(measured)), np.diff(objects.offsets))]
    one, other = (tracks[start + columns[name]] for name in ("first", "second"))
    together = particles.mother[one] == particles.mother[other]
    assert np.array_equal(columns["mcPDG"] != 0, together & (particles.mother[one] >= 0))
    position = np.stack([columns[name] for name in "xyz"], axis=1)
    between = 0.5 * (particles.vertex[one] + particles.vertex[other])
    np.testing.assert_allclose(position, between, rtol=0.0, atol=1e-12)
    np.testing.assert_allclose(columns["dr"], columns["mcDr"], rtol=0.0, atol=1e-12)


def check_photons(measured: MeasuredEvents, particles: GeneratedParticles) -> None:
    photons = measured.lists["photon"].columns
    real = photons["mcPDG"] == 22
    np.testing.assert_allclose(photons["E"][real], photons["mcE"][real], rtol=1e-12)
    np.testing.assert_allclose(photons["theta"][real], photons["mcTheta"][real], atol=1e-12)
    rows = true_of(measured, "photon", particles)
    assert np.all(rows[real] >= 0)
    # of photons made inside the calorimeter all are seen
    inside = (np.hypot(particles.vertex[:, 0], particles.vertex[:, 1]) < 120.0) & (particles.vertex[:, 2] < 190.0)
    inside &= particles.vertex[:, 2] > -100.0
    wanted = np.repeat(particles.weight_fb > 0.0, particles.counts) & particles.final & (particles.pdg == 22)
    missing = set(np.flatnonzero(wanted & inside)) - set(rows.tolist())
    assert not missing
    # those from the collision keep their direction
    prompt = real & ~particles.vertex[rows].any(axis=1)
    momentum = particles.momentum[rows[prompt]]
    theta = np.arctan2(np.hypot(momentum[:, 1], momentum[:, 2]), momentum[:, 3])
    np.testing.assert_allclose(photons["theta"][prompt], theta, atol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_no_event_and_one_event(name: str, sample: Sample, detector_config: DetectorConfig) -> None:
    particles = some(name, sample)
    nothing = measure_events(particles.select(np.zeros(0, dtype=np.intp)), detector_config, np.random.default_rng(1))
    assert len(nothing) == 0
    whole = measure_events(particles, detector_config, np.random.default_rng(1))
    for empty, full in ((nothing, whole),):
        assert set(empty.event) == set(full.event)
        for kind, objects in full.lists.items():
            assert {key: values.dtype for key, values in empty.lists[kind].columns.items()} == {
                key: values.dtype for key, values in objects.columns.items()
            }
    check_structure(nothing, particles.select(np.zeros(0, dtype=np.intp)))
    for row in range(5):
        one = particles.select(np.array([row]))
        check_structure(measure_events(one, detector_config, np.random.default_rng(row)), one)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("number", [0, 1])
def test_forced_outcomes_lower_weights(name: str, number: int, sample: Sample, detector_config: DetectorConfig) -> None:
    particles = some(name, sample)
    for forced in (ForcedOutcomes(lost_photons=number), ForcedOutcomes(wrong_identifications=number)):
        measured = measure_events(particles, detector_config, np.random.default_rng(2), forced=forced)
        check_structure(measured, particles)


def test_events_without_weight_or_particles_are_left_out(sample: Sample, detector_config: DetectorConfig) -> None:
    some_events = sample("muon_pair_tree", "spread", 0.35).select(np.arange(20))
    none = GeneratedParticles(
        np.zeros(6, dtype=np.int64),
        np.ones(5),
        np.zeros(0, dtype=np.int32),
        np.zeros((0, 4)),
        np.zeros((0, 3)),
        np.zeros(0, dtype=np.int32),
        np.zeros(0, dtype=np.bool_),
    )
    quiet = detector_config.scaled({"beam_background": 0.0})
    together = concatenate_particles([none, some_events, none])
    together.weight_fb[8] = 0.0
    measured = measure_events(together, quiet, np.random.default_rng(1))
    check_structure(measured, together)
    assert set(measured.trial.tolist()) <= set(range(5, 25)) - {8}
    assert len(measured) > 10
    assert len(measure_events(none, quiet, np.random.default_rng(1))) == 0
