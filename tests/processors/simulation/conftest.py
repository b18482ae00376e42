"""A process of two back-to-back muons and a detector that forgets some of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from darkreach.configuration import DetectorConfig
from darkreach.errors import ConfigError
from darkreach.generators import GeneratedParticles, OpenedProcess, Process, ProcessParameter
from darkreach.kinematics import Beams
from darkreach.response.forced_outcomes import ForcedOutcomes
from darkreach.response.measured_events import MeasuredEvents, MeasuredObjects
from darkreach.simulation.process_request import ProcessRequest

CROSS_SECTION_FB = 1000.0


def open_muons(beams: Beams, values: Mapping[str, float], maximum_isr_fraction: float) -> OpenedProcess:
    """Muons of half the energy each, with weights between 0 and twice the mean; a quarter of the trials has none."""
    if not 0.0 < values["mass_gev"] < beams.sqrt_s / 2:
        raise ConfigError("no such muon", where="mass_gev", allowed="above 0 and below half the CM energy")

    def source(n: int, random: np.random.Generator) -> GeneratedParticles:
        weight = CROSS_SECTION_FB * 2.0 * random.random(n) / 0.75
        weight[random.random(n) < 0.25] = 0.0
        energy = 0.5 * beams.sqrt_s
        cosine, phi = random.uniform(-1.0, 1.0, n), random.uniform(-np.pi, np.pi, n)
        sine = np.sqrt(1.0 - cosine**2)
        size = np.sqrt(energy**2 - values["mass_gev"] ** 2)
        one = size * np.stack([sine * np.cos(phi), sine * np.sin(phi), cosine], axis=1)
        momentum = np.empty((2 * n, 4))
        momentum[:, 0] = energy
        momentum[0::2, 1:], momentum[1::2, 1:] = one, -one
        return GeneratedParticles(
            2 * np.arange(n + 1),
            weight,
            np.tile(np.array([13, -13], dtype=np.int32), n),
            momentum,
            random.normal(size=(2 * n, 3)),
            np.full(2 * n, -1, dtype=np.int32),
            np.ones(2 * n, dtype=np.bool_),
        )

    return OpenedProcess(source, "made up", {"spread": 1})


def measure_muons(
    particles: GeneratedParticles,
    detector: DetectorConfig,
    random: np.random.Generator,
    *,
    forced: ForcedOutcomes | None = None,
) -> MeasuredEvents:
    """Lose a fifth of the tracks, add up to two photons, drop events without tracks."""
    seen = particles.final & (random.random(len(particles.pdg)) < 0.8)
    tracks = np.bincount(particles.event[seen], minlength=len(particles))
    photons = random.integers(0, 3, len(particles))
    kept = tracks > 0
    photons = photons[kept]
    inside = seen & kept[particles.event]
    momentum = np.linalg.norm(particles.momentum[inside, 1:], axis=1)
    resolution = detector.photon_response.energy_constant_term.value
    lists = {
        "track": MeasuredObjects(
            np.concatenate([[0], np.cumsum(tracks[kept])]),
            {
                "p": momentum * (1.0 + resolution * random.normal(size=len(momentum))),
                "charge": -np.sign(particles.pdg[inside]),
                "mcPDG": particles.pdg[inside],
            },
        ),
        "photon": MeasuredObjects(
            np.concatenate([[0], np.cumsum(photons)]), {"E": random.exponential(0.1, int(photons.sum()))}
        ),
    }
    event = {"l1_lml0": (tracks[kept] == 2).astype(float), "decayBetaGamma": np.zeros(int(kept.sum()))}
    return MeasuredEvents(lists, event, particles.weight_fb[kept], np.flatnonzero(kept))


@pytest.fixture(scope="session")
def muon_process() -> Process:
    parameters = (
        ProcessParameter("mass_gev", "mass of the muon, GeV"),
        ProcessParameter("coupling", "of nothing", 1.0),
    )
    return Process("muons", "e+e- -> mu+ mu-", "signal", parameters, open_muons)


@pytest.fixture
def request_of(muon_process: Process, detector_config: DetectorConfig) -> Callable[..., ProcessRequest]:
    """Return a maker of requests; options replace its defaults."""

    def make(events: int = 2500, mass: float = 0.106, **options: object) -> ProcessRequest:
        values = {"mass_gev": mass, "coupling": 1.0}
        given = {"sample": "muons", "seed": 7, "maximum_isr_fraction": 0.0, "detector": detector_config, **options}
        return ProcessRequest(process=muon_process, values=values, events=events, **given)  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def measure() -> Callable[..., MeasuredEvents]:
    return measure_muons
