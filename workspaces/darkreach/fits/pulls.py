"""Pulls: how far a fit moves each parameter, in units of its uncertainty before, and how much it narrows it."""

from __future__ import annotations

from dataclasses import dataclass

from darkreach.fits.fit_model import ConstraintKind
from darkreach.fits.results import FitResult

_MEANING: dict[ConstraintKind, str] = {
    "normal": "in units of the standard deviation of its normal constraint",
    "poisson": "in units of sqrt(a) / tau, with auxiliary data a of expectation tau * parameter",
    "unconstrained": "no constraint: value and error as fitted",
    "fixed": "fixed",
}


@dataclass(frozen=True)
class Pull:
    """The pull of one parameter.

    Attributes:
        name: of the parameter.
        constraint: normal, poisson, unconstrained or fixed.
        value: (value - centre) / prefit error; the fitted value itself without a constraint.
        error: post-fit over prefit error; the fitted error itself without a constraint; None where none is claimed.
        flag: why no error is claimed.
        meaning: the unit in words.
    """

    name: str
    constraint: ConstraintKind
    value: float
    error: float | None
    flag: str
    meaning: str


def pulls(result: FitResult, *, unconstrained: bool = True) -> tuple[Pull, ...]:
    """Return the pulls of a fit in the order of its parameters.

    Args:
        result: a best fit.
        unconstrained: also list parameters without a constraint, with their fitted values.
    """
    listed = []
    for fitted in result:
        if fitted.constraint in ("normal", "poisson"):
            value, error = fitted.pull, fitted.constraint_ratio
        elif fitted.constraint == "unconstrained" and unconstrained:
            value, error = fitted.value, fitted.error
        else:
            continue
        if value is not None:
            listed.append(Pull(fitted.name, fitted.constraint, value, error, fitted.flag, _MEANING[fitted.constraint]))
    return tuple(listed)
