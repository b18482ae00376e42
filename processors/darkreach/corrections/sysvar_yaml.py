"""Corrections in the YAML of SysVar as corrections: one-dimensional ones, and those that name a table.

Keys read, as in SysVar's own example ``charged_slow_pi.yaml``: ``correction_type: 1D``, ``dependant_variable``,
``unit``, ``title``, ``min``, ``max``, ``corrections`` (a list), ``uncertainties`` with ``fully_correlated`` and
``uncorrelated`` parts by name, ``extra_cuts``, ``cov_matrix``. With ``correction_type: 2D`` or ``3D``, ``corrections``
names a CSV table beside the YAML, read as ``sysvar_table`` does; its variables are ``dependant_variable_1`` and so on.
Particle-identification tables of the Systematics Framework have their own importer.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

import numpy as np
from pydantic import ConfigDict, Field, field_validator, model_validator

from darkreach.configuration.document import read_config
from darkreach.configuration.quantities import Section
from darkreach.corrections.contracts import Component
from darkreach.corrections.grid_payload import Grid, ImportedCorrection, ImportSettings, grid_correction
from darkreach.corrections.sysvar_table import COVARIANCE_PART, import_sysvar_table
from darkreach.corrections.uncertainties import UncertaintyPart, table_variations
from darkreach.errors import ConfigError

_OTHER_IMPORTERS: Final = {
    "PID": "import its tables with import_systematics_table",
    "BF": "branching fractions are weights of the generator: give them as a correctionlib payload",
}
Numbers = Annotated[tuple[float, ...], Field(min_length=1)]


def _refuse_path(path: str | None) -> str | None:
    if path is not None:
        raise ValueError("the form of this file is not laid down: leave it empty and give the matrix itself")
    return path


class SysVarKind(Section):
    """The one key that says how to read the others."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    correction_type: str

    @field_validator("correction_type")
    @classmethod
    def _importable(cls, kind: str) -> str:
        if kind not in ("1D", "2D", "3D"):
            advice = _OTHER_IMPORTERS.get(kind, "write it as a correctionlib payload")
            raise ValueError(f"'{kind}' is not imported from YAML, only 1D, 2D and 3D: {advice}")
        return kind


class SysVarUncertainties(Section):
    """Named parts by their correlation between bins; names start with ``stat`` or ``sys``."""

    fully_correlated: dict[str, Numbers] = {}
    uncorrelated: dict[str, Numbers] = {}

    @model_validator(mode="after")
    def _named(self) -> SysVarUncertainties:
        for name in (*self.fully_correlated, *self.uncorrelated):
            _component(name)
        both = set(self.fully_correlated) & set(self.uncorrelated)
        if both:
            raise ValueError(f"a name stands for one part, got twice: {', '.join(sorted(both))}")
        return self


class SysVarCorrection(Section):
    """A correction in bins of one variable."""

    correction_type: Literal["1D"]
    dependant_variable: str
    unit: str | None = None
    title: str = ""
    min: Numbers
    max: Numbers
    corrections: Numbers
    uncertainties: SysVarUncertainties = SysVarUncertainties()
    extra_cuts: dict[str, tuple[int, ...]] | None = None
    cov_matrix: str | None = None
    cov_matrix_path: str | None = None

    _given_otherwise = field_validator("cov_matrix", "cov_matrix_path")(_refuse_path)

    @model_validator(mode="after")
    def _one_grid(self) -> SysVarCorrection:
        bins = len(self.corrections)
        parts = self.uncertainties.fully_correlated | self.uncertainties.uncorrelated
        for name, values in {"min": self.min, "max": self.max, **parts}.items():
            if len(values) != bins:
                raise ValueError(f"'{name}' has {len(values)} values for {bins} corrections")
        for number, (low, high) in enumerate(zip(self.min, self.max, strict=True)):
            if not low < high:
                raise ValueError(f"bin {number} is empty: {low} to {high}")
            if number and self.max[number - 1] != low:
                raise ValueError(f"bins {number - 1} and {number} do not meet: {self.max[number - 1]} and {low}")
        return self


