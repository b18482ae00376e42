"""Goodness of fit against the saturated model (R. D. Cousins, 2013; S. Baker and R. D. Cousins, NIM 221 (1984) 437)."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from scipy.special import gammaincc

from darkreach.errors import ConfigError
from darkreach.fits.best_fit import fit_to_data
from darkreach.fits.fit_model import FitTarget, fit_model
from darkreach.fits.fit_problems import FitProblem, solve
from darkreach.fits.results import FitResult, FitStatus
from darkreach.fits.toy_data import throw_toys


@dataclass(frozen=True)
class GoodnessOfFit:
    """How well the best fit describes the data.

    Attributes:
        statistic: -2 log L(best) + 2 log L(saturated), constraint terms in both.
        degrees_of_freedom: bins that can have events minus free unconstrained parameters.
        p_value: from the chi-square distribution; None without degrees of freedom.
        toys: number of toys that were fitted, 0 if none were asked for.
        failed_toys: number of further toys whose fit failed.
        toy_p_value: fraction of toys at or above the statistic; None without toys.
        toy_p_value_error: its binomial error.
        status: ok or failed.
        reason: why it failed.
    """

    statistic: float
    degrees_of_freedom: int
    p_value: float | None
    toys: int = 0
    failed_toys: int = 0
    toy_p_value: float | None = None
    toy_p_value_error: float | None = None
    status: FitStatus = "ok"
    reason: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the result as JSON-like data."""
        return asdict(self) | {"statistic": self.statistic if math.isfinite(self.statistic) else None}


def chi_square_goodness(result: FitResult) -> GoodnessOfFit:
    """Return the goodness of a fit that is already done, by the chi-square distribution.

    Parameters that end at a bound count as free, which makes the p-value too small.
    """
    degrees = result.degrees_of_freedom
    if result.status != "ok":
        return GoodnessOfFit(result.minimum, degrees, None, status="failed", reason=result.reason)
    p_value = float(gammaincc(0.5 * degrees, 0.5 * max(result.minimum, 0.0))) if degrees > 0 else None
    return GoodnessOfFit(result.minimum, degrees, p_value)


def goodness_of_fit(
    target: FitTarget,
    *,
    measurement: str | None = None,
    toys: int = 0,
    seed: int = 0,
    threads: int = 1,
) -> GoodnessOfFit:
    """Compare the best fit to the observed data with the saturated model.

    Where bins have few events or parameters are at bounds, the chi-square distribution does not hold: ask for toys,
    thrown from the best fit, events and auxiliary data.

    Args:
        target: hypothesis, pyhf workspace with its signal, or compiled model.
        measurement: name of the measurement; None for the first.
        toys: number of toys.
        seed: of the toys.
        threads: fits at a time.

    Raises:
        WorkspaceError: the workspace is not usable.
        ConfigError: a negative number of toys.
    """
    if toys < 0:
        raise ConfigError("a number of toys is negative", given=str(toys), allowed="0 or more")
    model = fit_model(target, measurement=measurement)
    result, post = fit_to_data(model, model.observed, "observed")
    asymptotic = chi_square_goodness(result)
    if post is None or toys == 0:
        return asymptotic
    problems = [FitProblem(data, start=post.theta) for data in throw_toys(model, post, range(toys), seed)]
    values = [2.0 * outcome.value for outcome in solve([model], problems, threads=threads) if not outcome.reason]
    if not values:
        return GoodnessOfFit(
            asymptotic.statistic, asymptotic.degrees_of_freedom, asymptotic.p_value, 0, toys,
            status="failed", reason="the fits of all toys failed",
        )  # fmt: skip
    # equal data give equal statistics up to the tolerance of the fits
    above = sum(value >= asymptotic.statistic - 1e-7 for value in values) / len(values)
    return GoodnessOfFit(
        statistic=asymptotic.statistic,
        degrees_of_freedom=asymptotic.degrees_of_freedom,
        p_value=asymptotic.p_value,
        toys=len(values),
        failed_toys=toys - len(values),
        toy_p_value=above,
        toy_p_value_error=math.sqrt(max(above * (1.0 - above), 1.0 / len(values)) / len(values)),
    )
