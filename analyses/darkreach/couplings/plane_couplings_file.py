"""The couplings file of a plane search: one row a point of the plane and quantile, under the same header."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from darkreach.couplings.couplings_file import check_quantile
from darkreach.couplings.couplings_table import read_table, write_table
from darkreach.errors import InputFileError


@dataclass(frozen=True)
class PlaneInterval:
    """An excluded interval of a coupling at one point of the plane; nothing excluded means no interval.

    Attributes:
        dark_photon_mass_gev: GeV.
        dark_higgs_mass_gev: GeV.
        quantile: observed, or standard deviations of the expected limit: -2, -1, 0, 1, 2.
        lower: edge of the interval, in the unit of the coupling.
        upper: the other edge; infinite for a one-sided limit.
    """

    dark_photon_mass_gev: float
    dark_higgs_mass_gev: float
    quantile: str
    lower: float
    upper: float

    @property
    def masses(self) -> tuple[float, ...]:
        """The masses of the dark photon and of the dark Higgs boson, GeV."""
        return (self.dark_photon_mass_gev, self.dark_higgs_mass_gev)


PLANE_COLUMNS = tuple(field.name for field in fields(PlaneInterval))


def write_plane_couplings(path: Path, intervals: Iterable[PlaneInterval], header: Mapping[str, Any]) -> Path:
    """Write excluded intervals of a plane as CSV, atomically, and return the path.

    Args:
        path: file to write.
        intervals: in the order of the rows.
        header: as for ``write_couplings``.

    Raises:
        OutputError: the header lacks an entry or holds a line break, or the folder cannot be written to.
    """
    rows = []
    for interval in intervals:
        _check(interval, str(path))
        rows.append(
            [
                repr(float(interval.dark_photon_mass_gev)),
                repr(float(interval.dark_higgs_mass_gev)),
                interval.quantile,
                f"{interval.lower:.9g}",
                f"{interval.upper:.9g}",
            ]
        )
    return write_table(path, PLANE_COLUMNS, rows, header)


def read_plane_couplings(path: Path) -> list[PlaneInterval]:
    """Read excluded intervals of a plane.

    Raises:
        InputFileError: missing file, other columns, or a row that is not an interval (names its line).
    """
    intervals = []
    for where, row in read_table(path, PLANE_COLUMNS):
        try:
            first, second, quantile, lower, upper = row
            interval = PlaneInterval(float(first), float(second), quantile, float(lower), float(upper))
        except ValueError as error:
            raise InputFileError("not an excluded interval", where=where, given=",".join(row)) from error
        _check(interval, where)
        intervals.append(interval)
    return intervals


def _check(interval: PlaneInterval, where: str) -> None:
    check_quantile(interval.quantile, where)
    finite = math.isfinite(interval.dark_photon_mass_gev) and math.isfinite(interval.dark_higgs_mass_gev)
    if not finite or not 0.0 <= interval.lower < interval.upper:
        raise InputFileError(
            "an excluded interval needs two finite masses, and 0 <= lower < upper", where=where, given=str(interval)
        )
