"""Small samples of particles for the response: two-body decays and beams of equal particles."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from darkreach.configuration import DetectorConfig, Quantity
from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.kinematics import boost

MASS = {11: 0.51099895e-3, 13: 0.1056583755, 211: 0.13957039, 321: 0.493677, 2212: 0.938272, 22: 0.0, 130: 0.497611}


def isotropic(n: int, random: np.random.Generator) -> np.ndarray:
    cosine, phi = random.uniform(-1.0, 1.0, n), random.uniform(-np.pi, np.pi, n)
    sine = np.sqrt(1.0 - cosine**2)
    return np.stack([sine * np.cos(phi), sine * np.sin(phi), cosine], axis=1)


@pytest.fixture(scope="session")
def events_of() -> Callable[..., GeneratedParticles]:
    """Return a maker of events with equal content: (codes, momenta (n, k, 4), vertices (n, k, 3), mothers (k,))."""

    def make(
        pdg: Sequence[int],
        momenta: np.ndarray,
        vertex: np.ndarray | None = None,
        mother: Sequence[int] | None = None,
        final: Sequence[bool] | None = None,
    ) -> GeneratedParticles:
        n, k, _ = momenta.shape
        return GeneratedParticles(
            np.arange(n + 1) * k,
            np.ones(n),
            np.tile(np.array(pdg, np.int32), n),
            momenta.reshape(-1, 4),
            np.zeros((n * k, 3)) if vertex is None else vertex.reshape(-1, 3),
            np.tile(np.array([-1] * k if mother is None else mother, np.int32), n),
            np.tile(np.array([True] * k if final is None else final), n),
        )

    return make


@pytest.fixture(scope="session")
def beam_of() -> Callable[..., np.ndarray]:
    """Return a maker of equal particles: (code, momentum, theta in degrees, number) -> momenta (n, 1, 4)."""

    def make(pdg: int, momentum: float, theta: float, n: int, phi: float = 0.3) -> np.ndarray:
        polar = np.radians(theta)
        direction = np.array([np.sin(polar) * np.cos(phi), np.sin(polar) * np.sin(phi), np.cos(polar)])
        four = np.concatenate([[np.hypot(momentum, MASS[abs(pdg)])], momentum * direction])
        return np.tile(four, (n, 1, 1))

    return make


@pytest.fixture(scope="session")
def two_body() -> Callable[..., np.ndarray]:
    """Return a maker of decays: (mass, code, code, momentum of the mother in the CM, n, boost, random)."""

    def make(
        mass: float, first: int, second: int, momentum: float, n: int, velocity: np.ndarray, random: np.random.Generator
    ) -> np.ndarray:
        m1, m2 = MASS[abs(first)], MASS[abs(second)]
        k = np.sqrt((mass**2 - (m1 + m2) ** 2) * (mass**2 - (m1 - m2) ** 2)) / (2.0 * mass)
        direction = k * isotropic(n, random)
        one = np.column_stack([np.full(n, np.hypot(k, m1)), direction])
        two = np.column_stack([np.full(n, np.hypot(k, m2)), -direction])
        flight = momentum / np.hypot(momentum, mass) * isotropic(n, random)
        return boost(boost(np.stack([one, two], axis=1), flight[:, np.newaxis]), velocity)

    return make


@pytest.fixture(scope="session")
def quiet(detector_config: DetectorConfig) -> DetectorConfig:
    """The detector without beam background, conversions and losses."""
    return detector_config.scaled(
        {
            "beam_background": 0.0,
            "photon_conversion": 0.0,
            "photon_inefficiency": 0.0,
            "track_inefficiency": 0.0,
        }
    )


@pytest.fixture(scope="session")
def number() -> Callable[[float], Quantity]:
    return lambda value: Quantity(value=value, source="test")


@pytest.fixture(scope="session")
def half_width() -> Callable[[np.ndarray], float]:
    """Half the width of the central 68 %."""

    def measure(values: np.ndarray) -> float:
        low, high = np.percentile(values, [15.865525, 84.134475])
        return float(0.5 * (high - low))

    return measure
