"""Counting channels of a likelihood: bins with signal, sidebands of free normalisations, bins that inform nuisances.

A bin with signal is *on*. A bin without, all of whose background one free normalisation scales, is a *sideband* of it.
If a normalisation has no such bin, the one with least signal by background serves, where that is little.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from darkreach.likelihood.model_arrays import (
    LINEAR_FACTOR,
    NO_PARAMETER,
    UNCONSTRAINED,
    CompiledModel,
    FloatArray,
    IndexArray,
    ModelArrays,
)

MOST_CHANNELS = 64
"""Bins with signal that are summed exactly."""
MOST_EVENTS = 200.0
"""Observed events and expected background events, together, in these bins."""
LARGEST_LEAK = 0.2
"""Largest signal by background in a sideband, relative to the bin where most is."""
NONE, KNOWN, SIGNAL = -1, -1, -2


class CountingChannels(NamedTuple):
    """What to sum, and over what to average; B bins, K blocks, C bins with signal, F free normalisations.

    Attributes:
        on: shape (C,), bins with signal.
        free: shape (F,), free normalisations (indices in theta).
        sideband: shape (B,), number of the free normalisation that scales a bin without signal, or -1.
        sideband_events: shape (F,), observed events in all sidebands of each.
        control: shape (B,), 1 for bins without signal and free normalisations that share nuisance parameters with
            other channels.
        parameters: constrained parameters of theta to average over.
        gammas: bins whose gamma to average over.
        kind: shape (K,), ``SIGNAL`` for blocks that the signal strength scales, ``KNOWN`` for background without free
            normalisation, else the number of that.
        owner: shape (C,), number of the free normalisation of each bin with signal, or -1.
    """

    on: IndexArray
    free: IndexArray
    sideband: IndexArray
    sideband_events: FloatArray
    control: IndexArray
    parameters: IndexArray
    gammas: IndexArray
    kind: IndexArray
    owner: IndexArray


class BlockContent(NamedTuple):
    """One sample in one channel: the parameters of theta that act on it, its bins, and those it expects events in."""

    parameters: frozenset[int]
    bins: range
    filled: list[int]


def counting_channels(model: CompiledModel) -> CountingChannels | str:
    """Return the counting channels of a likelihood, or why its limits cannot be summed exactly."""
    arrays, poi = model.arrays, int(model.arrays.poi[0])
    if not _linear_in_strength(arrays):
        return "the rate is not linear in the signal strength"
    blocks = block_contents(arrays)
    signals = [block for block in blocks if poi in block.parameters]
    numbers = _free_normalisations(arrays, blocks)
    with_signal = {index for block in signals for index in block.filled}
    on = sorted(with_signal - _leaking_sidebands(arrays, blocks, numbers))
    reason = _unsuitable(arrays, on)
    if reason is not None:
        return reason
    if any(_lowest(arrays, number) < 0.0 for number, block in enumerate(blocks) if poi in block.parameters):
        return "the expected signal is negative"
    sideband = _sidebands(model, blocks, frozenset(on), numbers)
    if isinstance(sideband, str):
        return sideband
    owner = _owners(model, blocks, frozenset(on), numbers)
    if isinstance(owner, str):
        return owner
    kinds = [
        SIGNAL if poi in block.parameters else max((numbers.get(one, KNOWN) for one in block.parameters), default=KNOWN)
        for block in blocks
    ]
    place = np.array(sideband, dtype=np.int64)
    parameters, informing = _nuisances(arrays, blocks, {*on, *np.flatnonzero(place != NONE).tolist()})
    control = np.array([index in informing and index not in on for index in range(place.size)], dtype=np.int64)
    gammas = [index for index in sorted(informing) if arrays.gamma_constraint[index] != UNCONSTRAINED]
    return CountingChannels(
        np.array(on, dtype=np.int64),
        np.array(list(numbers), dtype=np.int64),
        place,
        np.array([arrays.counts[place == number].sum() for number in range(len(numbers))], dtype=np.float64),
        np.where(place == NONE, control, 0),
        np.array(parameters, dtype=np.int64),
        np.array(gammas, dtype=np.int64),
        np.array(kinds, dtype=np.int64),
        np.array(owner, dtype=np.int64),
    )


def block_contents(arrays: ModelArrays) -> list[BlockContent]:
    """Return the content of each block; shape systematics may fill a bin that is empty nominally."""
    cells, bins = arrays.block_cell.tolist(), arrays.block_bin.tolist()
    factors, shifts = arrays.factor_parameter.tolist(), arrays.shift_parameter.tolist()
    first, shift = arrays.factor_first.tolist(), arrays.shift_first.tolist()
    bin_first, bin_cell = arrays.bin_factor_first.tolist(), arrays.bin_factor_cell.tolist()
    start, filled = arrays.shift_cell.tolist(), (arrays.nominal != 0.0).tolist()
    shifted = ((arrays.shift_up != 0.0) | (arrays.shift_down != 0.0)).tolist()
    found = []
    for block, bin_of in enumerate(bins):
        begin, size = cells[block], cells[block + 1] - cells[block]
        names = {*factors[first[block] : first[block + 1]], *shifts[shift[block] : shift[block + 1]]}
        for entry in range(bin_first[block], bin_first[block + 1]):
            names.update(arrays.bin_factor_parameter[bin_cell[entry] : bin_cell[entry] + size].tolist())
        moved = [start[entry] for entry in range(shift[block], shift[block + 1])]
        inside = [
            bin_of + cell
            for cell in range(size)
            if filled[begin + cell] or any(shifted[template + cell] for template in moved)
        ]
        found.append(BlockContent(frozenset(names - {NO_PARAMETER}), range(bin_of, bin_of + size), inside))
    return found


def _linear_in_strength(arrays: ModelArrays) -> bool:
    poi = int(arrays.poi[0])
    return _once(arrays, poi) and poi not in arrays.shift_parameter and poi not in arrays.bin_factor_parameter


def _once(arrays: ModelArrays, parameter: int) -> bool:
    """Return whether a parameter scales blocks linearly, each once."""
    entries = np.flatnonzero(arrays.factor_parameter == parameter)
    owners = np.searchsorted(arrays.factor_first, entries, side="right").tolist()
    return len(set(owners)) == len(owners) and bool((arrays.factor_kind[entries] == LINEAR_FACTOR).all())


def _lowest(arrays: ModelArrays, block: int) -> float:
    return float(arrays.nominal[arrays.block_cell[block] : arrays.block_cell[block + 1]].min(initial=0.0))


def _unsuitable(arrays: ModelArrays, on: list[int]) -> str | None:
    if not on:
        return "0 bins have signal"
    if len(on) > MOST_CHANNELS:
        return f"{len(on)} bins have signal, more than {MOST_CHANNELS}"
    observed = arrays.counts[on]
    if (observed != np.round(observed)).any():
        return "the observed number of events is not whole"
    if observed.sum() > MOST_EVENTS:
        return f"{observed.sum():g} events are observed in bins with signal, more than {MOST_EVENTS:g}"
    return None


def _free_normalisations(arrays: ModelArrays, blocks: list[BlockContent]) -> dict[int, int]:
    """Return the floating parameters without constraint that scale anything, numbered."""
    loose = (arrays.held == 0) & (arrays.constraint == UNCONSTRAINED)
    loose[arrays.poi[0]] = False
    acting = frozenset().union(*(block.parameters for block in blocks if block.filled))
    return {
        index: number for number, index in enumerate(one for one in np.flatnonzero(loose).tolist() if one in acting)
    }


def _leaking_sidebands(arrays: ModelArrays, blocks: list[BlockContent], numbers: Mapping[int, int]) -> set[int]:
    """Return the bins with little signal that serve free normalisations which have no sideband without."""
    if not numbers:
        return set()
    poi, nominal, cells = int(arrays.poi[0]), arrays.nominal.tolist(), arrays.block_cell.tolist()
    signal: dict[int, float] = {}
    background: dict[int, float] = {}
    groups: dict[int, set[frozenset[int]]] = {}
    for block, begin in zip(blocks, cells, strict=False):
        rates = signal if poi in block.parameters else background
        for index in block.filled:
            rates[index] = rates.get(index, 0.0) + nominal[begin + index - block.bins.start]
            if poi not in block.parameters:
                groups.setdefault(index, set()).add(block.parameters.intersection(numbers))
    found = set()
    for parameter in numbers:
        alone = [index for index, group in groups.items() if group == {frozenset({parameter})}]
        if not alone or any(index not in signal for index in alone):
            continue
        acting = [index for index, group in groups.items() if any(parameter in one for one in group)]
        share = {index: signal.get(index, 0.0) / max(background[index], 1e-300) for index in acting}
        lowest = min(alone, key=share.__getitem__)
        if share[lowest] < LARGEST_LEAK * max(share.values()):
            found.add(lowest)
    return found


def _sidebands(
    model: CompiledModel, blocks: list[BlockContent], on: frozenset[int], numbers: Mapping[int, int]
) -> list[int] | str:
    """Return the free normalisation of each sideband, -1 for other bins, or which normalisation no sideband pins."""
    arrays, poi = model.arrays, int(model.arrays.poi[0])
    scaling: dict[int, set[frozenset[int]]] = {}
    for block in blocks:
        scalars = block.parameters.intersection(numbers)
        if scalars and 0 < len(on.intersection(block.filled)) < len(block.filled):
            # the bins of a shape with signal tell more of its size than those without
            return f"the free normalisation {model.parameter_names[min(scalars)]} scales a shape, not single bins"
        for index in block.filled if scalars or poi not in block.parameters else ():
            if index not in on:
                scaling.setdefault(index, set()).add(scalars)
    sideband = [NONE] * arrays.counts.size
    for index, groups in scaling.items():
        if not any(groups):
            continue
        first = min(min(group) for group in groups if group)
        if groups != {frozenset({first})}:
            return f"{model.bin_names[index]} is no sideband of {model.parameter_names[first]} alone"
        sideband[index] = numbers[first]
    pinned = frozenset(sideband)
    for parameter, number in numbers.items():
        if number not in pinned or parameter in arrays.bin_factor_parameter or not _once(arrays, parameter):
            return f"no sideband pins the free normalisation {model.parameter_names[parameter]}"
    return sideband


def _owners(
    model: CompiledModel, blocks: list[BlockContent], on: frozenset[int], numbers: Mapping[int, int]
) -> list[int] | str:
    """Return the free normalisation of each bin with signal, -1 for none, or where several meet."""
    poi = int(model.arrays.poi[0])
    owner = dict.fromkeys(sorted(on), NONE)
    for block in blocks:
        scaling = block.parameters.intersection(numbers)
        for index in block.filled if scaling else ():
            if index in on:
                number = numbers[min(scaling)]
                if len(scaling) > 1 or poi in block.parameters or owner[index] not in (NONE, number):
                    return f"several free normalisations meet in {model.bin_names[index]}"
                owner[index] = number
    return list(owner.values())


def _nuisances(arrays: ModelArrays, blocks: list[BlockContent], used: set[int]) -> tuple[list[int], set[int]]:
    """Return the constrained parameters that act on bins, and these bins with all that share some of them."""
    constrained = frozenset(np.flatnonzero((arrays.held == 0) & (arrays.constraint != UNCONSTRAINED)).tolist())
    own: dict[int, set[int]] = {}
    for block in blocks:
        acting = block.parameters & constrained
        for index in block.filled if acting else ():
            own.setdefault(index, set()).update(acting)
    known: set[int] = set()
    informing = set(used)
    while informing:
        used = used | informing
        known.update(*(own.get(index, ()) for index in informing))
        informing = {index for index, names in own.items() if index not in used and not known.isdisjoint(names)}
    return sorted(known), used
