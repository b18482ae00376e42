"""Results of fits: frozen, with names; everything that can be drawn or printed without the likelihood."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from darkreach.errors import unknown_name
from darkreach.fits.fit_model import ConstraintKind, Parameter
from darkreach.likelihood.model_arrays import FloatArray

FitStatus = Literal["ok", "failed"]


@dataclass(frozen=True)
class FittedParameter:
    """One parameter after a fit.

    Attributes:
        name: as in the workspace.
        value: best-fit value.
        error: symmetric error, None where none is claimed.
        constraint: normal, poisson, unconstrained or fixed.
        centre: where the constraint (or, without one, the start value) puts it.
        prefit_error: standard deviation before the fit, None without a constraint.
        flag: why no error is claimed, or empty.
    """

    name: str
    value: float
    error: float | None
    constraint: ConstraintKind
    centre: float
    prefit_error: float | None
    flag: str

    @property
    def pull(self) -> float | None:
        """(value - centre) / prefit error; None without a constraint."""
        return None if self.prefit_error is None else (self.value - self.centre) / self.prefit_error

    @property
    def constraint_ratio(self) -> float | None:
        """Error after over error before the fit; None without a constraint or without an error."""
        return None if self.prefit_error is None or self.error is None else self.error / self.prefit_error


@dataclass(frozen=True, eq=False)
class FitResult:
    """Best fit of a likelihood; N parameters in alphabetical order, those eliminated analytically among them.

    Attributes:
        hypothesis: its name.
        measurement: the measurement in use.
        poi: name of the parameter of interest.
        data: observed or asimov.
        parameters: the parameters and their constraints.
        values: shape (N,), best-fit values.
        errors: shape (N,), from the inverse Hessian; NaN where none is claimed (``flags`` says why).
        correlation: shape (N, N), zero in rows without an error.
        flags: shape (N,), at a bound, fixed, without effect, degenerate or at the zero rate of an empty bin.
        minimum: -2 log L relative to the saturated model, constraint terms included.
        degrees_of_freedom: bins with an expectation minus free unconstrained parameters.
        status: ok or failed.
        reason: why it failed.
        notes: what a reader must know.
    """

    hypothesis: str
    measurement: str
    poi: str
    data: str
    parameters: tuple[Parameter, ...]
    values: FloatArray
    errors: FloatArray
    correlation: FloatArray
    flags: tuple[str, ...]
    minimum: float
    degrees_of_freedom: int
    status: FitStatus = "ok"
    reason: str = ""
    notes: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters."""
        return tuple(parameter.name for parameter in self.parameters)

    def __iter__(self) -> Iterator[FittedParameter]:
        return (self._fitted(index) for index in range(len(self.parameters)))

    def __getitem__(self, name: str) -> FittedParameter:
        """Return one parameter.

        Raises:
            UnknownNameError: no such parameter; the message has the nearest known name.
        """
        return self._fitted(self.index(name))

    def index(self, name: str) -> int:
        """Return the place of a parameter.

        Raises:
            UnknownNameError: no such parameter.
        """
        names = self.names
        if name not in names:
            raise unknown_name("parameter", name, names, where=self.hypothesis)
        return names.index(name)

    def as_dict(self) -> dict[str, Any]:
        """Return the result as JSON-like data."""
        parameters = [
            {
                "name": fitted.name,
                "value": _finite(fitted.value),
                "error": fitted.error,
                "constraint": fitted.constraint,
                "centre": fitted.centre,
                "prefit_error": fitted.prefit_error,
                "pull": None if fitted.pull is None else _finite(fitted.pull),
                "flag": fitted.flag,
            }
            for fitted in self
        ]
        return {
            "hypothesis": self.hypothesis,
            "measurement": self.measurement,
            "poi": self.poi,
            "data": self.data,
            "status": self.status,
            "reason": self.reason,
            "notes": list(self.notes),
            "minimum": _finite(self.minimum),
            "degrees_of_freedom": self.degrees_of_freedom,
            "parameters": parameters,
            "correlation": self.correlation.tolist(),
        }

    def _fitted(self, index: int) -> FittedParameter:
        parameter = self.parameters[index]
        return FittedParameter(
            name=parameter.name,
            value=float(self.values[index]),
            error=_finite(float(self.errors[index])),
            constraint=parameter.constraint,
            centre=parameter.centre,
            prefit_error=parameter.width or None,
            flag=self.flags[index],
        )


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
