"""Events of a check: the process opened with the beams and numbers of the configuration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from darkreach.configuration import ValidationConfig
from darkreach.configuration.validation import AngleCheck, CrossSectionCheck, ResolutionCheck
from darkreach.generators import GeneratedParticles, ParticleSource, random_stream
from darkreach.generators.process_registry import find_process

CHUNK_EVENTS: Final = 50_000
"""Trials drawn at once; each chunk has its own random numbers."""


def open_check(check: CrossSectionCheck | ResolutionCheck | AngleCheck, config: ValidationConfig) -> ParticleSource:
    """Return the source of the events of a check.

    Raises:
        ConfigError: unknown process, unknown parameter, or a value out of its range.
    """
    process = find_process(check.process)
    values = process.values(check.parameters)
    return process.open(config.beams[check.beams].beams(), values, check.maximum_isr_fraction).source


def generated_chunks(
    check: CrossSectionCheck | ResolutionCheck | AngleCheck, config: ValidationConfig
) -> Iterator[GeneratedParticles]:
    """Yield the events of a check; the same seed and name give the same events."""
    source = open_check(check, config)
    for chunk, start in enumerate(range(0, check.events, CHUNK_EVENTS)):
        yield source(min(CHUNK_EVENTS, check.events - start), random_stream(config.seed, check.name, chunk))
