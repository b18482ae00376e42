"""The file of limits against mass and lifetime."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Final

from darkreach.couplings.couplings_file import QUANTILES
from darkreach.couplings.labelled_table import read_labelled_table, write_labelled_table
from darkreach.couplings.lifetime_limits import LifetimeLimit
from darkreach.errors import InputFileError, unknown_name

COLUMNS: Final = tuple(field.name for field in fields(LifetimeLimit))
REQUIRED: Final = ("quantity", "confidence_level", "luminosity", "data")
_WHAT: Final = "limits against mass and lifetime"


def write_lifetime_limits(path: Path, limits: Iterable[LifetimeLimit], header: Mapping[str, str]) -> Path:
    """Write limits as CSV, atomically, and return the path.

    Args:
        path: file to write.
        limits: in the order of the rows.
        header: comment lines ``# key: value``; needs quantity, confidence_level, luminosity and data.

    Raises:
        OutputError: the header lacks an entry or holds a line break, or the folder cannot be written to.
        InputFileError: a limit has no meaning.
        UnknownNameError: an unknown quantile.
    """
    rows = []
    for limit in limits:
        _check(limit, str(path))
        numbers = repr(float(limit.mass_gev)), repr(float(limit.ctau_cm))
        rows.append([limit.channel, *numbers, limit.quantile, f"{limit.upper:.6g}"])
    return write_labelled_table(path, COLUMNS, rows, header, REQUIRED)


def read_lifetime_limits(path: Path) -> list[LifetimeLimit]:
    """Read limits.

    Raises:
        InputFileError: missing file, other columns, or a row that is not a limit (names its line).
        UnknownNameError: an unknown quantile.
    """
    limits = []
    for where, (channel, mass, ctau, quantile, upper) in read_labelled_table(path, COLUMNS, _WHAT).rows:
        try:
            limit = LifetimeLimit(channel, float(mass), float(ctau), quantile, float(upper))
        except ValueError as error:
            raise InputFileError("not an upper limit", where=where, given=f"{mass}, {ctau}, {upper}") from error
        _check(limit, where)
        limits.append(limit)
    return limits


def read_lifetime_limits_header(path: Path) -> dict[str, str]:
    """Return the header of a file of limits, e.g. ``{"quantity": ..., "confidence_level": "0.95", ...}``.

    Raises:
        InputFileError: missing file, other columns, or a required entry is not there.
    """
    header = dict(read_labelled_table(path, COLUMNS, _WHAT).header)
    missing = [key for key in REQUIRED if key not in header]
    if missing:
        raise InputFileError("the header of the limits is incomplete", where=str(path), given=f"no {missing}")
    return header


def _check(limit: LifetimeLimit, where: str) -> None:
    if limit.quantile not in QUANTILES:
        raise unknown_name("quantile", limit.quantile, QUANTILES, where=where)
    if not (0.0 < limit.mass_gev < math.inf and 0.0 < limit.ctau_cm < math.inf and limit.upper > 0.0):
        raise InputFileError("a limit needs a positive mass, lifetime and upper end", where=where, given=str(limit))
