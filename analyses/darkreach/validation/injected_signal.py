"""What a scan makes of a signal that is really there: local and global significance of pseudo-data with it."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from darkreach.fits import ExpectedUpcrossings, FitModel, global_p_value
from darkreach.fits.common_toys import CommonBackground
from darkreach.fits.discovery import local_q0
from darkreach.fits.fit_data import asimov_data, expected_events
from darkreach.fits.global_significance import thrown_scans
from darkreach.fits.postfit import PostFit
from darkreach.likelihood.model_arrays import FloatArray
from darkreach.validation.pseudo_experiments import with_signal
from darkreach.validation.scan_pvalue import complete

ERRORS_ALLOWED = 3.0
"""Statistical errors by which the median significance may miss that of Asimov data."""
MEDIAN_TOLERANCE = 0.15
"""Standard deviations that Asimov data may be away from the median."""


@dataclass(frozen=True)
class InjectedSignal:
    """Scans of pseudo-data with the signal of one hypothesis.

    Attributes:
        hypothesis: whose signal it is.
        strength: of it.
        scans: that were fitted.
        failed: scans with a failed fit, left out.
        expected_local: local significance of Asimov data.
        median_local: median local significance at the hypothesis.
        median_local_error: statistical error of the median.
        median_largest: median of the largest local significance anywhere.
        found: fraction of scans whose largest excess is at the hypothesis or ``neighbours`` places from it.
        neighbours: places in the scan.
        median_global_p_value: by upcrossings, of the largest excess.
        median_global: the same in standard deviations.
    """

    hypothesis: str
    strength: float
    scans: int
    failed: int
    expected_local: float
    median_local: float
    median_local_error: float
    median_largest: float
    found: float
    neighbours: int
    median_global_p_value: float
    median_global: float

    @property
    def passed(self) -> bool:
        """Whether the median local significance is that of Asimov data."""
        allowed = MEDIAN_TOLERANCE + ERRORS_ALLOWED * self.median_local_error
        return self.scans > 0 and abs(self.median_local - self.expected_local) <= allowed

    def as_dict(self) -> dict[str, Any]:
        """Return plain content for JSON."""
        return asdict(self) | {"passed": self.passed}


def inject_signal(
    background: CommonBackground,
    place: int,
    point: PostFit,
    strength: float,
    upcrossings: ExpectedUpcrossings,
    *,
    scans: int,
    seed: int,
    neighbours: int = 2,
    threads: int = 1,
) -> InjectedSignal:
    """Scan pseudo-data with a signal.

    Args:
        background: expectation of all channels without signal.
        place: of the hypothesis whose signal it is.
        point: fit without signal of that hypothesis, for the expected significance.
        strength: of the signal.
        upcrossings: of background-only scans.
        scans: number of pseudo-experiments, each common to all hypotheses.
        seed: of them.
        neighbours: places from the hypothesis that count as found.
        threads: fits at a time.
    """
    model = background.models[place]
    q0 = thrown_scans(with_injected(background, place, strength), scans, seed, threads=threads)
    used = complete(q0)
    local, largest = np.sqrt(used[:, place]), np.sqrt(used.max(axis=1, initial=0.0))
    injected = with_signal(model, point, strength)
    asimov = asimov_data(model, injected.theta, injected.gammas)
    near = np.abs(np.argmax(used, axis=1) - place) <= neighbours if len(used) else np.zeros(0)
    corrected = [global_p_value(float(value), upcrossings) for value in largest]
    typical = sorted(corrected, key=lambda one: one.p_value)[len(corrected) // 2] if corrected else None
    return InjectedSignal(
        hypothesis=model.name,
        strength=strength,
        scans=len(used),
        failed=len(q0) - len(used),
        expected_local=math.sqrt(float(local_q0([model], [[asimov]])[0, 0])),
        median_local=_median(local),
        # of a Gaussian: sqrt(pi / 2) times that of the mean
        median_local_error=math.sqrt(0.5 * math.pi / max(len(used), 1)) * (float(np.std(local)) if len(used) else 1.0),
        median_largest=_median(largest),
        found=float(np.mean(near)) if len(used) else math.nan,
        neighbours=neighbours,
        median_global_p_value=typical.p_value if typical else math.nan,
        median_global=typical.significance if typical else math.nan,
    )


def with_injected(background: CommonBackground, place: int, strength: float) -> CommonBackground:
    """Return the expectation of a scan with the signal of one hypothesis added to the bins that it has."""
    model = background.models[place]
    theta, gammas = _nominal(model, background, place)
    expected = []
    for value in (0.0, strength):
        theta[model.arrays.poi[0]] = value
        expected.append(expected_events(model, theta, gammas))
    rates = background.rates.copy()
    rates[background.bins[place]] += expected[1] - expected[0]
    return replace(background, rates=rates)


def _nominal(model: FitModel, background: CommonBackground, place: int) -> tuple[FloatArray, FloatArray]:
    """Return theta and gammas of one hypothesis where the background expectation has them."""
    theta, gammas = model.arrays.initial.copy(), np.ones(model.arrays.counts.size)
    constrained = [one for one in model.parameters if one.constraint in ("normal", "poisson")]
    for parameter, index in zip(constrained, background.places[place], strict=True):
        if parameter.bin >= 0:
            gammas[parameter.bin] = background.values[index]
        else:
            theta[parameter.theta] = background.values[index]
    return theta, gammas


def _median(values: FloatArray) -> float:
    return float(np.median(values)) if values.size else math.nan
