"""Validation of the limits of a scan by pseudo-experiments: coverage, bias, injected signals, background-only scans."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import numpy as np

from darkreach.errors import ConfigError
from darkreach.fits import fit_model, joint_background
from darkreach.fits.common_toys import CommonBackground
from darkreach.fits.global_significance import thrown_scans
from darkreach.fits.joint_background import joint_common_background
from darkreach.fits.postfit import PostFit
from darkreach.sharing import Hypothesis
from darkreach.validation.hypothesis_check import HypothesisValidation, check_hypothesis, median_limit
from darkreach.validation.injected_signal import inject_signal
from darkreach.validation.pseudo_experiments import background_point
from darkreach.validation.scan_pvalue import ScanFlatness, scan_flatness

INJECTED: Final = 3.0
"""Strength of the signal of ``InjectedSignal``, in units of the median expected limit: about four standard deviations
at 90 %."""
# roots of different purposes never meet
_SCAN_SEED: Final = 1_000_000_000
_INJECTED_SEED: Final = 2_000_000_000
_BETWEEN_HYPOTHESES: Final = 1000

Progress = Callable[[str, int, int], None]


def no_progress(stage: str, done: int, planned: int) -> None:
    """Show nothing."""


@dataclass(frozen=True)
class LimitValidation:
    """All checks of a scan; ``flatness`` is None without scans."""

    hypotheses: tuple[HypothesisValidation, ...]
    flatness: ScanFlatness | None
    experiments: int
    seed: int

    @property
    def failed(self) -> tuple[str, ...]:
        """Checks that have not passed."""
        found = [what for one in self.hypotheses for what in one.failed]
        if self.flatness is not None and not self.flatness.passed:
            found.append("background-only scans")
        return tuple(found)

    def as_dict(self) -> dict[str, Any]:
        """Return plain content for JSON."""
        return {
            "experiments": self.experiments,
            "seed": self.seed,
            "hypotheses": [one.as_dict() for one in self.hypotheses],
            "scans": None if self.flatness is None else self.flatness.as_dict(),
            "failed": list(self.failed),
        }


def validate_limits(
    hypotheses: Sequence[Hypothesis],
    chosen: Sequence[str],
    workspace: Mapping[str, Any],
    *,
    confidence_level: float = 0.9,
    experiments: int = 1000,
    scans: int = 0,
    seed: int = 0,
    measurement: str | None = None,
    threads: int = 1,
    progress: Progress = no_progress,
) -> LimitValidation:
    """Run all checks.

    Args:
        hypotheses: the whole scan, in order.
        chosen: names of those that pseudo-experiments are made for.
        workspace: background-only workspace of the patchset; scans are thrown from the fit of all its channels.
        confidence_level: of the limits.
        experiments: pseudo-experiments of each hypothesis and strength.
        scans: background-only scans to test, as many to calibrate, and with each injected signal; none with 0.
        seed: root seed.
        measurement: name of the measurement; None for the first.
        threads: fits at a time.
        progress: called with a stage, what is done and what is planned.

    Raises:
        ConfigError: a fit without signal or an expected limit failed, or there are too few scans.
        WorkspaceError: a workspace is not usable.
    """
    places = [[one.name for one in hypotheses].index(name) for name in chosen]
    found: list[HypothesisValidation] = []
    points: list[PostFit] = []
    for index, place in enumerate(places):
        model = fit_model(hypotheses[place], measurement=measurement)
        points.append(background_point(model))
        median = median_limit(hypotheses[place], confidence_level, measurement)
        checked = check_hypothesis(
            hypotheses[place], model, points[index], median, confidence_level=confidence_level,
            experiments=experiments, seed=seed + _BETWEEN_HYPOTHESES * index, threads=threads,
        )  # fmt: skip
        found.append(checked)
        progress("pseudo-experiments", index + 1, len(chosen))
    if not scans:
        return LimitValidation(tuple(found), None, experiments, seed)
    background = scan_background(hypotheses, workspace, measurement)
    flatness = _flatness(background, scans, seed, threads, progress)
    for index, one in enumerate(found):
        injected = inject_signal(
            background, places[index], points[index], INJECTED * one.median.median_limit, flatness.upcrossings,
            scans=scans, seed=_INJECTED_SEED + seed + _BETWEEN_HYPOTHESES * index, threads=threads,
        )  # fmt: skip
        found[index] = replace(one, injected=injected)
        progress("injected signals", index + 1, len(chosen))
    return LimitValidation(tuple(found), flatness, experiments, seed)


def _flatness(background: CommonBackground, scans: int, seed: int, threads: int, progress: Progress) -> ScanFlatness:
    tested, calibration = (
        thrown_scans(background, scans, _SCAN_SEED + 2 * seed + part, threads=threads, progress=partial(progress, what))
        for part, what in enumerate(("scans", "calibration"))
    )
    return scan_flatness(tested, calibration)


def scan_background(
    hypotheses: Sequence[Hypothesis], workspace: Mapping[str, Any], measurement: str | None = None
) -> CommonBackground:
    """Return what background-only scans are thrown from: the fit of all channels of the workspace at once.

    Channels of regions of different mass ranges are thrown independently, though in data they share events near their
    common mass: a global p-value is then slightly too large.
    """
    models = [
        fit_model(hypothesis, measurement=measurement).with_poi_bounds(0.0, math.inf) for hypothesis in hypotheses
    ]
    return joint_common_background(models, joint_background(workspace, measurement))


def nearest_hypotheses(hypotheses: Sequence[Hypothesis], masses_gev: Sequence[float]) -> list[str]:
    """Return the names of the hypotheses nearest to masses (GeV), each once.

    Raises:
        ConfigError: hypotheses have no coordinate ``mass_gev``.
    """
    known = np.array([float(one.values.get("mass_gev", math.nan)) for one in hypotheses])
    if np.isnan(known).any():
        raise ConfigError(
            "hypotheses without mass_gev cannot be chosen by mass",
            given=hypotheses[int(np.argmax(np.isnan(known)))].name,
            next_step="choose them by --hypothesis",
        )
    return list(dict.fromkeys(hypotheses[int(np.argmin(np.abs(known - mass)))].name for mass in masses_gev))
