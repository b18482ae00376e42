"""Parameters of a HistFactory model: what its modifiers require, changed by the measurement, as in pyhf 0.7."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from darkreach.errors import WorkspaceError
from darkreach.likelihood.model_arrays import NORMAL, POISSON, UNCONSTRAINED

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


def staterror(name: str, relative: Sequence[float]) -> ParameterSet:
    """Return one normally constrained factor per bin; bins without uncertainty are fixed."""
    bins = len(relative)
    return ParameterSet(
        name,
        NORMAL,
        False,
        (1.0,) * bins,
        (GAMMA_BOUNDS,) * bins,
        tuple(value == 0.0 for value in relative),
        (1.0,) * bins,
        tuple(value or 1.0 for value in relative),
        ("auxdata", "sigmas"),
    )


def shapesys(name: str, nominal: Sequence[float], uncertainty: Sequence[float]) -> ParameterSet:
    """Return one Poisson-constrained factor per bin, tau = (nominal/uncertainty)^2; bins without either are fixed."""
    bins = len(nominal)
    valid = [rate > 0.0 and error > 0.0 for rate, error in zip(nominal, uncertainty, strict=True)]
    factors = tuple(
        (rate / error) ** 2 if good else 1.0 for good, rate, error in zip(valid, nominal, uncertainty, strict=True)
    )
    return ParameterSet(
        name,
        POISSON,
        False,
        (1.0,) * bins,
        (GAMMA_BOUNDS,) * bins,
        tuple(not good for good in valid),
        factors,
        factors,
        ("auxdata", "factors"),
    )


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
    changed = required
    if "inits" in given:
        changed = replace(changed, inits=tuple(float(value) for value in given["inits"]))
    if "bounds" in given:
        changed = replace(changed, bounds=tuple((float(low), float(high)) for low, high in given["bounds"]))
    if "auxdata" in given and "auxdata" in allowed:
        changed = replace(changed, auxdata=tuple(float(value) for value in given["auxdata"]))
    if widths in given and widths in allowed:
        changed = replace(changed, widths=tuple(float(value) for value in given[widths]))
    if "fixed" in given:
        changed = replace(changed, fixed=(bool(given["fixed"]),) * required.size)
    _check_complete(changed, where)
    return changed


def _check_complete(parameter: ParameterSet, where: str) -> None:
    constrained = parameter.kind != UNCONSTRAINED
    missing = [
        key
        for key, value, needed in (
            ("inits", parameter.inits, True),
            ("bounds", parameter.bounds, True),
            ("auxdata", parameter.auxdata, constrained),
        )
        if needed and value is None
    ]
    if missing:
        raise WorkspaceError(
            f"parameter '{parameter.name}' lacks {', '.join(missing)}",
            where=where,
            next_step=f"give {', '.join(missing)} for it in the measurement's parameters",
        )
    for initial, (low, high) in zip(parameter.inits or (), parameter.bounds or (), strict=True):
        if not low < high:
            raise WorkspaceError(
                f"the bounds of parameter '{parameter.name}' contradict each other",
                where=where,
                allowed="lower < upper",
                given=f"[{low}, {high}]",
            )
        if not low <= initial <= high:
            raise WorkspaceError(
                f"parameter '{parameter.name}' starts outside its bounds",
                where=where,
                allowed=f"[{low}, {high}]",
                given=f"{initial}",
                next_step="change inits or bounds in the measurement",
            )
    if constrained and not all(0.0 < width < float("inf") for width in parameter.widths or ()):
        raise WorkspaceError(
            f"the constraint of parameter '{parameter.name}' has no positive finite width",
            where=where,
            given=str(parameter.widths),
        )
    if parameter.kind == POISSON and any(value < 0.0 for value in parameter.auxdata or ()):
        raise WorkspaceError(f"parameter '{parameter.name}' has negative auxdata", where=where)
