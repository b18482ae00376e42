"""Writing and reading the excluded couplings of any limits file: of a mass scan, of a plane, of lifetimes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from darkreach.configuration import CouplingSettings
from darkreach.couplings.coupling_models import LONG_LIVED_MODELS, PLANE_MODELS
from darkreach.couplings.couplings_file import ExcludedInterval, read_couplings, write_couplings
from darkreach.couplings.excluded_couplings import couplings_from_limits
from darkreach.couplings.long_lived_couplings import long_lived_couplings_from_limits
from darkreach.couplings.plane_couplings import plane_couplings_from_limits
from darkreach.couplings.plane_couplings_file import PlaneInterval, read_plane_couplings, write_plane_couplings
from darkreach.limits import LimitsDocument

ExcludedCouplings: TypeAlias = Sequence[ExcludedInterval | PlaneInterval]


def is_plane_coupling(settings: CouplingSettings) -> bool:
    """Return whether a coupling is read from limits over a plane of two masses."""
    return settings.model in PLANE_MODELS


def is_long_lived_coupling(settings: CouplingSettings) -> bool:
    """Return whether a coupling is read from limits against mass and lifetime."""
    return settings.model in LONG_LIVED_MODELS


def excluded_couplings(document: LimitsDocument, settings: CouplingSettings, *, cl: float) -> ExcludedCouplings:
    """Return the excluded intervals of a coupling at one confidence level.

    By ``plane_couplings_from_limits``, ``long_lived_couplings_from_limits`` or ``couplings_from_limits``, as the model
    of the coupling says.
    """
    if is_plane_coupling(settings):
        return plane_couplings_from_limits(document, settings, cl=cl)
    return _of_one_mass(document, settings, cl)


def read_excluded(path: Path, settings: CouplingSettings) -> ExcludedCouplings:
    """Read the file of a coupling.

    Raises:
        InputFileError: missing file, other columns, or a row that is not an interval (names its line).
    """
    return read_plane_couplings(path) if is_plane_coupling(settings) else read_couplings(path)


def write_excluded(path: Path, document: LimitsDocument, settings: CouplingSettings, *, cl: float) -> Path:
    """Write the excluded intervals of a coupling at one confidence level and return the path.

    Args:
        path: file to write.
        document: limits whose meanings have ``data_kind`` and what the model of the coupling needs.
        settings: of the coupling.
        cl: confidence level.

    Raises:
        LimitError: as what ``excluded_couplings`` calls.
        OutputError: the folder cannot be written to.
    """
    header = {
        "coupling": settings.name,
        "unit": settings.unit,
        "confidence_level": f"{cl:g}",
        "luminosity": f"{document.luminosity_inverse_fb:g} fb^-1",
        "data": " and ".join(sorted({str(meaning["data_kind"]) for meaning in document.meanings.values()})),
        "search": document.search,
    }
    if is_plane_coupling(settings):
        return write_plane_couplings(path, plane_couplings_from_limits(document, settings, cl=cl), header)
    return write_couplings(path, _of_one_mass(document, settings, cl), header)


def _of_one_mass(document: LimitsDocument, settings: CouplingSettings, cl: float) -> list[ExcludedInterval]:
    found = long_lived_couplings_from_limits if is_long_lived_coupling(settings) else couplings_from_limits
    return found(document, settings, cl=cl)
