"""The couplings file: one row an excluded interval, and a header that says of what."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from darkreach.errors import InputFileError, OutputError, unknown_name
from darkreach.provenance import write_text

QUANTILES = ("observed", "-2", "-1", "0", "1", "2")
"""The observed limit, and the expected ones in standard deviations of background-only data."""

REQUIRED = ("coupling", "unit", "confidence_level", "luminosity", "data")


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
    missing = [key for key in REQUIRED if key not in header]
    if missing or any("\n" in f"{key}{value}" for key, value in header.items()):
        raise OutputError(
            "the header of the couplings is incomplete or has a line break",
            where=str(path),
            allowed=", ".join(REQUIRED),
            given=f"without {missing}" if missing else str(dict(header)),
        )
    text = io.StringIO()
    text.writelines(f"# {key}: {value}\n" for key, value in header.items())
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for interval in intervals:
        _check(interval, str(path))
        writer.writerow(
            [
                repr(float(interval.mass_gev)),
                f"{interval.ctau_cm:.6g}",
                interval.quantile,
                f"{interval.lower:.9g}",
                f"{interval.upper:.9g}",
            ]
        )
    write_text(path, text.getvalue())
    return path


def read_couplings(path: Path) -> list[ExcludedInterval]:
    """Read excluded intervals.

    Raises:
        InputFileError: missing file, other columns, or a row that is not an interval (names its line).
    """
    intervals = []
    rows = csv.reader(_lines(path))
    number = len(_lines(path, comments=True))
    if tuple(next(rows, ())) != COLUMNS:
        raise InputFileError("not a file of couplings", where=f"{path}:{number + 1}", allowed=",".join(COLUMNS))
    for line, row in enumerate(rows, start=number + 2):
        where = f"{path}:{line}"
        try:
            mass, ctau, quantile, lower, upper = row
            interval = ExcludedInterval(float(mass), float(ctau), quantile, float(lower), float(upper))
        except ValueError as error:
            raise InputFileError("not an excluded interval", where=where, given=",".join(row)) from error
        _check(interval, where)
        intervals.append(interval)
    return intervals


def read_couplings_header(path: Path) -> dict[str, str]:
    """Return the header of a couplings file, e.g. ``{"coupling": "g_agg", "confidence_level": "0.95", ...}``.

    Raises:
        InputFileError: missing file, or a required entry is not there.
    """
    comments = [line[1:].strip() for line in _lines(path, comments=True)]
    header = {key.strip(): value.strip() for key, _, value in (comment.partition(":") for comment in comments)}
    missing = [key for key in REQUIRED if key not in header]
    if missing:
        raise InputFileError("the header of the couplings is incomplete", where=str(path), given=f"no {missing}")
    return header


def _lines(path: Path, *, comments: bool = False) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputFileError(
            "cannot read couplings", where=str(path), given=str(error), next_step="run 'darkreach couple' first"
        ) from error
    return [line for line in lines if line.startswith("#") == comments]


def _check(interval: ExcludedInterval, where: str) -> None:
    if interval.quantile not in QUANTILES:
        raise unknown_name("quantile", interval.quantile, QUANTILES, where=where)
    finite = math.isfinite(interval.mass_gev) and math.isfinite(interval.ctau_cm)
    if not finite or not 0.0 <= interval.lower < interval.upper:
        raise InputFileError(
            "an excluded interval needs a finite mass and lifetime, and 0 <= lower < upper",
            where=where,
            given=str(interval),
        )
