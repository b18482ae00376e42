"""Generated particles as a HepMC3 file, for other programs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from darkreach.errors import OutputError
from darkreach.generators.exchange.event_file import FB_PER_PB, require_reader
from darkreach.generators.generated_particles import GeneratedParticles

_FINAL, _DECAYED, _BEAM, _INTERNAL = 1, 2, 4, 11
_MM_PER_CM = 10.0


def write_hepmc(path: Path, chunks: Iterable[GeneratedParticles], beams: np.ndarray[Any, Any]) -> int:
    """Write events and return their number; the weight of each is in pb.

    The mean of the weights, not their sum, is the cross-section; the one written in each event is the mean so far.
    In this format all daughters leave a particle in one place, that of the first of them; one made elsewhere gets an
    internal copy (status 11) that takes it there.

    Args:
        path: of the file; compressed if it ends in ``.gz``.
        chunks: events; a mother stands before its daughters.
        beams: (2, 4) four-momenta of electron and positron, GeV; they are the parents of what has no mother.

    Raises:
        OutputError: the file exists.
        ConfigError: pyhepmc is not installed.
    """
    if path.exists():
        raise OutputError("this file exists", where=str(path), next_step="choose another name or remove it")
    library = require_reader("pyhepmc", path)
    number, total, squares = 0, 0.0, 0.0
    run = library.GenRunInfo()
    run.weight_names = ["weight_pb"]
    with library.open(str(path), "w") as file:
        for particles in chunks:
            for row in range(len(particles)):
                weight = float(particles.weight_fb[row]) / FB_PER_PB
                number, total, squares = number + 1, total + weight, squares + weight**2
                record = _record(library, particles, row, beams)
                record.run_info, record.event_number, record.weights = run, number - 1, [weight]
                section = library.GenCrossSection()
                mean = total / number
                section.set_cross_section(mean, float(np.sqrt(max(squares / number - mean**2, 0.0) / number)), number)
                record.cross_section = section
                file.write(record)
    return number


def _record(library: Any, particles: GeneratedParticles, row: int, beams: np.ndarray[Any, Any]) -> Any:
    record = library.GenEvent(library.Units.GEV, library.Units.MM)
    collision = library.GenVertex()
    for code, momentum in zip((11, -11), beams, strict=True):
        collision.add_particle_in(library.GenParticle(_four(momentum), code, _BEAM))
    low, high = int(particles.offsets[row]), int(particles.offsets[row + 1])
    made: list[Any] = []
    vertices: dict[int, Any] = {-1: collision}
    places = {-1: (0.0, 0.0, 0.0)}
    further = []
    for index in range(low, high):
        status = _FINAL if particles.final[index] else _DECAYED
        code, four = int(particles.pdg[index]), _four(particles.momentum[index])
        particle, mother = library.GenParticle(four, code, status), int(particles.mother[index])
        x, y, z = (_MM_PER_CM * float(value) for value in particles.vertex[index])
        if mother not in vertices:
            vertices[mother], places[mother] = library.GenVertex((x, y, z, 0.0)), (x, y, z)
            vertices[mother].add_particle_in(made[mother])
        made.append(particle)
        if places[mother] == (x, y, z):
            vertices[mother].add_particle_out(particle)
            continue
        copy = library.GenParticle(four, code, _INTERNAL)
        vertices[mother].add_particle_out(copy)
        further.append(library.GenVertex((x, y, z, 0.0)))
        further[-1].add_particle_in(copy)
        further[-1].add_particle_out(particle)
    for vertex in (*vertices.values(), *further):
        record.add_vertex(vertex)
    return record


def _four(momentum: np.ndarray[Any, Any]) -> tuple[float, float, float, float]:
    energy, px, py, pz = (float(value) for value in momentum)
    return px, py, pz, energy
