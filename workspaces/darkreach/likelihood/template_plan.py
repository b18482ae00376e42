"""Where the numbers of each sample stand in the row of floats of a likelihood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from darkreach.likelihood.array_builder import ArrayBuilder, shape_templates
from darkreach.likelihood.model_arrays import NO_PARAMETER, FloatArray, IndexArray
from darkreach.likelihood.normalisation_polynomial import COEFFICIENTS
from darkreach.likelihood.staterror_widths import STATERROR, StaterrorChannel, relative_widths
from darkreach.likelihood.workspace_content import Block

Places: TypeAlias = slice | IndexArray
_CHANGING_CONSTRAINT = ("auxdata", "sigmas", "factors", "fixed")


class ShapePlan(NamedTuple):
    """A histosys: its number among the modifiers, its shifts in the row, its templates."""

    modifier: int
    up: slice
    down: slice
    high: FloatArray
    low: FloatArray


class BinwisePlan(NamedTuple):
    """Widths of one bin-wise constrained parameter in one channel.

    Attributes:
        widths: where they stand in the row.
        used: which bins have one.
        idle: which bins are without uncertainty; other ones make another structure.
        refillable: False where the measurement sets the constraint itself.
    """

    widths: Places
    used: Places
    idle: NDArray[np.bool_]
    refillable: bool


class StaterrorPlan(NamedTuple):
    """A staterror in one channel: rates and variances of its samples, and their sums before each of them."""

    rates: tuple[FloatArray, ...]
    variances: tuple[FloatArray, ...]
    before: tuple[tuple[FloatArray, FloatArray] | None, ...]
    places: BinwisePlan


class ShapesysPlan(NamedTuple):
    """A shapesys: its number among the modifiers, where widths (tau) and centres (auxiliary data) stand."""

    modifier: int
    centres: Places
    places: BinwisePlan


class SamplePlan(NamedTuple):
    """One sample of one channel.

    Attributes:
        sample: what the template was made from.
        rates: shape (bins,), its nominal rates.
        nominal: where they stand in the row.
        shapes: its histosys.
        normalisations: its normsys: number among the modifiers, polynomial in the row.
        staterrors: number among the modifiers, number of the staterror plan, number of the sample in it.
        shapesys: its shapesys.
    """

    sample: Mapping[str, Any]
    rates: FloatArray
    nominal: slice
    shapes: tuple[ShapePlan, ...]
    normalisations: tuple[tuple[int, slice], ...]
    staterrors: tuple[tuple[int, int, int], ...]
    shapesys: tuple[ShapesysPlan, ...]


class PlanMaker:
    """Replays the order in which ``ArrayBuilder`` laid out the blocks.

    Args:
        builder: with all blocks of the workspace added.
        positions: where each field begins in the row.
        samples: what each block was made from.
    """

    def __init__(
        self, builder: ArrayBuilder, positions: Mapping[str, int], samples: tuple[Mapping[str, Any], ...]
    ) -> None:
        self._builder, self._positions = builder, positions
        self._cells, self._templates, self._factors = 0, 0, 0
        self.staterrors = tuple(self._staterror(entry) for entry in builder.staterrors)
        self._carried = {
            (entry.name, number): (plan, place)
            for plan, entry in enumerate(builder.staterrors)
            for place, number in enumerate(entry.blocks)
        }
        self.samples = tuple(
            self._sample(number, block, sample)
            for number, (block, sample) in enumerate(zip(builder.content.blocks, samples, strict=True))
        )

    def _sample(self, number: int, block: Block, sample: Mapping[str, Any]) -> SamplePlan:
        shapes, normalisations, staterrors, shapesys = [], [], [], []
        bins = block.rates.size
        for position, key in enumerate(block.modifiers):
            kind, name = key
            if kind == "histosys":
                places = (
                    self._slice("shift_up", self._templates, bins),
                    self._slice("shift_down", self._templates, bins),
                )
                shapes.append(ShapePlan(position, *places, *shape_templates(block, key)))
                self._templates += bins
            elif kind == STATERROR:
                staterrors.append((position, *self._carried[name, number]))
            elif kind == "shapesys":
                centres, binwise = self._binwise(block, key, "centre"), self._binwise_plan(block, key)
                shapesys.append(ShapesysPlan(position, centres[0], binwise))
            elif kind != "shapefactor":
                if kind == "normsys":
                    place = self._slice("factor_polynomial", COEFFICIENTS * self._factors, COEFFICIENTS)
                    normalisations.append((position, place))
                self._factors += 1
        nominal = self._slice("nominal", self._cells, bins)
        self._cells += bins
        return SamplePlan(
            sample, block.rates, nominal, tuple(shapes), tuple(normalisations), tuple(staterrors), tuple(shapesys)
        )

    def _slice(self, field: str, first: int, size: int) -> slice:
        begin = self._positions[field] + first
        return slice(begin, begin + size)

    def _staterror(self, entry: StaterrorChannel) -> StaterrorPlan:
        rates = tuple(self._builder.content.blocks[number].rates for number in entry.blocks)
        sums: list[tuple[FloatArray, FloatArray]] = []
        for nominal, variance in zip(rates, entry.variance, strict=True):
            sums.append((sums[-1][0] + nominal, sums[-1][1] + variance) if sums else (nominal, variance))
        block = self._builder.content.blocks[entry.blocks[0]]
        places = self._binwise_plan(block, (STATERROR, entry.name))._replace(idle=relative_widths(*sums[-1]) == 0.0)
        return StaterrorPlan(rates, tuple(entry.variance), (None, *sums[:-1]), places)

    def _binwise_plan(self, block: Block, key: tuple[str, str]) -> BinwisePlan:
        widths, used = self._binwise(block, key, "width")
        fixed = np.array(self._builder.sets[key[1]].fixed, dtype=bool)[: block.rates.size]
        configuration, _ = self._builder.content.parameters.get(key[1], ({}, ""))
        refillable = not any(setting in configuration for setting in _CHANGING_CONSTRAINT)
        return BinwisePlan(widths, used, fixed, refillable)

    def _binwise(self, block: Block, key: tuple[str, str], field: str) -> tuple[Places, Places]:
        """Return where a field of a bin-wise parameter stands, and of which bins."""
        indices, is_gamma = self._builder.numbers.bin_parameters(block, key)
        own_bins = np.arange(block.first_bin, block.first_bin + block.rates.size)
        places = np.where(is_gamma, self._positions[f"gamma_{field}"] + own_bins, self._positions[field] + indices)
        used = is_gamma | (indices != NO_PARAMETER)
        if is_gamma.all():
            return slice(int(places[0]), int(places[-1]) + 1), slice(None)
        return places[used], np.flatnonzero(used)