class SysVarTable(Section):
    """A correction in bins of two or three variables, whose values are in a table."""

    correction_type: Literal["2D", "3D"]
    dependant_variable_1: str
    dependant_variable_2: str
    dependant_variable_3: str | None = None
    unit_1: str | None = None
    unit_2: str | None = None
    unit_3: str | None = None
    title: str = ""
    corrections: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.()-]*\.csv$")]
    extra_cuts: dict[str, tuple[int, ...]] | None = None
    cov_matrix: str | None = None
    cov_matrix_path: str | None = None

    _given_otherwise = field_validator("cov_matrix", "cov_matrix_path")(_refuse_path)

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the variables, in order."""
        given = (self.dependant_variable_1, self.dependant_variable_2, self.dependant_variable_3)
        return tuple(name for name in given if name)

    @model_validator(mode="after")
    def _as_many_variables(self) -> SysVarTable:
        if len(self.variables) != int(self.correction_type[0]):
            raise ValueError(f"correction_type {self.correction_type} has {len(self.variables)} dependant variables")
        return self


def import_sysvar_yaml(path: Path, settings: ImportSettings) -> ImportedCorrection:
    """Return the correction of a SysVar YAML file.

    Parts keep SysVar's names and correlations. A covariance (SysVar: ``cov_matrix``) is not read from the path the
    file names, whose format is not laid down; give it as ``settings.covariances["explicit_covariance"]``, and it
    takes the place of all parts, as in SysVar. ``extra_cuts`` become ``applies_to``, joined with those of the settings.

    Raises:
        ConfigError: keys unknown or of another correction type, lengths that differ, bins that do not meet (file:line).
        InputFileError: uncertainties below zero, or a covariance that is none.
    """
    kind = read_config(path, SysVarKind).correction_type
    if kind in ("2D", "3D"):
        return _from_table(path, settings)
    table = read_config(path, SysVarCorrection)
    nominal = np.array(table.corrections)
    covariance = settings.covariances.get(COVARIANCE_PART)
    if covariance is not None:
        matrix = np.asarray(covariance, dtype=np.float64)
        sizes = np.sqrt(np.clip(np.diag(matrix), 0.0, None)) if matrix.ndim == 2 else np.zeros(len(nominal))
        parts = [UncertaintyPart(COVARIANCE_PART, "systematic", sizes, sizes, matrix)]
    else:
        parts = _parts(table, settings)
    if not parts:
        raise ConfigError(
            "the correction has no uncertainty", where=str(path), next_step="give a part, or a covariance"
        )
    variations = table_variations(nominal, parts, settings.correlation, settings.variance_fraction, str(path))
    grid = Grid({table.dependant_variable: (*table.min, table.max[-1])})
    cuts = {**(table.extra_cuts or {}), **settings.applies_to}
    joined = ImportSettings(**{**vars(settings), "applies_to": cuts})
    unit = f" in {table.unit}" if table.unit else ""
    return grid_correction(
        joined, grid, nominal, variations, f"SysVar table {path.name}, {table.dependant_variable}{unit}"
    )


def _from_table(path: Path, settings: ImportSettings) -> ImportedCorrection:
    described = read_config(path, SysVarTable)
    table = path.parent / described.corrections
    cuts = {**(described.extra_cuts or {}), **settings.applies_to}
    imported = import_sysvar_table(table, ImportSettings(**{**vars(settings), "applies_to": cuts}))
    binned = tuple(imported.description.inputs)
    if binned != described.variables:
        raise ConfigError(
            "the table has other variables than its description",
            where=f"{path}: {table.name}",
            allowed=", ".join(described.variables),
            given=", ".join(binned),
            next_step="name the variables in the order of the table",
        )
    return imported


def _parts(table: SysVarCorrection, settings: ImportSettings) -> list[UncertaintyPart]:
    parts = []
    for between, named in (("full", table.uncertainties.fully_correlated), ("none", table.uncertainties.uncorrelated)):
        for name, values in named.items():
            sizes = np.array(values)
            correlated: Literal["full", "none"] = "full" if between == "full" else "none"
            parts.append(UncertaintyPart(name, _component(name), sizes, sizes, correlated, settings.shared.get(name)))
    return parts


def _component(name: str) -> Component:
    if name.startswith("stat"):
        return "statistical"
    if name.startswith("sys"):
        return "systematic"
    raise ValueError(f"'{name}' is neither statistical nor systematic: its name must start with 'stat' or 'sys'")
