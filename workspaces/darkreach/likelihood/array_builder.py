"""Lays the blocks of a workspace out as the flat arrays of a likelihood."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from darkreach.errors import WorkspaceError
from darkreach.likelihood.model_arrays import (
    EXPONENTIAL_FACTOR,
    LINEAR_FACTOR,
    NO_PARAMETER,
    CompiledModel,
    FloatArray,
    IndexArray,
    ModelArrays,
)
from darkreach.likelihood.normalisation_polynomial import COEFFICIENTS, normalisation_polynomial
from darkreach.likelihood.parameter_numbers import ParameterNumbers
from darkreach.likelihood.parameter_sets import ParameterSet
from darkreach.likelihood.staterror_widths import StaterrorChannel
from darkreach.likelihood.workspace_content import Block, WorkspaceContent, bin_numbers

BIN_WISE = ("staterror", "shapesys", "shapefactor")
_LINEAR = (0.0,) * COEFFICIENTS


class ArrayBuilder:
    """Collects blocks; the parameters are known before.

    Args:
        content: the workspace.
        sets: its parameter sets by name.
        staterrors: its staterrors channel by channel.
    """

    def __init__(
        self, content: WorkspaceContent, sets: Mapping[str, ParameterSet], staterrors: Sequence[StaterrorChannel]
    ) -> None:
        self.content = content
        self.sets = sets
        self.staterrors = staterrors
        self.numbers = ParameterNumbers(content, sets, staterrors)
        self._arrays: dict[str, list[Any]] = {
            key: [] for key in ("nominal", "scaled", "shift_up", "shift_down", "bin_factor_parameter")
        }
        self._lists: dict[str, list[Any]] = {
            key: [] for key in ("shift_parameter", "shift_cell", "factor_kind", "factor_parameter", "factor_polynomial")
        }
        self._bin_factor_cell: list[int] = []
        self._cells, self._templates, self._bin_cells = 0, 0, 0
        self._firsts: dict[str, list[int]] = {
            key: [0] for key in ("block_cell", "shift_first", "factor_first", "bin_factor_first")
        }

    def add_block(self, block: Block) -> None:
        """Append one sample of one channel.

        Raises:
            WorkspaceError: the data of one of its modifiers are not usable.
        """
        scaled = np.zeros(block.rates.size, dtype=np.int64)
        for key in block.modifiers:
            if key[0] == "histosys":
                self._add_shift(block, key)
            elif key[0] in BIN_WISE:
                self._add_bin_factor(block, key, scaled)
            else:
                self._add_factor(block, key)
        self._arrays["nominal"].append(block.rates)
        self._arrays["scaled"].append(scaled)
        self._cells += block.rates.size
        self._firsts["block_cell"].append(self._cells)
        self._firsts["shift_first"].append(len(self._lists["shift_parameter"]))
        self._firsts["factor_first"].append(len(self._lists["factor_parameter"]))
        self._firsts["bin_factor_first"].append(len(self._bin_factor_cell))

    def finish(self) -> CompiledModel:
        """Return the compiled likelihood."""
        theta, gammas = self.numbers.theta_arrays(), self.numbers.gamma_arrays()
        lower, upper = theta["lower"], theta["upper"]
        poi = self.numbers.theta[self.content.poi, 0]
        declared = (float(lower[poi]), float(upper[poi]))
        # q-tilde is defined on [0, inf): the declared bounds of the parameter of interest do not enter the limit
        lower[poi], upper[poi] = 0.0, math.inf
        theta["initial"][poi] = max(theta["initial"][poi], 0.0)
        lists: dict[str, Any] = {key: values for key, values in self._lists.items() if key != "factor_polynomial"}
        integers: dict[str, Any] = {key: _integers(values) for key, values in (lists | self._firsts).items()}
        arrays = ModelArrays(
            poi=_integers([poi]),
            counts=self.content.counts,
            block_bin=_integers([block.first_bin for block in self.content.blocks]),
            factor_polynomial=np.array(self._lists["factor_polynomial"], dtype=np.float64).reshape(-1, COEFFICIENTS),
            bin_factor_cell=_integers(self._bin_factor_cell),
            **theta,
            **gammas,
            **self._joined(),
            **integers,
        )
        return CompiledModel(
            arrays=arrays,
            parameter_names=tuple(self.numbers.label(name, index) for name, index in self.numbers.theta),
            gamma_names=tuple("" if key is None else self.numbers.label(*key) for key in self.numbers.gamma),
            bin_names=self.content.bin_names,
            poi_bounds=declared,
            measurement=self.content.measurement,
        )

    def _joined(self) -> dict[str, Any]:
        kinds = {"scaled": np.int64, "bin_factor_parameter": np.int64}
        # the empty part is what remains where no block has such an entry
        return {
            key: np.concatenate([np.zeros(0, dtype=kinds.get(key, np.float64)), *parts])
            for key, parts in self._arrays.items()
        }

    def _add_shift(self, block: Block, key: tuple[str, str]) -> None:
        high, low = shape_templates(block, key)
        self._lists["shift_cell"].append(self._templates)
        self._lists["shift_parameter"].append(self.numbers.theta[key[1], 0])
        self._arrays["shift_up"].append(high - block.rates)
        self._arrays["shift_down"].append(block.rates - low)
        self._templates += block.rates.size

    def _add_factor(self, block: Block, key: tuple[str, str]) -> None:
        kind, name = key
        self._lists["factor_kind"].append(EXPONENTIAL_FACTOR if kind == "normsys" else LINEAR_FACTOR)
        self._lists["factor_parameter"].append(self.numbers.theta[name, 0])
        polynomial = normalisation_polynomial(*normalisation_factors(block, key)) if kind == "normsys" else _LINEAR
        self._lists["factor_polynomial"].append(polynomial)

    def _add_bin_factor(self, block: Block, key: tuple[str, str], scaled: IndexArray) -> None:
        indices, is_gamma = self.numbers.bin_parameters(block, key)
        scaled[is_gamma] = 1
        if (indices != NO_PARAMETER).any():
            self._bin_factor_cell.append(self._bin_cells)
            self._arrays["bin_factor_parameter"].append(indices)
            self._bin_cells += indices.size


def normalisation_factors(block: Block, key: tuple[str, str]) -> tuple[float, float]:
    """Return the factors of a normsys at +1 and -1.

    Raises:
        WorkspaceError: a factor is not positive and finite.
    """
    data = block.modifiers[key]["data"]
    high, low = float(data["hi"]), float(data["lo"])
    if not (0.0 < high < math.inf and 0.0 < low < math.inf):
        # code 4 takes their logarithms: pyhf's expected rates are NaN between -1 and +1, its fits end in nonsense
        raise WorkspaceError(
            f"normsys '{key[1]}' has a factor that cannot be extrapolated exponentially",
            where=f"{block.where(key)}/data",
            allowed="lo > 0 and hi > 0, finite",
            given=f"lo = {low}, hi = {high}",
            next_step="use a histosys for variations of 100 % or more",
        )
    return high, low


def shape_templates(block: Block, key: tuple[str, str]) -> tuple[FloatArray, FloatArray]:
    """Return the templates of a histosys at +1 and -1.

    Raises:
        WorkspaceError: another number of bins, or a number that is not finite.
    """
    data, bins, where = block.modifiers[key]["data"], block.rates.size, f"{block.where(key)}/data"
    return (
        bin_numbers(data["hi_data"], bins, f"{where}/hi_data"),
        bin_numbers(data["lo_data"], bins, f"{where}/lo_data"),
    )


def _integers(values: Any) -> IndexArray:
    return np.array(values, dtype=np.int64)
