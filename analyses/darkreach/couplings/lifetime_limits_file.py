"""The file of limits against mass and lifetime."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Final

from darkreach.configuration.displaced_search import COMBINED
from darkreach.couplings.coupling_model import meaning_value
from darkreach.couplings.couplings_file import QUANTILES
from darkreach.couplings.labelled_table import read_labelled_table, write_labelled_table
from darkreach.couplings.lifetime_limits import LifetimeLimit, lifetime_limits_from
from darkreach.errors import InputFileError, unknown_name
from darkreach.limits import LimitsDocument

COLUMNS: Final = tuple(field.name for field in fields(LifetimeLimit))
REQUIRED: Final = ("quantity", "confidence_level", "luminosity", "data")
FILE_NAMES: Final[Mapping[str, str]] = {"": "branching_ratio_limits.csv", "fb": "cross_section_limits.csv"}
"""Name of the file of a search, by the unit of its reference coupling: that of mu = 1 of a single channel."""

UNITS: Final = "mass_gev in GeV, ctau_cm (mean proper decay length) in cm, upper in the quantity"
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


def write_search_lifetime_limits(path: Path, document: LimitsDocument, *, cl: float) -> Path:
    """Write the limits of a search for displaced decays at one confidence level, and return the path.

    Args:
        path: file to write, see `FILE_NAMES`.
        document: limits whose meanings have ``quantity``, ``per_unit_strength`` and ``data_kind``.
        cl: confidence level.

    Raises:
        LimitError: as ``lifetime_limits_from``.
        OutputError: the folder cannot be written to.
    """
    limits = lifetime_limits_from(document, cl=cl)
    meanings = [(limit.values["channel"], document.meanings[limit.name]) for limit in document.at(cl)]
    quantities = {channel == COMBINED: str(meaning_value(meaning, "quantity")) for channel, meaning in meanings}
    header = {
        "quantity": quantities.get(False, quantities.get(True, "")),
        "confidence_level": f"{cl:g}",
        "luminosity": f"{document.luminosity_inverse_fb:g} fb^-1",
        "data": " and ".join(sorted({str(meaning["data_kind"]) for _, meaning in meanings})),
        "search": document.search,
        "units": UNITS,
    }
    if True in quantities:
        header[f"quantity of {COMBINED}"] = f"{quantities[True]}, which sets all rates, at a lifetime of its own"
    return write_lifetime_limits(path, limits, header)


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
