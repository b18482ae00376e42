"""Lays the blocks of a workspace out as the flat arrays of a likelihood."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from darkreach.errors import WorkspaceError
from darkreach.likelihood.interpolation import normalisation_polynomial
from darkreach.likelihood.model_arrays import (
    EXPONENTIAL_FACTOR,
    LINEAR_FACTOR,
    NO_PARAMETER,
    UNCONSTRAINED,
    CompiledModel,
    IndexArray,
    ModelArrays,
)
from darkreach.likelihood.parameter_sets import ParameterSet
from darkreach.likelihood.workspace_content import Block, WorkspaceContent, modifier_numbers

_INDEX_LISTS = (
    "block_bin",
    "scaled",
    "shift_parameter",
    "shift_cell",
    "factor_kind",
    "factor_parameter",
    "bin_factor_cell",
    "bin_factor_parameter",
)
_BIN_WISE = ("staterror", "shapesys", "shapefactor")


class ArrayBuilder:
    """Collects blocks; the parameters are known before.

    Args:
        content: the workspace.
        sets: its parameter sets by name.
        staterror_bins: bins of each staterror, in the order of its parameters.
    """

    def __init__(
        self, content: WorkspaceContent, sets: Mapping[str, ParameterSet], staterror_bins: Mapping[str, Sequence[int]]
    ) -> None:
        self._content = content
        self._sets = sets
        self._bins = len(content.bin_names)
        # (name, index) of the bin-wise parameter of every modifier in every bin
        self._member = {name: {bin_: i for i, bin_ in enumerate(bins)} for name, bins in staterror_bins.items()}
        self._gamma = self._choose_gammas()
        self._theta = self._number_parameters()
        self._lists: dict[str, list[Any]] = {
            key: [] for key in ("nominal", "shift_up", "shift_down", "factor_polynomial", *_INDEX_LISTS)
        }
        self._firsts: dict[str, list[int]] = {
            "block_cell": [0],
            "shift_first": [0],
            "factor_first": [0],
            "bin_factor_first": [0],
        }

    def add_block(self, block: Block) -> None:
        """Append one sample of one channel."""
        lists, cells = self._lists, len(block.rates)
        lists["block_bin"].append(block.first_bin)
        lists["nominal"] += block.rates
        scaled = [0] * cells
        for (kind, name), modifier in block.modifiers.items():
            if kind == "histosys":
                self._add_shift(block, name, modifier)
            elif kind in _BIN_WISE:
                self._add_bin_factor(block, kind, name, scaled)
            else:
                self._add_factor(kind, name, modifier)
        lists["scaled"] += scaled
        self._firsts["block_cell"].append(len(lists["nominal"]))
        self._firsts["shift_first"].append(len(lists["shift_parameter"]))
        self._firsts["factor_first"].append(len(lists["factor_parameter"]))
        self._firsts["bin_factor_first"].append(len(lists["bin_factor_cell"]))

    def finish(self) -> CompiledModel:
        """Return the compiled likelihood."""
        lists, firsts = self._lists, self._firsts
        theta, gammas = self._theta_arrays(), self._gamma_arrays()
        lower, upper = theta["lower"], theta["upper"]
        poi = self._theta[self._content.poi, 0]
        declared = (float(lower[poi]), float(upper[poi]))
        # q-tilde is defined on [0, inf): the declared bounds of the parameter of interest do not enter the limit
        lower[poi], upper[poi] = 0.0, math.inf
        theta["initial"][poi] = max(theta["initial"][poi], 0.0)
        numbers: dict[str, Any] = {
            key: np.array(lists[key], dtype=np.float64) for key in ("nominal", "shift_up", "shift_down")
        }
        indices: dict[str, Any] = {key: _integers(lists[key]) for key in _INDEX_LISTS}
        starts: dict[str, Any] = {key: _integers(values) for key, values in firsts.items()}
        arrays = ModelArrays(
            poi=_integers([poi]),
            counts=np.array(self._content.counts, dtype=np.float64),
            factor_polynomial=np.array(lists["factor_polynomial"], dtype=np.float64).reshape(-1, 8),
            **theta,
            **gammas,
            **numbers,
            **indices,
            **starts,
        )
        return CompiledModel(
            arrays=arrays,
            parameter_names=tuple(self._label(name, index) for name, index in self._theta),
            gamma_names=tuple("" if key is None else self._label(*key) for key in self._gamma),
            bin_names=self._content.bin_names,
            poi_bounds=declared,
            measurement=self._content.measurement,
        )

    def _choose_gammas(self) -> list[tuple[str, int] | None]:
        """Take one free constrained bin-wise parameter per bin out of theta, staterror before shapesys."""
        chosen: list[tuple[str, int] | None] = [None] * self._bins
        for kind in ("staterror", "shapesys"):
            for block in self._content.blocks:
                for modifier_kind, name in block.modifiers:
                    if modifier_kind != kind or name == self._content.poi:
                        continue
                    for cell in range(len(block.rates)):
                        bin_, key = block.first_bin + cell, self._bin_parameter(block, kind, name, cell)
                        if chosen[bin_] is None and not self._sets[name].fixed[key[1]]:
                            chosen[bin_] = key
        return chosen

    def _bin_parameter(self, block: Block, kind: str, name: str, cell: int) -> tuple[str, int]:
        if kind == "staterror":
            return name, self._member[name][block.first_bin + cell]
        return name, cell

    def _number_parameters(self) -> dict[tuple[str, int], int]:
        taken = {key for key in self._gamma if key is not None}
        order: dict[tuple[str, int], int] = {}
        for name, parameters in self._sets.items():
            for index in range(parameters.size):
                inits = parameters.inits or ()
                # a bin-wise factor that is fixed to one has no effect
                idle = not parameters.scalar and parameters.fixed[index] and inits[index] == 1.0
                if (name, index) not in taken and not idle:
                    order[name, index] = len(order)
        return order

    def _label(self, name: str, index: int) -> str:
        return name if self._sets[name].scalar else f"{name}[{index}]"

    def _add_shift(self, block: Block, name: str, modifier: Mapping[str, Any]) -> None:
        where, cells = f"{modifier['path']}/data", len(block.rates)
        high = modifier_numbers(modifier["data"]["hi_data"], cells, f"{where}/hi_data")
        low = modifier_numbers(modifier["data"]["lo_data"], cells, f"{where}/lo_data")
        self._lists["shift_cell"].append(len(self._lists["shift_up"]))
        self._lists["shift_parameter"].append(self._theta[name, 0])
        self._lists["shift_up"] += [up - rate for up, rate in zip(high, block.rates, strict=True)]
        self._lists["shift_down"] += [rate - down for down, rate in zip(low, block.rates, strict=True)]

    def _add_factor(self, kind: str, name: str, modifier: Mapping[str, Any]) -> None:
        polynomial, factor_kind = np.zeros(8), LINEAR_FACTOR
        if kind == "normsys":
            high, low = float(modifier["data"]["hi"]), float(modifier["data"]["lo"])
            if not (0.0 < high < math.inf and 0.0 < low < math.inf):
                raise WorkspaceError(
                    f"normsys '{name}' has a factor that cannot be extrapolated exponentially",
                    where=f"{modifier['path']}/data",
                    allowed="lo > 0 and hi > 0, finite",
                    given=f"lo = {low}, hi = {high}",
                    next_step="use a histosys for variations of 100 % or more",
                )
            polynomial, factor_kind = normalisation_polynomial(high, low), EXPONENTIAL_FACTOR
        self._lists["factor_kind"].append(factor_kind)
        self._lists["factor_parameter"].append(self._theta[name, 0])
        self._lists["factor_polynomial"].append(polynomial)

    def _add_bin_factor(self, block: Block, kind: str, name: str, scaled: list[int]) -> None:
        keys = [self._bin_parameter(block, kind, name, cell) for cell in range(len(block.rates))]
        indices = []
        for cell, key in enumerate(keys):
            if self._gamma[block.first_bin + cell] == key:
                scaled[cell] = 1
            indices.append(self._theta.get(key, NO_PARAMETER))
        if any(index != NO_PARAMETER for index in indices):
            self._lists["bin_factor_cell"].append(len(self._lists["bin_factor_parameter"]))
            self._lists["bin_factor_parameter"] += indices

    def _theta_arrays(self) -> dict[str, Any]:
        keys = list(self._theta)
        names = ("initial", "lower", "upper", "held", "constraint", "centre", "width")
        rows = [_row(self._sets[name], index) for name, index in keys]
        columns = dict(zip(names, zip(*rows, strict=True), strict=True))
        return {
            key: _integers(values) if key in ("held", "constraint") else np.array(values, dtype=np.float64)
            for key, values in columns.items()
        }

    def _gamma_arrays(self) -> dict[str, Any]:
        rows = [
            (UNCONSTRAINED, 1.0, 1.0, 0.0, 1.0) if key is None else _gamma_row(self._sets[key[0]], key[1])
            for key in self._gamma
        ]
        names = ("gamma_constraint", "gamma_centre", "gamma_width", "gamma_lower", "gamma_upper")
        columns = dict(zip(names, zip(*rows, strict=True), strict=True))
        return {
            key: _integers(values) if key == "gamma_constraint" else np.array(values, dtype=np.float64)
            for key, values in columns.items()
        }


def _row(parameters: ParameterSet, index: int) -> tuple[float, ...]:
    low, high = (parameters.bounds or ())[index]
    centre = 0.0 if parameters.auxdata is None else parameters.auxdata[index]
    width = 1.0 if parameters.widths is None else parameters.widths[index]
    initial = (parameters.inits or ())[index]
    return initial, low, high, parameters.fixed[index], parameters.kind, centre, width


def _gamma_row(parameters: ParameterSet, index: int) -> tuple[float, ...]:
    _, low, high, _, kind, centre, width = _row(parameters, index)
    return kind, centre, width, low, high


def _integers(values: Any) -> IndexArray:
    return np.array(values, dtype=np.int64)
