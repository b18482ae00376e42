"""Event files of other generators: what they say of themselves, and the errors when they are not whole."""

from __future__ import annotations

import bz2
import gzip
import importlib
import lzma
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from darkreach.errors import ConfigError, InputFileError

FB_PER_PB: Final = 1e3

COMPRESSED: Final[Mapping[str, Callable[..., Any]]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
"""How files whose names end so are opened."""


@dataclass(frozen=True)
class EventFileSummary:
    """What a whole file holds.

    Attributes:
        path: of the file.
        file_format: ``HepMC3``, ``HepMC2`` or ``LHE``.
        events: number of events.
        sum_of_weights: of the first weight of each event, as written.
        cross_section_fb: of the whole file.
        cross_section_error_fb: its statistical error; zero if the file does not say.
        cross_section_source: where the cross-section is from.
    """

    path: Path
    file_format: str
    events: int
    sum_of_weights: float
    cross_section_fb: float
    cross_section_error_fb: float
    cross_section_source: str

    @property
    def fb_per_weight(self) -> float:
        """Factor that makes the mean weight of all events the cross-section in fb."""
        return self.cross_section_fb * self.events / self.sum_of_weights


def require_reader(module: str, path: Path) -> Any:
    """Return a library that reads event files.

    Raises:
        ConfigError: it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ConfigError(
            f"'{module}' is needed to read this file",
            where=str(path),
            next_step="pip install 'darkreach[generators]'",
        ) from error


def open_binary(path: Path) -> IO[bytes]:
    """Open a file for reading, uncompressed on the way if its name ends in ``.gz``, ``.bz2`` or ``.xz``.

    Raises:
        InputFileError: it cannot be opened.
    """
    try:
        stream: IO[bytes] = COMPRESSED.get(path.suffix, open)(path, "rb")
    except OSError as error:
        raise InputFileError("the event file cannot be opened", where=str(path), given=str(error)) from error
    return stream


def numbered_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not empty, with their numbers from one.

    Raises:
        InputFileError: compression ends too early, or what is compressed is damaged.
    """
    number = 0
    with open_binary(path) as file:
        try:
            for line in file:
                number += 1
                if line.strip():
                    yield number, line
        except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
            raise InputFileError(
                "the event file is cut short" if isinstance(error, EOFError) else "the event file is damaged",
                where=f"{path}:{number}",
                given=str(error),
                next_step="copy the file again",
            ) from error


def cut_short(path: Path, line: int, events: int, missing: str) -> InputFileError:
    """Return the error of a file that ends before its end mark."""
    return InputFileError(
        "the event file is cut short",
        where=f"{path}:{line}",
        allowed=f"'{missing}' after the last event",
        given=f"the file ends in or behind event {events}",
        next_step="copy the file again, or let its generator finish",
    )


def bad_event(path: Path, event: int, what: str, given: str) -> InputFileError:
    """Return the error of one event that cannot be used; events count from one."""
    return InputFileError(what, where=f"{path}, event {event}", given=given, next_step="mend the file or its generator")


def summary(
    path: Path,
    file_format: str,
    weights: tuple[int, float],
    in_file: tuple[float, float] | None,
    given_fb: float | None,
) -> EventFileSummary:
    """Return the summary of a file that has been read to its end.

    Args:
        path: of the file.
        file_format: its name.
        weights: number of events, and sum of their weights.
        in_file: cross-section and error of the file in pb; None if it has none.
        given_fb: cross-section to use instead, fb.

    Raises:
        InputFileError: no events, weights that add up to nothing, or no cross-section anywhere.
    """
    events, total = weights
    if events == 0 or not total > 0.0:
        given = f"{events} events, sum of weights {total}"
        raise InputFileError("the event file cannot be normalised", where=str(path), given=given)
    if given_fb is None and (in_file is None or not in_file[0] > 0.0):
        raise InputFileError(
            "the event file has no cross-section",
            where=str(path),
            given="none" if in_file is None else f"{in_file[0]} pb",
            next_step="give one in fb",
        )
    if given_fb is not None:
        return EventFileSummary(path, file_format, events, total, given_fb, 0.0, "given with the file")
    value, error = in_file if in_file is not None else (0.0, 0.0)
    return EventFileSummary(path, file_format, events, total, value * FB_PER_PB, error * FB_PER_PB, f"{path.name}")
