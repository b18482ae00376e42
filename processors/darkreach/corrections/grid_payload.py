"""A table on a grid written as a correctionlib payload with its description."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from correctionlib import schemav2
from numpy.typing import NDArray

from darkreach.corrections.contracts import CorrectionDescription
from darkreach.corrections.uncertainties import TableVariation
from darkreach.provenance import write_json

Floats = NDArray[np.float64]
VARIATION: Final = "variation"
NOMINAL: Final = "nominal"


@dataclass(frozen=True)
class Grid:
    """Bins of a table: an optional integer category, and edges by variable; cells in C order, category first.

    Attributes:
        edges: rising edges by payload input.
        category: name of an integer input with one table for each key, or None.
        keys: its values.
    """

    edges: Mapping[str, tuple[float, ...]]
    category: str | None = None
    keys: tuple[int, ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of keys (if there is a category) and of bins of each variable."""
        bins = tuple(len(edges) - 1 for edges in self.edges.values())
        return (len(self.keys), *bins) if self.category else bins


@dataclass(frozen=True)
class ImportSettings:
    """What a table does not say by itself.

    Attributes:
        name: name of the correction.
        source: where the table comes from.
        version: version of the table.
        correlation: stem of the names of its nuisance parameters; the same for two particles corrected by one table,
            another for another table.
        columns: basf2 column of a variable of the table, where the names differ.
        applies_to: candidates it acts on, e.g. ``{"mcPDG": (11, -11)}``.
        shared: name of the nuisance parameter of a fully correlated part, where other corrections feed it too.
        covariances: covariance (bins, bins) of a part, in the order of the rows; replaces its own sizes.
        variance_fraction: part of the variance that eigen-variations must carry.
    """

    name: str
    source: str
    version: str
    correlation: str
    columns: Mapping[str, str] = field(default_factory=dict)
    applies_to: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    shared: Mapping[str, str] = field(default_factory=dict)
    covariances: Mapping[str, Floats] = field(default_factory=dict)
    variance_fraction: float = 1.0


@dataclass(frozen=True)
class ImportedCorrection:
    """A correction as data: its description and the payload that holds its values."""

    description: CorrectionDescription
    payload: schemav2.CorrectionSet

    def write(self, folder: Path) -> Path:
        """Write the payload and the description into a folder and return the path of the description."""
        content = self.payload.model_dump(mode="json", by_alias=True, exclude_unset=True)
        write_json(folder / self.description.payload, content)
        path = folder / f"{self.description.name}.corrections.yaml"
        # JSON is YAML too
        described = self.description.model_dump(mode="json", exclude_defaults=True)
        write_json(path, {"corrections": [described]})
        return path


def grid_correction(
    settings: ImportSettings, grid: Grid, nominal: Floats, variations: Iterable[TableVariation], note: str
) -> ImportedCorrection:
    """Return a weight correction of values (cells,) on a grid; outside the grid the payload raises an error."""
    variations = tuple(variations)
    if settings.variance_fraction < 1.0:
        note = f"{note}; eigen-variations carry {settings.variance_fraction:g} of the variance or little more"
    tables = {NOMINAL: nominal}
    for one in variations:
        tables |= {one.nuisance.up: one.up, one.nuisance.down: one.down}
    items = [schemav2.CategoryItem(key=key, value=_on_grid(grid, values)) for key, values in tables.items()]
    numbers = [schemav2.Variable(name=name, type="real") for name in grid.edges]
    category = [schemav2.Variable(name=grid.category, type="int")] if grid.category else []
    correction = schemav2.Correction(
        name=settings.name,
        description=f"{note}; source: {settings.source}; version: {settings.version}",
        version=1,
        inputs=[schemav2.Variable(name=VARIATION, type="string"), *category, *numbers],
        output=schemav2.Variable(name="weight", type="real"),
        data=schemav2.Category(nodetype="category", input=VARIATION, content=items),
    )
    description = CorrectionDescription(
        name=settings.name,
        kind="weight",
        payload=f"{settings.name}.payload.json",
        correction=settings.name,
        source=settings.source,
        version=settings.version,
        inputs={
            variable.name: settings.columns.get(variable.name, variable.name) for variable in [*category, *numbers]
        },
        variation_input=VARIATION,
        nuisances=tuple(one.nuisance for one in variations),
        applies_to=dict(settings.applies_to),
        note=note,
    )
    return ImportedCorrection(description, schemav2.CorrectionSet(schema_version=2, corrections=[correction]))


def _on_grid(grid: Grid, values: Floats) -> Any:
    if not grid.category:
        return _binned(grid, values)
    tables = values.reshape(len(grid.keys), -1)
    items = [
        schemav2.CategoryItem(key=key, value=_binned(grid, part)) for key, part in zip(grid.keys, tables, strict=True)
    ]
    return schemav2.Category(nodetype="category", input=grid.category, content=items)


def _binned(grid: Grid, values: Floats) -> schemav2.MultiBinning:
    return schemav2.MultiBinning(
        nodetype="multibinning",
        inputs=list(grid.edges),
        edges=[list(edges) for edges in grid.edges.values()],
        content=[float(value) for value in values],
        flow="error",
    )
