"""From a generator of a fixed final state to the source of a process."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from darkreach.errors import ConfigError
from darkreach.generators.final_state_events import FinalStateEvents
from darkreach.generators.generated_particles import GeneratedParticles, particles_of
from darkreach.generators.process import ParticleSource


def particle_source(generate: Callable[[int, np.random.Generator], FinalStateEvents]) -> ParticleSource:
    """Return the source of particles that draws events of a fixed final state."""

    def source(n: int, random: np.random.Generator) -> GeneratedParticles:
        return particles_of(generate(n, random))

    return source


def check_radiation(maximum_isr_fraction: float) -> None:
    """Refuse a largest energy fraction radiated that is negative, or that leaves nothing.

    Raises:
        ConfigError: it is not from 0 to below 1.
    """
    if not 0.0 <= maximum_isr_fraction < 1.0:
        raise ConfigError(
            "the beams cannot radiate this fraction of the energy",
            where="maximum_isr_fraction",
            allowed="from 0 (no radiation) to below 1",
            given=str(maximum_isr_fraction),
            next_step="0.35 keeps what most selections can use",
        )
