"""HepMC3 and HepMC2 files (arXiv:1912.08005) as chunks of generated particles.

Kept are particles of status 1 as final ones, and as mothers decayed particles of status 2 and all new particles; what
generators write of their insides (other statuses, partons, copies) is left out, never a final particle.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from darkreach.errors import InputFileError
from darkreach.generators.exchange.event_file import (
    EventFileSummary,
    bad_event,
    cut_short,
    numbered_lines,
    open_binary,
    require_reader,
    summary,
)
from darkreach.generators.exchange.record_rows import RecordRows, is_parton
from darkreach.generators.generated_particles import GeneratedParticles

_END: Final = b"END_EVENT_LISTING"
_FINAL, _DECAYED, _BEAM = 1, 2, 4
_NEW_PARTICLES: Final = 1_000_000
"""Codes above are not of the Standard Model, except for nuclei, which are final."""


def summarise_hepmc(path: Path, cross_section_fb: float | None = None) -> EventFileSummary:
    """Read a whole file and return what it holds.

    Args:
        path: HepMC3 or HepMC2 text, may be compressed (.gz, .bz2, .xz).
        cross_section_fb: used instead of that of the file (its last one).

    Raises:
        InputFileError: the file is cut short, cannot be read, or has no cross-section.
        ConfigError: pyhepmc is not installed.
    """
    expected, file_format = _scan(path)
    total, events, section = 0.0, 0, None
    for record in _records(path):
        events += 1
        total += _weight(record)
        if record.cross_section is not None:
            section = (float(record.cross_section.xsec()), float(record.cross_section.xsec_err()))
    if events != expected:
        raise bad_event(path, events + 1, "this event cannot be read", f"{events} of {expected} events were read")
    return summary(path, file_format, (events, total), section, cross_section_fb)


def read_hepmc(
    path: Path, chunk: int = 10_000, cross_section_fb: float | None = None, known: EventFileSummary | None = None
) -> Iterator[GeneratedParticles]:
    """Yield the events of a file in order, at most ``chunk`` at a time.

    The mean weight of all events of the file is its cross-section in fb.

    Args:
        path: HepMC3 or HepMC2 text, may be compressed.
        chunk: largest number of events at a time.
        cross_section_fb: used instead of that of the file.
        known: what the file holds, of which it is then not asked again.

    Raises:
        InputFileError: the file is cut short or cannot be read (found before the first chunk), an event holds final
            partons or weights that are no numbers.
        ConfigError: pyhepmc is not installed.
    """
    factor = (known or summarise_hepmc(path, cross_section_fb)).fb_per_weight
    rows = RecordRows()
    for number, record in enumerate(_records(path), 1):
        _add(rows, record, factor, path, number)
        if len(rows) == chunk:
            yield rows.particles()
            rows = RecordRows()
    if len(rows):
        yield rows.particles()


def _scan(path: Path) -> tuple[int, str]:
    """Return number of events and format; the file must have its end mark."""
    number, line, events = 0, b"", 0
    head = b""
    for number, line in numbered_lines(path):
        head = head + line if number < 10 else head
        events += line.startswith(b"E ")
    if b"HepMC::" not in head:
        raise InputFileError("not a HepMC text file", where=str(path), next_step="write HepMC3 or HepMC2 as text")
    if _END not in line:
        raise cut_short(path, number, events, "HepMC::...-END_EVENT_LISTING")
    return events, "HepMC3" if b"Asciiv3" in head else "HepMC2"


def _records(path: Path) -> Iterator[Any]:
    library = require_reader("pyhepmc", path)
    with open_binary(path) as file:
        records, number = iter(library.io.HepMCFile(file)), 0
        while True:
            number += 1
            try:
                record = next(records)
            except StopIteration:
                return
            except RuntimeError as error:
                raise bad_event(path, number, "this event cannot be read", str(error)) from error
            yield record


def _weight(record: Any) -> float:
    # an event without weights counts once
    return float(record.weights[0]) if len(record.weights) else 1.0


def _add(rows: RecordRows, record: Any, factor: float, path: Path, number: int) -> None:
    units = require_reader("pyhepmc", path).Units
    record.set_units(units.GEV, units.CM)
    columns = record.numpy.particles
    pdg, status = np.array(columns.pid, dtype=np.int64), np.array(columns.status)
    momentum = np.stack([columns.e, columns.px, columns.py, columns.pz], axis=1)
    parent, vertex = np.full(len(pdg), -1), np.zeros((len(pdg), 3))
    for place in record.vertices:
        out = [particle.id - 1 for particle in place.particles_out]
        incoming = place.particles_in
        parent[out] = incoming[0].id - 1 if incoming else -1
        position = place.position
        vertex[out] = position.x, position.y, position.z
    final = status == _FINAL
    if np.any(is_parton(pdg[final])):
        raise bad_event(path, number, "final quarks or gluons must be hadronised first", str(pdg[final].tolist()))
    weight = _weight(record) * factor
    if not (np.isfinite(weight) and np.all(np.isfinite(momentum))):
        raise bad_event(path, number, "a weight or a momentum is not a number", str(weight))
    decayed = (status == _DECAYED) | ((np.abs(pdg) > _NEW_PARTICLES) & ~final & (status != _BEAM))
    rows.add(weight, pdg, parent, momentum, vertex, final, decayed)
