"""Compiling the workspaces of a scan: those of one structure share a template."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from darkreach.errors import WorkspaceError
from darkreach.likelihood.model_arrays import CompiledModel, FloatArray
from darkreach.likelihood.model_template import ModelTemplate, make_template
from darkreach.likelihood.packed_models import PackedModels

TEMPLATES_KEPT = 8
"""Structures remembered; the patches of one search rarely alternate between more."""


class WorkspaceCompiler:
    """Compiles one workspace after the other and remembers the structures of the last ones.

    The result equals ``compile_workspace`` to the last bit; models of one structure share their integer arrays.

    Args:
        measurement: name of the measurement; None for the first of each workspace.

    Example:
        >>> def workspace(rate):
        ...     modifier = {"name": "mu", "type": "normfactor", "data": None}
        ...     sample = {"name": "s", "data": [rate], "modifiers": [modifier]}
        ...     return {
        ...         "channels": [{"name": "c", "samples": [sample]}],
        ...         "observations": [{"name": "c", "data": [3.0]}],
        ...         "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        ...     }
        >>> compiler = WorkspaceCompiler()
        >>> [float(compiler.compile(workspace(rate)).arrays.nominal[0]) for rate in (1.0, 2.0)]
        [1.0, 2.0]
    """

    def __init__(self, measurement: str | None = None) -> None:
        self._measurement = measurement
        self._templates: list[ModelTemplate] = []

    def compile(self, workspace: Mapping[str, Any]) -> CompiledModel:
        """Return the likelihood of a workspace as arrays.

        Raises:
            WorkspaceError: the workspace is not usable; the message names the place and the cure.
        """
        template, row, poi_bounds = self.compile_row(workspace)
        return template.with_row(row, poi_bounds)

    def compile_row(self, workspace: Mapping[str, Any]) -> tuple[ModelTemplate, FloatArray, tuple[float, float]]:
        """Return the template of a workspace, its row of floats, and its declared bounds of the POI.

        Raises:
            WorkspaceError: the workspace is not usable.
        """
        for number, template in enumerate(self._templates):
            filled = template.refill_row(workspace)
            if filled is not None:
                if number:
                    self._templates.insert(0, self._templates.pop(number))
                return template, *filled
        template = make_template(workspace, self._measurement)
        self._templates = [template, *self._templates[: TEMPLATES_KEPT - 1]]
        return template, template.floats.copy(), template.model.poi_bounds


class PackedWorkspaces(NamedTuple):
    """Workspaces as the kernel takes them.

    Attributes:
        packed: those that are usable, in order.
        models: likelihood of every workspace in order, or the error that makes it unusable.
    """

    packed: PackedModels
    models: tuple[CompiledModel | WorkspaceError, ...]


def pack_workspaces(workspaces: Iterable[Mapping[str, Any]], measurement: str | None = None) -> PackedWorkspaces:
    """Return the likelihoods of workspaces as packed arrays; those of one structure share their integers.

    Args:
        workspaces: pyhf 1.0.0 workspaces as JSON-like data.
        measurement: name of the measurement; None for the first of each.

    Example:
        >>> pack_workspaces([{}]).models[0].what
        'the workspace does not follow the pyhf 1.0.0 schema'
    """
    compiler = WorkspaceCompiler(measurement)
    models: list[CompiledModel | WorkspaceError] = []
    rows: list[FloatArray] = []
    # by identity: one template serves many rows
    integers: dict[int, tuple[int, ModelTemplate]] = {}
    integer_start, end = [], 0
    for workspace in workspaces:
        try:
            template, row, poi_bounds = compiler.compile_row(workspace)
        except WorkspaceError as error:
            models.append(error)
            continue
        models.append(template.with_row(row, poi_bounds))
        rows.append(row)
        if id(template) not in integers:
            integers[id(template)] = end, template
            end += template.integers.size
        integer_start.append(integers[id(template)][0])
    packed = PackedModels(
        np.concatenate([np.zeros(0), *rows]),
        np.concatenate([np.zeros(0, dtype=np.int64), *(template.integers for _, template in integers.values())]),
        np.cumsum([0, *(row.size for row in rows)], dtype=np.int64)[:-1],
        np.array(integer_start, dtype=np.int64),
    )
    return PackedWorkspaces(packed, tuple(models))


def compile_workspaces(
    workspaces: Iterable[Mapping[str, Any]], measurement: str | None = None
) -> Iterator[CompiledModel | WorkspaceError]:
    """Yield the likelihood of each workspace in order, or the error that makes it unusable.

    Args:
        workspaces: pyhf 1.0.0 workspaces as JSON-like data.
        measurement: name of the measurement; None for the first of each.
    """
    compiler = WorkspaceCompiler(measurement)
    for workspace in workspaces:
        try:
            yield compiler.compile(workspace)
        except WorkspaceError as error:
            yield error
