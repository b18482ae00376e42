"""Files of measured events, each from one file of generated ones."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import numpy as np

from darkreach.configuration import DetectorConfig
from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.random_streams import random_stream
from darkreach.provenance import atomic_path
from darkreach.response.forced_outcomes import ForcedOutcomes
from darkreach.response.measured_events import MeasuredEvents
from darkreach.simulation.event_lists import measured_lists
from darkreach.simulation.generated_files import read_generated
from darkreach.simulation.list_files import open_list_file
from darkreach.simulation.particle_lists import no_particles
from darkreach.simulation.sample_pieces import CHUNK_TRIALS
from darkreach.simulation.weight_sums import WeightSums, added_sums, weight_sums


class Response(Protocol):
    """What the detector makes of true particles."""

    def __call__(
        self,
        particles: GeneratedParticles,
        detector: DetectorConfig,
        random: np.random.Generator,
        /,
        *,
        forced: ForcedOutcomes,
    ) -> MeasuredEvents:
        """Return what is measured; ``forced`` says which rare outcomes become weights."""


def measured_path(folder: Path, index: int, kind: str) -> Path:
    """Return the path of a file of measured events of the sample in a folder."""
    return folder / f"events_{index:04d}.{kind}"


def write_measured(
    generated: Path,
    targets: Sequence[tuple[str, Path]],
    detector: DetectorConfig,
    stream: tuple[int, str],
    response: Response,
    forced: ForcedOutcomes,
) -> WeightSums:
    """Measure the events of a file of generated ones, chunk by chunk.

    The random numbers of a chunk are its own, the same for every detector: samples of two detectors vary together.

    Args:
        generated: file of generated events.
        targets: (format, path) of the new files, all with the same events.
        detector: what measures.
        stream: seed and name of the random numbers.
        response: the simulation of the detector.
        forced: rare outcomes that become weights.

    Raises:
        InputFileError: the generated events are missing or damaged.
    """
    sums = []
    with ExitStack() as stack:
        files = [
            stack.enter_context(open_list_file(stack.enter_context(atomic_path(path)), kind)) for kind, path in targets
        ]
        for trial, particles in read_generated(generated):
            random = random_stream(*stream, int(trial[0]) // CHUNK_TRIALS)
            measured = response(particles, detector, random, forced=forced)
            rows = measured_lists(measured, trial[measured.trial])
            for file in files:
                file.append(rows)
            sums.append(weight_sums(measured.weight, 0))
        if not sums:
            # no event with weight: the columns are still wanted
            empty = response(no_particles(), detector, random_stream(*stream, 0), forced=forced)
            for file in files:
                file.append(measured_lists(empty, empty.trial))
    return added_sums(sums)
