"""The couplings file of a mass scan: one row an excluded interval, and a header that says of what."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from darkreach.couplings.couplings_table import read_table, write_table
from darkreach.errors import InputFileError, unknown_name

QUANTILES = ("observed", "-2", "-1", "0", "1", "2")
"""The observed limit, and the expected ones in standard deviations of background-only data."""


@dataclass(frozen=True)
class ExcludedInterval:
    """An excluded interval of a coupling at one mass; nothing excluded means no interval.

    Attributes:
        mass_gev: GeV.
        ctau_cm: proper decay length at the lower edge, cm; the lifetime changes along the interval if the coupling
            makes the particle decay.
        quantile: observed, or standard deviations of the expected limit: -2, -1, 0, 1, 2.
        lower: edge of the interval, in the unit of the coupling.
        upper: the other edge; infinite for a one-sided limit.
    """

    mass_gev: float
    ctau_cm: float
    quantile: str
    lower: float
    upper: float

    @property
    def masses(self) -> tuple[float, ...]:
        """The mass, GeV."""
        return (self.mass_gev,)


COLUMNS = tuple(field.name for field in fields(ExcludedInterval))


def write_couplings(path: Path, intervals: Iterable[ExcludedInterval], header: Mapping[str, Any]) -> Path:
    """Write excluded intervals as CSV, atomically, and return the path.

    Args:
        path: file to write.
        intervals: in the order of the rows.
        header: written as comment lines ``# key: value``; needs coupling, unit, confidence_level, luminosity and data.

    Raises:
        OutputError: the header lacks an entry or holds a line break, or the folder cannot be written to.
    """
    rows = []
    for interval in intervals:
        _check(interval, str(path))
        rows.append(
            [
                repr(float(interval.mass_gev)),
                f"{interval.ctau_cm:.6g}",
                interval.quantile,
                f"{interval.lower:.9g}",
                f"{interval.upper:.9g}",
            ]
        )
    return write_table(path, COLUMNS, rows, header)


def read_couplings(path: Path) -> list[ExcludedInterval]:
    """Read excluded intervals.

    Raises:
        InputFileError: missing file, other columns, or a row that is not an interval (names its line).
    """
    intervals = []
    for where, row in read_table(path, COLUMNS):
        try:
            mass, ctau, quantile, lower, upper = row
            interval = ExcludedInterval(float(mass), float(ctau), quantile, float(lower), float(upper))
        except ValueError as error:
            raise InputFileError("not an excluded interval", where=where, given=",".join(row)) from error
        _check(interval, where)
        intervals.append(interval)
    return intervals


def check_quantile(quantile: str, where: str) -> None:
    """Refuse a quantile that nobody knows.

    Raises:
        UnknownNameError: it is none of ``QUANTILES``.
    """
    if quantile not in QUANTILES:
        raise unknown_name("quantile", quantile, QUANTILES, where=where)


def _check(interval: ExcludedInterval, where: str) -> None:
    check_quantile(interval.quantile, where)
    finite = math.isfinite(interval.mass_gev) and math.isfinite(interval.ctau_cm)
    if not finite or not 0.0 <= interval.lower < interval.upper:
        raise InputFileError(
            "an excluded interval needs a finite mass and lifetime, and 0 <= lower < upper",
            where=where,
            given=str(interval),
        )
