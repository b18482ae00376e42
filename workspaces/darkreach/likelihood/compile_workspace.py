"""From a pyhf 1.0.0 workspace to the flat arrays of a likelihood, with pyhf's conventions and without pyhf.

Staterror uncertainties are relative to the sum of all samples that carry the modifier, the signal at mu = 1 among them;
shapesys constraints are Poisson with tau = (nominal/uncertainty)^2; interpolations are codes 4 and 4p.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from darkreach.errors import WorkspaceError
from darkreach.likelihood.array_builder import ArrayBuilder
from darkreach.likelihood.model_arrays import CompiledModel
from darkreach.likelihood.required_parameters import check_poi, configured_parameters
from darkreach.likelihood.staterror_widths import staterror_channels
from darkreach.likelihood.workspace_content import read_content


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
    return build_arrays(workspace, measurement).finish()


def build_arrays(workspace: Mapping[str, Any], measurement: str | None = None) -> ArrayBuilder:
    """Return the builder with all blocks of a workspace in it.

    Raises:
        WorkspaceError: the workspace is not usable.
    """
    try:
        return _built(workspace, measurement)
    except (KeyError, TypeError, IndexError, AttributeError, ValueError, OverflowError) as error:
        raise WorkspaceError(
            "the workspace does not follow the pyhf 1.0.0 schema",
            given=f"{type(error).__name__}: {error}",
            next_step="check it with `pyhf inspect FILE`",
        ) from error


def _built(workspace: Mapping[str, Any], measurement: str | None) -> ArrayBuilder:
    content = read_content(workspace, measurement)
    channels = staterror_channels(content)
    sets = configured_parameters(content, channels)
    check_poi(content, sets)
    builder = ArrayBuilder(content, sets, channels)
    for block in content.blocks:
        builder.add_block(block)
    return builder
