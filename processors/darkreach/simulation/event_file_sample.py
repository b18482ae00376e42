"""Events of other generators as samples: HepMC and LHE files, read once in order, measured like our own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np

from darkreach.configuration import DetectorConfig
from darkreach.errors import ConfigError
from darkreach.generators.exchange import EventFileSummary, read_event_file, summarise_event_file
from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.process import OpenedProcess, Process
from darkreach.kinematics import Beams
from darkreach.provenance import digest_file
from darkreach.simulation.generated_files import generated_path, reusable_sums, write_generated
from darkreach.simulation.particle_lists import no_particles
from darkreach.simulation.process_request import EventFile, ProcessRequest
from darkreach.simulation.sample_pieces import CHUNK_TRIALS
from darkreach.simulation.sample_plan import SamplePlan


def event_file_request(
    path: Path,
    sample: str,
    kind: Literal["signal", "background"],
    detector: DetectorConfig,
    *,
    seed: int,
    values: Mapping[str, float] | None = None,
    cross_section_fb: float | None = None,
    **options: Any,
) -> ProcessRequest:
    """Return the request of all events of a file, which are taken as they are: GeV, in the laboratory.

    Args:
        path: HepMC3, HepMC2 or LHE, as text, may be compressed.
        sample: name of the sample.
        kind: what the events are.
        detector: what measures them.
        seed: of the detector's random numbers.
        values: parameters of the hypothesis, which the file does not tell.
        cross_section_fb: used instead of that of the file.
        options: formats, whether anything is measured, and forced outcomes, as of ``ProcessRequest``.

    Raises:
        InputFileError: the file is cut short, or has no cross-section; names line or event.
        ConfigError: the library that reads the file is not installed, or the cross-section is not positive.
    """
    if cross_section_fb is not None and not 0.0 < cross_section_fb < np.inf:
        raise ConfigError("a cross-section must be positive", where="--cross-section", given=f"{cross_section_fb:g} fb")
    summary = summarise_event_file(path, cross_section_fb)
    title = f"events of {path.name} ({summary.file_format})"
    process = Process("event_file", title, kind, (), partial(_open, summary))
    file = EventFile(path, digest_file(path), summary)
    return ProcessRequest(
        sample, process, dict(values or {}), summary.events, seed, 0.0, detector, event_file=file, **options
    )


def write_event_file(plan: SamplePlan) -> None:
    """Write the generated events of a sample that come from a file, unless they are there.

    Raises:
        InputFileError: an event cannot be read; names it.
    """
    request = plan.request
    if request.event_file is None:
        return
    paths = [generated_path(plan.folder, piece.index) for piece in plan.pieces]
    there = [
        reusable_sums(path, piece.index, plan.generated_digest) is not None
        for path, piece in zip(paths, plan.pieces, strict=True)
    ]
    if all(there):
        return
    chunks = read_event_file(request.event_file.path, CHUNK_TRIALS, known=request.event_file.summary)
    stream = (request.seed, request.stream)
    for path, piece, exists in zip(paths, plan.pieces, there, strict=True):
        if exists:
            for _ in piece.chunks():
                next(chunks)
        else:
            write_generated(path, partial(_next, chunks), stream, piece, request.events, plan.generated_digest)


def _next(chunks: Iterator[GeneratedParticles], _n: int, _random: np.random.Generator) -> GeneratedParticles:
    # fewer than wanted, or none, means that the file has changed since it was summarised
    return next(chunks, no_particles())


def _open(summary: EventFileSummary, _beams: Beams, _values: Mapping[str, float], _isr: float) -> OpenedProcess:
    identity = {"generator": f"{summary.file_format} file {summary.path.name}"}
    return OpenedProcess(partial(_next, iter(())), summary.cross_section_source, identity)
