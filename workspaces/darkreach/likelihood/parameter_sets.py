"""Parameters of a HistFactory model: what its modifiers require, changed by the measurement, as in pyhf 0.7."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import WorkspaceError
from darkreach.likelihood.model_arrays import NORMAL, POISSON, UNCONSTRAINED, FloatArray

GAMMA_BOUNDS = (1e-10, 10.0)
_CONFIGURABLE = ("inits", "bounds", "auxdata", "sigmas", "factors", "fixed")


@dataclass(frozen=True)
class ParameterSet:
    """One named parameter, or one per bin.

    Attributes:
        name: as in the workspace.
        kind: UNCONSTRAINED, NORMAL or POISSON.
        scalar: False for bin-wise parameters.
        inits, bounds: start values and bounds; None where the workspace must give them (lumi).
        fixed: which ones stay at their start value.
        auxdata: constraint data; None where there is none or the workspace must give it.
        widths: standard deviations (normal) or factors (Poisson).
        configurable: properties of the constraint that a measurement may set.
    """

    name: str
    kind: int
    scalar: bool
    inits: tuple[float, ...] | None
    bounds: tuple[tuple[float, float], ...] | None
    fixed: tuple[bool, ...]
    auxdata: tuple[float, ...] | None = None
    widths: tuple[float, ...] | None = None
    configurable: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Number of parameters."""
        return len(self.fixed)


def normfactor(name: str) -> ParameterSet:
    """Return the free normalisation of a sample."""
    return ParameterSet(name, UNCONSTRAINED, True, (1.0,), ((0.0, 10.0),), (False,))


def interpolated(name: str) -> ParameterSet:
    """Return the standard-normal parameter of a normsys or histosys."""
    return ParameterSet(name, NORMAL, True, (0.0,), ((-5.0, 5.0),), (False,), (0.0,), (1.0,), ("auxdata",))


def luminosity(name: str) -> ParameterSet:
    """Return the luminosity, all of whose properties come from the measurement."""
    return ParameterSet(name, NORMAL, True, None, None, (False,), None, (1.0,), ("auxdata", "sigmas"))


def shapefactor(name: str, bins: int) -> ParameterSet:
    """Return one free factor per bin."""
    return ParameterSet(name, UNCONSTRAINED, False, (1.0,) * bins, ((0.0, 10.0),) * bins, (False,) * bins)


def staterror(name: str, relative: FloatArray) -> ParameterSet:
    """Return one normally constrained factor per bin; bins without uncertainty are fixed."""
    bins = relative.size
    idle = relative == 0.0
    return ParameterSet(
        name,
        NORMAL,
        False,
        (1.0,) * bins,
        (GAMMA_BOUNDS,) * bins,
        tuple(idle.tolist()),
        (1.0,) * bins,
        tuple(np.where(idle, 1.0, relative).tolist()),
        ("auxdata", "sigmas"),
    )


def shapesys(name: str, nominal: FloatArray, uncertainty: FloatArray) -> ParameterSet:
    """Return one Poisson-constrained factor per bin, tau = (nominal/uncertainty)^2; bins without either are fixed."""
    bins = nominal.size
    factors, valid = shapesys_factors(nominal, uncertainty)
    widths = tuple(factors.tolist())
    return ParameterSet(
        name,
        POISSON,
        False,
        (1.0,) * bins,
        (GAMMA_BOUNDS,) * bins,
        tuple((~valid).tolist()),
        widths,
        widths,
        ("auxdata", "factors"),
    )


