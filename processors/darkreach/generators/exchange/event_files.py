"""Event files of any known format, told apart by their first lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from darkreach.errors import InputFileError
from darkreach.generators.exchange.event_file import EventFileSummary, numbered_lines
from darkreach.generators.exchange.hepmc_files import read_hepmc, summarise_hepmc
from darkreach.generators.exchange.lhe_files import read_lhe, summarise_lhe
from darkreach.generators.generated_particles import GeneratedParticles

_LOOKED_AT = 20
"""Lines; comments may stand before the mark of a format."""


def _is_hepmc(path: Path) -> bool:
    """Return whether a file is HepMC rather than LHE.

    Raises:
        InputFileError: it is neither.
    """
    for _, (_, line) in zip(range(_LOOKED_AT), numbered_lines(path), strict=False):
        if b"HepMC::" in line:
            return True
        if b"<LesHouchesEvents" in line:
            return False
    raise InputFileError(
        "not an event file of a known format",
        where=str(path),
        allowed="HepMC3, HepMC2 or LHE, as text, may be compressed (.gz, .bz2, .xz)",
        next_step="convert it",
    )


def summarise_event_file(path: Path, cross_section_fb: float | None = None) -> EventFileSummary:
    """Read a whole HepMC or LHE file and return what it holds; errors as of the readers of both."""
    return (summarise_hepmc if _is_hepmc(path) else summarise_lhe)(path, cross_section_fb)


def read_event_file(
    path: Path, chunk: int = 10_000, cross_section_fb: float | None = None, known: EventFileSummary | None = None
) -> Iterator[GeneratedParticles]:
    """Return the events of a HepMC or LHE file, at most ``chunk`` at a time; arguments and errors as of its reader."""
    return (read_hepmc if _is_hepmc(path) else read_lhe)(path, chunk, cross_section_fb, known)
