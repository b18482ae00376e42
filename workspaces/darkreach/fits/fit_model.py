"""A workspace ready to be fitted: compiled, with the declared bounds of the parameter of interest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np

from darkreach.errors import ConfigError, UnknownNameError, unknown_name
from darkreach.likelihood import CompiledModel, Dataset, ModelArrays, compile_workspace, observed_dataset
from darkreach.likelihood.model_arrays import NORMAL, POISSON, UNCONSTRAINED
from darkreach.sharing.hypothesis import Hypothesis

ConstraintKind: TypeAlias = Literal["normal", "poisson", "unconstrained", "fixed"]
_KINDS: dict[int, ConstraintKind] = {NORMAL: "normal", POISSON: "poisson", UNCONSTRAINED: "unconstrained"}


class Parameter(NamedTuple):
    """One parameter of a likelihood.

    Attributes:
        name: as pyhf names it, without an index if it is a scalar.
        theta: its place in theta, or -1.
        bin: the bin whose gamma it is, or -1.
        constraint: kind of its constraint term.
        centre: where the constraint (or, without one, the start value) puts it.
        width: standard deviation before the fit; 0 without a constraint.
        lower, upper: bounds.
    """

    name: str
    theta: int
    bin: int
    constraint: ConstraintKind
    centre: float
    width: float
    lower: float
    upper: float


@dataclass(frozen=True, eq=False)
class FitModel:
    """A likelihood with its parameters in alphabetical order, those eliminated analytically among them.

    Attributes:
        name: name of the hypothesis.
        compiled: the likelihood, with the bounds that apply to fits.
        parameters: all of them.
        use_numba: False interprets the kernel, with the NumPy likelihood.
    """

    name: str
    compiled: CompiledModel
    parameters: tuple[Parameter, ...]
    use_numba: bool = True

    @property
    def arrays(self) -> ModelArrays:
        """The numbers of the likelihood."""
        return self.compiled.arrays

    @property
    def poi(self) -> str:
        """Name of the parameter of interest."""
        return self.compiled.parameter_names[int(self.arrays.poi[0])]

    @property
    def observed(self) -> Dataset:
        """Observed main and auxiliary data."""
        return observed_dataset(self.arrays)

    def parameter(self, name: str) -> Parameter:
        """Return a parameter by name; ``name[0]`` of a scalar is accepted too.

        Raises:
            UnknownNameError: no such parameter; the message has the nearest known name.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        found = known.get(name) or known.get(name.removesuffix("[0]"))
        if found is None:
            error = unknown_name("parameter", name, known, where=self.name)
            raise UnknownNameError(
                error.what, where=error.where, allowed=_listed(known), given=name, next_step=error.next_step
            )
        return found

    def with_poi_bounds(self, lower: float, upper: float) -> FitModel:
        """Return the same likelihood with other bounds of the parameter of interest.

        Raises:
            ConfigError: the bounds contradict each other.
        """
        if not lower < upper:
            raise ConfigError(
                "bounds contradict each other",
                where=self.poi,
                given=f"[{lower:g}, {upper:g}]",
                next_step="give a lower bound below the upper one",
            )
        return make_fit_model(self.name, self.compiled, (lower, upper), use_numba=self.use_numba)


FitTarget: TypeAlias = Hypothesis | Mapping[str, Any] | FitModel
"""What can be fitted: a hypothesis, a complete workspace, or one that is compiled already."""


def fit_model(target: FitTarget, *, measurement: str | None = None, use_numba: bool = True) -> FitModel:
    """Compile what is to be fitted; a model that is compiled already is returned as it is.

    Args:
        target: hypothesis, pyhf 1.0.0 workspace with its signal, or a model.
        measurement: name of the measurement; None for the first.
        use_numba: False interprets the kernel, with the NumPy likelihood.

    Raises:
        WorkspaceError: the workspace is not usable.
    """
    if isinstance(target, FitModel):
        return target
    name, workspace = (target.name, target.workspace) if isinstance(target, Hypothesis) else ("workspace", target)
    compiled = compile_workspace(workspace, measurement)
    return make_fit_model(name, compiled, compiled.poi_bounds, use_numba=use_numba)


def make_fit_model(
    name: str, compiled: CompiledModel, poi_bounds: tuple[float, float], *, use_numba: bool = True
) -> FitModel:
    """Return a compiled likelihood with the given bounds of its parameter of interest."""
    arrays, poi = compiled.arrays, compiled.arrays.poi[0]
    initial, lower, upper = arrays.initial.copy(), arrays.lower.copy(), arrays.upper.copy()
    lower[poi], upper[poi] = poi_bounds
    initial[poi] = min(max(initial[poi], lower[poi]), upper[poi])
    bounded = CompiledModel(
        arrays=arrays._replace(initial=initial, lower=lower, upper=upper),
        parameter_names=compiled.parameter_names,
        gamma_names=compiled.gamma_names,
        bin_names=compiled.bin_names,
        poi_bounds=compiled.poi_bounds,
        measurement=compiled.measurement,
    )
    return FitModel(name, bounded, _parameters(bounded), use_numba)


def _parameters(compiled: CompiledModel) -> tuple[Parameter, ...]:
    arrays = compiled.arrays
    known = [
        Parameter(name, index, -1, *_constraint(arrays, index), float(arrays.lower[index]), float(arrays.upper[index]))
        for index, name in enumerate(compiled.parameter_names)
    ]
    for index in np.flatnonzero(arrays.gamma_constraint != UNCONSTRAINED):
        kind, centre, width = int(arrays.gamma_constraint[index]), arrays.gamma_centre[index], arrays.gamma_width[index]
        bounds = float(arrays.gamma_lower[index]), float(arrays.gamma_upper[index])
        known.append(Parameter(compiled.gamma_names[index], -1, int(index), *_width(kind, centre, width), *bounds))
    return tuple(sorted(known, key=lambda parameter: _order(parameter.name)))


def _constraint(arrays: ModelArrays, index: int) -> tuple[ConstraintKind, float, float]:
    if arrays.held[index]:
        return "fixed", float(arrays.initial[index]), 0.0
    kind = int(arrays.constraint[index])
    if kind == UNCONSTRAINED:
        return "unconstrained", float(arrays.initial[index]), 0.0
    return _width(kind, arrays.centre[index], arrays.width[index])


def _width(kind: int, centre: float, width: float) -> tuple[ConstraintKind, float, float]:
    # a Poisson constraint has auxiliary data a with expectation tau * gamma: gamma = a / tau +- sqrt(a) / tau
    if kind == POISSON:
        return _KINDS[kind], float(centre / width), float(np.sqrt(centre) / width)
    return _KINDS[kind], float(centre), float(width)


def _order(name: str) -> tuple[str, int]:
    match = re.fullmatch(r"(.*)\[(\d+)\]", name)
    return (match[1], int(match[2])) if match else (name, -1)


def _listed(names: Iterable[str]) -> str:
    """Return names as a list, bin-wise ones of one modifier as a range."""
    last: dict[str, int] = {}
    for name in names:
        base, index = _order(name)
        last[base] = max(last.get(base, -1), index)
    return ", ".join(base if index < 0 else f"{base}[0..{index}]" for base, index in last.items())
