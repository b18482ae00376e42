"""From a generator of a fixed final state to the source of a process."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from darkreach.generators.final_state_events import FinalStateEvents
from darkreach.generators.generated_particles import GeneratedParticles, particles_of
from darkreach.generators.process import ParticleSource


def particle_source(generate: Callable[[int, np.random.Generator], FinalStateEvents]) -> ParticleSource:
    """Return the source of particles that draws events of a fixed final state."""

    def source(n: int, random: np.random.Generator) -> GeneratedParticles:
        return particles_of(generate(n, random))

    return source
