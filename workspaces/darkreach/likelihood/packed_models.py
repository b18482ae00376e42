"""Many likelihoods in two flat arrays, as one call of the compiled kernel takes them.

Each model is a row of integers, which begins with nine sizes, and a row of floats; fields follow each other in the
order of ``FLOAT_FIELDS`` and ``INTEGER_FIELDS``. Models of one structure may share their integers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from darkreach.likelihood.model_arrays import (
    FloatArray,
    IndexArray,
    ModelArrays,
    float_view,
    integer_view,
    make_model,
)

SIZES = 9
"""Integers at the beginning of a row: numbers of parameters, bins, blocks, cells, shape shifts, numbers of their
templates, scalar factors, bin-wise factors, and their cells."""

INTEGER_FIELDS = (
    "poi",
    "held",
    "constraint",
    "gamma_constraint",
    "block_bin",
    "block_cell",
    "scaled",
    "shift_first",
    "shift_parameter",
    "shift_cell",
    "factor_first",
    "factor_kind",
    "factor_parameter",
    "bin_factor_first",
    "bin_factor_cell",
    "bin_factor_parameter",
)
FLOAT_FIELDS = (
    "initial",
    "lower",
    "upper",
    "centre",
    "width",
    "gamma_centre",
    "gamma_width",
    "gamma_lower",
    "gamma_upper",
    "counts",
    "nominal",
    "shift_up",
    "shift_down",
    "factor_polynomial",
)


class PackedModels(NamedTuple):
    """N likelihoods, one behind the other.

    Attributes:
        floats, integers: all rows.
        float_start, integer_start: shape (N,), where the rows of each model begin.
    """

    floats: FloatArray
    integers: IndexArray
    float_start: IndexArray
    integer_start: IndexArray


def pack_models(models: Sequence[ModelArrays]) -> PackedModels:
    """Return models as flat arrays.

    Example:
        >>> pack_models([]).float_start.size
        0
    """
    floats = [float_row(model) for model in models]
    integers = [integer_row(model) for model in models]
    return PackedModels(
        np.concatenate([np.zeros(0), *floats]),
        np.concatenate([np.zeros(0, dtype=np.int64), *integers]),
        _starts(floats),
        _starts(integers),
    )


def float_row(model: ModelArrays) -> FloatArray:
    """Return the floats of a model behind each other."""
    return np.concatenate([getattr(model, name).ravel() for name in FLOAT_FIELDS])


def integer_row(model: ModelArrays) -> IndexArray:
    """Return the sizes and integers of a model behind each other."""
    sizes = [
        model.initial.size,
        model.counts.size,
        model.block_bin.size,
        model.nominal.size,
        model.shift_parameter.size,
        model.shift_up.size,
        model.factor_parameter.size,
        model.bin_factor_cell.size,
        model.bin_factor_parameter.size,
    ]
    return np.concatenate([np.array(sizes, dtype=np.int64), *(getattr(model, name) for name in INTEGER_FIELDS)])


def float_positions(model: ModelArrays) -> dict[str, int]:
    """Return where each field begins in the row of floats.

    Example:
        >>> from darkreach.likelihood.compile_workspace import compile_workspace
        >>> sample = {"name": "s", "data": [1.0], "modifiers": [{"name": "mu", "type": "normfactor", "data": None}]}
        >>> model = compile_workspace({
        ...     "channels": [{"name": "c", "samples": [sample]}],
        ...     "observations": [{"name": "c", "data": [3.0]}],
        ...     "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        ... }).arrays
        >>> float(float_row(model)[float_positions(model)["counts"]])
        3.0
    """
    sizes = [getattr(model, name).size for name in FLOAT_FIELDS]
    ends = np.cumsum([0, *sizes[:-1]])
    return {name: int(begin) for name, begin in zip(FLOAT_FIELDS, ends, strict=True)}


def _starts(rows: Sequence[FloatArray] | Sequence[IndexArray]) -> IndexArray:
    ends = np.cumsum([row.size for row in rows], dtype=np.int64)
    return ends - np.array([row.size for row in rows], dtype=np.int64)


def unpack_model(packed: PackedModels, index: int) -> ModelArrays:
    """Return views of the fields of one model, whose arrays must outlive them."""
    i, at = packed.integers, packed.integer_start[index]
    parameters, bins, blocks, cells, shifts = i[at], i[at + 1], i[at + 2], i[at + 3], i[at + 4]
    templates, factors, bin_factors, bin_cells = i[at + 5], i[at + 6], i[at + 7], i[at + 8]
    held = at + 10
    constraint = held + parameters
    gamma_constraint = constraint + parameters
    block_bin = gamma_constraint + bins
    block_cell = block_bin + blocks
    scaled = block_cell + blocks + 1
    shift_first = scaled + cells
    shift_parameter = shift_first + blocks + 1
    shift_cell = shift_parameter + shifts
    factor_first = shift_cell + shifts
    factor_kind = factor_first + blocks + 1
    factor_parameter = factor_kind + factors
    bin_factor_first = factor_parameter + factors
    bin_factor_cell = bin_factor_first + blocks + 1
    bin_factor_parameter = bin_factor_cell + bin_factors
    f, p = packed.floats, packed.float_start[index]
    g = p + 5 * parameters
    nominal = g + 5 * bins
    up = nominal + cells
    return make_model(
        integer_view(i, at + 9, 1),
        float_view(f, p, parameters),
        float_view(f, p + parameters, parameters),
        float_view(f, p + 2 * parameters, parameters),
        integer_view(i, held, parameters),
        integer_view(i, constraint, parameters),
        float_view(f, p + 3 * parameters, parameters),
        float_view(f, p + 4 * parameters, parameters),
        integer_view(i, gamma_constraint, bins),
        float_view(f, g, bins),
        float_view(f, g + bins, bins),
        float_view(f, g + 2 * bins, bins),
        float_view(f, g + 3 * bins, bins),
        float_view(f, g + 4 * bins, bins),
        integer_view(i, block_bin, blocks),
        integer_view(i, block_cell, blocks + 1),
        float_view(f, nominal, cells),
        integer_view(i, scaled, cells),
        integer_view(i, shift_first, blocks + 1),
        integer_view(i, shift_parameter, shifts),
        integer_view(i, shift_cell, shifts),
        float_view(f, up, templates),
        float_view(f, up + templates, templates),
        integer_view(i, factor_first, blocks + 1),
        integer_view(i, factor_kind, factors),
        integer_view(i, factor_parameter, factors),
        float_view(f, up + 2 * templates, 8 * factors).reshape((factors, 8)),
        integer_view(i, bin_factor_first, blocks + 1),
        integer_view(i, bin_factor_cell, bin_factors),
        integer_view(i, bin_factor_parameter, bin_cells),
    )
