"""What an entry of a search in mass and lifetime holds besides workspace and limits, and whether it still follows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from darkreach.catalogue.kept_lifetimes import is_kept, kept_limits
from darkreach.configuration import CouplingSettings
from darkreach.couplings import (
    ExcludedInterval,
    LifetimeLimit,
    lifetime_limits_from,
    long_lived_couplings,
    long_lived_model,
    read_lifetime_limits,
    read_lifetime_limits_header,
    write_couplings,
    write_lifetime_limits,
)
from darkreach.limits import LimitsDocument

TOLERANCE: Final = 1e-5
"""Relative, of what six stored digits resolve."""

SHARED_LABELS: Final = ("confidence_level", "luminosity", "data", "search")
"""Of the header of limits, what holds for the couplings that follow from them."""


@dataclass(frozen=True)
class StoredLifetimes:
    """Limits in mass and lifetime at one confidence level, as they stand in a file.

    Attributes:
        header: of the file; its quantity is that of single channels.
        limits: in order.
    """

    header: Mapping[str, str]
    limits: tuple[LifetimeLimit, ...]

    @property
    def masses_gev(self) -> frozenset[float]:
        """Masses with a limit, GeV."""
        return frozenset(limit.mass_gev for limit in self.limits)

    def islands(self, settings: CouplingSettings) -> list[ExcludedInterval]:
        """Return what limits on all channels together exclude of a coupling, by mass and quantile."""
        return long_lived_couplings(self.limits, long_lived_model(settings))

    def write_islands(self, path: Path, settings: CouplingSettings) -> Path:
        """Write the excluded intervals of a coupling, and return the path.

        Raises:
            OutputError: the folder cannot be written to.
        """
        shared = {key: self.header[key] for key in SHARED_LABELS if key in self.header}
        lines = {"coupling": settings.name, "unit": settings.unit, **shared}
        return write_couplings(path, self.islands(settings), lines)


def stored_lifetimes(path: Path) -> StoredLifetimes:
    """Read the limits of a file.

    Raises:
        InputFileError: missing file, other columns, incomplete header, or a row that is not a limit.
    """
    return StoredLifetimes(read_lifetime_limits_header(path), tuple(read_lifetime_limits(path)))


def store_lifetimes(source: Path, target: Path) -> StoredLifetimes:
    """Write the limits of a run that an entry keeps, and return them as they are stored.

    Raises:
        InputFileError: the run has no such limits.
        OutputError: the folder cannot be written to.
    """
    whole = stored_lifetimes(source)
    write_lifetime_limits(target, kept_limits(whole.limits), whole.header)
    return stored_lifetimes(target)


def changed_lifetime_limits(
    stored: StoredLifetimes, document: LimitsDocument, confidence_level: float
) -> Iterator[str]:
    """Yield a sentence for each limit on mu that is not the stored one in mass and lifetime.

    Raises:
        LimitError: a hypothesis is no mass and lifetime of a channel, or its meaning is incomplete.
    """
    known = {_place(limit): limit.upper for limit in stored.limits}
    for limit in lifetime_limits_from(document, cl=confidence_level):
        old, new = known.get(_place(limit)), limit.upper
        if is_kept(limit) and (old is None or not math.isclose(old, new, rel_tol=TOLERANCE, abs_tol=0.0)):
            point = f"{limit.channel}, {limit.mass_gev:g} GeV, {limit.ctau_cm:g} cm ({limit.quantile})"
            yield f"limit of {point} at {confidence_level:.0%} CL is not the stored one in mass and lifetime"


def _place(limit: LifetimeLimit) -> tuple[str, float, float, str]:
    return limit.channel, limit.mass_gev, limit.ctau_cm, limit.quantile
