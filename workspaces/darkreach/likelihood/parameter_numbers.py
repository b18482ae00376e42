"""Numbering of parameters: which bin-wise ones are eliminated as gammas, and the places of the others in theta."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from darkreach.likelihood.model_arrays import NO_PARAMETER, UNCONSTRAINED, IndexArray
from darkreach.likelihood.parameter_sets import ParameterSet
from darkreach.likelihood.staterror_widths import STATERROR, StaterrorChannel
from darkreach.likelihood.workspace_content import Block, WorkspaceContent

_THETA_FIELDS = ("initial", "lower", "upper", "held", "constraint", "centre", "width")
_GAMMA_FIELDS = ("gamma_constraint", "gamma_centre", "gamma_width", "gamma_lower", "gamma_upper")
_NO_GAMMA = (UNCONSTRAINED, 1.0, 1.0, 0.0, 1.0)


class ParameterNumbers:
    """The places of all parameters of a workspace.

    Args:
        content: the workspace.
        sets: its parameter sets by name.
        staterrors: its staterrors channel by channel.

    Attributes:
        theta: place in theta by (name, index), in order.
        gamma: (name, index) of the gamma of each bin, None where there is none.
    """

    def __init__(
        self, content: WorkspaceContent, sets: Mapping[str, ParameterSet], staterrors: Sequence[StaterrorChannel]
    ) -> None:
        self._content, self._sets = content, sets
        self._first_index = _first_indices(content, staterrors)
        self.gamma = self._choose_gammas()
        self.theta = self._number_theta()
        self._places = {
            name: np.full(sets[name].size, NO_PARAMETER, dtype=np.int64) for name in sets if not sets[name].scalar
        }
        self._gammas = {name: np.full(places.size, NO_PARAMETER) for name, places in self._places.items()}
        for (name, index), place in self.theta.items():
            if name in self._places:
                self._places[name][index] = place
        for bin_, key in enumerate(self.gamma):
            if key is not None:
                self._gammas[key[0]][key[1]] = bin_

    def label(self, name: str, index: int) -> str:
        """Return the name of one parameter, with its index if it belongs to a bin."""
        return name if self._sets[name].scalar else f"{name}[{index}]"

    def first_index(self, block: Block, key: tuple[str, str]) -> int:
        """Return which component of a bin-wise parameter acts on the first bin of a block."""
        return self._first_index[key[1], block.channel] if key[0] == STATERROR else 0

    def bin_parameters(self, block: Block, key: tuple[str, str]) -> tuple[IndexArray, NDArray[np.bool_]]:
        """Return the place in theta of each bin's parameter (-1: not there), and which are the bins' gammas."""
        first = self.first_index(block, key)
        members = slice(first, first + block.rates.size)
        own_bins = np.arange(block.first_bin, block.first_bin + block.rates.size)
        return self._places[key[1]][members], self._gammas[key[1]][members] == own_bins

    def theta_arrays(self) -> dict[str, Any]:
        """Return start values, bounds and constraints of theta."""
        return _columns(_THETA_FIELDS, [_row(self._sets[name], index) for name, index in self.theta])

    def gamma_arrays(self) -> dict[str, Any]:
        """Return constraints and bounds of the gammas."""
        rows = [_NO_GAMMA if key is None else _gamma_row(self._sets[key[0]], key[1]) for key in self.gamma]
        return _columns(_GAMMA_FIELDS, rows)

    def _choose_gammas(self) -> list[tuple[str, int] | None]:
        """Take one free constrained bin-wise parameter per bin out of theta, staterror before shapesys."""
        chosen: list[tuple[str, int] | None] = [None] * len(self._content.bin_names)
        done: set[tuple[str, str]] = set()
        for wanted in (STATERROR, "shapesys"):
            for block in self._content.blocks:
                for kind, name in block.modifiers:
                    if kind != wanted or name == self._content.poi or (name, block.channel) in done:
                        continue
                    done.add((name, block.channel))
                    first, fixed = self.first_index(block, (kind, name)), self._sets[name].fixed
                    for cell in range(block.rates.size):
                        if chosen[block.first_bin + cell] is None and not fixed[first + cell]:
                            chosen[block.first_bin + cell] = (name, first + cell)
        return chosen

    def _number_theta(self) -> dict[tuple[str, int], int]:
        taken = {key for key in self.gamma if key is not None}
        order: dict[tuple[str, int], int] = {}
        for name, parameters in self._sets.items():
            inits = parameters.inits or ()
            for index in range(parameters.size):
                # a bin-wise factor that is fixed to one has no effect
                idle = not parameters.scalar and parameters.fixed[index] and inits[index] == 1.0
                if not idle and (name, index) not in taken:
                    order[name, index] = len(order)
        return order


def _first_indices(content: WorkspaceContent, staterrors: Sequence[StaterrorChannel]) -> dict[tuple[str, str], int]:
    sizes: dict[str, int] = {}
    first: dict[tuple[str, str], int] = {}
    for entry in staterrors:
        block = content.blocks[entry.blocks[0]]
        first[entry.name, block.channel] = sizes.get(entry.name, 0)
        sizes[entry.name] = first[entry.name, block.channel] + block.rates.size
    return first


def _columns(names: Sequence[str], rows: Sequence[tuple[float, ...]]) -> dict[str, Any]:
    columns = zip(names, zip(*rows, strict=True), strict=True)
    return {
        name: np.array(values, dtype=np.int64 if name in ("held", "constraint", "gamma_constraint") else np.float64)
        for name, values in columns
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
