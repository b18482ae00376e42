"""Limits on the cross-section at every point of a plane, one row a point: small enough to store all of them.

Patchset, limits and couplings of an entry hold every so many of the points; the limits of those are checked with these.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from darkreach.couplings import PLANE_MASSES, plane_masses
from darkreach.couplings.coupling_model import meaning_value
from darkreach.couplings.couplings_file import QUANTILES
from darkreach.couplings.couplings_table import read_table, write_table
from darkreach.errors import InputFileError
from darkreach.limits import LimitsDocument
from darkreach.published import CROSS_SECTION

COLUMNS: Final = (*PLANE_MASSES, *QUANTILES)
DIGITS: Final = 5
"""Of the stored limits; two that differ by less than they resolve are the same."""

_TOLERANCE: Final = 10.0 ** (1 - DIGITS)


def write_cross_sections(path: Path, document: LimitsDocument, confidence_level: float) -> Path:
    """Write all limits on the cross-section (fb) at one confidence level that are ok, and return the path.

    Args:
        path: CSV file to write.
        document: of a plane search; its meanings have ``cross_section_fb`` of mu = 1 and ``data_kind``.
        confidence_level: which.

    Raises:
        LimitError: a hypothesis is no point of the plane, or its meaning is incomplete.
        OutputError: the folder cannot be written to.
    """
    rows = [
        [*(f"{mass:.9g}" for mass in masses), *(f"{value:.{DIGITS}g}" for value in values)]
        for masses, values in _cross_sections(document, confidence_level)
    ]
    header = {
        "coupling": CROSS_SECTION,
        "unit": "fb",
        "confidence_level": f"{confidence_level:g}",
        "luminosity": f"{document.luminosity_inverse_fb:g} fb^-1",
        "data": " and ".join(sorted({str(meaning["data_kind"]) for meaning in document.meanings.values()})),
        "search": document.search,
    }
    return write_table(path, COLUMNS, rows, header)


def changed_cross_sections(path: Path, document: LimitsDocument, confidence_level: float) -> Iterator[str]:
    """Yield a sentence for each limit that is not the stored one of its point, within the digits that are stored.

    Raises:
        InputFileError: the file is missing, or a row does not hold numbers.
        LimitError: a hypothesis is no point of the plane, or its meaning is incomplete.
    """
    stored = {}
    for where, row in read_table(path, COLUMNS):
        try:
            numbers = [float(cell) for cell in row]
        except ValueError as error:
            raise InputFileError("not limits on a cross-section", where=where, given=",".join(row)) from error
        stored[_key((numbers[0], numbers[1]))] = numbers[2:]
    for masses, values in _cross_sections(document, confidence_level):
        old = stored.get(_key(masses), [])
        same = len(old) == len(values) and all(
            one == other or math.isclose(one, other, rel_tol=_TOLERANCE) for one, other in zip(old, values, strict=True)
        )
        if not same:
            point = f"({masses[0]:.9g}, {masses[1]:.9g}) GeV at {confidence_level:.0%} CL"
            yield f"limit on the cross-section at {point} is not that of {path.name}"


def _cross_sections(
    document: LimitsDocument, confidence_level: float
) -> Iterator[tuple[tuple[float, float], list[float]]]:
    for limit in document.at(confidence_level):
        if limit.status == "ok" and limit.observed is not None:
            scale = float(meaning_value(document.meanings.get(limit.name, {}), CROSS_SECTION))
            yield plane_masses(limit), [scale * strength for strength in (limit.observed, *limit.expected)]


def _key(masses: tuple[float, float]) -> tuple[float, float]:
    return round(masses[0], 6), round(masses[1], 6)
