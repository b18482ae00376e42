"""Which parameters the modifiers of a workspace need, shared by name, configured by the measurement."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from darkreach.errors import WorkspaceError
from darkreach.likelihood import parameter_sets
from darkreach.likelihood.model_arrays import UNCONSTRAINED, FloatArray
from darkreach.likelihood.parameter_sets import ParameterSet, configured, shared
from darkreach.likelihood.staterror_widths import STATERROR, StaterrorChannel, relative_widths
from darkreach.likelihood.workspace_content import Block, WorkspaceContent, bin_numbers


def configured_parameters(content: WorkspaceContent, staterrors: Sequence[StaterrorChannel]) -> dict[str, ParameterSet]:
    """Return the parameter sets of a workspace by name, in alphabetical order.

    Raises:
        WorkspaceError: modifiers of one name need different parameters, or a setting of the measurement is not usable.
    """
    required = _staterror_sets(content, staterrors)
    seen: set[tuple[str, str]] = set()
    for block in content.blocks:
        for key in block.modifiers:
            kind, name = key
            if kind == "shapefactor":
                _check_shapefactor_bins(required.get(name), block, key)
            if kind == "shapesys" and key in seen:
                raise WorkspaceError(
                    f"shapesys '{name}' is used by two samples",
                    where=block.where(key),
                    next_step="give each sample its own name; shapesys parameters cannot be shared",
                )
            if key not in seen:
                seen.add(key)
                needed = required[name] if kind == STATERROR else _required_set(block, key)
                required[name] = shared(required.get(name), needed, block.where(key))
    sets = {}
    for name in sorted(required):
        configuration, where = content.parameters.get(name, (None, f"parameter {name}"))
        sets[name] = configured(required[name], configuration, where)
    return sets


def _required_set(block: Block, key: tuple[str, str]) -> ParameterSet:
    kind, name = key
    if kind == "normfactor":
        return parameter_sets.normfactor(name)
    if kind in ("normsys", "histosys"):
        return parameter_sets.interpolated(name)
    if kind == "lumi":
        return parameter_sets.luminosity(name)
    if kind == "shapefactor":
        return parameter_sets.shapefactor(name, block.rates.size)
    where = f"{block.where(key)}/data"
    uncertainty = bin_numbers(block.modifiers[key]["data"], block.rates.size, where)
    if np.any((uncertainty < 0.0) & (block.rates > 0.0)):
        # pyhf would fix such a bin, as if it were known exactly
        raise WorkspaceError(
            f"shapesys '{name}' has a negative uncertainty",
            where=where,
            allowed="at least 0",
            given=str(uncertainty.min()),
            next_step="write 0 in bins without uncertainty",
        )
    return parameter_sets.shapesys(name, block.rates, uncertainty)


def _check_shapefactor_bins(known: ParameterSet | None, block: Block, key: tuple[str, str]) -> None:
    if known is not None and not known.scalar and block.rates.size > known.size:
        # pyhf takes the number of the first channel and multiplies further bins by unrelated parameters
        raise WorkspaceError(
            f"shapefactor '{key[1]}' has more bins here than in the first channel that uses it",
            where=block.where(key),
            allowed=f"at most {known.size} bins",
            given=f"{block.rates.size} bins",
            next_step="use one name for each number of bins",
        )


def _staterror_sets(content: WorkspaceContent, staterrors: Sequence[StaterrorChannel]) -> dict[str, ParameterSet]:
    relative: dict[str, list[FloatArray]] = {}
    for name, blocks, variances in staterrors:
        total, variance = content.blocks[blocks[0]].rates, variances[0]
        for number, more in zip(blocks[1:], variances[1:], strict=True):
            total, variance = total + content.blocks[number].rates, variance + more
        relative.setdefault(name, []).append(relative_widths(total, variance))
    return {name: parameter_sets.staterror(name, np.concatenate(parts)) for name, parts in relative.items()}


def check_poi(content: WorkspaceContent, sets: Mapping[str, ParameterSet]) -> None:
    """Check that the measurement's parameter of interest can be limited.

    Raises:
        WorkspaceError: it is absent, fixed, not a scalar, or cannot be positive.
    """
    where = f"measurement '{content.measurement}'"
    poi = sets.get(content.poi)
    if poi is None:
        raise WorkspaceError(
            "no modifier uses the parameter of interest",
            where=where,
            given=repr(content.poi),
            allowed=", ".join(name for name, known in sets.items() if known.kind == UNCONSTRAINED and known.scalar),
            next_step="attach it to the signal as a normfactor",
        )
    if poi.size != 1:
        raise WorkspaceError(
            "the parameter of interest has more than one component",
            where=where,
            given=content.poi,
            next_step="take a normfactor, one number, as parameter of interest",
        )
    if poi.fixed[0]:
        raise WorkspaceError(
            "the parameter of interest is fixed",
            where=where,
            given=content.poi,
            next_step="remove `fixed` from its configuration",
        )
    if poi.bounds is not None and not (poi.bounds[0][0] < math.inf and poi.bounds[0][1] > 0.0):
        raise WorkspaceError(
            "the parameter of interest cannot be positive",
            where=where,
            given=str(poi.bounds[0]),
            next_step="give it an upper bound above zero",
        )
