"""Les Houches event files (arXiv:hep-ph/0609017) as chunks of generated particles.

Particles of status 1 are final, those of status 2 are kept as mothers; their daughters are made where the invariant
lifetime of the file (VTIMUP, mm) takes them.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

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

_END: Final = b"</LesHouchesEvents>"
_FINAL, _DECAYED = 1, 2
_CM_PER_MM: Final = 0.1


def summarise_lhe(path: Path, cross_section_fb: float | None = None) -> EventFileSummary:
    """Read a whole file and return what it holds.

    Args:
        path: LHE text, may be compressed (.gz, .bz2, .xz).
        cross_section_fb: used instead of the sum of the processes of the file.

    Raises:
        InputFileError: the file is cut short, cannot be read, or has no cross-section.
        ConfigError: pylhe is not installed.
    """
    expected = _scan(path)
    total, events = 0.0, 0
    with open_binary(path) as stream:
        file = _open(path, stream)
        section = sum(process.xSection for process in file.init.procInfo)
        error = float(np.sqrt(sum(process.error**2 for process in file.init.procInfo)))
        for record in _events(file, path):
            events += 1
            total += record.eventinfo.weight
    if events != expected:
        raise bad_event(path, events + 1, "this event cannot be read", f"{events} of {expected} events were read")
    return summary(path, "LHE", (events, total), (section, error), cross_section_fb)


def read_lhe(
    path: Path, chunk: int = 10_000, cross_section_fb: float | None = None, known: EventFileSummary | None = None
) -> Iterator[GeneratedParticles]:
    """Yield the events of a file in order, at most ``chunk`` at a time.

    The mean weight of all events of the file is its cross-section in fb.

    Args:
        path: LHE text, may be compressed.
        chunk: largest number of events at a time.
        cross_section_fb: used instead of that of the file.
        known: what the file holds, of which it is then not asked again.

    Raises:
        InputFileError: the file is cut short or cannot be read (found before the first chunk), or an event holds final
            partons, lacks particles, or has numbers that are none.
        ConfigError: pylhe is not installed.
    """
    factor = (known or summarise_lhe(path, cross_section_fb)).fb_per_weight
    rows = RecordRows()
    with open_binary(path) as stream:
        for number, record in enumerate(_events(_open(path, stream), path), 1):
            _add(rows, record, factor, path, number)
            if len(rows) == chunk:
                yield rows.particles()
                rows = RecordRows()
    if len(rows):
        yield rows.particles()


def _scan(path: Path) -> int:
    """Return the number of events; the file must have its end mark."""
    last, events, begun, ended = 0, 0, False, False
    for number, line in numbered_lines(path):
        last = number
        begun |= b"<LesHouchesEvents" in line
        ended |= _END in line
        stripped = line.lstrip()
        events += stripped.startswith((b"<event>", b"<event "))
    if not begun:
        raise InputFileError("not a Les Houches event file", where=str(path), allowed="<LesHouchesEvents ...>")
    if not ended:
        raise cut_short(path, last, events, _END.decode())
    return events


def _open(path: Path, stream: IO[bytes]) -> Any:
    library = require_reader("pylhe", path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return library.LHEFile.frombuffer(stream, with_attributes=False)
        except (ValueError, RuntimeWarning) as error:
            raise InputFileError("the header cannot be read", where=str(path), given=str(error)) from error


def _events(file: Any, path: Path) -> Iterator[Any]:
    """Yield the events; where the text is not well-formed the library only warns and stops."""
    events, number = iter(file.events), 0
    while True:
        number += 1
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                record = next(events)
            except StopIteration:
                return
            except RuntimeWarning as error:
                raise InputFileError("the event file is not well-formed", where=str(path), given=str(error)) from error
            except (ValueError, IndexError) as error:
                raise bad_event(path, number, "this event cannot be read", str(error)) from error
        if record.eventinfo.nparticles != len(record.particles):
            given = f"{len(record.particles)} particles of {record.eventinfo.nparticles}"
            raise bad_event(path, number, "particles are missing in an event", given)
        yield record


def _add(rows: RecordRows, record: Any, factor: float, path: Path, number: int) -> None:
    particles = record.particles
    pdg = np.array([particle.id for particle in particles])
    status = np.array([particle.status for particle in particles])
    parent = np.array([particle.mother1 - 1 for particle in particles])
    momentum = np.array([(particle.e, particle.px, particle.py, particle.pz) for particle in particles])
    final = status == _FINAL
    if np.any(is_parton(pdg[final])):
        raise bad_event(path, number, "final quarks or gluons must be hadronised first", str(pdg[final].tolist()))
    weight = record.eventinfo.weight * factor
    if not (np.isfinite(weight) and np.all(np.isfinite(momentum))):
        raise bad_event(path, number, "a weight or a momentum is not a number", str(record.eventinfo.weight))
    if np.any(parent >= np.arange(len(parent))):
        raise bad_event(path, number, "mothers must stand before their daughters", str((parent + 1).tolist()))
    vertex = np.zeros((len(pdg), 3))
    for row, mother in enumerate(parent):
        if mother >= 0:
            flown, mass = particles[mother], particles[mother].m
            path_cm = _CM_PER_MM * flown.lifetime / mass if flown.lifetime > 0.0 and mass > 0.0 else 0.0
            vertex[row] = vertex[mother] + path_cm * momentum[mother, 1:]
    rows.add(weight, pdg, parent, momentum, vertex, final, status == _DECAYED)
