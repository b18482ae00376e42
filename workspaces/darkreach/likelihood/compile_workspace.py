"""From a pyhf 1.0.0 workspace to the flat arrays of a likelihood, with pyhf's conventions and without pyhf.

Staterror uncertainties are relative to the sum of all samples that carry the modifier, the signal at mu = 1 among them;
shapesys constraints are Poisson with tau = (nominal/uncertainty)^2; interpolations are codes 4 and 4p.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from darkreach.errors import WorkspaceError
from darkreach.likelihood import parameter_sets
from darkreach.likelihood.array_builder import ArrayBuilder
from darkreach.likelihood.model_arrays import CompiledModel
from darkreach.likelihood.parameter_sets import ParameterSet, configured, shared
from darkreach.likelihood.workspace_content import Block, WorkspaceContent, modifier_numbers, read_content


def compile_workspace(workspace: Mapping[str, Any], measurement: str | None = None) -> CompiledModel:
    """Return the likelihood of a workspace as arrays.

    Args:
        workspace: pyhf 1.0.0 workspace as JSON-like data.
        measurement: name of the measurement; None for the first.

    Raises:
        WorkspaceError: the workspace is not usable; the message names the place and the cure.

    Example:
        >>> sample = {"name": "s", "data": [1.0], "modifiers": [{"name": "mu", "type": "normfactor", "data": None}]}
        >>> workspace = {
        ...     "channels": [{"name": "c", "samples": [sample]}],
        ...     "observations": [{"name": "c", "data": [3.0]}],
        ...     "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        ...     "version": "1.0.0",
        ... }
        >>> compile_workspace(workspace).parameter_names
        ('mu',)
    """
    content = read_content(workspace, measurement)
    sets = _configured_sets(content)
    _check_poi(content, sets)
    builder = ArrayBuilder(content, sets, _staterror_bins(content))
    for block in content.blocks:
        builder.add_block(block)
    return builder.finish()


def _configured_sets(content: WorkspaceContent) -> dict[str, ParameterSet]:
    required: dict[str, ParameterSet] = {}
    for name, relative in _relative_staterrors(content).items():
        required[name] = parameter_sets.staterror(name, relative)
    seen_shapesys: set[str] = set()
    for block in content.blocks:
        for (kind, name), modifier in block.modifiers.items():
            where = str(modifier["path"])
            if kind == "shapesys" and name in seen_shapesys:
                raise WorkspaceError(
                    f"shapesys '{name}' is used by two samples",
                    where=where,
                    next_step="give each sample its own name; shapesys parameters cannot be shared",
                )
            if kind == "shapesys":
                seen_shapesys.add(name)
            needed = _required_set(kind, name, block, modifier, required)
            required[name] = shared(required.get(name), needed, where)
    sets = {}
    for name in sorted(required):
        configuration, where = content.parameters.get(name, (None, f"parameter {name}"))
        sets[name] = configured(required[name], configuration, where)
    return sets


def _required_set(
    kind: str, name: str, block: Block, modifier: Mapping[str, Any], known: Mapping[str, ParameterSet]
) -> ParameterSet:
    if kind == "normfactor":
        return parameter_sets.normfactor(name)
    if kind in ("normsys", "histosys"):
        return parameter_sets.interpolated(name)
    if kind == "lumi":
        return parameter_sets.luminosity(name)
    if kind == "shapefactor":
        return parameter_sets.shapefactor(name, len(block.rates))
    if kind == "staterror":
        return known[name]
    where = f"{modifier['path']}/data"
    return parameter_sets.shapesys(name, block.rates, modifier_numbers(modifier["data"], len(block.rates), where))


def _relative_staterrors(content: WorkspaceContent) -> dict[str, list[float]]:
    bins = len(content.bin_names)
    nominal: dict[str, Any] = {}
    variance: dict[str, Any] = {}
    for block in content.blocks:
        for (kind, name), modifier in block.modifiers.items():
            if kind == "staterror":
                cells = slice(block.first_bin, block.first_bin + len(block.rates))
                errors = modifier_numbers(modifier["data"], len(block.rates), f"{modifier['path']}/data", 0.0)
                nominal.setdefault(name, np.zeros(bins))[cells] += block.rates
                variance.setdefault(name, np.zeros(bins))[cells] += np.square(errors)
    relative = {}
    for name, mask in _staterror_bins(content).items():
        total = nominal[name]
        ratio = np.where(total > 0.0, np.sqrt(variance[name]) / np.where(total > 0.0, total, 1.0), 0.0)
        relative[name] = [float(value) for value in ratio[mask]]
    return relative


def _staterror_bins(content: WorkspaceContent) -> dict[str, list[int]]:
    """Return the bins of each staterror in order; its samples must carry it in the same channels."""
    masks: dict[str, dict[str, list[int]]] = {}
    for block in content.blocks:
        for kind, name in block.modifiers:
            if kind == "staterror":
                bins = masks.setdefault(name, {}).setdefault(block.sample, [])
                bins += range(block.first_bin, block.first_bin + len(block.rates))
    for name, samples in masks.items():
        if len({tuple(bins) for bins in samples.values()}) != 1:
            raise WorkspaceError(
                f"staterror '{name}' acts on different channels for different samples",
                where=f"modifier {name}",
                next_step="use one name per channel",
            )
    return {name: next(iter(samples.values())) for name, samples in masks.items()}


def _check_poi(content: WorkspaceContent, sets: Mapping[str, ParameterSet]) -> None:
    where = f"measurement '{content.measurement}'"
    poi = sets.get(content.poi)
    if poi is None:
        raise WorkspaceError(
            "no modifier uses the parameter of interest",
            where=where,
            given=repr(content.poi),
            allowed=", ".join(name for name, known in sets.items() if known.scalar),
            next_step="attach it to the signal as a normfactor",
        )
    if poi.size != 1:
        raise WorkspaceError("the parameter of interest has more than one component", where=where, given=content.poi)
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
