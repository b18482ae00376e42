"""The errors a user can meet; every message says what, where, what is allowed, what was given, what to do next.

DarkreachError
├── ConfigError           a configuration file or option is wrong
├── UnknownNameError      a search, key, sample or preset nobody knows (carries the closest known name)
├── InputFileError        an ntuple cannot be opened or does not hold what it must
│   └── MissingColumnError
├── EventContentError     a value inside the events makes the result undefined (NaN weight, ...)
├── LedgerError           events processed differ from events planned
├── WorkspaceError        a workspace or patchset is not JSON, not valid, or has no parameter of interest
├── LimitError            a limit was asked for in a way that has no meaning
├── OutputError           a result cannot be written, or another run holds the folder
└── ReproductionError     stored and recomputed results differ
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class DarkreachError(Exception):
    """Base of all errors shown to a user.

    Args:
        what: one sentence naming the fault.
        where: file, file:line, JSON path or option.
        allowed: what would have been accepted.
        given: what was found instead.
        next_step: what to do now.

    Example:
        >>> print(DarkreachError("mass is negative", where="demo.yaml:3", given="-1"))
        mass is negative
          where:   demo.yaml:3
          given:   -1
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        allowed: str | None = None,
        given: str | None = None,
        next_step: str | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.allowed = allowed
        self.given = given
        self.next_step = next_step

    def __str__(self) -> str:
        lines = [self.what] + [f"  {label + ':':<9}{text}" for label, text in self._details()]
        return "\n".join(lines)

    def one_line(self) -> str:
        """Return the whole message as one line, for a cell of a table or the reason of a result.

        Example:
            >>> DarkreachError("mass is negative", where="demo.yaml:3", given="-1").one_line()
            'mass is negative (where: demo.yaml:3; given: -1)'
        """
        details = "; ".join(f"{label}: {text}" for label, text in self._details())
        return f"{self.what} ({details})" if details else self.what

    def _details(self) -> list[tuple[str, str]]:
        labelled = (("where", self.where), ("allowed", self.allowed), ("given", self.given), ("next", self.next_step))
        return [(label, text) for label, text in labelled if text]

    def __reduce__(self) -> tuple[object, ...]:
        # errors cross process boundaries; keyword-only arguments need their own way to be rebuilt
        return (_rebuild, (type(self), self.what, self.where, self.allowed, self.given, self.next_step))


def _rebuild(
    kind: type[DarkreachError], what: str, where: str, allowed: str, given: str, next_step: str
) -> DarkreachError:
    return kind(what, where=where, allowed=allowed, given=given, next_step=next_step)


class ConfigError(DarkreachError):
    """A configuration file or a command-line option is wrong."""


class UnknownNameError(DarkreachError):
    """A name is not among the known ones."""


class InputFileError(DarkreachError):
    """An input file cannot be opened, is truncated, empty, or of another kind."""


class MissingColumnError(InputFileError):
    """An ntuple lacks a column that the search declares."""


class EventContentError(DarkreachError):
    """A value inside the events would make the histograms undefined."""


class LedgerError(DarkreachError):
    """The number of processed events differs from the planned one."""


class WorkspaceError(DarkreachError):
    """A workspace or patchset is not usable."""


class LimitError(DarkreachError):
    """A limit was asked for in a way that has no meaning."""


class OutputError(DarkreachError):
    """A result cannot be written."""


class ReproductionError(DarkreachError):
    """Stored and recomputed results differ."""


def closest_name(given: str, known: Iterable[str]) -> str | None:
    """Return the known name most similar to the given one, or None.

    Example:
        >>> closest_name("axion_to_fotons", ["axion_to_photons", "invisible_z_prime"])
        'axion_to_photons'
    """
    matches = difflib.get_close_matches(given, list(known), n=1, cutoff=0.4)
    return matches[0] if matches else None


def unknown_name(kind: str, given: str, known: Iterable[str], *, where: str | None = None) -> UnknownNameError:
    """Build the error for a name nobody knows, with the closest known one.

    Example:
        >>> print(unknown_name("search", "axion_to_fotons", ["axion_to_photons"]).next_step)
        did you mean 'axion_to_photons'?
    """
    names = sorted(known)
    match = closest_name(given, names)
    return UnknownNameError(
        f"unknown {kind} '{given}'",
        where=where,
        allowed=", ".join(names),
        given=given,
        next_step=f"did you mean '{match}'?" if match else f"choose one of the known names ({kind})",
    )
