"""The checks of limits as rows of text, for terminals and reports."""

from __future__ import annotations

from typing import Final

from darkreach.validation.limit_validation import LimitValidation

PASSED: Final = "passed"
FAILED: Final = "NOT PASSED"
COVERAGE_COLUMNS: Final = ("hypothesis", "true strength", "not excluded", "error", "Gaussian", "must be", "")
BIAS_COLUMNS: Final = ("hypothesis", "true strength", "bias (σ)", "pull mean", "pull width", "failed fits", "")
INJECTED_COLUMNS: Final = (
    "hypothesis",
    "strength",
    "local, Asimov",
    "local, median",
    "largest, median",
    "global, median",
    "found there",
    "",
)


def coverage_rows(found: LimitValidation) -> list[list[str]]:
    """Return a row for each hypothesis and strength, and one for the median expected limit."""
    rows = []
    for one in found.hypotheses:
        median = one.median
        rows += [
            [
                one.hypothesis,
                _strength(check.strength, median.median_limit),
                f"{check.fraction:.3f}",
                f"{check.error:.3f}",
                f"{check.gaussian:.3f}",
                f"≥ {check.confidence_level:g}",
                _passed(check.passed),
            ]
            for check in one.coverage
        ]
        rows.append(
            [
                one.hypothesis,
                "0, median limit",
                f"{1.0 - median.fraction:.3f}",
                f"{median.error:.3f}",
                "0.500",
                "0.5",
                _passed(median.passed),
            ]
        )
    return rows


def bias_rows(found: LimitValidation) -> list[list[str]]:
    """Return a row for each hypothesis and strength."""
    return [
        [
            one.hypothesis,
            _strength(check.strength, one.median.median_limit),
            f"{check.bias:+.3f} ± {check.bias_error:.3f}",
            f"{check.pull_mean:+.3f} ± {check.pull_mean_error:.3f}",
            f"{check.pull_width:.3f} ± {check.pull_width_error:.3f}",
            str(check.failed),
            _passed(check.passed),
        ]
        for one in found.hypotheses
        for check in one.bias
    ]


def injected_rows(found: LimitValidation) -> list[list[str]]:
    """Return a row for each hypothesis whose signal was injected."""
    return [
        [
            one.hypothesis,
            _strength(one.injected.strength, one.median.median_limit),
            f"{one.injected.expected_local:.2f}",
            f"{one.injected.median_local:.2f} ± {one.injected.median_local_error:.2f}",
            f"{one.injected.median_largest:.2f}",
            f"{one.injected.median_global:.2f} (p = {one.injected.median_global_p_value:.2g})",
            f"{100.0 * one.injected.found:.0f} %",
            _passed(one.injected.passed),
        ]
        for one in found.hypotheses
        if one.injected is not None
    ]


def scan_lines(found: LimitValidation) -> list[str]:
    """Return what background-only scans have given, and how many checks have passed, in sentences."""
    lines = []
    flat = found.flatness
    if flat is not None:
        lines = [
            f"{flat.scans} background-only scans of {flat.hypotheses} hypotheses, {flat.calibration_scans} for "
            f"calibration: global p-values by toys flat with Kolmogorov-Smirnov probability {flat.toy_probability:.2g}",
            f"by upcrossings: {flat.tail_fraction:.3f} ± {flat.tail_error:.3f} of the scans below 0.2, flat there with "
            f"probability {flat.tail_probability:.2g}; N(0) = {flat.upcrossings.at_zero:.3g} ± "
            f"{flat.upcrossings.error:.2g}",
            f"local significance above 1: {flat.local_fraction:.4f} ± {flat.local_error:.4f} of all hypotheses, "
            f"0.1587 for a Gaussian; {_passed(flat.passed)}",
        ]
        if flat.failed:
            lines.append(f"{flat.failed} scans with a failed fit were left out")
    checks = sum(1 + len(one.coverage) + len(one.bias) + (one.injected is not None) for one in found.hypotheses)
    checks += flat is not None
    return [*lines, f"{checks} checks, {len(found.failed)} not passed"]


def _strength(strength: float, median: float) -> str:
    return f"{strength:.3g} ({strength / median:g} × limit)"


def _passed(passed: bool) -> str:
    return PASSED if passed else FAILED