def shapesys_factors(nominal: FloatArray, uncertainty: FloatArray) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return tau of every bin, 1 where there is no uncertainty or nothing to vary, and where it is free."""
    valid = (nominal > 0.0) & (uncertainty > 0.0)
    ratio = np.where(valid, nominal, 1.0) / np.where(valid, uncertainty, 1.0)
    return ratio * ratio, valid


def shared(known: ParameterSet | None, required: ParameterSet, where: str) -> ParameterSet:
    """Return the set for a name used again, which must be of the same kind.

    Raises:
        WorkspaceError: two modifiers of one name need different parameters.
    """
    if known is None or known == required:
        return required
    raise WorkspaceError(
        f"parameter '{known.name}' is used by modifiers that need different kinds of parameter",
        where=where,
        next_step="give the modifiers different names",
    )


def configured(required: ParameterSet, configuration: Mapping[str, Any] | None, where: str) -> ParameterSet:
    """Return the set with the measurement's values in place of the defaults.

    Raises:
        WorkspaceError: a property does not apply, has the wrong length, is not finite or contradicts another.
    """
    if configuration is None and required.inits is not None:
        _check_constraint(required, where)
        return required
    given = {key: value for key, value in (configuration or {}).items() if key != "name"}
    widths = "factors" if required.kind == POISSON else "sigmas"
    allowed = ("inits", "bounds", "fixed", *required.configurable)
    for key, value in given.items():
        if key not in _CONFIGURABLE or (key not in allowed and value):
            raise WorkspaceError(
                f"parameter '{required.name}' has no property '{key}'",
                where=where,
                allowed=", ".join(allowed),
                next_step="remove it",
            )
        if key != "fixed" and len(value) != required.size:
            raise WorkspaceError(
                f"parameter '{required.name}' has the wrong number of {key}",
                where=f"{where}/{key}",
                allowed=str(required.size),
                given=str(len(value)),
            )
    numbers = {key: _numbers(value, f"{where}/{key}") for key, value in given.items() if key not in ("fixed", "bounds")}
    changes: dict[str, Any] = {}
    if "inits" in given:
        changes["inits"] = numbers["inits"]
    if "bounds" in given:
        changes["bounds"] = tuple(_interval(pair, f"{where}/bounds/{at}") for at, pair in enumerate(given["bounds"]))
    if "auxdata" in given and "auxdata" in allowed:
        changes["auxdata"] = numbers["auxdata"]
    if widths in given and widths in allowed:
        changes["widths"] = numbers[widths]
    if "fixed" in given:
        changes["fixed"] = _fixed(given["fixed"], required, f"{where}/fixed")
    changed = replace(required, **changes)
    if all(changed.fixed) and changed.widths is not None:
        # the constraint of a fixed parameter is a constant; workspaces write such a width as 0
        changed = replace(changed, widths=tuple(width or 1.0 for width in changed.widths))
    _check_present(changed, where)
    _check_start(changed, where)
    _check_constraint(changed, where)
    return changed


def _numbers(values: Sequence[Any], where: str) -> tuple[float, ...]:
    for index, value in enumerate(values):
        if not isinstance(value, (int, float)) or not math.isfinite(value):
            raise WorkspaceError(
                "a parameter setting is not a finite number", where=f"{where}/{index}", given=repr(value)
            )
    return tuple(float(value) for value in values)


def _interval(pair: Sequence[Any], where: str) -> tuple[float, float]:
    if len(pair) != 2:
        raise WorkspaceError("bounds are a pair of numbers", where=where, allowed="[lower, upper]", given=str(pair))
    return float(pair[0]), float(pair[1])


def _fixed(given: Any, parameter: ParameterSet, where: str) -> tuple[bool, ...]:
    flags = (given,) * parameter.size if isinstance(given, bool) else tuple(given)
    if len(flags) != parameter.size or not all(isinstance(flag, bool) for flag in flags):
        raise WorkspaceError(
            f"`fixed` of parameter '{parameter.name}' is not usable",
            where=where,
            allowed=f"true, false, or a list of {parameter.size} of them",
            given=str(given),
        )
    return flags


def _check_present(parameter: ParameterSet, where: str) -> None:
    needed = ("inits", "bounds") if parameter.kind == UNCONSTRAINED else ("inits", "bounds", "auxdata")
    missing = [key for key in needed if getattr(parameter, key) is None]
    if missing:
        raise WorkspaceError(
            f"parameter '{parameter.name}' lacks {', '.join(missing)}",
            where=where,
            next_step=f"give {', '.join(missing)} for it in the measurement's parameters",
        )


def _check_start(parameter: ParameterSet, where: str) -> None:
    for initial, (low, high), fixed in zip(parameter.inits or (), parameter.bounds or (), parameter.fixed, strict=True):
        if not (low < high or (fixed and low == high)):
            raise WorkspaceError(
                f"the bounds of parameter '{parameter.name}' contradict each other",
                where=where,
                allowed="lower < upper",
                given=f"[{low}, {high}]",
                next_step="exchange them, or give the parameter room to move",
            )
        if not low <= initial <= high:
            raise WorkspaceError(
                f"parameter '{parameter.name}' starts outside its bounds",
                where=where,
                allowed=f"[{low}, {high}]",
                given=f"{initial}",
                next_step="change inits or bounds in the measurement",
            )


def _check_constraint(parameter: ParameterSet, where: str) -> None:
    if parameter.kind == UNCONSTRAINED:
        return
    widths = parameter.widths or ()
    if not (min(widths) > 0.0 and max(widths) < math.inf):
        raise WorkspaceError(
            f"the constraint of parameter '{parameter.name}' has no positive finite width",
            where=where,
            given=str(widths),
            next_step="give it a width above zero, or fix the parameter",
        )
    if parameter.kind == POISSON and min(parameter.auxdata or (0.0,)) < 0.0:
        raise WorkspaceError(f"parameter '{parameter.name}' has negative auxdata", where=where)
